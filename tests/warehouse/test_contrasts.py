from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse.rows import answer, consideration, derived, said, situation
from valueprism_build.contrasts.asked import Contrast
from valueprism_build.records import Purpose, Rejected, Situation, Stage, Valence
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse import considerations, contrasts, rejected, situations, teachers
from warehouse.checks import run_checks
from warehouse.considerations import Derived
from warehouse.contrasts import ContrastCounts, Link
from warehouse.release_rows import releasable

ORIGIN, CHANGED, OTHER = situation(1), situation(2), situation(3)


def contrast(origin: Situation = ORIGIN, changed: Situation = CHANGED) -> Contrast:
    texts = ("Value", "Trust", "It is broken.", "Value", "Safety", "It is kept.")
    return Contrast(f"contrast of {origin.id}", origin.id, changed.id, changed.text, *texts, "openai", "model-1", "1")


def made(*rows: Contrast, changed: tuple[Situation, ...] = (CHANGED,)) -> Derived:
    """A derived origin that contrasts were made of."""
    asked = replace(answer(ORIGIN), purpose=Purpose.CONTRAST, request_hash=contrast().request_hash)
    of_lists = derived(ORIGIN)
    return replace(of_lists, answers=(*of_lists.answers, asked), contrasts=rows, changed=changed)


def read_afresh(db: DuckDBPyConnection, listed: dict[str, Valence]) -> None:
    """Store a list about the changed situation, whose wordings the inventory knows in another case."""
    reply = answer(CHANGED)
    kept = tuple(consideration(reply, place, text, valence) for place, (text, valence) in enumerate(listed.items()))
    for word in ("Trust", "trust", "Safety", "safety"):
        home = f"id of {word.lower()}"
        db.execute("INSERT OR IGNORE INTO canonical_member VALUES ('Value', ?, ?, 'form')", [word, home])
    considerations.replace(db, "run", [Derived(CHANGED.id, "1", (reply,), kept, (), tuple(map(said, kept)))])


@pytest.fixture
def held(db: DuckDBPyConnection) -> DuckDBPyConnection:
    situations.add(db, [ORIGIN, OTHER])
    considerations.replace(db, "run", [made(contrast())])
    return db


def test_a_contrast_brings_its_situation_and_reads_as_it_was_written(held: DuckDBPyConnection) -> None:
    assert situations.ids(held) == [ORIGIN.id, OTHER.id, CHANGED.id]
    assert contrasts.read(held) == [contrast()]
    assert contrasts.read(held, teacher="vllm") == []
    assert contrasts.changed_ids(held, [ORIGIN.id]) == [CHANGED.id]
    assert contrasts.changed_ids(held, [OTHER.id, CHANGED.id]) == []
    assert contrasts.links(held) == [Link(ORIGIN.id, CHANGED.id)]
    assert contrasts.count(held) == ContrastCounts(asked=1, made=1, verified=0, refuted=0)
    assert run_checks(held) == []


def test_writing_again_replaces_and_a_situation_that_was_made_stays(held: DuckDBPyConnection) -> None:
    considerations.replace(held, "run", [made(contrast())])
    assert len(contrasts.read(held)) == 1
    considerations.replace(held, "run", [made(changed=())])
    assert contrasts.read(held) == []
    assert CHANGED.id in situations.ids(held)


def test_a_situation_that_was_there_before_stays_as_it_is(held: DuckDBPyConnection) -> None:
    again = replace(OTHER, source="contrast", source_id=ORIGIN.id)
    considerations.replace(held, "run", [made(contrast(changed=OTHER), changed=(again,))])
    assert situations.read(held, [OTHER.id]) == [OTHER]
    assert contrasts.links(held) == [Link(ORIGIN.id, OTHER.id)]


@pytest.mark.parametrize(
    ("listed", "verified"),
    [
        ({"trust": Valence.OPPOSES, "safety": Valence.SUPPORTS, "Joy": Valence.EITHER}, True),
        ({"trust": Valence.OPPOSES}, None),
        ({"Joy": Valence.SUPPORTS}, None),
        ({"trust": Valence.SUPPORTS}, False),
        ({"trust": Valence.OPPOSES, "safety": Valence.EITHER}, False),
        ({"trust": Valence.OPPOSES, "Trust": Valence.SUPPORTS, "safety": Valence.SUPPORTS}, False),
    ],
)
def test_a_fresh_list_bears_out_refutes_or_leaves_open(
    held: DuckDBPyConnection, listed: dict[str, Valence], verified: bool | None
) -> None:
    read_afresh(held, listed)
    [found] = contrasts.read(held)
    assert found.verified is verified
    counts = contrasts.count(held)
    assert (counts.verified, counts.refuted) == (verified is True, verified is False)


def test_without_any_there_is_nothing_to_count(db: DuckDBPyConnection) -> None:
    assert contrasts.count(db) == ContrastCounts(0, 0, 0, 0)


def test_what_is_no_contrast_is_replaced_with_the_rest(held: DuckDBPyConnection) -> None:
    reject = Rejected("hash", Stage.CONTRAST, "too_far", "9 words changed")
    considerations.replace(held, "run", [replace(made(), rejected=(reject,))])
    assert sum(rejected.by_rule(held, [ORIGIN.id]).values()) == 1
    considerations.replace(held, "run", [made(contrast())])
    assert not rejected.by_rule(held, [ORIGIN.id])


def test_a_changed_situation_stands_behind_its_origin_whenever_it_arrived(held: DuckDBPyConnection) -> None:
    made_of_it = replace(situation(4), source="contrast", source_id=ORIGIN.id)
    situations.add(held, [made_of_it])
    considerations.replace(held, "run", [derived(OTHER), derived(made_of_it)])
    order = list(dict.fromkeys(releasable(held)["situation"].to_pylist()))
    assert order == [ORIGIN.text, made_of_it.text, OTHER.text]


def test_what_was_changed_stays_linked_to_its_origin_when_it_is_no_contrast_any_more(db: DuckDBPyConnection) -> None:
    changed = replace(CHANGED, source="contrast", source_id=ORIGIN.id)
    situations.add(db, [ORIGIN])
    considerations.replace(db, "run", [made(contrast(), changed=(changed,))])
    considerations.replace(db, "run", [made(changed=())])
    assert (contrasts.read(db), contrasts.links(db)) == ([], [Link(ORIGIN.id, CHANGED.id)])


@pytest.mark.parametrize(
    ("lists", "writes", "row"),
    [
        (True, True, True),
        (True, False, False),
        (None, False, False),
        (False, True, False),
        (True, None, None),
        (None, True, None),
    ],
)
@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_row_may_train_if_whoever_wrote_its_situation_allows_it_too(
    db: DuckDBPyConnection, lists: bool | None, writes: bool | None, row: bool | None, withdrawn: bool
) -> None:
    for name, may_train in (("vllm", lists), ("openai", writes)):
        teachers.register(db, TeacherSettings(name=name, model="m", may_train=may_train), has_replied=lambda _: False)
    situations.add(db, [ORIGIN])
    changed = replace(CHANGED, source="contrast", source_id=ORIGIN.id)
    considerations.replace(db, "run", [made(contrast(), changed=(changed,))])
    assert [one.may_train for one in contrasts.read(db)] == [writes]
    if withdrawn:
        considerations.replace(db, "run", [made(changed=())])
    reply = answer(CHANGED, "vllm")
    considerations.replace(db, "run", [Derived(CHANGED.id, "1", (reply,), (consideration(reply, 0),), ())])
    rows = {one["situation_id"]: one for one in releasable(db).to_pylist()}
    assert (rows[CHANGED.id]["may_train"], rows[CHANGED.id]["situation_teachers"]) == (row, ["openai"])
    assert (rows[ORIGIN.id]["may_train"], rows[ORIGIN.id]["situation_teachers"]) == (writes, [])
