"""A report as one page that needs no other file and no network, and its plots beside it.

Everything that users wrote is escaped by the template, and the page forbids itself, by a content security policy, to
run any script but its own and to fetch anything.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from re import fullmatch, search, sub
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from annotation.charts import png, svg
from annotation.report.conduct_sections import looks, quality
from annotation.report.grids import Limits, Section
from annotation.report.group_sections import effects, intersections, small_groups
from annotation.report.item_sections import items
from annotation.report.missing_section import missing_perspective
from annotation.report.overall_sections import by_kind, coefficients, overall
from annotation.report.people_sections import participation
from annotation.report.plots import Plot
from annotation.report.summary import summary
from annotation.report.tables import Report
from valueprism_build.errors import BuildError

_HERE: Final = Path(__file__).parent
_PLAIN: Final = Limits()
DRAWN: Final = "plots.json"
"""Names the plots, so that a later report into the same folder removes these and nothing else."""
_SECTIONS: Final = (
    participation, overall, effects, items, by_kind, coefficients, small_groups, intersections, missing_perspective,
    quality, looks,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot as the page holds it.

    Attributes:
        file: its name beside the page, without suffix.
        wide: the SVG as the address of an image; likewise `narrow`, for a phone.
        size: of the wide one, in pixels; likewise `narrow_size`.
    """

    plot: Plot
    file: str
    wide: str
    narrow: str
    size: tuple[str, str]
    narrow_size: tuple[str, str]


def write_page(report: Report, folder: Path, limits: Limits = _PLAIN) -> Path:
    """Write `report.html`, and each plot as SVG and PNG under `plots/`; return the page's path.

    Args:
        report: what it shows.
        folder: made where it is missing; files of the same names are replaced, plots of an earlier report go.
        limits: how much the page shows; what it leaves out is counted there.

    Raises:
        BuildError: it cannot be written.
    """
    sections = [section(report, limits) for section in _SECTIONS]
    try:
        (folder / "plots").mkdir(parents=True, exist_ok=True)
        _remove_earlier(folder)
        drawn = _draw(sections, folder / "plots")
        names = [f"{each.file}.{ending}" for each in drawn.values() for ending in ("svg", "png")]
        (folder / DRAWN).write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
        path = folder / "report.html"
        path.write_text(_rendered(report, sections, drawn, limits), encoding="utf-8")
    except OSError as error:
        raise BuildError(f"cannot write the report to {folder} ({error.strerror}); give another --out") from error
    return path


def _remove_earlier(folder: Path) -> None:
    """Remove the plots of an earlier report: beside this one they would be taken for its own."""
    try:
        names = json.loads((folder / DRAWN).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return
    for name in names if isinstance(names, list) else ():
        # The list may have been written by anybody: it reaches no file but plots.
        if fullmatch(r"[A-Za-z0-9_-]+\.(svg|png)", str(name)):
            (folder / "plots" / str(name)).unlink(missing_ok=True)


def _draw(sections: Sequence[Section], folder: Path) -> dict[str, Drawn]:
    """Draw and write all plots; return them by their names."""
    drawn: dict[str, Drawn] = {}
    for plot in (plot for section in sections for block in section.blocks for plot in block.plots):
        file = _file_name(plot.name, {each.file for each in drawn.values()})
        wide = svg(plot.draw(narrow=False), plot.finding)
        (folder / f"{file}.svg").write_text(wide, encoding="utf-8")
        (folder / f"{file}.png").write_bytes(png(wide))
        narrow = svg(plot.draw(narrow=True), plot.finding)
        drawn[plot.name] = Drawn(plot, file, _address(wide), _address(narrow), _size(wide), _size(narrow))
    return drawn


def _rendered(report: Report, sections: Sequence[Section], drawn: dict[str, Drawn], limits: Limits) -> str:
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html").render(
        report=report,
        limits=limits,
        summary=summary(report),
        sections=sections,
        drawn=drawn,
        tables=[(name, table.num_rows, table.num_columns) for name, table in report.tables.items()],
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def _file_name(name: str, taken: set[str]) -> str:
    """Return a name that any file system takes; a question's id can hold anything."""
    plain = sub(r"[^A-Za-z0-9_-]+", "_", name)[:80]
    return next(
        each for each in (plain, *(f"{plain}_{number}" for number in range(2, len(taken) + 3))) if each not in taken
    )


def _address(drawn: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"


def _size(drawn: str) -> tuple[str, str]:
    found = search(r'width="(\d+)[^"]*" height="(\d+)', drawn)
    return (found[1], found[2]) if found else ("800", "400")
