from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from annotation.gold import gold_items
from annotation.settings import GoldSettings
from tests.valueprism_build.tasks.full_rows import full_table
from valueprism_build.campaigns import CampaignItem, Gold
from valueprism_build.errors import SettingsError
from valueprism_build.records import Valence
from valueprism_build.tasks.negatives import Negatives

# Valences go round: Joy supports, Law opposes, Art is either; Peace supports.
LISTED = {"Sing": ["Value: Joy", "Duty: Law", "Value: Art"], "Dance": ["Value: Peace"]}
TWO = ["a", "b"]


def candidates(
    disagreement: Sequence[str] = ("agreed",) * 4,
    teachers: Sequence[Sequence[str]] = (TWO,) * 4,
    relevance: Sequence[float | None] = (None,) * 4,
) -> pa.Table:
    full = full_table(LISTED)
    replaced = {"disagreement": list(disagreement), "teachers": list(teachers), "relevance": list(relevance)}
    for name, column in replaced.items():
        if name in full.column_names:
            full = full.drop_columns(name)
        full = full.append_column(name, pa.array(column, pa.float64() if name == "relevance" else None))
    return full


def made(table: pa.Table, *pairs: tuple[int, int], settings: GoldSettings | None = None) -> list[CampaignItem]:
    positives, sources = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    return gold_items(
        table, Negatives(positives, sources, np.zeros(len(pairs), np.bool_), []), settings or GoldSettings()
    )


def named(found: Sequence[CampaignItem]) -> list[tuple[str, str, Valence]]:
    return [(str(one.gold), one.text, one.valence) for one in found]


def test_what_several_teachers_agree_on_is_valid_and_with_the_contrary_valence_it_is_wrong() -> None:
    assert named(made(candidates())) == [
        ("valid", "Joy", Valence.SUPPORTS),
        ("flipped", "Joy", Valence.OPPOSES),
        ("valid", "Law", Valence.OPPOSES),
        ("flipped", "Law", Valence.SUPPORTS),
        ("valid", "Art", Valence.EITHER),  # which has no contrary
        ("valid", "Peace", Valence.SUPPORTS),
        ("flipped", "Peace", Valence.OPPOSES),
    ]


def test_what_teachers_disagree_on_or_one_alone_said_is_no_gold() -> None:
    table = candidates(disagreement=("disputed", "alone", "agreed", "agreed"), teachers=(TWO, ["a"], ["a"], TWO))
    assert {one.text for one in made(table)} == {"Peace"}


def test_what_one_teacher_said_is_gold_where_the_settings_ask_for_no_more_and_what_is_disputed_never_is() -> None:
    table = candidates(disagreement=("disputed", "alone", "agreed", "disputed"), teachers=(TWO, ["a"], TWO, ["a"]))
    assert {one.text for one in made(table, settings=GoldSettings(teachers=1))} == {"Law", "Art"}


def test_what_is_hardly_relevant_is_no_gold_and_the_threshold_itself_is_enough() -> None:
    table = candidates(relevance=(0.79, 0.8, None, 0.1))
    assert {one.text for one in made(table)} == {"Law", "Art"}


def test_what_a_person_wrote_is_valid_by_itself() -> None:
    table = candidates(disagreement=("alone",) * 4, teachers=(["annotators"], ["a"], ["a"], ["a"]))
    assert {one.text for one in made(table)} == {"Joy"}


def test_what_belongs_to_another_situation_is_wrong_here_and_has_the_words_that_it_has_there() -> None:
    # Peace (row 3) as the negative of Joy (row 0), in Joy's situation.
    foreign = [one for one in made(candidates(), (0, 3)) if one.gold is Gold.FOREIGN]
    assert [(one.situation, one.text, one.explanation) for one in foreign] == [("Sing", "Peace", "Peace bears on it.")]


def test_a_foreign_item_whose_own_worth_is_unknown_is_not_taken() -> None:
    table = candidates(disagreement=("agreed", "agreed", "agreed", "alone"))
    assert Gold.FOREIGN not in {one.gold for one in made(table, (0, 3))}


def test_ids_tell_all_gold_items_apart() -> None:
    found = made(candidates(), (0, 3), (1, 3))
    assert len({one.id for one in found}) == len(found)


@pytest.mark.parametrize("wrong", [{"teachers": 0}, {"relevance": 1.5}])
def test_limits_that_cannot_be_met_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=f"gold setting {next(iter(wrong))} is"):
        GoldSettings(**wrong)  # type: ignore[arg-type]
