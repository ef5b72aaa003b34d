"""The contrasts of a release as a section of its card."""

from collections import Counter

from valueprism_build.contrasts.table import ASKED, FOUND, Contrasts
from valueprism_build.release.markdown import table


def render(contrasts: Contrasts, *, each: int) -> str:
    """Return the section, with its heading.

    Args:
        contrasts: of the release.
        each: how many of any two considerations were kept.
    """
    found, rows = contrasts.found, contrasts.rows
    counts = Counter(zip(rows["origin"].to_pylist(), rows["verified"].to_pylist(), strict=True))
    lines = [
        ["found in the data", f"{counts[FOUND, None]:,}"],
        ["asked for, borne out by a fresh list", f"{counts[ASKED, True]:,}"],
        ["asked for, refuted by a fresh list", f"{counts[ASKED, False]:,}"],
        ["asked for, open", f"{counts[ASKED, None]:,}"],
    ]
    null = rows["unseen_considerations"].null_count
    return f"""## Contrasts

The {rows.num_rows:,} rows of `contrast` are two situations by two considerations each: x supports situation a and
opposes b, y opposes a and supports b. Whoever guesses from the considerations alone, or from the situations alone, gets
at most two of the four right. Both situations are in one split;
`unseen_considerations` is that of both considerations, and null where theirs differ ({null:,} rows).

{table(["origin", "rows"], lines, numbers=1)}
The data holds {found.candidates:,} of them; {found.across:,} lie across splits and {found.beyond:,} are left out, since
of any two considerations the {each:,} with the nearest situations are kept. For an asked one a teacher was shown a and
changed it into b; its judgements of b are the teacher's claim, and `verified` says whether the list about b, asked for
like any other, has both considerations on those sides (null: it names one of them or neither, or was not asked yet).
No person has looked at them. Where a teacher contradicts itself, near situations are where that shows: of what was
found, some will be noise and no contrast.
"""
