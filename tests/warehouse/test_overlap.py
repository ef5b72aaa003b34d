from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from duckdb import DuckDBPyConnection

from tests.valueprism_build.hash_encoder import HashEncoder
from tests.warehouse.rows import DAY, answer, consideration, derived, said, situation
from valueprism_build.canonical.inventory import update
from valueprism_build.considerations.comparison import Overlap, PairCounts
from valueprism_build.records import Purpose, Valence, Vrd
from warehouse import canonical, considerations, situations
from warehouse.considerations import Derived
from warehouse.overlap import read_overlaps

PRO, CON, BOTH = Valence.SUPPORTS, Valence.OPPOSES, Valence.EITHER


def test_one_teacher_has_nobody_to_be_compared_with(db: DuckDBPyConnection) -> None:
    assert read_overlaps(db) == []
    situations.add(db, [situation(1)])
    considerations.replace(db, "run", [derived(situation(1))])
    assert read_overlaps(db) == []


def test_a_teacher_that_only_measured_relevance_is_not_compared_and_its_cost_not_counted(
    db: DuckDBPyConnection,
) -> None:
    situations.add(db, [situation(1)])
    one, other, measuring = (answer(situation(1), name, Decimal(1)) for name in ("a", "b", "c"))
    again = replace(other, request_hash="again", purpose=Purpose.RELEVANCE)
    answers = (one, other, replace(measuring, purpose=Purpose.RELEVANCE), again)
    considerations.replace(db, "run", [Derived(situation(1).id, "1", answers, (), (), ())])
    assert read_overlaps(db) == [
        PairCounts("a", "b", (Overlap(0, 0, 0, 1),), Decimal(1)),
        PairCounts("b", "a", (Overlap(0, 0, 0, 1),), Decimal(1)),
    ]


def test_items_are_matched_within_a_situation_whatever_their_valence(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    one, other = answer(situation(1), "a", Decimal(1)), answer(situation(1), "b", Decimal(2))
    thrift, trust, order = (consideration(one, place, text) for place, text in enumerate(("Thrift", "Trust", "Order")))
    against = replace(consideration(other, 0, "Order", CON), conflict_id=order.id)
    peace = consideration(other, 1, "Peace")
    kept = (thrift, trust, replace(order, conflict_id=against.id), against, peace)
    repeats = (
        said(consideration(other, 2, "thrift"), of=thrift),
        said(consideration(other, 3, "thrift again", BOTH), of=thrift),  # b repeats itself: its first valence counts
        said(consideration(other, 4, "trusting", BOTH), of=trust),
    )
    rows = (*map(said, kept), *repeats)
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (one, other), kept, (), rows)])
    # All three of a's are matched, thrift alone with the same valence. b has thrift, trust, order and, alone, peace.
    assert read_overlaps(db) == [
        PairCounts("a", "b", (Overlap(3, 3, 1, 1),), Decimal(2)),
        PairCounts("b", "a", (Overlap(4, 3, 1, 1),), Decimal(1)),
    ]


def test_of_a_teacher_that_repeats_itself_in_a_later_answer_the_valence_of_the_first_one_counts(
    db: DuckDBPyConnection,
) -> None:
    situations.add(db, [situation(1)])
    one, other = answer(situation(1), "a", Decimal(1)), answer(situation(1), "b", Decimal(2))
    # Whatever the order of the hashes and, for the answer that is asked for coverage, of time.
    early, late = DAY - timedelta(hours=1), DAY + timedelta(hours=1)
    for hash_, at, purpose in (("0", late, Purpose.CONSIDERATIONS), ("00", early, Purpose.COVERAGE)):
        again = replace(other, request_hash=hash_, created_at=at, purpose=purpose, cost=Decimal(4))
        thrift = consideration(one, 0, "Thrift")
        rows = (
            said(thrift),
            said(consideration(other, 1, "thrift"), of=thrift),
            said(consideration(again, 0, "thrift", BOTH), of=thrift),
        )
        considerations.replace(db, "run", [Derived(situation(1).id, "1", (one, other, again), (thrift,), (), rows)])
        assert read_overlaps(db)[0].overlaps == (Overlap(1, 1, 1, 1),)


def test_a_teacher_that_contradicts_itself_agrees_where_one_of_its_words_does(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    one, other = answer(situation(1), "a", Decimal(1)), answer(situation(1), "b", Decimal(2))
    thrift = consideration(one, 0, "Thrift")
    against = replace(consideration(other, 1, "Thrift", CON), conflict_id=thrift.id)
    kept = (replace(thrift, conflict_id=against.id), against)
    rows = (said(thrift), said(consideration(other, 0, "thrift"), of=thrift), said(against))
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (one, other), kept, (), rows)])
    # a is for thrift; b is for it and against it: two of b's, matched both by a's one, with the same valence once.
    assert [pair.overlaps for pair in read_overlaps(db)] == [(Overlap(1, 1, 1, 1),), (Overlap(2, 2, 1, 1),)]


def test_concerns_are_matched_across_types_with_the_valence_that_came_first(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(1)])
    one, other = answer(situation(1), "a", Decimal(1)), answer(situation(1), "b", Decimal(2))
    kept = (
        consideration(one, 0, "Health"),
        replace(consideration(one, 1, "Right to health", CON), vrd=Vrd.RIGHT),
        consideration(one, 2, "Thrift"),
        replace(consideration(other, 0, "Duty to promote health"), vrd=Vrd.DUTY),
    )
    considerations.replace(db, "run", [Derived(situation(1).id, "1", (one, other), kept, (), tuple(map(said, kept)))])
    before = canonical.read(db)
    after = update(before.inventory, canonical.new_surfaces(db), [], HashEncoder())
    assert canonical.store(db, "run", before, after, [])
    # a has health (first for, then against) and thrift; b has health, for.
    assert read_overlaps(db, concerns=True) == [
        PairCounts("a", "b", (Overlap(2, 1, 1, 1),), Decimal(2)),
        PairCounts("b", "a", (Overlap(1, 1, 1, 1),), Decimal(1)),
    ]
    assert [pair.overlaps for pair in read_overlaps(db)] == [(Overlap(3, 0, 0, 1),), (Overlap(1, 0, 0, 1),)]


def test_situations_alike_are_counted_together_and_those_of_one_teacher_not_at_all(db: DuckDBPyConnection) -> None:
    situations.add(db, [situation(number) for number in range(4)])
    batch = []
    for number in range(3):
        replies = (answer(situation(number), "a"), answer(situation(number), "b", None))
        kept = (consideration(replies[0], 0, "Thrift"),)
        # In the third situation b lists nothing.
        rows = [said(kept[0]), *([said(consideration(replies[1], 0, "thrift"), of=kept[0])] if number < 2 else [])]
        batch.append(Derived(situation(number).id, "1", replies, kept, (), tuple(rows)))
    considerations.replace(db, "run", [*batch, derived(situation(3))])
    cost = 3 * Decimal("0.0015")
    assert read_overlaps(db) == [
        PairCounts("a", "b", (Overlap(1, 0, 0, 1), Overlap(1, 1, 1, 2)), None),
        PairCounts("b", "a", (Overlap(0, 0, 0, 1), Overlap(1, 1, 1, 2)), cost),
    ]
