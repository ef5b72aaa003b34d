"""How far a campaign is, as one page that needs nothing else: for whoever has no terminal, on a phone, too."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

from flows.campaign_status import Status
from flows.campaign_status_shown import PEOPLE, STOPPED, gold, pace, people_rows, repeats, stopped_rows, time_left
from valueprism_build.errors import BuildError

_STRATA: Final = ("stratum", "judgements", "free seats", "answering", "done", "closed")
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Campaign {name}</title>
<style>
:root{{color-scheme:light dark;--line:#8884}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1rem}}
h1{{font-size:1.5rem;margin:0}}h2{{font-size:1.1rem;margin:2rem 0 .5rem}}p{{margin:.25rem 0}}
.tiles{{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.5rem;margin-top:1rem}}
.tiles div{{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}}
.tiles b{{display:block;font-size:1.4rem}}
.wide{{overflow-x:auto}}
table{{border-collapse:collapse;width:100%;font-size:.9rem}}
th,td{{padding:.25rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}}
th.n,td.n{{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}}
meter{{display:block;width:100%;min-width:3.5rem}}summary{{cursor:pointer;padding:.25rem 0}}
</style></head><body>
<h1>{title}</h1><p>Campaign {name}, {state}; as of {at:%Y-%m-%d %H:%M} UTC.</p>
<div class="tiles">{tiles}</div>
{sections}
</body></html>
"""


class _Quota(NamedTuple):
    """So many answers of so many that are wanted."""

    got: int
    wanted: int


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
        "pace": pace(standing.per_hour),
        "at this pace": time_left(standing.hours_left),
        "people, of the seats that are open or done": f"{people} of {seats}",
        "right on gold items": str(gold(found.attention)),
        "the same on repeats": str(repeats(found.attention)),
    }
    strata = [
        (one.stratum, _Quota(one.got, one.wanted), one.free, one.taken, one.done, one.closed) for one in standing.strata
    ]
    items = list(_items(found))
    sections = [
        _section("By stratum", _STRATA, strata, "no seats"),
        _section("People who have stopped", STOPPED, stopped_rows(found), "Nobody."),
        _section("Refused, by rule", ("rule", "times"), sorted(found.refused.items()), "Nothing."),
        _folded(f"All {len(items)} items", ("situation", "item", *(one.stratum for one in standing.strata)), items),
        _folded(f"Attention of {len(found.attention)} people", PEOPLE, people_rows(found)),
    ]
    return _PAGE.format(
        name=escape(found.campaign.id),
        title=escape(title),
        state=escape(found.campaign.state),
        at=found.at,
        tiles="".join(f"<div><b>{escape(told)}</b>{escape(name)}</div>" for name, told in tiles.items()),
        sections="\n".join(sections),
    )


def _section(title: str, columns: Sequence[str], rows: Sequence[Iterable[object]], none: str) -> str:
    body = _table(columns, rows) if rows else f"<p>{escape(none)}</p>"
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _folded(title: str, columns: Sequence[str], rows: Sequence[Iterable[object]]) -> str:
    return f"<details><summary>{escape(title)}</summary>{_table(columns, rows)}</details>"


def _items(found: Status) -> Iterator[Sequence[object]]:
    """Yield each item with what is there of what is wanted of each stratum, by situation."""
    quotas = {(one.item_id, one.stratum): _Quota(one.got, one.wanted) for one in found.standing.items}
    asked = {item_id for item_id, _ in quotas}
    for item in sorted(found.items.values(), key=lambda one: (one.situation, one.id)):
        if item.id in asked:
            told = (quotas.get((item.id, one.stratum), _Quota(0, 0)) for one in found.standing.strata)
            yield (item.situation, f"{item.vrd}: {item.text}", *told)


def _table(columns: Sequence[str], rows: Sequence[Iterable[object]]) -> str:
    """Return a table; what is no text stands to the right, its heading, too."""
    first = list(rows[0]) if rows else [""] * len(columns)
    kinds = ["" if isinstance(cell, str) else ' class="n"' for cell in first]
    head = "".join(f"<th{kind}>{escape(column)}</th>" for kind, column in zip(kinds, columns, strict=True))
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _cell(told: object) -> str:
    if isinstance(told, _Quota):
        bar = f'<meter min="0" max="{told.wanted or 1}" value="{told.got}"></meter>'
        return f'<td class="n">{told.got} of {told.wanted}{bar}</td>'
    return f"<td>{escape(told)}</td>" if isinstance(told, str) else f'<td class="n">{escape(str(told))}</td>'
