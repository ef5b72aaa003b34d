from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from valueprism_build.ids import situation_id
from valueprism_build.records import Rejected, Situation, Stage
from valueprism_build.situations.reading import read
from valueprism_build.situations.settings import FilterSettings
from valueprism_build.situations.sieve import Sieve
from valueprism_build.situations.sifted import Sifted
from valueprism_build.situations.sources import Source

DATA = Path(__file__).resolve().parents[3] / "../shared/data"
CORPUS = [
    "Helping my neighbour carry the shopping?",
    "Helping my neighbour carry the shopping",
    "Stealing bread to feed my starving child",
    "short",
    "Stealing bread to feed your starving child",
    "helping my neighbour, carry the shopping!",
    "Stealing bread to feed a hungry dog",
    "Stealing bread to feed a lonely bear",
    "Stealing bread to feed the whole village",
    "Mentir para proteger a un amigo",
    "Stealing bread to feed a lonely bears",
    "Stealing bread to feed a hungry dog",
    "Driving 20 mph over the limit to reach a hospital",
    "Driving 50 mph over the limit to reach a hospital",
]
SETTINGS = FilterSettings(max_per_opening=3)


def rows(texts: Sequence[str], source: str = "a.jsonl") -> list[Situation]:
    return [
        Situation(situation_id(text), text, source, str(number), "CC0-1.0", "en")
        for number, text in enumerate(texts, start=1)
    ]


def sift(sieve: Sieve, new: list[Situation]) -> Sifted:
    return sieve.sift(Sifted(new, [], []))


def test_every_row_ends_in_one_pile_with_the_rule_that_put_it_there() -> None:
    found = sift(Sieve(SETTINGS, []), rows(CORPUS))
    assert [row.source_id for row in found.kept] == ["2", "3", "7", "8", "13", "14"]
    assert [(r.subject_id, r.rule) for r in found.rejected] == [
        ("a.jsonl:1", "question"),
        ("a.jsonl:4", "too_short"),
        ("a.jsonl:5", "near_duplicate"),
        ("a.jsonl:6", "exact_duplicate"),
        ("a.jsonl:9", "over_represented"),
        ("a.jsonl:10", "not_english"),
        ("a.jsonl:11", "near_duplicate"),
        ("a.jsonl:12", "exact_duplicate"),
    ]
    assert found.rejected[2].detail == "similarity 0.72 to a.jsonl:3"
    assert found.rejected[3].detail == "the same text as a.jsonl:2"


@pytest.mark.parametrize("cut", range(len(CORPUS) + 1))
def test_a_run_that_was_cut_and_resumed_decides_as_an_undisturbed_one(cut: int) -> None:
    whole = sift(Sieve(SETTINGS, []), rows(CORPUS))
    before = sift(Sieve(SETTINGS, []), rows(CORPUS[:cut]))
    after = sift(Sieve(SETTINGS, before.kept), rows(CORPUS))
    assert after.held == before.kept
    assert after.held + after.kept == whole.kept
    assert after.rejected == whole.rejected


def test_reasons_stay_the_same_when_a_later_row_resembles_an_earlier_reject() -> None:
    # Row 2 is one too many of its opening; row 3, kept under another opening, resembles it. On the second run row 3
    # is already held when row 2 comes by again, and must not become its reason.
    corpus = [
        "Stealing bread to feed bears",
        "Stealing bread to feed my old hungry aunt",
        "To steal bread to feed my old hungry aunt",
    ]
    settings = FilterSettings(max_per_opening=1, near_duplicate_similarity=0.5)
    first = sift(Sieve(settings, []), rows(corpus))
    again = sift(Sieve(settings, first.kept), rows(corpus))
    assert [r.rule for r in first.rejected] == ["over_represented"]
    assert again.rejected == first.rejected
    assert again.held == first.kept


def test_a_row_put_at_the_top_of_a_file_is_compared_with_what_was_kept_below() -> None:
    first = sift(Sieve(SETTINGS, []), rows(["Telling a lie", "Stealing bread to feed my starving child"]))
    new = ["Stealing bread to feed your starving child", "Telling a lie", "Stealing bread to feed my starving child"]
    again = sift(Sieve(SETTINGS, first.kept), rows(new))
    assert again.held == first.kept
    assert [r.rule for r in again.rejected] == ["near_duplicate"]


def test_a_file_under_another_name_brings_the_situations_that_are_held() -> None:
    held = sift(Sieve(SETTINGS, []), rows(["Telling a lie"], "a.jsonl")).kept
    found = sift(Sieve(SETTINGS, held), rows(["Telling a lie", "Telling a lie"], "b.jsonl"))
    assert found.held == held
    assert [(r.subject_id, r.detail) for r in found.rejected] == [("b.jsonl:2", "the same text as a.jsonl:1")]


def test_a_held_situation_takes_the_licence_that_its_source_has_now() -> None:
    held = sift(Sieve(SETTINGS, []), rows(["Telling a lie"])).kept
    now = [replace(row, licence="MIT", language="de") for row in rows(["Telling a lie"])]
    assert sift(Sieve(SETTINGS, held), now).held == [replace(held[0], licence="MIT", language="de")]


def test_what_reading_rejected_passes_through() -> None:
    broken = Rejected("a.jsonl:1", Stage.READ, "broken_json", "line 1 is no JSON")
    assert Sieve(SETTINGS, []).sift(Sifted([], [], [broken])) == Sifted([], [], [broken])


def test_kept_situations_carry_clean_text_its_id_and_sensitive_topics() -> None:
    kept = sift(Sieve(SETTINGS, []), rows(["  Killing\u00a0a\u200b  bear\n"])).kept
    assert [(row.text, row.id, row.flags) for row in kept] == [
        ("Killing a bear", situation_id("Killing a bear"), ("violence",))
    ]


def test_all_of_the_packaged_sample_passes_the_default_filter() -> None:
    sieve = Sieve(FilterSettings(), [])
    found = [sieve.sift(batch) for batch in read(Source("sample"))]
    assert sum(len(sifted.kept) for sifted in found) == 200


def test_no_real_situation_is_lost() -> None:
    path = DATA / "situations.jsonl"
    if not path.exists():
        pytest.skip("needs situations.jsonl")
    sieve = Sieve(FilterSettings(), [])
    found = [sieve.sift(batch) for batch in read(Source(str(path)))]
    # Every one of the 316 was read by eye: no question, no two that say the same.
    assert Counter(r.rule for sifted in found for r in sifted.rejected) == {}
    assert sum(len(sifted.kept) for sifted in found) == 316


def test_no_moral_choice_scenario_is_lost_through_the_template() -> None:
    path = DATA / "moralchoice_low_ambiguity.csv"
    if not path.exists():
        pytest.skip("needs moralchoice_low_ambiguity.csv")
    sieve = Sieve(FilterSettings(), [])
    found = [sieve.sift(batch) for batch in read(Source(str(path), text_template="{context} {action1}"))]
    assert sum(len(sifted.kept) for sifted in found) == 687
