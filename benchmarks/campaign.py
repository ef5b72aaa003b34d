"""How fast a campaign is dealt, pushed and pulled, on a real Label Studio of this machine; prints JSON.

    python -m benchmarks.campaign [deal] [push] [cut] [pull] [--people 200] [--each 5] [--overlap 10] [--together 10]

Everybody judges `--each` situations of seven items, some 50 pages: 200 people are 10,000 tasks, 613 people (those of
the original study) 31,000. Needs `make label-studio`. Seconds are on the clock, client and server on one machine.

deal   from units and quotas to the pages of every seat. The baseline is a loop that gives each situation to those who
       have the fewest; it leaves quotas short, and lays out no pages.
push   a project a person. The baseline is the SDK as it comes: create, import, once a person; killed and run again it
       would send everything twice.
cut    the same tasks with `--together` people in each project, and with everybody in one.
pull   an annotation of each task, out of a project a person; then again, when nothing is new; then out of one project
       that holds all. The baseline is the SDK's export of each project, which is the whole of it every time.
"""

import argparse
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, TypeAlias

from annotation.dealing import Unit
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.local_server import local_label_studio, new_credentials
from annotation.exchange.pull import pull
from annotation.exchange.push import push
from annotation.exchange.server import Block, Task
from annotation.pages import block
from annotation.planning import Design, plan
from annotation.settings import PlantingSettings
from annotation.vocabulary import Study, load_study
from benchmarks.measuring import timed
from benchmarks.watched_server import WatchedServer
from valueprism_build.campaigns import CampaignItem, Page
from valueprism_build.records import Valence, Vrd

if TYPE_CHECKING:
    from label_studio_sdk.client import LabelStudio
    from label_studio_sdk.types.import_api_request import ImportApiRequest

Figures: TypeAlias = dict[str, object]

EXECUTABLE: Final = Path(".label-studio/venv/bin/label-studio")
ITEMS: Final = 7
"""Of a situation, as in the original study."""
ROWS_AT_ONCE: Final = 1000
ANSWER: Final = {"from_name": "agree_0", "to_name": "item_0", "type": "choices", "value": {"choices": ["Yes"]}}


class Campaign:
    """A study dealt to so many people, on a server that is empty at first."""

    def __init__(self, options: argparse.Namespace, server: LabelStudioServer, sdk: "LabelStudio") -> None:
        self._options = options
        self._server = server
        self._sdk = sdk
        self._study, _ = load_study("agreement")
        self._design = _design(self._study, options.people, options.each, options.overlap)
        self._dealt = timed(lambda: plan(self._design))

    def deal(self) -> Figures:
        """Return pages a second, and meetings of a person and a situation a second beside the loop's."""
        demands = self._design.demands
        wanted = sum(demand.people for demand in demands)
        loop = timed(lambda: dict.fromkeys(_fewest_first(self._design)))
        pages = len(self._dealt.result.pages)
        return {
            "pages": pages,
            "seconds": round(self._dealt.seconds, 2),
            "pages_per_s": round(pages / self._dealt.seconds),
            "meetings": wanted,
            "baseline_s": round(loop.seconds, 3),
            "baseline_meetings": len(loop.result),
            "ratio": round(self._dealt.seconds / loop.seconds, 1),
        }

    def push(self) -> Figures:
        """Return tasks a second, and what each kind of request took."""
        blocks = self._blocks("push")
        watched = WatchedServer(self._server)
        ours = timed(lambda: push(watched, blocks, prefix="push/"))
        again = timed(lambda: push(self._server, blocks, prefix="push/"))
        bare = timed(lambda: [self._import("bare", one.tasks, one.label_config) for one in blocks])
        return {
            **_rates(ours.result.added, len(blocks), ours.seconds),
            "requests": watched.told(),
            "again_s": round(again.seconds, 2),
            "baseline_s": round(bare.seconds, 2),
            "ratio": round(bare.seconds / ours.seconds, 2),
        }

    def cut(self) -> Figures:
        """Return what the same tasks take in fewer projects."""
        found: Figures = {}
        for together in (self._options.together, self._options.people):
            name = f"cut{together}"
            blocks = list(_joined(self._blocks(name), name, together))
            done = timed(lambda name=name, blocks=blocks: push(self._server, blocks, prefix=f"{name}/"))
            found[f"{together} people a project"] = _rates(done.result.added, len(blocks), done.seconds)
        return found

    def pull(self) -> Figures:
        """Return annotations a second and the longest request: many projects, again, and one project."""
        blocks = self._blocks("pull")
        many = [self._import("pull", one.tasks, one.label_config, answered=True) for one in blocks]
        everything = [task for one in blocks for task in one.tasks]
        whole = self._import("pull one", everything, blocks[0].label_config, answered=True)
        ours = self._pulled(dict.fromkeys(many))
        export = timed(lambda: sum(len(self._sdk.projects.exports.as_json(one)) for one in many))
        if export.result != len(everything):
            raise RuntimeError(f"{export.result} tasks exported of {len(everything)}")
        baseline = {"baseline_s": round(export.seconds, 2), "ratio": _ratio(export.seconds, ours)}
        return {"projects": ours | baseline, "one project": self._pulled({whole: None})}

    def _pulled(self, cursors: dict[int, datetime | None]) -> Figures:
        watched = WatchedServer(self._server)
        first = timed(lambda: list(pull(watched, cursors)))
        states = {state.uid: state for window in first.result for state in window.states}
        ends = {window.project_id: window.cursor for window in first.result}
        again = timed(lambda: sum(len(window.states) for window in pull(self._server, ends)))
        annotations = sum(len(state.annotations) for state in states.values())
        return {
            "annotations": annotations,
            "seconds": round(first.seconds, 2),
            "annotations_per_s": round(annotations / first.seconds),
            "requests": watched.told(),
            "again_s": round(again.seconds, 2),
        }

    def _blocks(self, prefix: str) -> list[Block]:
        items = {item.id: item for unit in self._design.units for item in map(_item, unit.items)}
        by_seat: dict[str, list[Page]] = {}
        for page in self._dealt.result.pages:
            by_seat.setdefault(page.seat_id, []).append(page)
        return [block(self._study, f"{prefix}/{seat}", pages, items) for seat, pages in by_seat.items()]

    def _import(self, title: str, tasks: Sequence[Task], label_config: str, *, answered: bool = False) -> int:
        """Do as the SDK's documentation has it, and return the project's id."""
        project = self._sdk.projects.create(title=title, label_config=label_config)
        rows = list(_rows(tasks, self._options.admin if answered else None))
        for start in range(0, len(rows), ROWS_AT_ONCE):
            self._sdk.projects.import_tasks(id=project.id, request=rows[start : start + ROWS_AT_ONCE])
        return int(project.id)


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
def running(executable: Path) -> "Iterator[tuple[LabelStudioServer, LabelStudio]]":
    """Start a server in a directory that is gone afterwards; yield our adapter and the SDK's own client."""
    from label_studio_sdk.client import LabelStudio

    credentials = new_credentials()
    with TemporaryDirectory() as folder:
        data = Path(folder)
        with (
            local_label_studio(executable, data, credentials) as local,
            LabelStudioServer(local.base_url, credentials.token) as server,
        ):
            yield server, LabelStudio(base_url=local.base_url, api_key=credentials.token)  # type: ignore[no-untyped-call]
        shutil.rmtree(data / "media", ignore_errors=True)


def _design(study: Study, people: int, each: int, overlap: int) -> Design:
    situations = [f"s{number}" for number in range(people * each // overlap)]
    units = tuple(Unit(one, one, tuple(f"{one}.{number}" for number in range(ITEMS))) for one in situations)
    halves = {"one": people // 2, "other": people - people // 2}
    return Design("benchmark", study, units, halves, overlap, None, (), PlantingSettings(gold=0.0), seed=0)


def _item(id_: str) -> CampaignItem:
    situation = id_.partition(".")[0]
    told = f"Telling a friend, for the {situation[1:]}th time, that the soup which they cook on Sundays is good"
    why = f"Number {id_}: it matters to people that what others tell them is true, and that they can rely on it."
    return CampaignItem(id_, situation, told, Vrd.DUTY, "Duty to be honest", why, Valence.OPPOSES)


def _fewest_first(design: Design) -> Iterator[tuple[str, str]]:
    """Yield who gets which unit in a loop as one would write it."""
    seats = {stratum: [[0, f"{stratum}{number}"] for number in range(n)] for stratum, n in design.people.items()}
    for demand in design.demands:
        mine = sorted(seats[demand.stratum])[: demand.people]
        for seat in mine:
            seat[0] = int(seat[0]) + 1
            yield demand.unit.id, str(seat[1])


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


def _ratio(baseline: float, ours: Figures) -> float:
    return round(baseline / float(str(ours["seconds"])), 2)


if __name__ == "__main__":
    main()
