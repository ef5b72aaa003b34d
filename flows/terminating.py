"""A termination ends asking as Ctrl-C does: what has arrived is committed, what was under way is accounted for."""

import asyncio
import signal
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_to_its_end(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own; a SIGTERM cancels it, and has its effect when the coroutine has ended.

    Prefect's handler, like any that raises, would do so in the middle of the loop.
    """
    if threading.current_thread() is not threading.main_thread():  # signals come to no other
        return asyncio.run(main)
    before = signal.getsignal(signal.SIGTERM)
    terminated = False

    async def stoppable() -> T:
        task = asyncio.current_task()

        def stop() -> None:
            nonlocal terminated
            terminated = True
            if task is not None:
                task.cancel()

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
        return await main

    try:
        return asyncio.run(stoppable())
    finally:
        signal.signal(signal.SIGTERM, before)
        if terminated:
            signal.raise_signal(signal.SIGTERM)
