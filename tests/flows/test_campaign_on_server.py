"""The whole way on a real Label Studio, by the real commands: create, answer, pull, status, redeal, forget."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from annotation.exchange.accounts import sign_up
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.server import NoProjectError
from annotation.pseudonyms import accounts
from annotation.vocabulary import load_study
from flows.campaign_pulling import Pulled
from tests.annotation.exchange.conftest import (  # noqa: F401 - fixtures are found by their names here
    CREDENTIALS,
    Running,
    adapter,
    label_studio,
    person,
    prepared_data,
)
from tests.annotation.exchange.person import Person
from tests.annotation.exchange.test_study_on_server import as_result, said_on
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import KEY, pages_of, sit, write_items
from tests.flows.command_line import Ran, started, valueprism
from valueprism_build.campaigns import PageKind, Seat
from valueprism_build.records import Vote
from warehouse import campaigns, votes
from warehouse.checks import run_checks
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.slow

STUDY = load_study("agreement")[0]
TOKEN = "VALUEPRISM_LABEL_STUDIO__TOKEN"
PEOPLE = ("--people", "left=2", "--people", "right=2", "--sample", 4, "--overlap", 2)
WHERE = ("--warehouse", WAREHOUSE, "--json")


def flow_of_pull(name: str, overrides: dict[str, Any]) -> Pulled:
    """Pull as a schedule does; prefect is imported once its environment is prepared."""
    from flows.campaign_flow import pull

    return pull(name, overrides)


@pytest.fixture(autouse=True)
def _configured(label_studio: Running, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    configure(label_studio.server.base_url)
    monkeypatch.setenv(TOKEN, CREDENTIALS.token)
    monkeypatch.setenv("VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS", KEY)
    write_items()


def configure(base_url: str, **more: int) -> None:
    lines = "".join(f"{name} = {value}\n" for name, value in more.items())
    planting = "[planting]\ngold = 0\nrepeats = 0.2\napart = 1\n"
    Path("valueprism.toml").write_text(f'[label_studio]\nbase_url = "{base_url}"\n{lines}{planting}')


def campaign(command: str, name: str, *arguments: object) -> Ran:
    return valueprism("campaign", command, name, *arguments, *WHERE)


def dealt(name: str) -> list[str]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return sorted(page.uid for page in campaigns.pages(db, name))


def on_server(server: LabelStudioServer, name: str) -> list[str]:
    uids: list[str] = []
    for one in server.projects(f"{name}/"):
        with suppress(NoProjectError):  # a push that goes on deletes an empty one, which we may have listed
            uids += [task.uid for task in server.placed_tasks(one.id)]
    return sorted(uids)


def seated(base_url: str, name: str, participant: str, stratum: str) -> tuple[Seat, int]:
    """Give somebody an account and a seat, as a link would."""
    [account] = accounts(participant, [KEY])
    number = sign_up(base_url, CREDENTIALS.token, account.email, account.password)
    return sit(name, participant, stratum, number), number


def answer(server: LabelStudioServer, somebody: Person, name: str, seat: Seat, number: int, pages: int) -> list[Vote]:
    """Let the seat's person answer so many pages, and return the votes that this is."""
    [project] = server.projects(f"{name}/{seat.id}")
    tasks = {task.uid: task.id for task in server.placed_tasks(project.id)}
    given = []
    for page in pages_of(name, seat)[:pages]:
        somebody.answer_all(tasks[page.uid], list(as_result(STUDY, page)), completed_by=number)
        about = {} if page.kind is PageKind.INTRO else said_on(STUDY, page)
        given += [
            Vote(page.item_id or page.situation_id, seat.annotator_id or "", question, said, 3.5)
            for question, said in about.items()
        ]
    return given


def stored(name: str) -> Counter[Vote]:
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert run_checks(db) == []
        return Counter(votes.read(db, name, list(PageKind)))


def killed_when(arguments: list[str], moment: Callable[[], bool], number: int) -> None:
    """Start the command and kill it, as `kill -9` does, as soon as the moment has come."""
    process = started(arguments, {}, Path(f"killed-{number}.txt").resolve())
    try:
        while process.poll() is None and not moment():
            time.sleep(0.01)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()


def test_what_people_answer_comes_back_as_votes_and_who_is_forgotten_is_nowhere(
    adapter: LabelStudioServer,  # noqa: F811
    person: Person,  # noqa: F811
    label_studio: Running,  # noqa: F811
) -> None:
    url = label_studio.server.base_url
    made = campaign("create", "whole", *PEOPLE).summary
    assert (made["projects"], made["pages"], made["added"]) == (4, 48, 48)
    assert on_server(adapter, "whole") == dealt("whole")
    one, other = seated(url, "whole", "p1", "left"), seated(url, "whole", "p2", "right")
    first = answer(adapter, person, "whole", *one, pages=12)
    second = answer(adapter, person, "whole", *other, pages=6)
    stray = next(task for task in adapter.placed_tasks(adapter.projects(f"whole/{other[0].id}")[0].id)[8:])
    person.answer_all(stray.id, [], completed_by=one[1])
    pulled = campaign("pull", "whole", "--keep-raw", "raw").summary
    assert (pulled["pages"], pulled["done"], pulled["refused"]) == (18, 1, {"not_their_page": 1})
    assert stored("whole") == Counter(first + second)
    status = campaign("status", "whole", "--out", "status.html").summary
    assert (status["answered"], status["left"], status["refused"]) == (18, 30, {"not_their_page": 1})
    assert "18 of 48" in Path("status.html").read_text()

    gone = campaign("forget", "whole", "p1").summary
    assert (gone["votes"], gone["annotations"], len(gone["raw_files"])) == (len(first), 1, 2)
    assert stored("whole") == Counter(second)
    numbers = [
        each.person
        for project in adapter.projects("whole/")
        for state in adapter.changed_tasks(project.id, None, 100)
        for each in state.annotations
    ]
    assert numbers == [other[1]] * 6
    # The account is gone: who comes again gets another number.
    assert seated_again(url, "p1") != one[1]
    again = campaign("pull", "whole").summary
    assert (again["pages"], again["gone"], again["forgotten"]) == (0, [], 0)

    redealt = campaign("redeal", "whole", "--people", "left=1").summary
    assert (redealt["seats"], redealt["dealt"], redealt["added"]) == (1, 12, 12)


def seated_again(base_url: str, participant: str) -> int:
    [account] = accounts(participant, [KEY])
    return sign_up(base_url, CREDENTIALS.token, account.email, account.password)


def test_a_create_that_is_killed_again_and_again_leaves_every_page_once(
    adapter: LabelStudioServer,  # noqa: F811
    label_studio: Running,  # noqa: F811
) -> None:
    configure(label_studio.server.base_url, push_tasks=3)
    arguments = ["campaign", "create", "often", *map(str, PEOPLE), *map(str, WHERE)]
    for number, there in enumerate([1, 10, 25, 40]):
        killed_when(arguments, lambda least=there: len(on_server(adapter, "often")) >= least, number)  # type: ignore[misc]
    assert campaign("create", "often", *PEOPLE).summary["pages"] == 48
    assert on_server(adapter, "often") == dealt("often")
    assert len(adapter.projects("often/")) == 4


def test_a_pull_that_is_killed_again_and_again_brings_every_answer_once(
    adapter: LabelStudioServer,  # noqa: F811
    person: Person,  # noqa: F811
    label_studio: Running,  # noqa: F811
) -> None:
    url = label_studio.server.base_url
    campaign("create", "kills", *PEOPLE)
    given: list[Vote] = []
    for number, stratum in enumerate(["left", "left", "right", "right"]):
        given += answer(adapter, person, "kills", *seated(url, "kills", f"k{number}", stratum), pages=12)
    configure(url, pull_tasks=3, store_tasks=3)
    arguments = ["campaign", "pull", "kills", *map(str, WHERE)]
    counts = []
    for number in range(3):
        before = cursors_set("kills")
        killed_when(arguments, lambda least=before: cursors_set("kills") > least, number)  # type: ignore[misc]
        counts.append(stored("kills").total())
    assert campaign("pull", "kills").code == 0
    assert stored("kills") == Counter(given)
    assert counts == sorted(counts)
    assert counts[0] < len(given), "it was killed before all was in"


def cursors_set(name: str) -> int:
    """Return how many projects have been pulled to some moment; the warehouse may be busy, so wait for it."""
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return sum(cursor is not None for cursor in campaigns.cursors(db, name).values())


def test_a_token_that_is_refused_is_explained_and_nothing_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "0" * 40)
    ran = campaign("create", "refused", *PEOPLE)
    assert ran.code == 1
    assert "take a personal access token from Account & Settings" in ran.complaint
    assert "0" * 40 not in ran.err
    assert dealt("refused") == []
    monkeypatch.delenv(TOKEN)
    assert f"set {TOKEN}" in campaign("create", "refused", *PEOPLE).complaint


def test_a_config_that_was_edited_by_hand_and_a_project_that_was_deleted_by_hand_are_told(
    adapter: LabelStudioServer,  # noqa: F811
    person: Person,  # noqa: F811
    prefect_api: str,
) -> None:
    campaign("create", "hand", *PEOPLE)
    first, second, *_ = adapter.projects("hand/")
    adapter.delete_project(second.id)
    assert campaign("pull", "hand").summary["gone"] == [second.title.removeprefix("hand/")]
    person.edit_config(first.id, first.label_config.replace("Not sure", "No idea"))
    edited = campaign("create", "hand", *PEOPLE)
    assert edited.code == 1
    assert "was edited on the server" in edited.err
    assert "No idea" in edited.err
    person.edit_config(first.id, first.label_config)
    assert campaign("create", "hand", *PEOPLE).summary["added"] == 12
    assert on_server(adapter, "hand") == dealt("hand")
    assert campaign("pull", "hand").summary["gone"] == []
    assert flow_of_pull("hand", {"warehouse": str(WAREHOUSE)}).projects == 4
    assert campaign("end", "hand").summary["projects"] == 4
    assert "has ended" in campaign("create", "hand", *PEOPLE).complaint


def test_simulated_people_answer_on_the_server_and_nothing_is_left_of_them(
    adapter: LabelStudioServer,  # noqa: F811
) -> None:
    before = adapter.projects("")
    crowd = ("--leavers", 0.6, "--speeders", 0.2, "--seed", 1, "--server")
    found = valueprism("campaign", "simulate", *PEOPLE, *crowd, *WHERE).summary
    # 4 situations of 3 items, 2 people each; who left has answered some of it, too.
    assert found["votes"] >= 4 * 3 * 2
    assert (found["short"], found["rejected"], found["offences"]) == (0, {}, [])
    assert 4 <= found["people"] <= 4 + found["left"]
    assert adapter.projects("") == before
