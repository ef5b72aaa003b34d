"""The `Teacher` behind any endpoint that speaks the OpenAI chat API. The one module that imports openai."""

import json
import socket
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeAlias, cast

import openai
import stamina
from openai.types.shared_params import ResponseFormatJSONSchema

from valueprism_build import ids
from valueprism_build.errors import BuildError, SettingsError, TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.records import Answer
from valueprism_build.teachers.completion import Completion, read_completion, shown
from valueprism_build.teachers.prompts import Schema, reply_schema, slot_schema
from valueprism_build.teachers.teacher import Ask, TeacherSettings, utc_now

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

_KEY_SETTING: Final = "VALUEPRISM_TEACHER__API_KEY"
_BUSY: Final = frozenset({408, 409, 429})  # and every 5xx
_SCHEMA_WORDS: Final = ("response_format", "json_schema", "schema", "grammar")

_Clock: TypeAlias = Callable[[], datetime]


class _UnreachableError(Exception):
    """Nobody listens at the base URL. Tried again like a busy teacher, then the end of the run."""


class OpenAITeacher:
    """Asks one model at one endpoint. Use it as an async context manager, or `aclose` it."""

    def __init__(self, settings: TeacherSettings, *, clock: _Clock = utc_now) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            settings: whom to ask and how.
            clock: stamps the answers.

        Raises:
            SettingsError: the base URL or the key cannot be used.
        """
        _check(settings)
        self._settings = settings
        self._clock = clock
        self._schema = _schema(settings)
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key or "none",  # the client insists on one, local servers want none
            max_retries=0,  # stamina tries again, in one place, with the reasons kept
            timeout=settings.timeout,
            http_client=openai.DefaultAioHttpClient(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    @property
    def name(self) -> str:
        """Return the name that rows carry as their teacher."""
        return self._settings.name

    @property
    def model(self) -> str:
        """Return the model that is asked."""
        return self._settings.model

    @property
    def params(self) -> str:
        """Return the parameters of every request as canonical JSON."""
        s = self._settings
        values = {
            "max_tokens": s.max_tokens,
            "response_format": s.structured,
            "seed": s.seed,
            "temperature": s.temperature,
        }
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    def request_hash(self, ask: Ask) -> str:
        """Return the hash of the canonical request: messages, model, parameters, schema, base URL, sample."""
        return ids.request_hash(
            {
                "base_url": (self._settings.identity_url or self._settings.base_url).rstrip("/"),
                "model": self.model,
                "params": self.params,
                "schema": self._schema,
                "messages": [[message.role, message.content] for message in ask.messages],
                "sample_index": ask.sample_index,
            }
        )

    async def answer(self, ask: Ask) -> Answer:
        """Return the reply, raw.

        Raises:
            TeacherBusyError: 408, 409, 429, 5xx, time-out or broken connection, at each of the bounded tries.
            TeacherError: another 4xx, or a reply that is no chat completion.
            TeacherStoppedError: the key is refused, the quota is spent, or nobody listens.
        """
        s = self._settings
        tries = stamina.retry_context(
            on=self._pause,
            attempts=s.attempts,
            timeout=None,  # attempts and wait_max bound it; a total would cut a Retry-After short
            wait_initial=s.wait_initial,
            wait_max=s.wait_max,
            wait_jitter=s.wait_initial,
        )
        try:
            async for attempt in tries:
                with attempt:
                    started = time.perf_counter()
                    body = await self._send(ask)
        except _UnreachableError as error:
            raise TeacherStoppedError(
                f"nobody answers at {s.base_url} ({error}), tried {s.attempts} times: "
                "start the server or mend --base-url"
            ) from None
        return self._to_answer(ask, read_completion(body), time.perf_counter() - started)

    async def _send(self, ask: Ask) -> str:
        """Send once and return the body of a 200, whatever it is."""
        s = self._settings
        try:
            reply = await self._client.chat.completions.with_raw_response.create(
                model=s.model,
                messages=cast(
                    "list[ChatCompletionMessageParam]", [{"role": m.role, "content": m.content} for m in ask.messages]
                ),
                temperature=openai.omit if s.temperature is None else s.temperature,
                max_tokens=openai.omit if s.max_tokens is None else s.max_tokens,
                seed=openai.omit if s.seed is None else s.seed + ask.sample_index,
                response_format=openai.omit if self._schema is None else _response_format(self._schema),
            )
        # `from None` throughout: the library's errors hold the whole request and reply, which may hold the key.
        except openai.APIConnectionError as error:
            raise self._not_connected(error) from None
        except openai.APIStatusError as error:
            raise self._refused(error) from None
        return reply.text

    def _pause(self, error: Exception) -> bool | float:
        """Say whether to try again: no, after the usual wait, or after this many seconds."""
        if isinstance(error, TeacherBusyError) and error.retry_after is not None:
            return error.retry_after if error.retry_after <= self._settings.wait_max else False
        return isinstance(error, TeacherBusyError | _UnreachableError)

    def _not_connected(self, error: openai.APIConnectionError) -> Exception:
        # The transport reports a refused or broken connection as a time-out; only the cause at the bottom tells.
        cause: BaseException | None = error
        timed_out = False
        while cause is not None:
            timed_out = timed_out or isinstance(cause, TimeoutError)
            if isinstance(cause, ConnectionRefusedError | socket.gaierror):
                return _UnreachableError(cause.strerror or type(cause).__name__)
            cause = cause.__cause__ or cause.__context__
        if timed_out:
            return TeacherBusyError(f"{self._settings.base_url} did not answer within {self._settings.timeout:g} s")
        return TeacherBusyError(f"{self._settings.base_url} broke the connection")

    def _refused(self, error: openai.APIStatusError) -> BuildError:
        s, status = self._settings, error.status_code
        if status in {401, 403}:
            return TeacherStoppedError(f"{s.base_url} refused the key ({status}): set {_KEY_SETTING} to a valid one")
        said = self._without_key(shown(error.response.text))
        if error.code == "insufficient_quota":
            return TeacherStoppedError(f"{s.base_url} says that the quota is spent: {said}")
        line = f"{s.base_url} answered {status}: {said}"
        if status in _BUSY or status >= 500:
            return TeacherBusyError(line, self._retry_after(error.response.headers.get("retry-after")))
        if status == 400 and self._schema is not None and any(word in said for word in _SCHEMA_WORDS):
            line += "; if the endpoint knows no JSON schema, set structured=text (VALUEPRISM_TEACHER__STRUCTURED)"
        return TeacherError(line)

    def _without_key(self, text: str) -> str:
        key = self._settings.api_key
        return text.replace(key, "***") if key else text

    def _retry_after(self, header: str | None) -> float | None:
        """Return seconds; the header holds them, or a date."""
        if header is None:
            return None
        try:
            return max(0.0, float(header))
        except ValueError:
            pass
        try:
            return max(0.0, (parsedate_to_datetime(header) - self._clock()).total_seconds())
        except (ValueError, TypeError):  # no date, or one without a zone: as if nothing was said
            return None

    def _to_answer(self, ask: Ask, completion: Completion, latency: float) -> Answer:
        return Answer(
            request_hash=self.request_hash(ask),
            situation_id=ask.situation_id,
            teacher=self.name,
            model=self.model,
            prompt_version=ask.prompt_version,
            params=self.params,
            text=completion.text,
            finish_reason=completion.finish_reason,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            cost=None,
            latency=latency,
            created_at=self._clock(),
        )


def _check(settings: TeacherSettings) -> None:
    if not settings.base_url.startswith(("http://", "https://")):
        raise SettingsError(f"base URL {settings.base_url!r} does not begin with http:// or https://: mend --base-url")
    if not all("!" <= character <= "~" for character in settings.api_key):
        raise SettingsError(f"the key holds a space, a line end or a letter that no key has: mend {_KEY_SETTING}")


def _schema(settings: TeacherSettings) -> Schema | None:
    if settings.structured == "text":
        return None
    if settings.slots:
        return slot_schema(settings.slots, settings.slot_explanation)
    return reply_schema(settings.max_items)


def _response_format(schema: Schema) -> ResponseFormatJSONSchema:
    return {"type": "json_schema", "json_schema": {"name": "considerations", "strict": True, "schema": schema}}
