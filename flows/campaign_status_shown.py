"""How far a campaign is, as a person and a program are told."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, NamedTuple

from annotation.attention import Attention
from annotation.standing import OfItem
from flows.campaign_status import Status
from flows.tables import Data, Summary, table

HOURS_A_DAY: Final = 24
STRATA: Final = ("stratum", "wanted", "there", "free seats", "answering", "done", "closed")
ITEMS: Final = ("situation", "item", "stratum", "wanted", "there")
STOPPED: Final = ("seat", "stratum", "pages answered", "of", "last seen")
PEOPLE: Final = ("person", "gold items", "not wrong", "repeats", "the same", "seconds a page")


class Share(NamedTuple):
    """So many of so many."""

    part: int
    whole: int

    def __str__(self) -> str:
        """Return it in per cent, too."""
        return (
            f"{self.part} of {self.whole} ({100 * self.part / self.whole:.0f}\N{NO-BREAK SPACE}%)"
            if self.whole
            else "none yet"
        )


def of_status(found: Status, items: int = 20) -> Summary:
    """Return answers against quotas, pace, people who stopped, gold accuracy and what was refused.

    Args:
        found: how far the campaign is.
        items: how many to show of those that lack answers, the ones that lack most first; the data has them all.
    """
    standing, short = found.standing, short_rows(found)
    tables = [
        table("judgements of items, and seats", STRATA, strata_rows(found)),
        *([table(f"the {len(rows)} that lack most", ITEMS, rows)] if (rows := short[:items]) else []),
        *([table("people who have stopped", STOPPED, rows)] if (rows := stopped_rows(found)) else []),
    ]
    more = (
        [f"{len(short) - items} more items lack answers of a stratum; --out and --json have all"]
        if len(short) > items
        else []
    )
    refused = [f"refused: {count} by {rule}" for rule, count in sorted(found.refused.items())]
    data: Data = {
        "campaign": found.campaign.id,
        "state": found.campaign.state,
        "base_url": found.base_url,
        "answered": standing.answered,
        "left": standing.left,
        "per_hour": standing.per_hour,
        "hours_left": standing.hours_left,
        "strata": [one._asdict() for one in standing.strata],
        "items": [one._asdict() for one in standing.items],
        "stopped": [one._asdict() for one in standing.stopped],
        "attention": [asdict(one) for one in found.attention],
        "gold": gold(found.attention)._asdict(),
        "repeats": repeats(found.attention)._asdict(),
        "refused": dict(found.refused),
    }
    return Summary([*tables, *more, *refused, *lines(found)], data)


def lines(found: Status) -> list[str]:
    """Return the whole of it in a few sentences."""
    standing = found.standing
    place = f" on {found.base_url}" if found.base_url else ""
    return [
        f"campaign {found.campaign.id} ({found.campaign.state}{place}): {standing.answered} pages answered, "
        f"{standing.left} left; {pace(standing.per_hour)}, {time_left(standing.hours_left)}",
        f"right on gold items: {gold(found.attention)}; the same on repeats: {repeats(found.attention)}",
    ]


def pace(per_hour: float | None) -> str:
    """Return the pace in words."""
    return "nobody has answered in the last day" if per_hour is None else f"{per_hour:.1f} pages an hour"


def time_left(hours_left: float | None) -> str:
    """Return the time left in words."""
    if hours_left is None:
        return "time left unknown"
    return f"{hours_left:.1f} hours left" if hours_left < HOURS_A_DAY else f"{hours_left / HOURS_A_DAY:.1f} days left"


def gold(people: Sequence[Attention]) -> Share:
    """Return the answers to gold items that are not wrong."""
    return Share(sum(one.right for one in people), sum(one.gold for one in people))


def repeats(people: Sequence[Attention]) -> Share:
    """Return the answers to repeats that are what the person said first."""
    return Share(sum(one.same for one in people), sum(one.repeats for one in people))


def strata_rows(found: Status) -> list[tuple[object, ...]]:
    """Return the rows of `STRATA`."""
    return [
        (one.stratum, one.wanted, one.got, one.free, one.taken, one.done, one.closed) for one in found.standing.strata
    ]


def short_rows(found: Status) -> list[tuple[object, ...]]:
    """Return the rows of `ITEMS` that lack answers, those that lack most first."""
    short = sorted((one for one in found.standing.items if one.got < one.wanted), key=lambda one: one.got - one.wanted)
    return [item_row(found, one) for one in short]


def item_row(found: Status, one: OfItem) -> tuple[object, ...]:
    """Return a row of `ITEMS`."""
    item = found.items[one.item_id]
    return (item.situation, f"{item.vrd}: {item.text}", one.stratum, one.wanted, one.got)


def stopped_rows(found: Status) -> list[tuple[object, ...]]:
    """Return the rows of `STOPPED`."""
    return [
        (one.seat_id, one.stratum, one.answered, one.pages, f"{one.last:%Y-%m-%d %H:%M}")
        for one in found.standing.stopped
    ]


def people_rows(found: Status) -> list[tuple[object, ...]]:
    """Return the rows of `PEOPLE`, by pseudonym."""
    return [
        (one.annotator_id[:8], one.gold, one.right, one.repeats, one.same, _rounded(one.seconds))
        for one in found.attention
    ]


def _rounded(seconds: float | None) -> object:
    return "" if seconds is None else round(seconds, 1)
