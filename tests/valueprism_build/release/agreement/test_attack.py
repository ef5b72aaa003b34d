"""What somebody can work out who puts all tables together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.valueprism_build.release.agreement.asking import AGREE, FAITH, MISSING, POLITICS, UNSAID, asked, full, item
from tests.valueprism_build.release.agreement.attacker import FIRST, LATER, UNITS, Attacker, Cell, cells
from valueprism_build.release.agreement import attack
from valueprism_build.release.agreement.build import build
from valueprism_build.release.agreement.counted import Counted
from valueprism_build.release.agreement.earlier import Earlier
from valueprism_build.release.agreement.opinions import Opinions
from valueprism_build.release.agreement.rows import EVERYBODY, OTHERS, Subject, Unit, UnitKey, to_arrow

K = 5
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ITEMS = (item("i1"), item("i2"))
CLASSES = (("Yes",), ("No",))
NEARLY = 1e-6


def unit(named: str, groups: dict[str, tuple[int, int]], subject: str = "i1") -> Unit:
    """Return the tables of Yes and No of one named group and of all others, and of everybody."""
    counts = np.array([groups[named], groups[OTHERS]])
    others = tuple(name for name in (*POLITICS.categories, UNSAID) if name != named)
    return Unit(
        UnitKey("pilot", "agree", subject),
        "?",
        Subject("s1", "Situation", subject, "Value", "Text", "Either"),
        {
            EVERYBODY: Counted((), CLASSES, counts.sum(axis=0, keepdims=True)),
            "politics": Counted((named,), CLASSES, counts),
        },
        {EVERYBODY: {EVERYBODY: ()}, "politics": {named: (named,), OTHERS: others}},
        "1.0.0",
    )


# 12 Liberals, 12 Conservatives and 6 others: to tell Liberals from the rest is safe, and Conservatives from the rest.
LIBERALS = unit("Liberal", {"Liberal": (6, 6), OTHERS: (9, 9)})
CONSERVATIVES = unit("Conservative", {"Conservative": (6, 6), OTHERS: (9, 9)})


def exposed(*versions: Unit) -> list[str]:
    return attack.exposed([to_arrow([version]) for version in versions], K)


def test_tables_without_a_small_cell_tell_of_nobody() -> None:
    assert exposed(LIBERALS) == []
    assert attack.exposed([], K) == []


def test_a_cell_under_k_is_found() -> None:
    assert exposed(unit("Liberal", {"Liberal": (4, 6), OTHERS: (9, 9)})) == [
        "pilot/agree/i1 by politics has a cell under 5"
    ]


def test_a_table_that_is_not_of_everybody_is_found() -> None:
    rows = to_arrow([LIBERALS])
    assert attack.exposed([rows.slice(0, 5)], K)
    [fault] = attack.exposed([rows.set_column(15, "count", pa.array([15, 15, 6, 6, 9, 10]))], K)
    assert fault == "pilot/agree/i1 by politics does not add up to the table of everybody"


def test_a_group_that_two_safe_versions_leave_over_is_found() -> None:
    # Of 15 Yes, 6 are Liberals' and 6 Conservatives': the few others said it 3 times.
    assert exposed(LIBERALS, CONSERVATIVES) == [
        "pilot/agree/i1 by politics and its earlier versions tell of fewer than 5"
    ]


def test_a_group_that_two_items_of_a_situation_leave_over_is_found() -> None:
    other = unit("Conservative", {"Conservative": (6, 6), OTHERS: (9, 9)}, "i2")
    assert attack.exposed([to_arrow([LIBERALS, other])], K) == [
        "tables of pilot/s1/politics name groups that are not nested"
    ]


@pytest.mark.parametrize(("more", "found"), [(0, 0), (1, 1), (4, 1), (5, 0)])
def test_how_many_came_between_two_versions_is_found_if_they_are_few(more: int, found: int) -> None:
    later = unit("Liberal", {"Liberal": (6 + more, 6 + more), OTHERS: (9, 9)})
    assert len(exposed(LIBERALS, later)) == found


def test_people_who_went_are_found() -> None:
    assert exposed(LIBERALS, unit("Liberal", {"Liberal": (6, 6), OTHERS: (9, 8)}))
    assert exposed(unit("Liberal", {"Liberal": (6, 6), OTHERS: (9, 19)}), LIBERALS)


def test_what_an_earlier_release_told_with_a_smaller_k_is_not_held_against_this_one() -> None:
    later = unit("Liberal", {"Liberal": (12, 12), OTHERS: (15, 15)})
    rows = [to_arrow([each]) for each in (LIBERALS, later)]
    assert attack.exposed(rows, 6) == []
    assert attack.exposed(rows, 7)


def study(seed: int, people: int, skipping: float) -> Opinions:
    """Return people of skewed demographics who answer two items and a situation, some of them not all."""
    rng = np.random.default_rng(seed)
    names = [f"p{number:03d}" for number in range(people)]
    said = {}
    for dimension in (POLITICS, FAITH):
        shares = rng.dirichlet([2, 1, 1, 0.5])
        said[dimension.id] = rng.choice([*dimension.categories, UNSAID], people, p=shares)
    given = {}
    for (question, subject), asked_of in zip(UNITS, (AGREE, AGREE, MISSING), strict=True):
        shares = rng.dirichlet([3] * len(asked_of.answers))
        answers = rng.choice(asked_of.answers, people, p=shares)
        answered = rng.random(people) >= skipping
        given[question, subject or "s1"] = {
            name: str(answer) for name, answer, is_there in zip(names, answers, answered, strict=True) if is_there
        }
    profiles = {name: {key: str(said[key][place]) for key in said} for place, name in enumerate(names)}
    return asked(given, profiles, ITEMS, dimensions=(POLITICS, FAITH))


def first_of(opinions: Opinions, people: int) -> Opinions:
    """Return the answers of so many people."""
    mask = pa.array([int(name[1:]) < people for name in opinions.answers["person"].to_pylist()], pa.bool_())
    return replace(opinions, answers=opinions.answers.filter(mask))


def released(opinions: Opinions, *before: pa.Table) -> pa.Table:
    earlier = [Earlier(f"1.{place}.0", NOON + timedelta(days=place), rows) for place, rows in enumerate(before)]
    agreement = build(opinions, full(ITEMS), earlier, version=f"1.{len(before)}.0", k=K)
    assert agreement is not None
    assert attack.exposed([*before, agreement.rows], K) == []
    return agreement.rows


def known_small(attacker: Attacker, came: int) -> list[Cell]:
    """Return the cells of which the attacker knows that fewer than k people are in them."""
    most = {cell: attacker.most(cell) for cell in cells(came)}
    small = [cell for cell, people in most.items() if people is not None and people < K - NEARLY]
    if came == FIRST:
        return small
    # That nobody of a category came is no secret about anybody.
    return [cell for cell in small if any(_beside(cell, other) and (most[other] or 0) > NEARLY for other in most)]


def _beside(one: Cell, other: Cell) -> bool:
    return (one.unit, one.dimension, one.category) == (other.unit, other.dimension, other.category)


STUDIES = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@STUDIES
@given(seed=st.integers(0, 10_000), people=st.integers(20, 150), skipping=st.sampled_from([0, 0.02, 0.3]))
def test_no_small_cell_of_a_study_can_be_worked_out(seed: int, people: int, skipping: float) -> None:
    attacker = Attacker([released(study(seed, people, skipping))])
    if attacker.knows_anything:
        assert known_small(attacker, FIRST) == []


@STUDIES
@given(seed=st.integers(0, 10_000), people=st.integers(40, 120), more=st.one_of(st.integers(1, 8), st.integers(9, 90)))
def test_nobody_who_came_between_two_versions_can_be_worked_out(seed: int, people: int, more: int) -> None:
    opinions = study(seed, people + more, 0)
    first = released(first_of(opinions, people))
    attacker = Attacker([first, released(opinions, first)])
    if attacker.knows_anything:
        assert known_small(attacker, FIRST) == []
        assert known_small(attacker, LATER) == []


def test_the_attacker_finds_what_a_table_without_protection_tells() -> None:
    # Who leaves out only the cell of 3 Conservatives who said No tells it by the total: 12 - 9.
    rows = released(study(1, 120, 0)).slice(0, 0).to_pylist()
    told = [("all", [], "Yes", 30), ("all", [], "No", 12), ("politics", ["Liberal", "Moderate", UNSAID], "No", 9)]
    rows += [
        {"question": "agree", "consideration_id": "i1", "demographic": demographic, "members": members}
        | {"answers": [answer], "count": count, "since": "1.0.0"}
        for demographic, members, answer, count in told
    ]
    attacker = Attacker([pa.Table.from_pylist(rows)])
    assert attacker.most(Cell(("agree", "i1"), "No", "politics", "Conservative", FIRST)) == pytest.approx(3)


@STUDIES
@given(seed=st.integers(0, 10_000), people=st.integers(20, 150))
def test_sizes_of_groups_do_not_describe_who_skipped_a_question(seed: int, people: int) -> None:
    opinions = study(seed, people, 0.02)
    sizes: dict[tuple[str, str], set[int]] = {}
    for row in released(opinions).to_pylist():
        sizes.setdefault((row["demographic"], row["group"]), set()).add(row["people"])
    answering: dict[tuple[str, str], set[str]] = {}
    for row in opinions.answers.to_pylist():
        answering.setdefault((row["question"], row["subject_id"]), set()).add(row["person"])
    if all(len(one - other) < K for one in answering.values() for other in answering.values()):
        assert {len(each) for name, each in sizes.items() if name == (EVERYBODY, EVERYBODY)} <= {1}
