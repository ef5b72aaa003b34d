from decimal import Decimal

from valueprism_build.records import Stage
from valueprism_build.teachers.spending import Spending, dollars, summed

CENT = Decimal("0.01")


def test_what_a_teacher_took_in_one_stage_is_added_and_ordered_by_teacher_model_and_stage() -> None:
    rows = [
        Spending("b", "m", Stage.ASK, answered=1, answers_cost=CENT),
        Spending("a", "m", Stage.RELEVANCE, failed_tries=2, failed_cost=CENT),
        Spending("a", "m", Stage.ASK, 1, 2, 30, 40, CENT, 2 * CENT, unpriced=1),
        Spending("a", "m", Stage.ASK, 5, 6, 70, 80, CENT, CENT, unpriced=1),
    ]
    assert summed(rows) == [
        # 1 + 5, 2 + 6, 30 + 70, 40 + 80, 0.01 + 0.01, 0.02 + 0.01, 1 + 1
        Spending("a", "m", Stage.ASK, 6, 8, 100, 120, 2 * CENT, 3 * CENT, unpriced=2),
        rows[1],  # relevance is asked later than the first question
        rows[0],
    ]
    assert summed([]) == []


def test_failed_tries_are_part_of_the_cost_and_without_all_prices_it_is_unknown() -> None:
    assert Spending("a", "m", Stage.ASK, answers_cost=CENT, failed_cost=CENT).cost == 2 * CENT
    assert Spending("a", "m", Stage.ASK, answers_cost=CENT, unpriced=1).cost is None


def test_an_amount_has_all_its_digits_and_no_needless_ones() -> None:
    given = [Decimal("0.000000000000"), Decimal("100.00"), Decimal("0.0000000000000000000001"), None]
    assert list(map(dollars, given)) == ["0", "100", "0.0000000000000000000001", "unknown"]
