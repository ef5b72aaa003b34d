import json
import logging
import traceback
from dataclasses import replace
from io import BytesIO

import pytest

from tests.batch_api import BatchApi
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from tests.valueprism_build.teachers.situations import ask, reply
from valueprism_build.errors import TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.teachers.batches import batch_line
from valueprism_build.teachers.chat_request import ChatRequests
from valueprism_build.teachers.openai_batches import OpenAIBatches, RefusedError
from valueprism_build.teachers.teacher import TeacherSettings

CAT = "Feeding a stray cat"
CANARY = "sk-canary-7f3a9"
STEPS = ("upload", "create", "retrieve", "content", "cancel")


def settings(server: TeacherServer) -> TeacherSettings:
    return TeacherSettings(
        "replay", server.base_url, "m", api_key=CANARY, attempts=2, wait_initial=0.01, wait_max=1, timeout=0.5
    )


def requests(given: TeacherSettings) -> BytesIO:
    chat = ChatRequests(given)
    return BytesIO(batch_line(ask(CAT), chat.identity(ask(CAT)), chat.body(ask(CAT)), params="{}", worst=None).text)


async def whole_way(given: TeacherSettings) -> bytes:
    """Send a file, make its batch, wait for its end, cancel it, and return its replies."""
    async with OpenAIBatches(given) as endpoint:
        made = await endpoint.create(await endpoint.upload(requests(given)), fresh=True)
        state = made
        while state.status != "completed":
            state = await endpoint.state(made.batch_id)
        await endpoint.cancel(made.batch_id)
        results = BytesIO()
        assert await endpoint.download(state.output_file_id, results)
        return b"".join(endpoint.lines(results))


def serving(**how: object) -> TeacherServer:
    return TeacherServer({CAT: reply(CAT)}, batch_api=BatchApi(**how), key=CANARY)  # type: ignore[arg-type]


async def test_the_way_of_a_file_is_upload_create_retrieve_content() -> None:
    with serving() as server:
        results = await whole_way(settings(server))
    assert server.batch_api is not None
    # Validating, in progress, finalizing, completed; a batch that has ended stays as it is when it is cancelled.
    assert server.batch_api.calls == ["upload", "create", "retrieve", "retrieve", "retrieve", "cancel", "content"]
    assert b"somebody cares" in results


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "fault", [Fault.BUSY, Fault.BUSY_RETRY_AFTER, Fault.FAILING, Fault.RESET, Fault.HALF_BODY, Fault.HANG]
)
async def test_what_may_work_later_is_tried_again_and_nothing_is_done_twice(step: str, fault: Fault) -> None:
    with serving(broken={step: [fault]}) as server:
        [line] = (await whole_way(settings(server))).splitlines()
    assert json.loads(line)["response"]["status_code"] == 200
    assert server.batch_api is not None
    # What is broken is done all the same: the second try to make the batch finds it, the second look is further on.
    times = {"upload": 2, "create": 1, "retrieve": 3, "content": 2, "cancel": 2}
    assert server.batch_api.calls.count(step) == times[step]
    assert len(server.batch_api.batches) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_what_stays_broken_is_one_line_that_says_to_run_again_later(step: str) -> None:
    broken = {step: [Fault.RESET, Fault.RESET], "list": [Fault.RESET]}
    with serving(broken=broken) as server, pytest.raises(TeacherBusyError, match="broke the connection; run the same"):
        await whole_way(settings(server))


@pytest.mark.parametrize("step", ["upload", "create", "retrieve"])
@pytest.mark.parametrize("fault", [Fault.HTML, Fault.NO_CHOICES])
async def test_a_reply_that_is_none_of_the_batch_apis_is_refused(step: str, fault: Fault) -> None:
    with serving(broken={step: [fault]}) as server, pytest.raises(TeacherError, match="none of the Batch API's"):
        await whole_way(settings(server))


@pytest.mark.parametrize("step", ["create", "retrieve", "cancel"])
async def test_a_reply_that_drips_without_end_is_given_up(step: str) -> None:
    broken = {step: [Fault.DRIP, Fault.DRIP], "list": [Fault.DRIP]}
    with serving(broken=broken) as server, pytest.raises(TeacherBusyError, match="did not answer in time"):
        await whole_way(settings(server))


async def test_an_endpoint_without_batches_is_told_apart() -> None:
    with TeacherServer({}) as server, pytest.raises(RefusedError, match="leave out --batch") as caught:
        await whole_way(settings(server))
    assert (caught.value.status, caught.value.method) == (404, "POST")


async def test_a_spent_quota_and_a_refused_key_stop_everything() -> None:
    with serving(broken={"upload": [Fault.QUOTA]}) as server:
        with pytest.raises(TeacherStoppedError, match="quota is spent"):
            await whole_way(settings(server))
        with pytest.raises(TeacherStoppedError, match="refused the key"):
            await whole_way(replace(settings(server), api_key="another"))


async def test_a_file_of_results_that_is_gone_is_empty_and_said_to_be() -> None:
    with serving() as server:
        async with OpenAIBatches(settings(server)) as endpoint:
            into = BytesIO(b"")
            assert await endpoint.download("file-7", into) is False
            assert await endpoint.download(None, into) is True  # there never was one
    assert into.getvalue() == b""


async def test_the_environment_is_not_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_ORG_ID", "another")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "another")
    with serving() as server:
        await whole_way(settings(server))
    assert server.batch_api is not None
    assert not [headers for headers in server.batch_api.headers if "another" in headers.values()]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [Fault.FAILING, Fault.BAD_REQUEST, Fault.HTML, Fault.RESET])  # some repeat the key
async def test_the_key_is_in_no_error_and_no_log(step: str, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    said = ""
    with serving(broken={step: [fault] * 2, "list": [fault]}) as server, caplog.at_level(logging.DEBUG):
        try:
            await whole_way(replace(settings(server), timeout=0.2))
        except (TeacherError, TeacherStoppedError) as error:
            said = "".join(traceback.format_exception(error))
    assert CANARY not in said
    for record in caplog.records:
        assert CANARY not in f"{record.getMessage()} {record.__dict__}"
