import asyncio
import signal
import threading

import pytest

from flows.terminating import run_to_its_end


def test_a_termination_cancels_what_runs_and_reaches_whoever_awaited_it_when_that_has_ended() -> None:
    order: list[str] = []

    async def asked() -> None:
        signal.raise_signal(signal.SIGTERM)
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # there is time to commit
            order.append("committed")
            raise

    def terminated(*_: object) -> None:
        order.append("terminated")

    before = signal.signal(signal.SIGTERM, terminated)
    try:
        with pytest.raises(asyncio.CancelledError):
            run_to_its_end(asked())
        assert order == ["committed", "terminated"]
        assert signal.getsignal(signal.SIGTERM) is terminated
    finally:
        signal.signal(signal.SIGTERM, before)


def test_without_a_termination_it_is_run_and_nothing_else_in_any_thread() -> None:
    async def answer() -> int:
        return 42

    before, found = signal.getsignal(signal.SIGTERM), []
    thread = threading.Thread(target=lambda: found.append(run_to_its_end(answer())))
    thread.start()
    thread.join()
    assert [run_to_its_end(answer()), *found] == [42, 42]
    assert signal.getsignal(signal.SIGTERM) == before
