"""How far a campaign is, as one page that needs nothing else: for whoever has no terminal, on a phone, too."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Final

from flows.campaign_status import Status
from flows.campaign_status_shown import (
    ITEMS,
    PEOPLE,
    STOPPED,
    STRATA,
    gold,
    item_row,
    pace,
    people_rows,
    repeats,
    stopped_rows,
    strata_rows,
)
from valueprism_build.errors import BuildError

_BAR: Final = ("wanted", "there")
"""Columns of which a bar tells how much of the one the other is."""
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Campaign {name}</title>
<style>
:root{{color-scheme:light dark;--line:#8884;--full:#0072b2;--lack:#d55e00}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1rem}}
h1{{font-size:1.5rem;margin:0}}h2{{font-size:1.1rem;margin:2rem 0 .5rem}}p{{margin:.25rem 0}}
.tiles{{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.5rem;margin-top:1rem}}
.tiles div{{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}}
.tiles b{{display:block;font-size:1.4rem}}
.wide{{overflow-x:auto}}
table{{border-collapse:collapse;width:100%;font-size:.9rem}}
th,td{{padding:.25rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}}
td.n{{text-align:right;font-variant-numeric:tabular-nums}}
meter{{width:6rem}}summary{{cursor:pointer;padding:.25rem 0}}
</style></head><body>
<h1>{title}</h1><p>Campaign {name}, {state}; as of {at:%Y-%m-%d %H:%M} UTC.</p>
<div class="tiles">{tiles}</div>
{sections}
</body></html>
"""


def write_page(found: Status, path: Path, title: str) -> None:
    """Write the page.

    Args:
        found: what it tells.
        path: of the file; an earlier one is overwritten.
        title: of the study, as people see it.

    Raises:
        BuildError: the file cannot be written.
    """
    try:
        path.write_text(page(found, title), encoding="utf-8")
    except OSError as error:
        raise BuildError(f"cannot write {path} ({error.strerror}); give another file with --out") from error


def page(found: Status, title: str) -> str:
    """Return the page as HTML."""
    standing = found.standing
    people = sum(one.taken + one.done for one in standing.strata)
    seats = people + sum(one.free for one in standing.strata)
    tiles = {
        "pages answered": f"{standing.answered} of {standing.answered + standing.left}",
        "pace and time left": pace(standing.per_hour, standing.hours_left),
        "people, of the seats that are open or done": f"{people} of {seats}",
        "right on gold items": gold(found.attention),
        "the same on repeats": repeats(found.attention),
    }
    items = [item_row(found, one) for one in standing.items]
    sections = [
        _section("By stratum", STRATA, strata_rows(found), "no seats"),
        _section("People who have stopped", STOPPED, stopped_rows(found), "Nobody."),
        _section("Refused, by rule", ("rule", "times"), sorted(found.refused.items()), "Nothing."),
        _folded(f"All items by stratum ({len(items)} rows)", ITEMS, items),
        _folded(f"Attention, person by person ({len(found.attention)})", PEOPLE, people_rows(found)),
    ]
    return _PAGE.format(
        name=escape(found.campaign.id),
        title=escape(title),
        state=escape(found.campaign.state),
        at=found.at,
        tiles="".join(f"<div><b>{escape(str(told))}</b>{escape(name)}</div>" for name, told in tiles.items()),
        sections="\n".join(sections),
    )


def _section(title: str, columns: Sequence[str], rows: Sequence[Iterable[object]], none: str) -> str:
    body = _table(columns, rows) if rows else f"<p>{escape(none)}</p>"
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _folded(title: str, columns: Sequence[str], rows: Sequence[Iterable[object]]) -> str:
    return f"<details><summary>{escape(title)}</summary>{_table(columns, rows)}</details>"


def _table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table, with a bar where there is a quota."""
    barred = set(_BAR) <= set(columns)
    head = "".join(f"<th>{escape(column)}</th>" for column in (*columns, *([""] if barred else [])))
    body = "".join(_row(columns, list(row), barred=barred) for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _row(columns: Sequence[str], cells: Sequence[object], *, barred: bool) -> str:
    told = "".join(
        f'<td class="n">{cell}</td>' if isinstance(cell, int | float) else f"<td>{escape(str(cell))}</td>"
        for cell in cells
    )
    if barred:
        wanted, there = (cells[columns.index(name)] for name in _BAR)
        told += f'<td><meter min="0" max="{wanted or 1}" value="{there}"></meter></td>'
    return f"<tr>{told}</tr>"
