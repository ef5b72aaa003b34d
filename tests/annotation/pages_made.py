"""Items and units of a small campaign."""

from collections.abc import Sequence

from annotation.dealing import Unit
from valueprism_build.campaigns import CampaignItem, Gold
from valueprism_build.records import Valence, Vrd


def unit(situation: str, items: int) -> Unit:
    """A whole situation of so many items."""
    return Unit(situation, situation, tuple(f"{situation}.{number}" for number in range(items)))


def item(id_: str, gold: Gold | None = None) -> CampaignItem:
    """The item `s1.0` is of situation s1."""
    situation = id_.partition(".")[0]
    return CampaignItem(
        id_, situation, f"Doing {situation}", Vrd.VALUE, f"Value {id_}", f"Why {id_}.", Valence.OPPOSES, gold
    )


def gold(situations: Sequence[str]) -> list[CampaignItem]:
    """One plainly valid item of each situation."""
    return [item(f"{situation}.gold", Gold.VALID) for situation in situations]
