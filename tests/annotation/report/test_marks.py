from typing import Any

from annotation.report.layout import Axis, Span
from annotation.report.marks import PALETTE, Bar, intervals, stacked

AXIS = Axis("Difference in percentage points", -10, 10, at=0.0)


def marks_of(chart: Any) -> list[dict[str, Any]]:
    """The data of a chart, which altair has checked against Vega-Lite's schema."""
    return [dict(row) for row in chart.to_dict()["data"]["values"]]


def test_an_interval_that_leaves_the_axis_ends_at_it_with_an_arrow() -> None:
    far, near = marks_of(intervals([Span("far", 12.0, -3.0, 40.0), Span("near", 1, 0, 2)], AXIS, narrow=False))

    assert (far["value"], far["low"], far["high"]) == (10, -3, 10)
    assert (far["below"], far["above"]) == (False, True)
    assert (near["below"], near["above"]) == (False, False)


def test_rows_on_a_phone_have_a_line_for_the_label_above_the_mark() -> None:
    rows = [Span("one", 1, 0, 2), Span("two", 1, 0, 2)]
    steps = []
    for narrow in (False, True):
        first, second = marks_of(intervals(rows, AXIS, narrow=narrow))
        steps.append(second["place"] - first["place"])

    assert steps == [21, 38]


def test_two_marks_of_one_row_share_their_place_and_their_label() -> None:
    rows = [Span("Woman", 1, 0, 2, series="a"), Span("", 2, series="b", same_row=True), Span("Man", 1, 0, 2)]

    one, other, below = marks_of(intervals(rows, AXIS, ("a", "b"), narrow=False))

    assert one["place"] == other["place"] < below["place"]
    assert (one["label"], other["label"]) == ("Woman", "")


def test_parts_of_a_bar_follow_one_another_and_end_at_one() -> None:
    chart = stacked([Bar("Woman", "4 answers", (0.5, 0.25, 0.25))], ["Yes", "No", "Not sure"], PALETTE, narrow=False)
    parts = [mark for mark in marks_of(chart) if "answer" in mark]

    assert [(part["low"], part["high"]) for part in parts] == [(0, 0.5), (0.5, 0.75), (0.75, 1)]
    assert [part["share"] for part in parts] == ["50%", "25%", "25%"]
