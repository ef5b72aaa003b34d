"""How fast a campaign is dealt, pushed and pulled, on a real Label Studio of this machine; prints JSON.

    python -m benchmarks.campaign [deal] [push] [cut] [pull] [--people 200] [--each 5] [--overlap 10] [--together 10]

Everybody judges `--each` situations of seven items, some 50 pages: 200 people are 10,000 tasks, 613 people (those of
the original study) 31,000. Needs `make label-studio`. Seconds are on the clock, client and server on one machine. A
ratio above 1 says that ours is faster than the baseline of the same run.

deal   from units and quotas to the pages of every seat. The baseline is a loop that gives each situation to those who
       have the fewest: it can meet quotas as long as nobody leaves, and has the same people meet the same situations.
push   a project a person. The baseline is the SDK as it comes: create, import, once a person; killed and run again it
       would send everything twice.
cut    the same tasks with `--together` people in each project, and with everybody in one.
pull   an annotation of each task, out of a project a person; then again, when nothing is new; then out of one project
       that holds all. The baseline is the SDK's export of each project, which is the whole of it every time.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from annotation.dealing import Room, deal
from annotation.exchange.local_server import local_label_studio, new_credentials
from annotation.exchange.pull import pull
from annotation.exchange.push import push
from annotation.exchange.server import Block, Task
from annotation.pages import block
from annotation.planning import plan
from annotation.vocabulary import load_study
from benchmarks.campaign_study import design, fewest_first, item
from benchmarks.measuring import timed
from benchmarks.watched_server import WatchedServer

if TYPE_CHECKING:
    from label_studio_sdk.client import LabelStudio
    from label_studio_sdk.types.import_api_request import ImportApiRequest

    from valueprism_build.campaigns import Page

Figures: TypeAlias = dict[str, object]

EXECUTABLE: Final = Path(".label-studio/venv/bin/label-studio")
ROWS_AT_ONCE: Final = 1000
TURNS: Final = 5
"""In which ours and the baseline work by turns: what else the machine does hits both."""
ANSWER: Final = {"from_name": "agree_0", "to_name": "item_0", "type": "choices", "value": {"choices": ["Yes"]}}


class _Pulled(NamedTuple):
    """What came, and the seconds of that pull and of a second one."""

    annotations: int
    first_s: float
    again_s: float


class Campaign:
    """A study dealt to so many people, on a server that is empty at first."""

    def __init__(self, options: argparse.Namespace, server: WatchedServer, sdk: "LabelStudio") -> None:
        self._options = options
        self._server = server
        self._sdk = sdk
        self._study, _ = load_study("agreement")
        self._design = design(self._study, options.people, options.each, options.overlap)
        self._dealt = timed(lambda: plan(self._design))

    def deal(self) -> Figures:
        """Return pages a second, and meetings of a person and a situation a second beside the loop's."""
        demands, pages = self._design.demands, len(self._dealt.result.pages)
        rooms = [Room(seat.id, seat.stratum, self._design.longest) for seat in self._dealt.result.seats]
        ours = timed(lambda: deal(demands, rooms, np.random.default_rng(0)))
        loop = timed(lambda: set(fewest_first(demands, self._design.people)))
        return {
            "pages": pages,
            "seconds": round(self._dealt.seconds, 2),
            "pages_per_s": round(pages / self._dealt.seconds),
            "meetings": len(ours.result),
            "meetings_per_s": round(len(ours.result) / ours.seconds),
            "baseline_meetings": len(loop.result),
            "baseline_meetings_per_s": round(len(loop.result) / loop.seconds),
            "ratio": round(loop.seconds / ours.seconds, 4),
        }

    def push(self) -> Figures:
        """Return tasks a second, and what each kind of request took."""
        added, ours, bare, everything = 0, 0.0, 0.0, self._blocks("push")
        self._server.take()
        for turn in range(TURNS):
            blocks = [replace(one, title=f"turn{turn}/{one.title}") for one in everything[turn::TURNS]]
            done = timed(partial(push, self._server, blocks, prefix=f"turn{turn}/"))
            added, ours = added + done.result.added, ours + done.seconds
            bare += timed(partial(self._import_all, "bare", blocks)).seconds
        return {
            **_rates(added, len(everything), ours),
            "requests": self._server.take(),
            "baseline_s": round(bare, 2),
            "ratio": round(bare / ours, 2),
        }

    def cut(self) -> Figures:
        """Return what the same tasks take in fewer projects."""
        found: Figures = {}
        for together in sorted({self._options.together, self._options.people}):
            name = f"cut{together}"
            blocks = list(_joined(self._blocks(name), name, together))
            done = timed(partial(push, self._server, blocks, prefix=f"{name}/"))
            found[f"{together} people a project"] = _rates(done.result.added, len(blocks), done.seconds)
        return found

    def pull(self) -> Figures:
        """Return annotations a second and the longest request: many projects, again, and one project."""
        blocks = self._blocks("pull")
        many = self._import_all("pull", blocks, answered=True)
        whole = self._import_all("pull one", _joined(blocks, "pull one", len(blocks)), answered=True)
        turns, exported = [], 0.0
        self._server.take()
        for turn in range(TURNS):
            turns.append(self._pulled(many[turn::TURNS]))
            exported += timed(partial(self._export, many[turn::TURNS])).seconds
        seconds = sum(one.first_s for one in turns)
        return {
            "projects": {
                **_told(turns, self._server.take()),
                "baseline_s": round(exported, 2),
                "ratio": round(exported / seconds, 2),
            },
            "one project": _told([self._pulled(whole)], self._server.take()),
        }

    def _pulled(self, project_ids: Sequence[int]) -> "_Pulled":
        """Pull twice; the second time nothing is new, and nothing is taken to be still under way on the server."""
        first = timed(lambda: list(pull(self._server, dict.fromkeys(project_ids))))
        annotations = {a.id for window in first.result for state in window.states for a in state.annotations}
        ends = {window.project_id: window.cursor for window in first.result}
        again = timed(lambda: list(pull(self._server, ends, commit_delay=timedelta())))
        return _Pulled(len(annotations), first.seconds, again.seconds)

    def _blocks(self, prefix: str) -> list[Block]:
        items = {one.id: one for unit in self._design.units for one in map(item, unit.items)}
        by_seat: dict[str, list[Page]] = {}
        for page in self._dealt.result.pages:
            by_seat.setdefault(page.seat_id, []).append(page)
        return [block(self._study, f"{prefix}/{seat}", pages, items) for seat, pages in by_seat.items()]

    def _import_all(self, title: str, blocks: Iterable[Block], *, answered: bool = False) -> list[int]:
        """Do as the SDK's documentation has it, and return the projects' ids."""
        made = []
        for one in blocks:
            project_id = self._sdk.projects.create(title=title, label_config=one.label_config).id or 0
            rows = list(_rows(one.tasks, self._options.admin if answered else None))
            for start in range(0, len(rows), ROWS_AT_ONCE):
                self._sdk.projects.import_tasks(id=project_id, request=rows[start : start + ROWS_AT_ONCE])
            made.append(project_id)
        return made

    def _export(self, project_ids: Sequence[int]) -> None:
        for project_id in project_ids:
            self._sdk.projects.exports.as_json(project_id)


PARTS: Final[dict[str, Callable[[Campaign], Figures]]] = {
    "deal": Campaign.deal,
    "push": Campaign.push,
    "cut": Campaign.cut,
    "pull": Campaign.pull,
}


def main() -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; none runs all")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--each", type=int, default=5, help="situations a person")
    parser.add_argument("--overlap", type=int, default=10, help="people a situation")
    parser.add_argument("--together", type=int, default=10, help="people a project, in the coarser cut")
    parser.add_argument("--label-studio", type=Path, default=EXECUTABLE)
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no part {unknown[0]}; parts are {', '.join(PARTS)}")
    with running(options.label_studio) as (server, sdk):
        options.admin = sdk.users.whoami().id
        campaign = Campaign(options, server, sdk)
        figures = {part: PARTS[part](campaign) for part in options.parts or PARTS}
    print(json.dumps({"people": options.people, "load": round(os.getloadavg()[0], 1)} | figures, indent=2))


@contextmanager
def running(executable: Path) -> "Iterator[tuple[WatchedServer, LabelStudio]]":
    """Start a server in a directory that is gone afterwards; yield our adapter and the SDK's own client."""
    from label_studio_sdk.client import LabelStudio

    credentials = new_credentials()
    with (
        TemporaryDirectory() as folder,
        local_label_studio(executable, Path(folder), credentials) as local,
        WatchedServer(local.base_url, credentials.token) as server,
    ):
        yield server, LabelStudio(base_url=local.base_url, api_key=credentials.token)  # type: ignore[no-untyped-call]


def _joined(blocks: Sequence[Block], prefix: str, together: int) -> Iterator[Block]:
    for start in range(0, len(blocks), together):
        some = blocks[start : start + together]
        yield replace(some[0], title=f"{prefix}/{start}", tasks=tuple(task for one in some for task in one.tasks))


def _rows(tasks: Iterable[Task], admin: int | None) -> "Iterator[ImportApiRequest]":
    from label_studio_sdk.types.import_api_request import ImportApiRequest

    said = [] if admin is None else [{"result": [ANSWER], "completed_by": admin, "lead_time": 4.0}]
    for task in tasks:
        yield ImportApiRequest(data={**task.data, "uid": task.uid}, annotations=said)  # type: ignore[arg-type]


def _rates(tasks: int, projects: int, seconds: float) -> Figures:
    return {
        "tasks": tasks,
        "projects": projects,
        "seconds": round(seconds, 2),
        "tasks_per_s": round(tasks / seconds),
        "ms_per_project": round(1000 * seconds / projects),
    }


def _told(turns: Sequence[_Pulled], requests: object) -> Figures:
    annotations, seconds = sum(one.annotations for one in turns), sum(one.first_s for one in turns)
    return {
        "annotations": annotations,
        "seconds": round(seconds, 2),
        "annotations_per_s": round(annotations / seconds),
        "again_s": round(sum(one.again_s for one in turns), 2),
        "requests": requests,
    }


if __name__ == "__main__":
    main()
