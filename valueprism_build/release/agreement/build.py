"""Who agrees with what, in counts that tell of nobody: the config `agreement` of a release.

Each question about something makes one table of everybody, and one of each demographic, groups by answers. See
`merging` for which cells are told together, `cohorts` for who is counted, `counted` for what may follow a table of an
earlier version; `attack` tries what somebody can work out who has all versions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from valueprism_build.release.agreement.coding import code
from valueprism_build.release.agreement.earlier import Earlier, all_rows
from valueprism_build.release.agreement.opinions import AskedCampaign, Opinions
from valueprism_build.release.agreement.precedents import Precedents
from valueprism_build.release.agreement.rows import Unit, to_arrow
from valueprism_build.release.agreement.tally import Tally
from valueprism_build.release.agreement.units import Units


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a release tells of people.

    Attributes:
        rows: shape and types as `rows.AGREEMENT_SCHEMA`.
        k: no cell, and nothing that follows from the cells, is about fewer people.
        earlier: the rows of releases that were made before, oldest first.
    """

    rows: pa.Table
    k: int
    tally: Tally
    earlier: tuple[pa.Table, ...]


def build(opinions: Opinions, full: pa.Table, earlier: Sequence[Earlier], *, version: str, k: int) -> Agreement | None:
    """Return the tables, or None where there is no campaign.

    Args:
        opinions: of people.
        full: needs consideration_id; considerations that it lacks, and their situations, are not told of.
        earlier: releases that were made before, oldest first.
        version: of the release.
        k: at least 1.
    """
    if not opinions.campaigns:
        return None
    tally, precedents = Tally(), Precedents(earlier, opinions.removed_at, k)
    held = set(full["consideration_id"].to_pylist())
    units: list[Unit] = []
    for campaign in opinions.campaigns:
        within = _within(campaign, held)
        units += Units(within, code(within, opinions, tally), precedents, tally, k=k).told(version)
    return Agreement(to_arrow(units), k, tally, tuple(all_rows(earlier)))


def _within(campaign: AskedCampaign, held: set[str]) -> AskedCampaign:
    return replace(campaign, items=tuple(item for item in campaign.items if item.id in held))
