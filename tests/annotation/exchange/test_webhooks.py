import json

import pytest
from starlette.testclient import TestClient

from annotation.exchange.webhooks import PATH, SECRET_HEADER, receiver

SECRET = "a secret of the tests"
HEADERS = {SECRET_HEADER: SECRET}


@pytest.fixture
def seen() -> list[int]:
    return []


@pytest.fixture
def client(seen: list[int]) -> TestClient:
    return TestClient(receiver(SECRET, seen.append, max_body=1000))


def test_a_hint_names_the_project_where_something_changed(client: TestClient, seen: list[int]) -> None:
    body = {"action": "ANNOTATION_CREATED", "project": {"id": 7}, "annotation": {"id": 1}}
    assert client.post(PATH, json=body, headers=HEADERS).status_code == 204
    assert seen == [7]


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: SECRET + "x"}, {SECRET_HEADER: "\u00e9"}])
def test_without_the_secret_nothing_is_heeded(client: TestClient, seen: list[int], headers: dict[str, str]) -> None:
    encoded = {name.encode(): value.encode() for name, value in headers.items()}
    assert client.post(PATH, json={"project": {"id": 7}}, headers=encoded).status_code == 403
    assert seen == []


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", "{}", '{"project": 7}', '{"project": {"id": "7"}}', '{"project": {"id": true}}']
)
def test_a_body_without_a_project_is_refused(client: TestClient, seen: list[int], body: str) -> None:
    assert client.post(PATH, content=body, headers=HEADERS).status_code == 400
    assert seen == []


def test_a_body_beyond_the_bound_is_refused(client: TestClient, seen: list[int]) -> None:
    body = json.dumps({"project": {"id": 7}, "text": "x" * 1000})
    assert client.post(PATH, content=body, headers=HEADERS).status_code == 413
    assert seen == []


def test_a_body_nested_without_end_is_refused(seen: list[int]) -> None:
    client = TestClient(receiver(SECRET, seen.append))
    assert client.post(PATH, content="[" * 100_000, headers=HEADERS).status_code == 400
