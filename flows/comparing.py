"""Teachers beside each other: a table for the terminal and a page with a plot to keep."""

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Final

from flows.settings import Settings
from flows.storage import Storage
from flows.tables import Data
from valueprism_build.considerations.comparison import Comparison, Estimate, compare
from valueprism_build.errors import BuildError
from warehouse.overlap import read_overlaps

COLUMNS: Final = (
    "of", "by", "situations", "covered", "new", "same valence", "new considerations", "US$ for a new one"
)  # fmt: skip
MEASURES: Final = {"covered": "#0072b2", "new": "#d55e00", "same valence": "#009e73"}  # told apart by the colour-blind
_LEFT: Final = 260  # pixels for the names
_WIDTH: Final = 400  # pixels from 0 to 1
_ROW: Final = 18
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Teachers compared</title>
<style>body{{font:14px sans-serif;margin:2em}}td,th{{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd}}
td:nth-child(-n+2),th:nth-child(-n+2){{text-align:left}}</style></head><body>
<h1>Teachers compared</h1>
<p>Each row: what the teacher under <em>by</em> is to the one under <em>of</em>, on the situations that both answered.
Covered: share of the considerations <em>of</em> the one that are also <em>by</em> the other. New: share of those
<em>by</em> the other that the one does not have. Same valence: share of the covered ones. Intervals are 95 %, by
bootstrap over situations.</p>
<table><tr>{head}</tr>{rows}</table>
{plot}
</body></html>
"""


def compared(settings: Settings, *, seed: int, concerns: bool) -> list[Comparison]:
    """Return each ordered pair of teachers who answered about the same situations.

    Args:
        settings: where the warehouse is.
        seed: of the bootstrap.
        concerns: count concerns, not considerations.

    Raises:
        BuildError: fewer than two teachers did.
    """
    with Storage(settings).open(read_only=True) as db:
        pairs = read_overlaps(db, concerns=concerns)
    if not pairs:
        raise BuildError(
            f"{settings.warehouse} holds no situation that two teachers answered; "
            "build with --teacher A --teacher B first"
        )
    return compare(pairs, seed)


def cells(found: Comparison) -> list[str]:
    """Return the words of one row, in the order of `COLUMNS`."""
    cost = "unknown" if found.cost_per_new is None else f"{found.cost_per_new:.6f}"
    shares = [_words(share) for share in (found.coverage, found.novelty, found.agreement)]
    return [found.first, found.second, str(found.situations), *shares, str(found.new), cost]


def data(found: Sequence[Comparison]) -> Data:
    """Return the same for `--json`."""
    return {"comparisons": [asdict(one) for one in found]}


def write_page(found: Sequence[Comparison], path: Path) -> None:
    """Write the table and the plot as one file that needs no other.

    Raises:
        BuildError: it cannot be written.
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in COLUMNS)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells(one)) + "</tr>" for one in found)
    try:
        path.write_text(_PAGE.format(head=head, rows=rows, plot=_plot(found)), encoding="utf-8")
    except OSError as error:
        raise BuildError(f"cannot write {path} ({error.strerror}); give another file with --out") from error


def _plot(found: Sequence[Comparison]) -> str:
    marks = []
    for number, one in enumerate(found):
        top = number * (len(MEASURES) + 1) * _ROW + _ROW
        marks.append(f'<text x="0" y="{top + _ROW}">{escape(one.first)} by {escape(one.second)}</text>')
        shares = zip(MEASURES.items(), (one.coverage, one.novelty, one.agreement), strict=True)
        marks += [_mark(top + line * _ROW, name, colour, share) for line, ((name, colour), share) in enumerate(shares)]
    height = len(found) * (len(MEASURES) + 1) * _ROW + 2 * _ROW
    axis = "".join(
        f'<line x1="{_at(tick)}" x2="{_at(tick)}" y1="0" y2="{height - _ROW}" stroke="#ddd"/>'
        f'<text x="{_at(tick)}" y="{height}" text-anchor="middle">{tick:.0%}</text>'
        for tick in (0, 0.25, 0.5, 0.75, 1)
    )
    return f'<svg width="{_LEFT + _WIDTH + 120}" height="{height + 4}" role="img">{axis}{"".join(marks)}</svg>'


def _mark(y: int, name: str, colour: str, share: Estimate | None) -> str:
    if share is None:
        return ""
    return (
        f'<line x1="{_at(share.low)}" x2="{_at(share.high)}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{_at(share.share)}" cy="{y}" r="4" fill="{colour}"/>'
        f'<text x="{_LEFT + _WIDTH + 16}" y="{y + 4}" fill="{colour}">{name}</text>'
    )


def _at(share: float) -> str:
    return f"{_LEFT + share * _WIDTH:.1f}"


def _words(share: Estimate | None) -> str:
    return "none" if share is None else f"{share.share:.0%} ({share.low:.0%}-{share.high:.0%})"
