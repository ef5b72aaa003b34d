"""The whole analysis at its limits: no study is so odd that it ends in a traceback or in a figure that is none."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from annotation.report.analysis import analysed
from annotation.report.settings import Exclusion, Material, Part, ReportSettings
from annotation.report.tables import SCHEMAS, Report
from annotation.votes.scales import Level, Scale
from tests.annotation.report.studies import SMALL, question, simulated, study, trait
from valueprism_build.errors import BuildError

FAST = ReportSettings(draws=50)
EMOJI = "🏳️‍🌈 proud"


def reported(material: Material, settings: ReportSettings = FAST) -> Report:
    """Return the report; no figure in it is NaN, and every share is one."""
    report = analysed(material, settings)
    for name, table in report.tables.items():
        assert table.schema == SCHEMAS[name]
        for field in table.schema:
            values = [each for each in table[field.name].to_pylist() if isinstance(each, float)]
            assert not any(math.isnan(each) for each in values), (name, field.name)
            if field.name in ("rate", "low", "high", "share", "weighted_rate") and name in (
                "rates",
                "labels",
                "people",
            ):
                assert all(0 <= each <= 1 for each in values), (name, field.name)
    return report


def crossed(people: int, items: int) -> tuple[list[int], list[int]]:
    """Return items and annotators of all pairs."""
    return [place % items for place in range(people * items)], [place // items for place in range(people * items)]


def answered(people: int, items: int, code: Sequence[int], scale: Scale | None = None, **groups: list[int]) -> Material:
    of_item, annotator = crossed(people, items)
    votes = question("agree", of_item, annotator, code, *([scale] if scale else []))
    traits = [trait(name, [f"{name} {n}" for n in range(max(codes) + 1)], codes) for name, codes in groups.items()]
    return study([votes], people, items, traits)


def told(report: Report, words: str) -> bool:
    return any(words in caution for caution in report.cautions)


def test_one_group_of_one_person_is_shown_and_said_to_be_too_little() -> None:
    code = [(person + item) % 3 > 0 for person in range(12) for item in range(10)]
    report = reported(answered(12, 10, code, party=[0] * 11 + [1]))
    [alone] = [row for row in report.tables["group_effects"].to_pylist() if row["category"] == "party 1"]
    assert (alone["people"], alone["estimable"]) == (1, True)
    assert told(report, "fewer than 20 people are uncertain: party 0 (party, 11), party 1 (party, 1)")
    # One answer is fewer than five: on no item can anything be told of a group of one.
    assert set(report.tables["item_contrasts"]["verdict"].to_pylist()) == {"too few people"}


def test_all_of_one_group_have_nothing_to_be_compared_with() -> None:
    report = reported(answered(8, 6, [n % 2 for n in range(48)], party=[0] * 8))
    [only] = report.tables["group_effects"].to_pylist()
    assert (only["p_value"], only["is_reference"]) == (None, True)
    assert "item_contrasts" not in report.tables


def test_where_everyone_agrees_no_effect_and_no_coefficient_beyond_chance_is_made_up() -> None:
    report = reported(answered(10, 8, [1] * 80, party=[n % 2 for n in range(10)]))
    [overall] = [row for row in report.tables["rates"].to_pylist() if row["by"] == "all"]
    assert (overall["rate"], overall["high"]) == (1, 1)
    assert overall["low"] < 1  # eight items and ten people do not prove that all would
    values = {row["coefficient"]: row["value"] for row in report.tables["coefficients"].to_pylist()}
    # Alpha and kappa have no meaning without variation (null); AC1 and PABAK are 1 when all pairs agree.
    assert values == {
        "percent_agreement": 1,
        "krippendorff_alpha_nominal": None,
        "fleiss_kappa": None,
        "gwet_ac1": 1,
        "pabak": 1,
    }
    assert not any(report.tables["group_effects"]["estimable"].to_pylist())
    assert told(report, "everybody answered 'Yes'")


def test_where_nobody_answers_the_people_are_counted_and_nothing_is_concluded() -> None:
    report = reported(study([], 5, 3, [trait("party", ["left"], [0, 0, 0, -1, -1])]))
    counts = {row["what"]: row["count"] for row in report.tables["participation"].to_pylist()}
    assert (counts["people who voted"], counts["people of the list without a vote"]) == (0, 5)
    assert counts["items without a vote"] == 3
    assert report.cautions[0] == "Nobody answered: there is nothing to conclude."
    reported(study([question("agree", [], [], [])], 5, 3, [trait("party", ["left"], [0, 0, 0, -1, -1])]))


def test_excluding_everybody_leaves_a_report_of_nobody() -> None:
    material = answered(2, 2, [0, 1, 0, 1], party=[0, 1])
    gone = tuple(Exclusion(each, "too_fast", "1 second") for each in material.gathered.votes.annotators)
    report = reported(replace(material, exclusions=gone))
    assert report.tables["exclusions"]["votes"].to_pylist() == [2, 2]
    assert report.tables["quality"].num_rows == 2
    assert report.cautions[0] == "Nobody answered: there is nothing to conclude."


def test_one_item_speaks_for_no_other() -> None:
    report = reported(answered(30, 1, [n % 3 > 0 for n in range(30)], party=[n % 2 for n in range(30)]))
    assert told(report, "about one item")
    # The interval to cite knows nothing of other items; that over people is of 20 yes of 30: 0.67, standard error 0.09.
    [overall] = [row for row in report.tables["rates"].to_pylist() if row["by"] == "all"]
    assert overall["low"] < 0.1
    assert overall["by_people_low"] == pytest.approx(0.67 - 1.96 * 0.09, abs=0.05)
    assert report.tables["group_effects"].num_rows == 2


def test_one_vote_makes_a_report() -> None:
    assert told(reported(answered(1, 1, [1], party=[0])), "One person answered everything")


@pytest.mark.slow
def test_many_items_with_three_votes_each_are_reported_with_a_word_on_what_that_does() -> None:
    rng = np.random.default_rng(0)
    items, people = 20_000, 600
    of_item = np.repeat(np.arange(items), 3)
    annotator = (np.arange(3 * items) * 7 + of_item) % people
    code = rng.random(3 * items) < 0.7
    votes = question("agree", list(of_item), list(annotator), list(code))
    material = study([votes], people, items, [trait("party", ["left", "right"], list(np.arange(people) % 2))])
    report = reported(material)
    assert told(report, "3.0 votes an item")
    # Three votes are fewer than five of each group: each item is too few people, and says so.
    assert report.tables["item_contrasts"].num_rows == items
    assert set(report.tables["item_contrasts"]["verdict"].to_pylist()) == {"too few people"}


def test_people_who_always_answer_the_same_are_shown_as_such_and_stay_in() -> None:
    code = [1] * 10 + [0] * 10 + [(person * item) % 2 for person in range(8) for item in range(10)]
    report = reported(answered(10, 10, code, party=[n % 2 for n in range(10)]))
    quality = report.tables["quality"].to_pylist()
    assert [(row["modal_share"], row["longest_run"]) for row in quality[:2]] == [(1, 10), (1, 10)]
    assert {row["people"] for row in report.tables["rates"].to_pylist() if row["by"] == "all"} == {10}


def test_perfect_separation_gives_rates_and_no_odds() -> None:
    party = [0] * 10 + [1] * 10
    report = reported(answered(20, 12, [int(person < 10) for person in range(20) for _ in range(12)], party=party))
    effects = report.tables["group_effects"].to_pylist()
    assert [(row["estimable"], row["odds_ratio"]) for row in effects] == [(False, None), (False, None)]
    assert told(report, "one answer only")
    rates = {row["group"]: row["rate"] for row in report.tables["rates"].to_pylist() if row["by"] == "party"}
    assert rates == {"party 0": 1, "party 1": 0}
    # Every item tells: 10 of 10 against 0 of 10 is as extreme as can be, p = 2 / (20 choose 10).
    assert set(report.tables["item_contrasts"]["verdict"].to_pylist()) == {"different"}


def test_a_model_that_did_not_converge_has_no_figure_in_any_table() -> None:
    # Four answers a person of six are too few for the deviations: some of twenty such studies have no sound maximum.
    rng = np.random.default_rng(9)
    unusable = 0
    for _ in range(20):
        code = [int(each) for each in rng.random(24) < np.repeat(rng.random(6), 4)]
        report = reported(
            answered(6, 4, code, party=[0, 0, 0, 1, 1, 2]), replace(FAST, skip=frozenset({Part.ITEMS, Part.LABELS}))
        )
        for row in report.tables["group_effects"].to_pylist():
            if "did not converge" in row["reason"]:
                unusable += 1
                assert {row[name] for name in ("rate", "difference", "low", "odds_ratio", "p_value", "adjusted_p")} == {
                    None
                }
                assert row["people"] > 0
                [pooled] = [each for each in report.tables["pooled"].to_pylist() if each["category"] == row["category"]]
                assert pooled["pooled_difference"] is None
                assert pooled["words"].endswith("and no estimate to pool.")
    assert unusable


def test_a_level_of_an_ordinal_scale_that_nobody_chose_counts_and_is_named() -> None:
    scale = Scale(Level.ORDINAL, ("low", "middle", "high"), (0.0, 1.0, 2.0))
    code = [0 if person % 2 else 2 for person in range(20) for _ in range(4)]
    material = answered(20, 4, code, scale, party=[n % 2 for n in range(20)])
    report = reported(material)
    assert told(report, "nobody gave middle")
    assert "rates" not in report.tables
    [first, *_] = report.tables["item_scores"].to_pylist()
    assert (first["lowest_group"], first["lowest_mean"], first["highest_mean"]) == ("party 1", 1, 3)
    assert first["verdict"] == "different"
    # AC1 of two answers out of three that nobody disagrees on within a group: 20 people, half and half on each item.
    names = {row["coefficient"] for row in report.tables["coefficients"].to_pylist()}
    assert {"krippendorff_alpha_ordinal", "gwet_ac2"} <= names


def test_a_scale_without_a_yes_says_what_it_does_not_have() -> None:
    scale = Scale(Level.ORDINAL, ("1", "2", "3"), (0.0, 1.0, 2.0))
    votes = question(
        "strength", [n // 12 for n in range(72)], [n % 12 for n in range(72)], [n % 3 for n in range(72)], scale
    )
    report = reported(study([votes], 12, 6, [trait("party", ["left", "right"], [n % 2 for n in range(12)])]))
    assert "group_effects" not in report.tables
    assert told(report, "Question strength has a scale on which no answer counts as a yes")
    # There is no mixed model whose intervals could come out short.
    assert not told(report, "the mixed model")


def test_how_few_votes_mislead_the_model_is_said_as_the_model_has_it() -> None:
    # 1,600 people and items, of which each has three votes: more than Laplace's likelihood is used for.
    of_item = np.arange(4_800) % 1_600
    votes = question("agree", list(of_item), list((of_item + np.arange(4_800) // 1_600) % 1_600), [0, 1] * 2_400)
    skip = frozenset({Part.COEFFICIENTS, Part.ITEMS, Part.LABELS, Part.QUALITY, Part.GROUP_EFFECTS})
    assert told(reported(study([votes], 1_600, 1_600), replace(FAST, skip=skip)), "less alike than they are")
    few = question("agree", list(of_item[:90] % 30), list(np.arange(90) // 30), [0, 1] * 45)
    assert told(reported(study([few], 3, 30), replace(FAST, skip=skip)), "more alike than they are")


def test_the_gravest_is_said_first_and_what_concerns_a_release_last() -> None:
    report = reported(answered(10, 8, [n // 8 % 2 for n in range(80)], party=[n // 8 % 2 for n in range(80)][::8]))
    assert "one answer only" in report.cautions[0]
    assert "not for release" in report.cautions[-1]


def test_a_demographic_of_forty_categories_is_reported_in_all_of_them() -> None:
    material = simulated(SMALL)
    votes = material.gathered.votes
    town = trait("town", [f"town {n:02}" for n in range(40)], [n % 40 for n in range(90)])
    wide = material.gathered._replace(votes=replace(votes, demographics=(*votes.demographics, town)))
    report = reported(replace(material, gathered=wide))
    rows = [row for row in report.tables["group_effects"].to_pylist() if row["demographic"] == "town"]
    assert len(rows) == 40
    assert sum(row["people"] for row in rows) == 90


def test_names_with_emoji_come_through() -> None:
    material = answered(12, 4, [(n * 5) % 3 > 0 for n in range(48)], party=[n % 2 for n in range(12)])
    votes = material.gathered.votes
    named = replace(votes, demographics=(trait("🌍 home", [EMOJI, "東京"], [n % 2 for n in range(12)]),))
    report = reported(replace(material, gathered=material.gathered._replace(votes=named)))
    assert report.tables["group_effects"]["category"].to_pylist() == [EMOJI, "東京"]


def test_without_demographics_and_seconds_the_rest_is_reported_and_both_are_missed() -> None:
    report = reported(answered(10, 8, [(n * 7) % 5 > 0 for n in range(80)]))
    assert told(report, "No demographics are known")
    assert told(report, "Nobody measured seconds")
    assert {"rates", "coefficients", "labels", "quality"} <= set(report.tables)
    assert not {"group_effects", "intersections", "item_contrasts"} & set(report.tables)


def test_people_of_whom_nothing_is_known_are_counted_and_in_the_overall_figures() -> None:
    material = answered(10, 8, [(n * 7) % 5 > 0 for n in range(80)], party=[0, 1] * 3 + [-1] * 4)
    report = reported(material)
    counts = {row["what"]: row["count"] for row in report.tables["participation"].to_pylist()}
    assert counts["voters of whom no demographic is known"] == 4
    people = {row["category"]: row["people"] for row in report.tables["people"].to_pylist()}
    assert people == {"party 0": 3, "party 1": 3, "(not said)": 4}
    overall = {row["group"]: row["votes"] for row in report.tables["rates"].to_pylist()}
    assert overall == {"all": 80, "party 0": 24, "party 1": 24}
    assert told(report, "Of 4 of the 10 voters (40%) no demographic is known")


def test_a_scale_whose_yes_nobody_can_tell_is_refused_with_the_flag_that_says_it() -> None:
    either = Scale(Level.BINARY, ("left", "right"), (0.0, 1.0))
    with pytest.raises(BuildError, match=r"nobody can tell which is agreement; give --yes 'agree=left'"):
        analysed(answered(2, 2, [0, 1, 1, 0], either), FAST)
    report = reported(answered(2, 2, [0, 1, 1, 0], either), replace(FAST, yes={"agree": ("left",)}))
    assert report.questions[0].yes == ("left",)
    with pytest.raises(BuildError, match="question 'agree': answer 'up' is not on the scale left, right"):
        analysed(answered(2, 2, [0, 1, 1, 0], either), replace(FAST, yes={"agree": ("up",)}))
