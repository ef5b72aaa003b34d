"""The `Teacher` behind any endpoint that speaks the OpenAI chat API."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Self, TypeAlias

import stamina

from valueprism_build.errors import BuildError, TeacherBusyError, TeacherError, TeacherStoppedError
from valueprism_build.records import Answer, FailedTry, Purpose
from valueprism_build.teachers.budget import Budget
from valueprism_build.teachers.chat_http import ChatHttp, NotSentError, UnreachableError
from valueprism_build.teachers.chat_request import ChatRequests, Tokens
from valueprism_build.teachers.completion import NoLogProbabilitiesError, read_completion, without_key
from valueprism_build.teachers.http_connection import HttpReply, NoReplyError
from valueprism_build.teachers.meter import Meter, Reservation
from valueprism_build.teachers.prices import price_of
from valueprism_build.teachers.refusal import OUTCOME_UNKNOWN, TOO_FAST, rate_headers, refusal
from valueprism_build.teachers.teacher import Ask, OnFailedTry, TeacherSettings, require_address, utc_now
from valueprism_build.teachers.throttle import Throttle

CONNECTIONS = 8

_Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Try:
    """One try under way.

    Attributes:
        started: of `time.perf_counter`.
    """

    ask: Ask
    reservation: Reservation
    started: float
    on_failed: OnFailedTry


class OpenAITeacher:
    """Asks one model at one endpoint. Use it as an async context manager, or `aclose` it."""

    def __init__(
        self,
        settings: TeacherSettings,
        *,
        throttle: Throttle | None = None,
        budget: Budget | None = None,
        connections: int = CONNECTIONS,
        clock: _Clock = utc_now,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            settings: whom to ask and how.
            throttle: the pace, where several of these share it one after the other; else one of its own.
            budget: what may be spent; without one, as much as it costs.
            connections: most requests under way.
            clock: stamps the answers.

        Raises:
            SettingsError: the base URL or the key cannot be used, or a budget cannot be kept.
        """
        require_address(settings)
        self._settings = settings
        self._clock = clock
        self._requests = ChatRequests(settings)
        self._http = ChatHttp(settings.base_url, settings.api_key, timeout=settings.timeout, connections=connections)
        self._meter = Meter(
            throttle or throttle_of(settings, connections),
            budget or Budget(None),
            price_of(settings, clock()),
            name=settings.name,
            max_tokens=settings.max_tokens,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def name(self) -> str:
        """Return the name that rows carry as their teacher."""
        return self._settings.name

    @property
    def model(self) -> str:
        """Return the model that is asked."""
        return self._settings.model

    def params(self, purpose: Purpose) -> str:
        """Return the parameters of every request for one purpose as canonical JSON."""
        return self._requests.params(purpose)

    def request_hash(self, ask: Ask) -> str:
        """Return the hash of the canonical request: messages, model, parameters, schema, base URL, sample."""
        return self._requests.identity(ask)

    async def answer(self, ask: Ask, on_failed_try: OnFailedTry) -> Answer:
        """Return the reply, raw, after telling of each try that failed before it, or of all when all failed.

        Raises:
            BudgetSpentError: the next try might cost more than is left.
            TeacherBusyError: 408, 409, 429, 5xx, time-out or broken connection, at each of the bounded tries.
            TeacherError: another 4xx, or a reply that is no chat completion.
            TeacherStoppedError: the key is refused, the quota is spent, or nobody listens.
        """
        body = self._requests.body(ask)
        try:
            return await self._try(ask, body, on_failed_try)
        except (TeacherBusyError, UnreachableError) as error:
            failed = error
        try:
            return await self._try_again(failed, ask, body, on_failed_try)
        except UnreachableError as error:
            where, tried = f"{self._settings.base_url} ({error})", f"tried {self._settings.attempts} times"
            raise TeacherStoppedError(
                f"nobody answers at {where}, {tried}: start the server or mend --base-url"
            ) from None

    async def _try_again(
        self, failed: TeacherBusyError | UnreachableError, ask: Ask, body: bytes, on_failed: OnFailedTry
    ) -> Answer:
        """Go on after a first try that failed: to set up the means of trying again costs as much as a try."""
        s = self._settings
        tries = stamina.retry_context(
            on=self._pause,
            attempts=s.attempts,
            timeout=None,  # attempts and wait_max bound it; a total would cut a Retry-After short
            wait_initial=s.wait_initial,
            wait_max=s.wait_max,
            wait_jitter=s.wait_initial,
        )
        async for attempt in tries:
            with attempt:
                if attempt.num == 1:
                    raise failed
                answer = await self._try(ask, body, on_failed)
        return answer

    async def _try(self, ask: Ask, body: bytes, on_failed: OnFailedTry) -> Answer:
        """Send once; whatever comes of it, end the reservation and tell of a failure."""
        reservation = await self._meter.reserve(self._requests.at_most(ask, body))
        attempt = _Try(ask, reservation, time.perf_counter(), on_failed)
        try:
            came = await self._http.post(body)
        except UnreachableError:
            self._meter.refund(reservation)
            raise
        except NotSentError as error:
            self._meter.refund(reservation)
            raise TeacherBusyError(f"{self._settings.base_url} {error}") from None
        except NoReplyError as error:
            failure = TeacherBusyError(f"{self._settings.base_url} {error}")
            self._forfeit(attempt, failure)
            raise failure from None
        except BaseException as error:  # cancelled while under way
            self._forfeit(attempt, error)
            raise
        return self._read(attempt, replace(came, body=without_key(came.body, self._settings.api_key)))

    def _read(self, attempt: _Try, reply: HttpReply) -> Answer:
        if reply.status != 200:
            raise self._refused(attempt, reply)
        try:
            completion = read_completion(reply.body, log_probabilities=attempt.ask.purpose.by_log_probabilities)
        except NoLogProbabilitiesError as error:
            cost = self._charge(attempt, error.used, reply)
            self._tell(attempt, error, cost, outcome_known=error.used is not None)
            raise
        except TeacherError as error:
            self._forfeit(attempt, error)
            raise
        cost = self._charge(attempt, completion.used, reply)
        used = completion.used or (0, 0)
        return Answer(
            request_hash=self.request_hash(attempt.ask),
            situation_id=attempt.ask.situation_id,
            teacher=self.name,
            model=self.model,
            prompt_version=attempt.ask.prompt_version,
            params=self.params(attempt.ask.purpose),
            text=completion.text,
            finish_reason=completion.finish_reason,
            prompt_tokens=used[0],
            completion_tokens=used[1],
            cost=cost,
            latency=time.perf_counter() - attempt.started,
            created_at=self._clock(),
            purpose=attempt.ask.purpose,
            subject=attempt.ask.subject,
        )

    def _charge(self, attempt: _Try, used: Tokens | None, reply: HttpReply) -> Decimal | None:
        """End the reservation of a try that was answered, and return its cost: at worst where it tells no tokens."""
        if used is None:
            return self._meter.forfeit(attempt.reservation)
        return self._meter.charge(attempt.reservation, used, rate_headers(reply.headers))

    def _refused(self, attempt: _Try, reply: HttpReply) -> BuildError:
        has_schema = self._requests.has_schema(attempt.ask.purpose)
        error = refusal(reply, self._settings, self._clock(), has_schema=has_schema)
        if isinstance(error, TeacherBusyError) and error.retry_after is not None and self._is_patient(error):
            self._meter.pause(error.retry_after)
        if reply.status in OUTCOME_UNKNOWN:
            self._forfeit(attempt, error)
        else:
            headers = rate_headers(reply.headers)
            cost = self._meter.refund(attempt.reservation, headers, busy=reply.status == TOO_FAST)
            self._tell(attempt, error, cost, outcome_known=True)
        return error

    def _forfeit(self, attempt: _Try, error: BaseException) -> None:
        self._tell(attempt, error, self._meter.forfeit(attempt.reservation), outcome_known=False)

    def _tell(self, attempt: _Try, error: BaseException, cost: Decimal | None, *, outcome_known: bool) -> None:
        failed = FailedTry(
            request_hash=self.request_hash(attempt.ask),
            situation_id=attempt.ask.situation_id,
            teacher=self.name,
            model=self.model,
            error=str(error) or "given up while under way",
            cost=cost,
            outcome_known=outcome_known,
            latency=time.perf_counter() - attempt.started,
            created_at=self._clock(),
            purpose=attempt.ask.purpose,
        )
        attempt.on_failed(failed)

    def _pause(self, error: Exception) -> bool | float:
        """Say whether to try again: no, after the usual wait, or after this many seconds."""
        if isinstance(error, TeacherBusyError) and error.retry_after is not None:
            return error.retry_after if self._is_patient(error) else False
        return isinstance(error, TeacherBusyError | UnreachableError)

    def _is_patient(self, error: TeacherBusyError) -> bool:
        return error.retry_after is not None and error.retry_after <= self._settings.wait_max


def throttle_of(settings: TeacherSettings, in_flight: int) -> Throttle:
    """Return a throttle at a teacher's own limits, for at most so many requests under way."""
    return Throttle(
        in_flight=in_flight,
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
    )
