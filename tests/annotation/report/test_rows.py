import pytest

from annotation.report.rows import count_of, foremost, rows_in, rows_of, words_in
from annotation.report.tables import Report, of_rows

REPORT = Report(
    "Two questions",
    (),
    {},
    (),
    (),
    {
        "item_contrasts": of_rows(
            "item_contrasts",
            [
                {"question": "agree", "item_id": "a", "difference": 5.0, "p_value": 0.5},
                {"question": "agree", "item_id": "b", "difference": -30.0, "p_value": 0.01},
                {"question": "other", "item_id": "c", "difference": 90.0, "p_value": 0.001},
                {"question": "agree", "item_id": "d", "difference": None, "p_value": None},
                {"question": "agree", "item_id": "e", "difference": 30.0, "p_value": 0.02},
            ],
        )
    },
)


def test_rows_are_those_that_hold_the_words_in_their_order() -> None:
    found = rows_of(REPORT, "item_contrasts", question="agree")

    assert [row.word("item_id") for row in found] == ["a", "b", "d", "e"]
    assert count_of(REPORT, "item_contrasts", question="agree") == 4
    assert count_of(REPORT, "item_contrasts", question="nobody asked") == 0


def test_the_largest_differences_come_first_whatever_their_sign_and_unknown_ones_last() -> None:
    found = foremost(REPORT, "item_contrasts", "difference", 3, largest=True, question="agree")

    assert [row.word("item_id") for row in found] == ["b", "e", "a"]  # b and e tie: as they stand


def test_the_least_p_values_come_first() -> None:
    found = foremost(REPORT, "item_contrasts", "p_value", 9, question="agree")

    assert [row.word("item_id") for row in found] == ["b", "e", "a", "d"]


def test_what_is_null_is_no_word_and_no_number() -> None:
    row = rows_of(REPORT, "item_contrasts", item_id="d")[0]

    assert row.word("text") == ""
    assert row.number("difference") is None
    assert row.count("yes") == 0


def test_a_column_that_a_table_lacks_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError, match="colour"):
        rows_of(REPORT, "item_contrasts")[0].word("colour")


def test_a_table_that_is_missing_has_no_rows() -> None:
    assert rows_of(REPORT, "looks") == []
    assert rows_in(REPORT, "looks") == 0
    assert words_in(REPORT, "looks", "question") == []


def test_words_come_once_each() -> None:
    assert words_in(REPORT, "item_contrasts", "question") == ["agree", "other"]
