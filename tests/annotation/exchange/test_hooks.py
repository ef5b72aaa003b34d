"""Webhooks and the administrator's tokens on a real Label Studio."""

import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from annotation.exchange.accounts import sign_up
from annotation.exchange.hooks import register
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.server import ServerBusyError, ServerRefusedError
from annotation.exchange.webhooks import PROJECT_HEADER, SECRET_HEADER
from tests.annotation.exchange.conftest import CREDENTIALS, Running, personal_token

pytestmark = pytest.mark.slow

HERE = "http://127.0.0.1:9/changed"
CONFIG = "<View><Text name='text' value='$text'/></View>"


@pytest.fixture
def admin(label_studio: Running) -> Iterator[httpx.Client]:
    header = {"Authorization": f"Token {CREDENTIALS.token}"}
    with httpx.Client(base_url=label_studio.server.base_url, headers=header, timeout=60) as client:
        yield client


def hooks(admin: httpx.Client) -> dict[int, dict[str, str]]:
    """What is sent about each project; nothing of an answer is."""
    told = admin.get("/api/webhooks/").json()
    assert not any(hook["send_payload"] for hook in told)
    return {hook["project"]: hook["headers"] for hook in told}


def test_each_project_has_one_webhook_with_the_present_secret_and_a_deleted_project_none(
    adapter: LabelStudioServer, label_studio: Running, admin: httpx.Client
) -> None:
    base_url, token = label_studio.server.base_url, CREDENTIALS.token
    first, second, third = (adapter.create_project(f"hooked {number}", CONFIG).id for number in range(3))
    adapter.delete_project(third)
    assert register(base_url, token, HERE, "a secret", [first, third]) == 1
    assert register(base_url, token, HERE, "a secret", [first, second]) == 1
    assert register(base_url, token, HERE, "a secret", [first, second]) == 0
    assert register(base_url, token, HERE, "another", [first, second]) == 2
    assert hooks(admin) == {id_: {SECRET_HEADER: "another", PROJECT_HEADER: str(id_)} for id_ in (first, second)}


def test_a_personal_access_token_serves_as_a_legacy_one_does(
    adapter: LabelStudioServer, label_studio: Running, admin: httpx.Client
) -> None:
    base_url, personal = label_studio.server.base_url, admin.post("/api/token/").raise_for_status().json()["token"]
    project = adapter.create_project("hooked by a person", CONFIG).id
    assert register(base_url, personal, f"{HERE}?personal", "a secret", [project]) == 1
    assert sign_up(base_url, personal, "ann@participants.invalid", "a word of ann 1") > 1


def test_a_personal_access_token_that_has_run_out_is_told_so_before_we_ask_and_under_way(label_studio: Running) -> None:
    base_url, lasts = label_studio.server.base_url, timedelta(seconds=5)
    token = personal_token(label_studio, lasts)
    until = time.monotonic() + lasts.total_seconds() + 1
    with LabelStudioServer(base_url, token) as server, LabelStudioServer(base_url, token) as late:
        server.create_project("while it lasts", CONFIG)
        time.sleep(max(until - time.monotonic(), 0))
        with pytest.raises(ServerRefusedError, match="whole and not expired"):
            late.projects("while it lasts")
    with pytest.raises(ServerRefusedError, match="whole and not expired") as refused:
        LabelStudioServer(base_url, token)
    assert token not in str(refused.value)
    with pytest.raises(ServerRefusedError, match="whole and not expired"):
        register(base_url, token, HERE, "a secret", [1])


@pytest.mark.parametrize("token", ["0" * 40, "not.a.token"])
def test_a_token_that_is_refused_is_told_so(label_studio: Running, token: str) -> None:
    with pytest.raises(ServerRefusedError, match="401"):
        register(label_studio.server.base_url, token, HERE, "a secret", [1])


def test_a_server_that_does_not_answer_is_busy() -> None:
    with pytest.raises(ServerBusyError, match="does not answer"):
        register("http://127.0.0.1:9", CREDENTIALS.token, HERE, "a secret", [1])
