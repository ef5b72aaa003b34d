import json

import pyarrow as pa
import pytest

from tests.valueprism_build.release.making import drafted
from tests.valueprism_build.tasks.full_rows import many
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.release.leakage import report, section
from valueprism_build.release.leakage.label_words import LabelWord
from valueprism_build.release.leakage.report import Leakage, Shared

DRAFT = drafted(many(60))


def measured() -> Leakage:
    return report.measure(DRAFT.full, DRAFT.task_sets, WordEncoder(), seed=0)


def test_every_task_is_tried_with_the_guesses_that_it_has_features_for() -> None:
    tried: dict[str, dict[str, set[str]]] = {}
    for row in measured().accuracies:
        tried.setdefault(row.split, {}).setdefault(row.task, set()).add(row.guess)
    without_text = {"majority", "position"}
    guesses = {
        "generative": without_text,
        "relevance": without_text | {"majority by text"},
        "valence": without_text | {"majority by text", "bag of words on the explanation"},
        "explanation": without_text | {"majority by text"},
    }
    assert tried == {"split": guesses, "unseen_considerations": guesses}


def test_by_unseen_considerations_no_text_helps_and_another_number_is_told_than_by_situation() -> None:
    found = {(row.split, row.task, row.guess): row for row in measured().accuracies}
    # No tested text is in train, so each gets the majority.
    by_text, majority = (found["unseen_considerations", "valence", guess] for guess in ("majority by text", "majority"))
    assert by_text.share == majority.share
    assert by_text.rows != found["split", "valence", "majority"].rows


def test_a_valence_that_goes_round_with_the_place_is_found_out() -> None:
    # The table gives place 0 Supports, 1 Opposes, 2 Either, 3 Supports again: the place says it all.
    places = [row for row in measured().accuracies if (row.task, row.guess) == ("valence", "position")]
    assert [(row.split, row.share, row.low, row.high) for row in places] == [
        ("split", 1.0, 1.0, 1.0),
        ("unseen_considerations", 1.0, 1.0, 1.0),
    ]


def test_what_is_shared_is_counted_by_text_and_by_canonical_consideration() -> None:
    full = DRAFT.full
    splits = full["split"].to_pylist()
    test_rows = [row for row, split in enumerate(splits) if split == "test"]
    ids = [f"own {row}" for row in range(full.num_rows)]
    ids[splits.index("train")] = ids[test_rows[0]] = "seen"
    column = full.schema.get_field_index("canonical_id")
    shared, _ = report.measure(
        full.set_column(column, "canonical_id", [ids]), DRAFT.task_sets, WordEncoder(), seed=0
    ).shared
    # One of the test rows has an id that train has, too.
    assert (shared.split, shared.rows, shared.canonical) == ("split", len(test_rows), 1 / len(test_rows))
    names = [f"{row['vrd']}: {row['text']}".lower() for row in full.select(["vrd", "text"]).to_pylist()]
    train = {name for name, split in zip(names, splits, strict=True) if split == "train"}
    assert shared.texts == sum(names[row] in train for row in test_rows) / len(test_rows)


def test_where_considerations_are_held_out_train_has_seen_none_of_them() -> None:
    by_situation, unseen = measured().shared
    held_out = [split == "test" for split in DRAFT.full["unseen_considerations"].to_pylist()]
    assert (unseen.split, unseen.rows) == ("unseen_considerations", sum(held_out))
    assert (unseen.texts, unseen.canonical) == (0, 0)
    assert by_situation.canonical > 0  # else the line above would prove nothing
    assert "by consideration (`unseen_considerations`)" in section.render(measured())


def test_the_report_is_json_and_says_the_same_every_time() -> None:
    assert report.as_json(measured()) == report.as_json(measured())
    assert json.loads(report.as_json(measured()))["test_situations"] == measured().test_situations


def test_the_section_holds_every_number_of_the_report() -> None:
    leakage = measured()
    text = section.render(leakage)
    for row in leakage.accuracies:
        assert f"{row.share:.1%} ({row.low:.1%} to {row.high:.1%})" in text
    for word in leakage.label_words:
        assert f"| {word.valence} | {word.word} | {word.z:.1f} |" in text


def test_the_section_says_so_when_no_word_gives_a_valence_away() -> None:
    assert "No word of the explanations gives" in section.render(measured()._replace(label_words=[]))
    told = LabelWord("Supports", "helps", 2.5, 0.5, 0.1)
    text = section.render(measured()._replace(label_words=[told]))
    assert "No word" not in text
    assert "| Supports | helps | 2.5 | 50.0% | 10.0% |" in text


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_release_without_train_or_test_says_so(split: str) -> None:
    rows = DRAFT.full.filter(pa.array([value != split for value in DRAFT.full["split"].to_pylist()]))
    sets = {
        name: table.filter(pa.array([v != split for v in table["split"].to_pylist()]))
        for name, table in DRAFT.task_sets.items()
    }
    leakage = report.measure(rows, sets, WordEncoder(), seed=0)
    assert leakage.test_situations == 0
    assert {row.split for row in leakage.accuracies} == {"unseen_considerations"}  # its train and test are still there
    assert "no train or no test split" in section.render(leakage)


def test_names_of_the_ways_to_split_are_known() -> None:
    for column in report.HELD_OUT:
        leakage = measured()._replace(shared=[Shared(column, 10, 0.5, 0.25)])
        assert f"(`{column}`) | 10 | 50.0% | 25.0% |" in section.render(leakage)
