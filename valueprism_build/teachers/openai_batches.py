"""Files and batches at an endpoint that speaks the OpenAI Batch API. The one module with openai."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self, TypeVar

import stamina

from valueprism_build.errors import BuildError, TeacherBusyError, TeacherError
from valueprism_build.teachers.batch_replies import read_batch, read_file_id, read_page
from valueprism_build.teachers.batches import CHAT_ENDPOINT, BatchState
from valueprism_build.teachers.completion import without_key
from valueprism_build.teachers.http_connection import HttpReply
from valueprism_build.teachers.refusal import refusal
from valueprism_build.teachers.teacher import TeacherSettings, utc_now

# It takes a second to import, which whoever asks one by one need not wait for: so only where a client is made or fails.
if TYPE_CHECKING:
    import openai

UPLOAD_NAME: Final = "valueprism.jsonl"
FILE_SECONDS: Final = 1800.0  # most for a file; 200 MB at 1 Mbit/s
PAGE: Final = 100  # batches to a page of the listing: the most that it gives
NOT_FOUND: Final = 404
_CONFLICT: Final = 409

_T = TypeVar("_T")


class RefusedError(TeacherError):
    """The endpoint says no, and always will; what was asked was not done.

    Attributes:
        status: of HTTP.
        method: of HTTP.
    """

    def __init__(self, message: str, status: int, method: str) -> None:
        super().__init__(message)
        self.status = status
        self.method = method


class OpenAIBatches:
    """Sends files, makes batches, and reads what became of them. Use it as an async context manager.

    Every method tries again where that may help, as often as the teacher's settings say, and raises:
    TeacherBusyError where it may work later, RefusedError where it never will, TeacherStoppedError for a refused key,
    TeacherError for a reply that is none of the Batch API's.
    """

    def __init__(self, settings: TeacherSettings) -> None:
        """Prepare a client that reads no environment and follows no redirect; nothing is sent yet."""
        import openai

        self._settings = settings
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key or "none",  # the client insists on one
            max_retries=0,  # stamina tries again, in one place
            timeout=settings.timeout,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False, follow_redirects=False),
        )
        # The environment may name them, but the online path would not heed it.
        self._client.organization = self._client.project = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def upload(self, file: IO[bytes]) -> str:
        """Send a file of requests and return the endpoint's id of it.

        One that is sent and never used does no harm: nothing is charged for it, and it expires.
        """

        async def send() -> str:
            file.seek(0)
            files = self._client.files.with_raw_response
            sent = await files.create(file=(UPLOAD_NAME, file, "application/jsonl"), purpose="batch")
            return read_file_id(sent.content)

        return await self._tried(send, FILE_SECONDS)

    async def create(self, file_id: str, *, fresh: bool) -> BatchState:
        """Return the batch of an uploaded file, made now unless it was made before.

        Args:
            file_id: of the file.
            fresh: nobody has tried before. Else a try whose reply was lost, or a process that was killed, may have made
                it, so every try but a fresh one looks first.
        """
        looks = not fresh

        async def find_or_create() -> BatchState:
            nonlocal looks
            found = await self._find(file_id) if looks else None
            looks = True
            if found is not None:
                return found
            made = await self._client.batches.with_raw_response.create(
                completion_window="24h", endpoint=CHAT_ENDPOINT, input_file_id=file_id
            )
            return read_batch(self._clean(made.content))

        return await self._tried(find_or_create)

    async def _find(self, file_id: str) -> BatchState | None:
        listing = self._client.batches.with_raw_response.list
        reply = await listing(limit=PAGE)
        while True:
            page = read_page(self._clean(reply.content))
            for batch in page.batches:
                if batch.input_file_id == file_id:
                    return batch
            if not page.has_more or not page.batches:
                return None
            reply = await listing(limit=PAGE, after=page.batches[-1].batch_id)

    async def state(self, batch_id: str) -> BatchState:
        """Return how a batch is doing."""

        async def retrieve() -> BatchState:
            reply = await self._client.batches.with_raw_response.retrieve(batch_id)
            return read_batch(self._clean(reply.content))

        return await self._tried(retrieve)

    async def cancel(self, batch_id: str) -> None:
        """Ask for the end of a batch; it comes within minutes, with what was answered until then."""

        async def send() -> None:
            await self._client.batches.cancel(batch_id)

        try:
            await self._tried(send)
        except RefusedError as error:
            if error.status != _CONFLICT:  # it has ended already
                raise

    async def download(self, file_id: str | None, into: IO[bytes]) -> bool:
        """Append a file of results, if there is one, to `into`; return False if it is gone."""
        if file_id is None:
            return True
        start = into.tell()

        async def receive() -> None:
            into.seek(start)
            into.truncate()
            async with self._client.files.with_streaming_response.content(file_id) as reply:
                async for part in reply.iter_bytes():
                    into.write(part)

        try:
            await self._tried(receive, FILE_SECONDS)
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            return False
        return True

    def lines(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield the lines of downloaded results, with the key taken out if the endpoint repeats it."""
        file.seek(0)
        for line in file:
            yield self._clean(line)

    async def _tried(self, send: Callable[[], Awaitable[_T]], seconds: float | None = None) -> _T:
        """Try as often as the settings say, each time for so many seconds, or for the teacher's time-out."""
        s = self._settings
        tries = stamina.retry_context(
            on=self._pause,
            attempts=s.attempts,
            timeout=None,
            wait_initial=s.wait_initial,
            wait_max=s.wait_max,
            wait_jitter=s.wait_initial,
        )
        async for attempt in tries:
            with attempt:
                done = await self._once(send, seconds or s.timeout)
        return done

    def _pause(self, error: Exception) -> bool | float:
        """Say whether to try again: no, after the usual wait, or after this many seconds."""
        if isinstance(error, TeacherBusyError) and error.retry_after is not None:
            return error.retry_after if error.retry_after <= self._settings.wait_max else False
        return isinstance(error, TeacherBusyError)

    async def _once(self, send: Callable[[], Awaitable[_T]], seconds: float) -> _T:
        import httpx2
        import openai

        url = self._settings.base_url
        # `from None` throughout: the library's errors hold the whole request and reply, which may hold the key.
        try:
            async with asyncio.timeout(seconds):  # the client's own bounds the silence between two bytes only
                return await send()
        except openai.APIStatusError as error:
            raise self._refused(error) from None
        except (TimeoutError, openai.APITimeoutError):
            raise TeacherBusyError(f"{url} did not answer in time; run the same command again to go on") from None
        except (openai.APIConnectionError, httpx2.TransportError):  # the latter in the middle of a file
            raise TeacherBusyError(f"{url} broke the connection; run the same command again to go on") from None

    def _refused(self, error: "openai.APIStatusError") -> BuildError:
        status = error.status_code
        reply = HttpReply(status, error.response.headers, self._clean(error.response.content))
        found = refusal(reply, self._settings, utc_now(), has_schema=False)
        if status != _CONFLICT and type(found) is not TeacherError:
            return found
        hint = "; leave out --batch if it has no Batch API" if status in {NOT_FOUND, 405} else ""
        return RefusedError(f"{found}{hint}", status, error.request.method)

    def _clean(self, body: bytes) -> bytes:
        return without_key(body, self._settings.api_key)
