import hashlib
from collections import Counter
from collections.abc import Callable
from importlib.resources import files

import pytest

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.coverage import (
    POINTS_OF_VIEW_FILE,
    CoverageSettings,
    default_points_of_view,
    next_point_of_view,
    questions_left,
)

NAMES = ("carer", "elder", "child", "stranger")
FOUR = {name: f"A {name}." for name in NAMES}
# A row of a release carries the name alone: whoever changes a sentence gives it another name, then pins the new hash.
PINNED = "846d1f3bc627693f0a271ec8a1317bc442a8087b2d4e10a2683b99c9be9bb5c2"


def order(situation_id: str, settings: CoverageSettings) -> list[str]:
    """All points of view of a situation in the order of asking, where each brings something."""
    brought: dict[str, int] = {}
    while (name := next_point_of_view(settings, situation_id, brought)) is not None:
        brought[name] = 1
    return list(brought)


def test_each_is_asked_from_once_where_each_brings_something_new() -> None:
    settings = CoverageSettings(points_of_view=FOUR)
    assert sorted(order("a", settings)) == sorted(NAMES)
    assert order("a", settings) == order("a", settings)


def test_over_many_situations_each_comes_first_about_as_often() -> None:
    settings = CoverageSettings(points_of_view=FOUR)
    first = Counter(next_point_of_view(settings, f"situation {number}", {}) for number in range(4000))
    # 1,000 expected of each; the standard deviation is sqrt(4000 x 1/4 x 3/4) = 27.4, so 110 is four of them.
    assert all(890 < first[name] < 1110 for name in NAMES)


def test_one_that_is_added_later_moves_no_other() -> None:
    more = CoverageSettings(points_of_view=FOUR | {"neighbour": "A neighbour."})
    for number in range(20):
        before, after = order(str(number), CoverageSettings(points_of_view=FOUR)), order(str(number), more)
        assert [name for name in after if name != "neighbour"] == before


@pytest.mark.parametrize(
    ("brought", "left"),
    [
        ({}, 4),
        ({"carer": 0}, 3),
        ({"carer": 0, "elder": 0}, 0),  # two in a row
        ({"carer": 0, "elder": 2, "child": 0}, 1),  # two, but not in a row
        ({"elder": 2, "carer": 0, "child": 0}, 0),
        ({"gone": 1, "carer": 1}, 3),  # one that is no longer in the settings takes nobody's place
    ],
)
def test_a_situation_is_left_after_two_in_a_row_that_brought_nothing(brought: dict[str, int], left: int) -> None:
    settings = CoverageSettings(points_of_view=FOUR)
    assert questions_left(settings, brought) == left
    found = next_point_of_view(settings, "a", brought)
    assert (found is not None and found not in brought) if left else found is None


def test_with_more_patience_it_is_asked_longer_and_with_a_limit_shorter() -> None:
    nothing = {"carer": 0, "elder": 0}
    assert questions_left(CoverageSettings(patience=3, points_of_view=FOUR), nothing) == 2
    assert questions_left(CoverageSettings(most=2, points_of_view=FOUR), {"carer": 1}) == 1
    assert questions_left(CoverageSettings(most=2, points_of_view=FOUR), {"carer": 1, "elder": 1, "child": 1}) == 0
    assert questions_left(CoverageSettings(most=9, points_of_view=FOUR), {}) == 4


@pytest.mark.parametrize(
    ("wrong", "culprit"),
    [
        (lambda: CoverageSettings(patience=0), "patience is 0"),
        (lambda: CoverageSettings(most=0), "most is 0"),
        (lambda: CoverageSettings(points_of_view={}), "points_of_view is empty"),
        (lambda: CoverageSettings(points_of_view={"elder": " "}), "'elder' needs"),
        (lambda: CoverageSettings(points_of_view={"": "An elder."}), "'' needs"),
    ],
)
def test_settings_that_ask_nothing_are_refused_by_name(wrong: Callable[[], object], culprit: str) -> None:
    with pytest.raises(SettingsError, match=culprit):
        wrong()


def test_the_default_set_changes_only_with_its_version() -> None:
    text = files("valueprism_build.teachers").joinpath(POINTS_OF_VIEW_FILE).read_bytes()
    assert hashlib.sha256(text).hexdigest() == PINNED
    assert len(default_points_of_view()) == 16
    for description in default_points_of_view().values():
        assert description.endswith(".")
        assert "\n" not in description  # one line of the question
