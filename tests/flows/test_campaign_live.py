"""A campaign live before a real Label Studio: people enter by links, hints arrive, answers come in."""

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.webhooks import PATH, PROJECT_HEADER, SECRET_HEADER
from annotation.vocabulary import load_study
from flows.campaign_creating import create
from flows.campaign_planning import Wanted
from flows.settings import load
from tests.annotation.exchange import conftest as shared
from tests.annotation.exchange.conftest import CREDENTIALS, Running
from tests.annotation.exchange.test_study_on_server import as_result, said_on
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import pages_of, write_items
from tests.flows.command_line import ended, started, valueprism
from valueprism_build.campaigns import Page, PageKind, SeatState
from warehouse import campaigns, votes
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.slow

label_studio, prepared_data = shared.label_studio, shared.prepared_data  # their server, ours for this module
STUDY = load_study("agreement")[0]
PLACEHOLDER = "{{%PROLIFIC_PID%}}"
SECRETS = {
    "VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS": "a-key-to-pseudonyms",
    "VALUEPRISM_LIVE__LINK_KEYS": "a-key-that-signs-links",
    "VALUEPRISM_LIVE__WEBHOOK_SECRET": "a-word-between-server-and-us",
    "VALUEPRISM_LABEL_STUDIO__TOKEN": CREDENTIALS.token,
}
COMPLETION_URL = "https://platform.test/complete?cc=C0DE"
PATIENCE = 90.0


def wait_for(moment: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not moment():
        assert time.monotonic() < until
        time.sleep(0.2)


class Live:
    """The process, and what it has said."""

    def __init__(self, name: str, run: int, process: subprocess.Popen[str], err: Path) -> None:
        self.name, self.run, self.process, self.err = name, run, process, err
        wait_for(lambda: self.process.poll() is not None or " is live at " in err.read_text())
        assert self.process.poll() is None, err.read_text()
        self.url = re.findall(r" is live at (\S+);", err.read_text())[0]

    def pages(self) -> int:
        """How many answered pages it says have come in."""
        return sum(int(pages) for pages in re.findall(r": (\d+) pages came in", self.err.read_text()))

    def interrupt(self) -> dict[str, object]:
        self.process.send_signal(signal.SIGINT)
        return ended(self.process, self.err).summary


class Study:
    """A campaign with two seats on the left and none elsewhere, and the commands about it."""

    def __init__(self, name: str, label_studio: Running) -> None:
        self.name, self.runs, self.base_url = name, 0, label_studio.server.base_url
        write_items()
        with LabelStudioServer(self.base_url, CREDENTIALS.token) as server:
            create(load({"warehouse": str(WAREHOUSE)}), name, Wanted("agreement", {"left": 2}, 2, 2, None, 0), server)

    @contextmanager
    def live(self, port: int = 0) -> Iterator[Live]:
        self.runs += 1
        err = Path(f"live-{self.runs}.txt").resolve()
        arguments = ["campaign", "live", self.name, "--port", str(port), "--warehouse", str(WAREHOUSE), "--json"]
        arguments += ["--completion-url", COMPLETION_URL]
        process = started(arguments, {}, err)
        try:
            yield Live(self.name, self.runs, process, err)
        finally:
            process.kill()
            process.communicate()

    def link(self, url: str, participant: str) -> str:
        made = valueprism("campaign", "links", self.name, "--public-url", url, "--warehouse", WAREHOUSE, "--json")
        [link] = made.summary["links"]
        return str(link["link"]).replace(PLACEHOLDER, participant)

    def drop_hooks(self) -> None:
        """Somebody deletes the webhook by hand, so hints are lost."""
        header = {"Authorization": f"Token {CREDENTIALS.token}"}
        with httpx.Client(base_url=self.base_url, headers=header) as admin:
            for hook in admin.get("/api/webhooks/").json():
                admin.delete(f"/api/webhooks/{hook['id']}/").raise_for_status()

    def votes(self) -> set[tuple[str, str]]:
        """Question and answer of all votes on the first showing of an item."""
        with open_warehouse(WAREHOUSE, read_only=True) as db:
            return {(vote.item_id, vote.answer) for vote in votes.read(db, self.name, [PageKind.ITEM])}

    def done(self) -> int:
        with open_warehouse(WAREHOUSE, read_only=True) as db:
            return sum(seat.state is SeatState.DONE for seat in campaigns.seats(db, self.name))


class Participant:
    """Somebody who answers through the door, as the page does."""

    def __init__(self, link: str) -> None:
        self.client = httpx.Client(timeout=60, follow_redirects=True)
        entered = self.client.get(link)
        self.status, self.words, self.url = entered.status_code, entered.text, entered.url
        self.project = int(re.findall(r"/projects/(\d+)/", str(entered.url))[0]) if entered.is_success else 0

    def __enter__(self) -> "Participant":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def tasks(self) -> dict[str, int]:
        listed = self.client.get(self.url.join("/api/tasks"), params={"project": self.project, "fields": "all"})
        return {task["data"]["uid"]: task["id"] for task in listed.raise_for_status().json()["tasks"]}

    def answer(self, page: Page, tasks: dict[str, int]) -> None:
        body = {"result": list(as_result(STUDY, page)), "lead_time": 3.5}
        self.client.post(
            self.url.join(f"/api/tasks/{tasks[page.uid]}/annotations"), params={"project": self.project}, json=body
        ).raise_for_status()


@pytest.fixture(autouse=True)
def _secrets(label_studio: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    Path("valueprism.toml").write_text(
        f'[label_studio]\nbase_url = "{label_studio.server.base_url}"\n[planting]\ngold = 0\nrepeats = 0\n'
        "[live]\nhint_seconds = 0.2\nreconcile_seconds = 100000\n"
    )


def pages_by_seat(name: str) -> list[list[Page]]:
    """The pages of each seat that is taken."""
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        taken = [seat for seat in campaigns.seats(db, name) if seat.annotator_id]
    return [pages_of(name, seat) for seat in taken]


def test_what_people_answer_through_the_door_comes_in_by_hints_and_what_hints_miss_comes_in_later(
    label_studio: Running,
) -> None:
    study = Study("hinted", label_studio)
    with study.live() as live, Participant(study.link(live.url, "ann")) as ann:
        [pages] = pages_by_seat("hinted")
        tasks = ann.tasks()
        assert set(tasks) == {page.uid for page in pages}
        for page in pages[:-1]:
            ann.answer(page, tasks)
        wait_for(lambda: live.pages() >= len(pages) - 1)
        study.drop_hooks()
        ann.answer(pages[-1], tasks)
        port = int(live.url.rpartition(":")[2])
        live.process.kill()
        live.process.wait()
        with study.live(port) as again:  # its first look is everywhere, and the person goes on with their cookie
            wait_for(lambda: again.pages() == 1)
            assert ann.tasks() == tasks
            assert COMPLETION_URL in ann.client.get(ann.url.join("/done")).text
            told = again.interrupt()
    assert (told["pages"], told["done"], study.done()) == (1, 1, 1)
    chosen = {(page.item_id, said_on(STUDY, page)["agree"]) for page in pages if page.kind is PageKind.ITEM}
    assert study.votes() == chosen
    said = "".join(path.read_text() for path in Path().glob("live-*.txt"))
    assert [name for name, secret in SECRETS.items() if secret in said] == []


def test_a_forged_hint_is_refused_and_a_replayed_one_changes_nothing(label_studio: Running) -> None:
    study = Study("forged", label_studio)
    with study.live() as live, Participant(study.link(live.url, "ann")) as ann:
        [pages] = pages_by_seat("forged")
        tasks = ann.tasks()
        for page in pages[:2]:
            ann.answer(page, tasks)
        wait_for(lambda: live.pages() == 2)
        for secret, status in [("forged", 403), *[(SECRETS["VALUEPRISM_LIVE__WEBHOOK_SECRET"], 204)] * 5]:
            headers = {SECRET_HEADER: secret, PROJECT_HEADER: str(ann.project)}
            assert httpx.post(f"{live.url}{PATH}", headers=headers).status_code == status
        ann.answer(pages[2], tasks)
        wait_for(lambda: live.pages() == 3)
        told = live.interrupt()
    assert told["pages"] == 3


def test_the_seats_of_a_stratum_are_for_so_many_people_and_each_keeps_theirs(label_studio: Running) -> None:
    study = Study("full", label_studio)
    with study.live() as live:
        link = study.link(live.url, "ann")
        projects = []
        for one in ("ann", "bob", "ann"):
            with Participant(study.link(live.url, one)) as person:
                projects.append(person.project)
        with Participant(study.link(live.url, "cem")) as late, Participant(f"{link}&stratum=right") as forged:
            assert (late.status, "Everybody we need has taken part" in late.words) == (403, True)
            assert (forged.status, "This link is not complete" in forged.words) == (403, True)
        with Participant(link) as ann:
            other = ann.client.get(ann.url.join(f"/projects/{projects[1]}/data"))
            assert (other.status_code, "not part of your questionnaire" in other.text) == (403, True)
    assert projects[0] == projects[2] != projects[1]


def test_a_port_that_is_taken_and_settings_that_cannot_serve_are_told_in_a_line(
    label_studio: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Study("wrong", label_studio)
    command = ("campaign", "live", "wrong", "--warehouse", WAREHOUSE)
    taken = label_studio.server.base_url.rpartition(":")[2]
    ran = valueprism(*command, "--port", taken)
    assert (ran.code, f"cannot listen on 127.0.0.1:{taken}" in ran.complaint) == (1, True)
    with monkeypatch.context() as lost:
        lost.delenv("VALUEPRISM_LIVE__WEBHOOK_SECRET")
        assert "VALUEPRISM_LIVE__WEBHOOK_SECRET" in valueprism(*command).complaint
    with Path("valueprism.toml").open("a") as lines:
        lines.write('[live.completion_urls]\nleft = "https://one.test"\nlefft = "https://other.test"\n')
    assert "completion_urls names lefft; campaign 'wrong' has the strata left" in valueprism(*command).complaint
    assert study.done() == 0


def test_a_token_that_is_refused_ends_it_before_anybody_comes_in_vain(
    label_studio: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    Study("locked", label_studio)
    monkeypatch.setenv("VALUEPRISM_LABEL_STUDIO__TOKEN", "0" * 40)
    ran = valueprism("campaign", "live", "locked", "--port", 0, "--warehouse", WAREHOUSE)
    assert (ran.code, "take a personal access token from Account & Settings" in ran.complaint) == (1, True)
    assert "is live at" not in ran.err
