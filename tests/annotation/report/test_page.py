import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from annotation.report.files import write_tables
from annotation.report.grids import Limits
from annotation.report.page import DRAWN, write_page
from annotation.report.tables import Report
from tests.annotation.report.hostile import EMOJI, IMAGE, LONG, SCRIPT, hostile_report, many_categories
from tests.annotation.report.studies import sample_report
from valueprism_build.errors import BuildError

CSS = Path(__file__).parents[3] / "annotation" / "report" / "page.css"


@pytest.fixture(scope="module")
def report() -> Report:
    return sample_report(draws=50)


@pytest.fixture(scope="module")
def page(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_tables(report, folder)
    return write_page(report, folder)


def test_a_page_names_no_other_file_but_by_links_to_what_is_beside_it(page: Path) -> None:
    html = page.read_text()
    addresses = re.findall(r'(?:src|srcset|href|action|data)="([^"]*)"', html)
    links = {each for each in addresses if not each.startswith(("data:", "#"))}

    assert links
    assert all((page.parent / link).is_file() for link in links)
    assert not re.search(r"https?://(?!www\.w3\.org)", html)  # the name of the SVG language is no address to fetch


def test_each_plot_stands_beside_the_page_as_svg_and_png(page: Path) -> None:
    linked = set(re.findall(r'href="plots/([^"]+)"', page.read_text()))

    assert linked == {each.name for each in (page.parent / "plots").iterdir()}
    assert {each.suffix for each in (page.parent / "plots").iterdir()} == {".svg", ".png"}


def test_every_table_of_the_report_is_named_and_those_with_rows_are_shown(page: Path, report: Report) -> None:
    html = page.read_text()

    assert report.tables
    for name in report.tables:
        assert f'<th scope="row">{name}</th>' in html  # in the list of all tables
        assert html.count(f'"{name}.csv"') > 1 or not report.tables[name].num_rows or name == "item_answers"
    assert 'alt="Answers by' in html  # item_answers is the stacked bars


def test_a_table_that_is_missing_is_told_to_be(report: Report, tmp_path: Path) -> None:
    tables = {name: table for name, table in report.tables.items() if name != "looks"}

    html = write_page(replace(report, tables=tables), tmp_path).read_text()

    assert "there is no table looks" in html


def test_a_report_without_any_table_is_a_page_all_the_same(tmp_path: Path) -> None:
    html = write_page(Report("Nothing yet", (), {}, (), ("Nobody voted.",)), tmp_path).read_text()

    assert "Nobody voted." in html
    assert "<figure>" not in html


def test_what_cannot_be_concluded_comes_before_any_result(page: Path) -> None:
    headings = re.findall(r"<h2>(.*?)</h2>", page.read_text())

    assert headings.index("What cannot be concluded") < headings.index("Who took part")


def test_cautions_beyond_the_limit_are_folded_and_counted(report: Report, tmp_path: Path) -> None:
    cautions = tuple(f"Caution {number}." for number in range(5))

    html = write_page(replace(report, tables={}, cautions=cautions), tmp_path, Limits(cautions=3)).read_text()

    assert "<summary>2 more</summary>" in html
    assert all(each in html for each in cautions)


def test_a_table_longer_than_the_limit_tells_how_many_rows_are_in_the_csv(report: Report, tmp_path: Path) -> None:
    html = write_page(report, tmp_path, Limits(rows=7)).read_text()
    total = report.tables["item_contrasts"].num_rows

    assert total > 7
    assert f"Shown: 7 of {total:,} rows" in html
    assert f"{total - 7:,} more are in" in html


def test_a_demographic_of_forty_categories_is_drawn_to_the_limit_and_listed_whole(tmp_path: Path) -> None:
    page = write_page(many_categories(40), tmp_path, Limits(categories=15))
    drawn = (page.parent / "plots" / "people.svg").read_text()

    assert "Region 14" in drawn  # of the fifteen with most people the last
    assert "Region 15" not in drawn
    assert "25 more in people.csv" in drawn
    assert "Region 39" in page.read_text()


def test_what_users_wrote_is_text_wherever_it_stands(tmp_path: Path) -> None:
    page = write_page(hostile_report(), tmp_path)
    html = page.read_text()
    drawn = "".join(each.read_text() for each in (tmp_path / "plots").glob("*.svg"))

    assert html.count("<script>") == 1  # the page's own
    assert SCRIPT not in html + drawn
    assert IMAGE not in html + drawn
    assert all(part in unescape(html) for part in (SCRIPT, IMAGE, EMOJI, LONG))


def test_files_of_plots_are_named_so_that_any_system_takes_them(tmp_path: Path) -> None:
    write_page(hostile_report(), tmp_path)

    names = [each.name for each in (tmp_path / "plots").iterdir()]
    assert names
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+\.(svg|png)", name) for name in names)


def test_plots_of_an_earlier_report_do_not_stay_beside_a_new_one_and_other_files_do(
    report: Report, tmp_path: Path
) -> None:
    write_page(report, tmp_path)
    assert list((tmp_path / "plots").iterdir())
    mine = [tmp_path / "plots" / "mine.svg", tmp_path / "mine.png"]
    for each in mine:
        each.write_text("kept")
    listed = json.loads((tmp_path / DRAWN).read_text())
    (tmp_path / DRAWN).write_text(json.dumps([*listed, "../mine.png"]))
    write_page(replace(report, tables={}), tmp_path)
    assert list((tmp_path / "plots").iterdir()) == mine[:1]
    assert mine[1].exists()


def test_each_plot_says_what_it_shows_to_those_who_do_not_see_it(page: Path) -> None:
    html = page.read_text()
    told = [unescape(each) for each in re.findall(r'<img [^>]*alt="([^"]*)"', html)]

    assert len(told) == html.count("<figure>")
    assert all(re.search(r"\d", each) for each in told)  # a finding has a figure
    assert any("percentage points" in each for each in told)


def test_each_table_has_a_caption_and_a_box_of_its_own_that_keys_reach(page: Path) -> None:
    html = page.read_text()

    assert html.count("<table") == html.count("<caption>") == html.count('class="scroll" role="region"')
    assert html.count('tabindex="0"') == html.count("<table")


def test_why_kappa_misleads_is_said_beside_the_coefficients(page: Path) -> None:
    section = page.read_text().partition('<section id="coefficients">')[2].partition("</section>")[0]

    assert "kappa and alpha can be near 0 although hardly anybody differs" in section


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_differs_enough_from_what_it_stands_on(scheme: str) -> None:
    lines = re.findall(r":root \{([^}]*)\}", CSS.read_text())
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", lines[0 if scheme == "light" else 1]))

    for text in ("ink", "soft", "link"):
        for ground in ("paper", "shade", "warn"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BuildError, match="cannot write the report"):
        write_page(Report("Nothing", (), {}, (), ()), tmp_path / "file")


def _contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG 2.1 defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
