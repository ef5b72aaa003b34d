"""The door before a real Label Studio: what a person reaches through it, and what not."""

import json
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from annotation.exchange.accounts import sign_up
from annotation.exchange.gateway import Gateway, NoPlaceError, Place
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.links import Entrant, Links
from annotation.exchange.push import push
from annotation.exchange.server import Block, Task
from tests.annotation.exchange.conftest import CREDENTIALS, Running
from valueprism_build.errors import BuildError

pytestmark = pytest.mark.slow

LINKS = Links(["a key of the tests"], "pilot", ["left"])
FORGED = Links(["another key of the tests"], "pilot", ["left"])
BACK = "https://platform.test/complete?cc=C0DE"
CONFIG = """<View><Text name="text" value="$text"/>
<Choices name="agree" toName="text"><Choice value="yes"/><Choice value="no"/></Choices></View>"""
YES = [{"from_name": "agree", "to_name": "text", "type": "choices", "value": {"choices": ["yes"]}}]


@pytest.fixture(scope="module")
def places(label_studio: Running) -> dict[str, Place]:
    """Three people with a project of three tasks each."""
    base_url, token = label_studio.server.base_url, CREDENTIALS.token
    blocks = [
        Block(f"door/{name}", CONFIG, tuple(Task(f"{name}-{i}", {"text": "?"}) for i in range(3))) for name in "abc"
    ]
    with LabelStudioServer(base_url, token) as server:
        project_ids = push(server, blocks, prefix="door/").project_ids
    places = {
        name: Place(project_ids[f"door/{name}"], f"{name}@participants.invalid", f"word of {name} 1", BACK)
        for name in "abc"
    }
    for place in places.values():
        sign_up(base_url, token, place.email, place.password)
    return places


def link(participant: str, links: Links = LINKS) -> str:
    return links.personal("", Entrant(participant, "left"))


def door(label_studio: Running, places: dict[str, Place]) -> TestClient:
    def admit(entrant: Entrant) -> Place:
        if entrant.participant == "unlucky":
            raise BuildError("The token of the server was refused.")
        if entrant.participant not in places:
            raise NoPlaceError("This study is full.")
        return places[entrant.participant]

    base_url, token = label_studio.server.base_url, CREDENTIALS.token
    gateway = Gateway(base_url, token, admit, LINKS, title="What matters", max_body=20_000)
    return TestClient(gateway.application(), follow_redirects=False)


@pytest.fixture
def person(label_studio: Running, places: dict[str, Place]) -> Iterator[TestClient]:
    """The first of the two, inside."""
    client = door(label_studio, places)
    entered = client.get(link("a"))
    assert entered.headers["location"] == f"/projects/{places['a'].project_id}/data?labeling=1"
    yield client
    client.close()


def task_ids(label_studio: Running, place: Place) -> list[int]:
    with LabelStudioServer(label_studio.server.base_url, CREDENTIALS.token) as server:
        return [task.id for task in server.placed_tasks(place.project_id)]


def test_a_person_answers_in_their_own_project_under_their_own_name(
    person: TestClient, label_studio: Running, places: dict[str, Place]
) -> None:
    task_id, project = task_ids(label_studio, places["a"])[0], places["a"].project_id
    me = person.get("/api/current-user/whoami").json()
    claim = {"result": YES, "lead_time": 2, "completed_by": 1, "project": places["b"].project_id}
    given = person.post(f"/api/tasks/{task_id}/annotations", params={"project": project}, json=claim)
    assert (given.status_code, given.json()["completed_by"]) == (201, me["id"])
    changed = person.patch(f"/api/annotations/{given.json()['id']}/", json={"result": []})
    assert (changed.status_code, changed.json()["result"]) == (200, [])
    assert me["email"] == places["a"].email


def test_a_person_meets_no_other_member(person: TestClient) -> None:
    assert [each["email"] for each in person.get("/api/users").json()] == ["a@participants.invalid"]


def test_who_has_answered_everything_and_nobody_else_is_told_the_way_back(
    label_studio: Running, places: dict[str, Place]
) -> None:
    own = places["c"].project_id
    first, second, third = task_ids(label_studio, places["c"])

    def give(task_id: int, kind: str = "annotations", **said: object) -> None:
        given = client.post(f"/api/tasks/{task_id}/{kind}", params={"project": own}, json={"result": YES, **said})
        assert given.status_code == 201

    def done() -> tuple[int, bool, list[str]]:
        page = client.get("/done")
        assert page.headers["cache-control"] == "no-store"
        return page.status_code, BACK in page.text, re.findall(r"(\d) of your 3 pages", page.text)

    with door(label_studio, places) as client:
        assert client.get("/done").status_code == 403  # nobody yet
        client.get(link("c"))
        assert done() == (200, False, ["3"])
        give(first)
        give(second, was_cancelled=True)
        give(third, "drafts", lead_time=1)
        assert done() == (200, False, ["2"])
        give(third)
        assert client.get(f"/api/projects/{own}/next").status_code == 404  # what is skipped does not come again
        assert done() == (200, False, ["1"])
        give(second)
        assert done() == (200, True, [])


def test_nothing_leads_out_but_the_way_back_that_is_set(label_studio: Running, places: dict[str, Place]) -> None:
    with door(label_studio, places) as client:
        client.get(link("a"))
        asked = client.get("/done", params={"completion_url": "https://evil.test", "next": "https://evil.test"})
    assert (asked.status_code, "evil.test" in asked.text) == (200, False)


def test_a_project_bears_the_title_that_people_may_read(person: TestClient, places: dict[str, Place]) -> None:
    own = places["a"].project_id
    for path in (f"/api/projects/{own}", f"/api/dm/project?project={own}"):
        assert person.get(path).json()["title"] == "What matters"
        assert person.head(path).status_code == 200


def test_nothing_of_another_is_reached(person: TestClient, label_studio: Running, places: dict[str, Place]) -> None:
    own, other = places["a"].project_id, places["b"].project_id
    task_id = task_ids(label_studio, places["b"])[0]
    with door(label_studio, places) as neighbour:
        neighbour.get(link("b"))
        answer = neighbour.post(
            f"/api/tasks/{task_id}/annotations", params={"project": other}, json={"result": YES}
        ).json()
    for method, path in [
        ("GET", "/projects/"),
        ("GET", "/api/projects"),
        ("GET", f"/api/projects/{other}"),
        ("GET", f"/api/projects/{own}/export"),
        ("DELETE", f"/api/projects/{own}/"),
        ("GET", f"/projects/{other}/data"),
        ("GET", "/api/tasks"),
        ("GET", f"/api/tasks?project={other}"),
        ("GET", f"/api/tasks?project={own}&project={other}"),
        ("GET", f"/api/tasks/{task_id}"),
        ("GET", f"/api/tasks/{task_id}?project={own}"),
        ("POST", f"/api/tasks/{task_id}/annotations?project={own}"),
        ("GET", f"/api/annotations/{answer['id']}"),
        ("PATCH", f"/api/annotations/{answer['id']}/"),
        ("DELETE", f"/api/annotations/{answer['id']}/"),
        ("GET", f"/static/../api/tasks/{task_id}/"),
        ("GET", f"/static/%2e%2e/api/tasks/{task_id}/"),
        ("POST", f"/api/dm/actions?id=delete_tasks&project={own}"),
        ("GET", "/api/invite"),
        ("GET", "/api/current-user/token"),
        ("GET", "/user/account"),
        ("GET", "/api/webhooks/"),
        ("GET", f"/api/projects/%2525{ord(str(own)[0]):x}{str(own)[1:]}"),  # the title would not be replaced there
        ("GET", "/static/%01"),
    ]:
        assert person.request(method, path).status_code == 403, (method, path)


def test_who_asks_cannot_change_what_they_are_asked_nor_have_less_to_answer(
    person: TestClient, label_studio: Running, places: dict[str, Place]
) -> None:
    mine, theirs = task_ids(label_studio, places["a"]), task_ids(label_studio, places["b"])
    for method in ("PUT", "PATCH", "DELETE"):
        renamed = person.request(method, f"/api/tasks/{mine[1]}", json={"data": {"uid": "b-0", "text": "?"}})
        assert renamed.status_code == 403, method
    assert (task_ids(label_studio, places["a"]), task_ids(label_studio, places["b"])) == (mine, theirs)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"result=%5B%5D&completed_by=1"),
        ("application/json; charset=utf-7", b'+AHs-"result": [], "completed_by": 1}'),
        ("application/json", b'[{"completed_by": 1}]'),
    ],
)
def test_a_claim_in_another_form_than_the_pages_own_does_not_go_on(
    person: TestClient, label_studio: Running, places: dict[str, Place], kind: str, body: bytes
) -> None:
    path = f"/api/tasks/{task_ids(label_studio, places['a'])[2]}/annotations"
    assert person.post(path, content=body, headers={"Content-Type": kind}).status_code == 403
    assert person.get(path).json() == []


def test_a_draft_is_of_no_other_persons_answer(
    person: TestClient, label_studio: Running, places: dict[str, Place]
) -> None:
    mine, theirs = (task_ids(label_studio, places[name])[1] for name in "ab")
    with door(label_studio, places) as neighbour:
        neighbour.get(link("b"))
        answer = neighbour.post(f"/api/tasks/{theirs}/annotations", json={"result": YES}).json()
    draft = person.post(f"/api/tasks/{mine}/drafts", json={"result": YES, "lead_time": 1}).json()
    changed = person.patch(f"/api/drafts/{draft['id']}", json={"result": [], "annotation": answer["id"]})
    assert (changed.status_code, changed.json()["result"], changed.json()["annotation"]) == (200, [], None)


def test_who_runs_the_server_is_told_to_nobody(person: TestClient, places: dict[str, Place]) -> None:
    own = places["a"].project_id
    for path in ("/api/users", "/api/current-user/whoami", f"/api/projects/{own}", f"/api/dm/project?project={own}"):
        reply = person.get(path)
        assert (reply.status_code, "admin@" in reply.text) == (200, False), path


def test_a_view_of_another_project_does_not_lead_there(
    person: TestClient, label_studio: Running, places: dict[str, Place]
) -> None:
    with door(label_studio, places) as neighbour:
        neighbour.get(link("b"))
        made = neighbour.post(
            "/api/dm/views",
            params={"project": places["b"].project_id},
            json={"project": places["b"].project_id, "data": {}},
        )
    listed = person.get("/api/tasks", params={"view": made.json()["id"], "project": places["a"].project_id}).json()
    assert {task["project"] for task in listed["tasks"]} == {places["a"].project_id}


def test_who_has_not_come_in_reaches_nothing_and_cannot_forge_a_cookie(
    label_studio: Running, places: dict[str, Place]
) -> None:
    with door(label_studio, places) as stranger:
        assert stranger.get(f"/api/projects/{places['a'].project_id}").status_code == 403
        stranger.cookies.set("participant", FORGED.cookie(Entrant("a", "left")))
        assert stranger.get(f"/api/projects/{places['a'].project_id}").status_code == 403


def test_the_door_opens_to_our_links_alone(label_studio: Running, places: dict[str, Place]) -> None:
    with door(label_studio, places) as client:
        for forged in (
            "/enter",
            "/enter?participant=a",
            link("a", FORGED),
            link("b").replace("=b&", "=a&"),
            f"{link('a')}&stratum=right",
        ):
            assert client.get(forged).status_code == 403, forged
        assert client.get(link("a")).status_code == 307


def test_who_finds_no_place_is_told_why_and_what_is_our_trouble_is_kept_from_them(
    label_studio: Running, places: dict[str, Place]
) -> None:
    with door(label_studio, places) as client:
        late, unlucky = client.get(link("late")), client.get(link("unlucky"))
    assert (late.status_code, "This study is full." in late.text) == (403, True)
    assert (unlucky.status_code, "token" in unlucky.text) == (503, False)


def test_a_server_that_does_not_answer_is_no_traceback_for_who_answers() -> None:
    told: list[BuildError] = []
    nowhere = "http://127.0.0.1:9"
    place = Place(1, "a@participants.invalid", "a word")
    gateway = Gateway(nowhere, CREDENTIALS.token, lambda _: place, LINKS, on_trouble=told.append)
    with TestClient(gateway.application(), follow_redirects=False) as client:
        client.get(link("a"))
        assert client.get("/projects/1/data").status_code == 503
        assert client.get("/done").status_code == 503
    assert [nowhere in str(trouble) for trouble in told] == [True]  # the same trouble is told once a minute


def test_an_answer_beyond_the_bound_is_refused(
    person: TestClient, label_studio: Running, places: dict[str, Place]
) -> None:
    task_id = task_ids(label_studio, places["a"])[1]
    body = json.dumps({"result": [], "comment": "x" * 20_000})
    assert person.post(f"/api/tasks/{task_id}/annotations", content=body).status_code == 403
