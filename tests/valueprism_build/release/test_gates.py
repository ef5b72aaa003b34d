from dataclasses import replace

import pyarrow as pa
import pytest

from tests.valueprism_build.release.agreement.test_attack import LIBERALS, unit
from tests.valueprism_build.release.making import drafted
from tests.valueprism_build.tasks.full_rows import many
from valueprism_build.contrasts.table import CONTRAST_SCHEMA
from valueprism_build.errors import ReleaseError
from valueprism_build.release import gates
from valueprism_build.release.agreement.build import Agreement
from valueprism_build.release.agreement.rows import OTHERS, Unit, to_arrow
from valueprism_build.release.agreement.tally import Tally
from valueprism_build.release.facts import Draft

GOOD = drafted(many(20))


def red(draft: Draft) -> dict[str, str]:
    return {gate.name: gate.detail for gate in gates.inspect(draft, frozenset()) if not gate.passed}


def with_column(draft: Draft, name: str, values: list[str] | pa.Array) -> Draft:
    full = draft.full
    return replace(draft, full=full.set_column(full.schema.get_field_index(name), name, pa.array(values)))


def test_a_good_draft_passes_every_gate() -> None:
    assert red(GOOD) == {}


def test_a_gate_is_called_as_its_function() -> None:
    assert tuple(gate.name for gate in gates.inspect(GOOD, frozenset())) == gates.NAMES


def test_an_empty_draft_has_no_rows_and_no_other_fault() -> None:
    assert red(drafted({})) == {"has_rows": "0 considerations"}


def test_the_demonstration_teacher_is_red() -> None:
    assert list(red(drafted(many(20), teacher="local"))) == ["teacher_grade"]


def test_a_teacher_whose_output_may_train_no_model_is_red_and_named() -> None:
    may = pa.array([False, None, *[True] * (GOOD.full.num_rows - 2)])
    detail = (
        "no model may be trained on the rows of openai; nobody has said whether one may on those of openai (may_train)"
    )
    assert red(with_column(GOOD, "may_train", may)) == {"training_allowed": detail}


def test_training_that_nobody_spoke_of_is_said_and_not_red() -> None:
    unsaid = with_column(GOOD, "may_train", pa.nulls(GOOD.full.num_rows, pa.bool_()))
    [gate] = [gate for gate in gates.inspect(unsaid, frozenset()) if gate.name == "training_allowed"]
    assert (gate.passed, gate.detail) == (
        True,
        "nobody has said whether one may on those of openai (may_train)",
    )


@pytest.mark.parametrize("licence", ["unknown", "", "Unknown"])
def test_a_source_without_a_licence_is_red_and_named(licence: str) -> None:
    assert red(drafted(many(20), licence=licence)) == {"licences_known": "no licence known for source sample"}


def test_a_blank_text_is_red_and_its_column_named() -> None:
    explanations = ["\u00a0\t", *GOOD.full["explanation"].to_pylist()[1:]]
    assert red(with_column(GOOD, "explanation", explanations)) == {"no_blank_fields": "blank: explanation in 1 rows"}


def test_a_foreign_label_is_red_and_quoted() -> None:
    valences = ["supports", *GOOD.full["valence"].to_pylist()[1:]]
    assert red(with_column(GOOD, "valence", valences)) == {"known_labels": "unknown: 'supports'"}


def test_a_situation_and_its_family_in_two_splits_are_red() -> None:
    splits = GOOD.full["split"].to_pylist()
    moved = ["test" if splits[0] == "train" else "train", *splits[1:]]
    detail = "1 situations of full in two splits, 1 families of full in two splits"
    assert red(with_column(GOOD, "split", moved)) == {"split_leakage": detail}


def test_a_missing_row_is_red_in_the_counts() -> None:
    sets = GOOD.task_sets | {"valence": GOOD.task_sets["valence"].slice(1)}
    assert red(replace(GOOD, task_sets=sets)) == {"task_counts": "valence has 159 rows, not 160"}


def test_a_row_twice_is_red() -> None:
    doubled = pa.concat_tables([GOOD.full, GOOD.full.slice(0, 1)])
    assert red(replace(GOOD, full=doubled))["keys_unique"] == "1 rows of full repeat a key"


def test_a_negative_that_is_the_situations_own_is_red() -> None:
    relevance = GOOD.task_sets["relevance"]
    outputs = pa.array(["No", *relevance["output"].to_pylist()[1:]])
    sets = GOOD.task_sets | {"relevance": relevance.set_column(1, "output", outputs)}
    assert red(replace(GOOD, task_sets=sets)) == {
        # Half of the rows are No, and now one of the others is.
        "negatives_foreign": f"1 of {relevance.num_rows // 2 + 1} negatives are the situation's own"
    }


def test_red_gates_are_refused_in_one_line_that_says_how_to_waive() -> None:
    draft = drafted(many(20), teacher="local", licence="unknown")
    with pytest.raises(ReleaseError) as raised:
        gates.refuse_red(gates.inspect(draft, frozenset()))
    line = str(raised.value)
    assert "\n" not in line
    assert line.endswith("with --waive teacher_grade --waive licences_known")


def test_a_waived_gate_stays_red_on_record_and_lets_pass() -> None:
    results = gates.inspect(drafted(many(20), teacher="local"), frozenset({"teacher_grade", "has_rows"}))
    gates.refuse_red(results)
    # has_rows is green, so there was nothing to waive.
    assert [(gate.name, gate.passed) for gate in results if gate.waived] == [("teacher_grade", False)]


def test_an_unknown_waiver_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ReleaseError, match=r"no gate is called teacher; gates are has_rows, .*"):
        gates.refuse_unknown(frozenset({"teacher", "has_rows"}))


def test_a_consideration_in_two_splits_is_red_where_considerations_are_held_out() -> None:
    splits = GOOD.full["unseen_considerations"].to_pylist()
    ids = GOOD.full["canonical_id"].to_pylist()
    twice = next(row for row, canonical in enumerate(ids) if ids.count(canonical) > 1)
    splits[twice] = "test" if splits[twice] == "train" else "train"
    detail = "1 considerations of full in two splits"
    assert red(with_column(GOOD, "unseen_considerations", splits)) == {"split_leakage": detail}


def with_contrast(draft: Draft, **row: object) -> Draft:
    return replace(draft, contrasts=draft.contrasts._replace(rows=pa.Table.from_pylist([row], CONTRAST_SCHEMA)))


def test_a_contrast_by_a_teacher_whose_output_may_train_no_model_is_red_and_named() -> None:
    detail = "no model may be trained on the rows of vllm"
    assert red(with_contrast(GOOD, teacher="vllm", may_train=False)) == {"training_allowed": detail}
    assert red(with_contrast(GOOD, teacher="vllm", may_train=True)) == {}
    assert red(with_contrast(GOOD, origin="found")) == {}


def test_a_contrast_by_the_demonstration_teacher_is_red() -> None:
    detail = "0 of 160 rows and 1 of 1 contrasts are by 'local', the demonstration teacher"
    assert red(with_contrast(GOOD, teacher="local", may_train=True)) == {"teacher_grade": detail}


def test_a_situation_that_the_demonstration_teacher_wrote_is_red() -> None:
    writers = pa.array([["local", "vllm"], *[[]] * 159], pa.list_(pa.string()))
    detail = "1 of 160 rows are by 'local', the demonstration teacher"
    assert red(with_column(GOOD, "situation_teachers", writers)) == {"teacher_grade": detail}


def with_people(draft: Draft, *versions: Unit) -> Draft:
    """Return the draft with the last of these as what it tells of people, after the others."""
    *earlier, now = [to_arrow([version]) for version in versions]
    return replace(draft, agreement=Agreement(now, 5, Tally(), tuple(earlier)))


def test_counts_of_enough_people_are_green_and_counted() -> None:
    results = gates.inspect(with_people(GOOD, LIBERALS), frozenset())
    [gate] = [gate for gate in results if gate.name == "k_anonymity"]
    assert (gate.passed, gate.detail) == (True, "6 counts, and what follows from them, are of 5 people or more")


def test_a_count_of_too_few_people_is_red() -> None:
    detail = "pilot/agree/i1 by politics has a cell under 5"
    assert red(with_people(GOOD, unit("Liberal", {"Liberal": (4, 6), OTHERS: (9, 9)}))) == {"k_anonymity": detail}


def test_counts_that_betray_somebody_beside_an_earlier_release_are_red() -> None:
    later = unit("Liberal", {"Liberal": (7, 6), OTHERS: (9, 9)})
    detail = "pilot/agree/i1 by politics and its earlier versions tell of fewer than 5"
    assert red(with_people(GOOD, LIBERALS, later)) == {"k_anonymity": detail}


def test_what_people_were_promised_cannot_be_waived() -> None:
    with pytest.raises(ReleaseError, match="k_anonymity keeps what people were promised; leave out --waive"):
        gates.refuse_unknown(frozenset({"k_anonymity"}))
    draft = with_people(GOOD, unit("Liberal", {"Liberal": (4, 6), OTHERS: (9, 9)}))
    with pytest.raises(ReleaseError, match=r"has a cell under 5\)\. Mend the rows, k_anonymity cannot be waived"):
        gates.refuse_red(gates.inspect(draft, frozenset()))
