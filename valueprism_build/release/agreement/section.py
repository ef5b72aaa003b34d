"""What people answered, as a section of the card. Every figure in it is computed from the rows that are told."""

import numpy as np

from valueprism_build.release.agreement.build import Agreement
from valueprism_build.release.agreement.rows import EVERYBODY, Unit, from_arrow
from valueprism_build.release.markdown import table
from valueprism_build.release.numbers import share


def render(agreement: Agreement | None) -> list[str]:
    """Return the section with its heading, or nothing without a campaign."""
    if agreement is None:
        return []
    units, tally, k = list(from_arrow(agreement.rows).values()), agreement.tally, agreement.k
    withheld = sum(tally.withheld.values())
    cells = tally.told + tally.merged + withheld
    section = f"""## What people answered

The {agreement.rows.num_rows:,} rows of `agreement` count what people answered: all of them (`demographic` is
`{EVERYBODY}`), and by groups. These are counts and no votes: nothing in this dataset is about one person, and no free
text of anybody is in it.

{_questions(units)}
{_demographics(units)}
No count, and nothing that can be worked out from the counts of this and all earlier versions, is of fewer than {k}
people; a zero counts as fewer. So rare answers are told together (`answers`), small groups are one (`members`), and a
table that is too small even so is not there. Of {cells:,} cells {tally.merged:,} ({share(tally.merged, cells):.1%}) are
merged and {withheld:,} ({share(withheld, cells):.1%}) withheld. `since` is the version that a count is from: where only
a few answers have come since, it stays as it was.

**Do not average over these rows.** What nearly everybody agrees about is missing more often than what people are
divided about, since there fewer than {k} gave another answer; and by group more often than for all.
"""
    return [section]


def _questions(units: list[Unit]) -> str:
    rows = []
    for campaign, question, asked in sorted({(u.key.campaign, u.key.question, u.asked) for u in units}):
        mine = [u for u in units if u.key[:2] == (campaign, question)]
        people = [int(u.tables[EVERYBODY].counts.sum()) for u in mine]
        rows.append([campaign, question, asked, f"{len(mine):,}", f"{np.median(people):g}"])
    return table(["campaign", "question", "as it was asked", "tables of all", "people (median)"], rows, numbers=2)


def _demographics(units: list[Unit]) -> str:
    rows = []
    for campaign, demographic in sorted({(u.key.campaign, name) for u in units for name in u.tables} - _all(units)):
        tables = [u.tables[demographic] for u in units if u.key.campaign == campaign and demographic in u.tables]
        named = dict.fromkeys(name for each in sorted(tables, key=lambda one: len(one.named)) for name in each.named)
        people = np.concatenate([each.counts.sum(axis=1) for each in tables])
        sizes = [f"{np.median(people):g}", f"{people.min()}"]
        rows.append([campaign, demographic, ", ".join(named), f"{len(tables):,}", *sizes])
    head = ["campaign", "demographic", "groups that are named", "tables", "people of a group (median)", "(least)"]
    return table(head, rows, numbers=3) if rows else "No table of groups is large enough to be told.\n"


def _all(units: list[Unit]) -> set[tuple[str, str]]:
    return {(unit.key.campaign, EVERYBODY) for unit in units}
