import math

import pyarrow as pa
import pytest

from valueprism_build.release.leakage.label_words import PlaceShares, by_place, label_words


def explained(rows: list[tuple[str, str]]) -> pa.Table:
    return pa.table({"valence": [valence for valence, _ in rows], "explanation": [text for _, text in rows]})


TEXTS = [("Supports", "helps people")] * 12 + [("Opposes", "violates people")] * 12


def test_words_of_one_valence_lead_its_list_and_shared_ones_are_not_in_it() -> None:
    found = label_words(explained(TEXTS))
    assert [(word.valence, word.word) for word in found] == [("Supports", "helps"), ("Opposes", "violates")]
    assert [(word.here, word.elsewhere) for word in found] == [(1.0, 0.0), (1.0, 0.0)]


def test_the_score_is_that_of_the_paper() -> None:
    # Counts of "helps": 12 of 24 words here, 0 of 24 elsewhere; as a prior 12 of 48.
    # Log-odds here ln(24 / (24 + 48 - 24)), elsewhere ln(12 / (24 + 48 - 12)); variance 1/24 + 1/12.
    z = (math.log(24 / 48) - math.log(12 / 60)) / math.sqrt(1 / 24 + 1 / 12)
    assert label_words(explained(TEXTS))[0].z == pytest.approx(z)


def test_a_word_in_fewer_than_five_explanations_is_left_out() -> None:
    found = label_words(explained([*TEXTS, *[("Either", "depends")] * 4]))
    assert "depends" not in {word.word for word in found}


@pytest.mark.parametrize("rows", [[], TEXTS[:3], TEXTS[:12]])
def test_too_few_explanations_or_one_valence_alone_tell_nothing(rows: list[tuple[str, str]]) -> None:
    assert label_words(explained(rows)) == []


def test_no_more_words_are_given_than_asked_for() -> None:
    rows = [("Supports", "helps serves heals")] * 60 + [("Opposes", "violates")] * 60
    assert [word.word for word in label_words(explained(rows), each=2)] == ["heals", "helps", "violates"]


def test_a_word_that_may_lean_by_chance_is_left_out() -> None:
    # Half of the counts above: the same odds at 1 / sqrt(2) of the score, 1.83.
    few = explained(TEXTS[6:18])
    assert label_words(few) == []
    assert [round(word.z, 2) for word in label_words(few, least_z=1.8)] == [1.83, 1.83]


def test_valences_are_counted_by_place_and_the_last_place_takes_the_rest() -> None:
    full = pa.table(
        {
            "position": pa.array([0, 0, 1, 2, 5], pa.int32()),
            "valence": ["Supports", "Opposes", "Either", "Supports", "Opposes"],
        }
    )
    assert by_place(full, places=3) == [
        PlaceShares(1, supports=1, opposes=1, either=0),
        PlaceShares(2, supports=0, opposes=0, either=1),
        PlaceShares(3, supports=1, opposes=1, either=0),
    ]
