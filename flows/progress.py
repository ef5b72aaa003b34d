"""What a person sees while a long step runs: a bar on a terminal, a line every few seconds anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

Advance: TypeAlias = Callable[[int, str], None]
"""Say that so many more are done, with a note to show beside the bar."""

LINE_SECONDS: Final = 5.0
_SILENT: Final = ContextVar("silent", default=False)


def console() -> Console:
    """Return a console on standard error: standard output is for results."""
    return Console(stderr=True)


def say(line: str) -> None:
    """Show one line at once."""
    console().print(line, highlight=False, markup=False)


@contextmanager
def silence() -> Iterator[None]:
    """Show no stages: for what a process does again and again beside its work. Lines that are said are shown."""
    before = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(before)


@contextmanager
def stage(name: str, total: int | None) -> Iterator[Advance]:
    """Show the progress of one stage, with rate and time left.

    Args:
        name: what is being done, as a participle ("asking local").
        total: how many there are, or None when nobody knows yet.
    """
    screen = console()
    if _SILENT.get():
        yield _unshown
    elif screen.is_terminal:
        with _bar(screen, name, total) as advance:
            yield advance
    else:
        with _lines(name, total) as advance:
            yield advance


def _unshown(_more: int, _note: str = "") -> None:
    pass


@contextmanager
def _bar(screen: Console, name: str, total: int | None) -> Iterator[Advance]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),  # a teacher may be called anything
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}"),
    )
    started = time.monotonic()
    done = 0
    with Progress(*columns, console=screen) as progress:
        bar = progress.add_task(name, total=total, rate="", note="")

        def advance(more: int, note: str = "") -> None:
            nonlocal done
            done += more
            progress.update(bar, advance=more, rate=_rate(done, started), note=note)

        yield advance
        progress.update(bar, total=done)


@contextmanager
def _lines(name: str, total: int | None) -> Iterator[Advance]:
    started = spoken = time.monotonic()
    done = said = 0
    last_note = ""

    def line() -> str:
        of = "" if total is None else f" of {total}"
        parts = [f"{name}: {done}{of}", _rate(done, started), _left(done, total, started), last_note]
        return ", ".join(part for part in parts if part)

    def advance(more: int, note: str = "") -> None:
        nonlocal done, said, spoken, last_note
        done += more
        last_note = note or last_note
        if time.monotonic() - spoken >= LINE_SECONDS:
            spoken, said = time.monotonic(), done
            say(line())

    say(f"{name} ...")
    yield advance
    if said < done or not done:
        say(line())


def _rate(done: int, started: float) -> str:
    seconds = time.monotonic() - started
    return f"{done / seconds:.1f}/s" if seconds > 0 and done else ""


def _left(done: int, total: int | None, started: float) -> str:
    if not done or total is None or done >= total:
        return ""
    return f"{(time.monotonic() - started) / done * (total - done):.0f} s left"
