import re
from base64 import b64decode
from pathlib import Path

import pytest

from annotation.plan_page import Fact, Grid, PlanShown, write_plan
from annotation.power_curve import CurvePoint
from valueprism_build.errors import BuildError

CURVE = [CurvePoint(people, overlap, 1 / (people * overlap)) for overlap in (10, 20) for people in (50, 100, 200)]


def shown(curve: list[CurvePoint], name: str = "a <b>group</b>") -> PlanShown:
    grids = [Grid("People", ("stratum", "seats"), [(name, 100)])]
    return PlanShown("Plan <i>x</i>", [Fact("pages", "1,200")], 100, 20, curve, {name: 10.0}, grids, ["A line."])


def drawings(page: str) -> list[str]:
    return [b64decode(found).decode() for found in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)]


def test_the_page_holds_its_drawings_and_asks_for_nothing(tmp_path: Path) -> None:
    write_plan(shown(CURVE), tmp_path / "plan.html")
    page = (tmp_path / "plan.html").read_text()
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    # The curve and the quotas, each for a page and for a phone.
    assert len(drawings(page)) == 4
    assert all(drawn.startswith("<svg") for drawn in drawings(page))
    # 1 / (100 people times 20) of one is 0.05 points, 0.1 as it is shown.
    assert (
        "With 100 people of each stratum and 20 for each unit, two strata must differ by 0.1 percentage points" in page
    )
    assert "1,200" in page
    assert "<p>A line.</p>" in page


def test_what_users_call_things_is_text_in_the_page_and_in_its_drawings(tmp_path: Path) -> None:
    write_plan(shown(CURVE), tmp_path / "plan.html")
    page = (tmp_path / "plan.html").read_text()
    assert "<b>group</b>" not in page
    assert "<i>x</i>" not in page
    assert all("<b>group</b>" not in drawn for drawn in drawings(page))


def test_a_phone_gets_drawings_that_fit_it(tmp_path: Path) -> None:
    write_plan(shown(CURVE), tmp_path / "plan.html")
    widths = [
        float(width)
        for drawn in drawings((tmp_path / "plan.html").read_text())
        for width in re.findall(r'<svg[^>]* width="([\d.]+)"', drawn)
    ]
    wide, narrow = widths[::2], widths[1::2]
    assert max(narrow) <= 360 - 2 * 16  # the page's own margins
    assert max(wide) <= 860 - 2 * 16


def test_without_groups_to_compare_there_is_no_curve(tmp_path: Path) -> None:
    write_plan(shown([]), tmp_path / "plan.html")
    page = (tmp_path / "plan.html").read_text()
    assert "What it can find" not in page
    assert len(drawings(page)) == 2


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="give another file with --out"):
        write_plan(shown(CURVE), tmp_path)
