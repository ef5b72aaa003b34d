"""What every benchmark needs: the time that a call takes, and a server that does not share the process with it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """What a call returned and took.

    Attributes:
        seconds: on the clock.
        cpu_seconds: of the processor, all threads of this process together: other programs change it least.
    """

    result: T
    seconds: float
    cpu_seconds: float


def timed(work: Callable[[], T]) -> Timed[T]:
    """Call it once."""
    started, cpu = time.perf_counter(), time.process_time()
    result = work()
    return Timed(result, time.perf_counter() - started, time.process_time() - cpu)


@contextmanager
def served(module: str, *arguments: str) -> Iterator[str]:
    """Run a server module in a process of its own; yield the base URL, the first line that it prints."""
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout is None:
                raise RuntimeError("the server has no output")
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
