import pytest
from starlette.testclient import TestClient

from annotation.exchange.webhooks import PATH, PROJECT_HEADER, SECRET_HEADER, receiver

SECRET = "a secret of the tests"
HEADERS = {SECRET_HEADER: SECRET, PROJECT_HEADER: "7"}
BODY = {"action": "ANNOTATION_CREATED"}


@pytest.fixture
def seen() -> list[int]:
    return []


@pytest.fixture
def client(seen: list[int]) -> TestClient:
    return TestClient(receiver(SECRET, seen.append, max_body=1000))


def test_a_hint_names_the_project_where_something_changed(client: TestClient, seen: list[int]) -> None:
    assert client.post(PATH, json=BODY, headers=HEADERS).status_code == 204
    assert seen == [7]


@pytest.mark.parametrize("secret", [None, "", SECRET + "x", "\u00e9"])
def test_without_the_secret_nothing_is_heeded(client: TestClient, seen: list[int], secret: str | None) -> None:
    headers = {PROJECT_HEADER.encode(): b"7"}
    headers |= {} if secret is None else {SECRET_HEADER.encode(): secret.encode()}
    assert client.post(PATH, json=BODY, headers=headers).status_code == 403
    assert seen == []


@pytest.mark.parametrize("project", [None, "", "seven", "-7", "7.0", "\u0667", "7" * 5000])
def test_a_hint_without_a_project_is_refused(client: TestClient, seen: list[int], project: str | None) -> None:
    headers = {SECRET_HEADER.encode(): SECRET.encode()}
    headers |= {} if project is None else {PROJECT_HEADER.encode(): project.encode()}
    assert client.post(PATH, json=BODY, headers=headers).status_code == 400
    assert seen == []


def test_a_body_beyond_the_bound_is_refused(client: TestClient, seen: list[int]) -> None:
    assert client.post(PATH, json={**BODY, "text": "x" * 1000}, headers=HEADERS).status_code == 413
    assert seen == []


def test_nobody_looks_into_a_body(client: TestClient, seen: list[int]) -> None:
    assert client.post(PATH, content="[" * 900, headers=HEADERS).status_code == 204
    assert seen == [7]
