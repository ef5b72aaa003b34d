"""How the considerations lean, as a person and a program are told."""

from collections.abc import Sequence

from rich.console import RenderableType

from flows.tables import Data, table
from warehouse.balance import Balance, Leaning


def balance_shown(balance: Balance) -> Sequence[RenderableType]:
    """Return a table of shares, the contrived examples if any, and a line of counts."""
    columns = ("by", "group", "Supports", "Opposes", "Either", "said", "mean relevance")
    measured = any(leaning.relevance is not None for leaning in balance.leanings)
    shown = columns if measured else columns[:-1]
    rows = [
        (leaning.by, leaning.group, *_shares(leaning), _said(leaning), _relevance(leaning))[: len(shown)]
        for leaning in balance.leanings
    ]
    shares = table("balance of valences", shown, rows)
    line = (
        f"{balance.one_way} of {balance.situations} situations with several considerations point one way; "
        f"{balance.contrived} opposing considerations by only one of several teachers "
        f"in {balance.compared} situations that several answered"
    )
    flagged = table(
        "perhaps contrived balance", ("situation", "text", "valence", "teacher", "relevance"), balance.examples
    )
    return [shares, *([flagged] if balance.examples else []), line]


def balance_data(balance: Balance) -> Data:
    """Return the same for `--json`."""
    return {
        **balance._asdict(),
        "leanings": [leaning._asdict() for leaning in balance.leanings],
        "examples": [example._asdict() for example in balance.examples],
    }


def _shares(leaning: Leaning) -> list[str]:
    counts = (leaning.supports, leaning.opposes, leaning.either)
    return [f"{count / _said(leaning):.0%}" for count in counts]


def _said(leaning: Leaning) -> int:
    return leaning.supports + leaning.opposes + leaning.either


def _relevance(leaning: Leaning) -> str:
    return "" if leaning.relevance is None else f"{leaning.relevance:.3f}"
