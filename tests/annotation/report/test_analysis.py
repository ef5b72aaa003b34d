"""The whole analysis of a simulated study whose truth is known, and of what is said beside the figures."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_ind

from annotation.report.analysis import analysed
from annotation.report.settings import Part, ReportSettings
from annotation.report.tables import SCHEMAS, Report
from annotation.votes.scales import Level, Scale
from tests.annotation.report.studies import SMALL, TARGET, question, sample_report, simulated, study, trait
from valueprism_build.errors import BuildError, SettingsError

FAST = ReportSettings(draws=100)


@pytest.fixture(scope="module")
def sample() -> Report:
    return sample_report()


def rows(report: Report, name: str, **where: object) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = report.tables[name].to_pylist()
    return [row for row in found if all(row[column] == value for column, value in where.items())]


def test_every_table_but_that_of_scores_is_there_with_its_schema(sample: Report) -> None:
    assert sample.tables.keys() == SCHEMAS.keys() - {"item_scores"}
    assert all(table.schema == SCHEMAS[name] and table.num_rows for name, table in sample.tables.items())


def test_the_planted_effect_is_found_in_its_direction_and_the_other_demographic_is_left_alone(sample: Report) -> None:
    effects = {row["category"]: row for row in rows(sample, "group_effects")}
    # Planted: +0.9 for the first group of politics, -0.9 for the third, nothing by gender.
    assert effects["Liberal"]["difference_to_mean_low"] > 0 > effects["Conservative"]["difference_to_mean_high"]
    assert effects["Liberal"]["adjusted_p"] < 0.01 < effects["Woman"]["adjusted_p"]
    [reference] = [row for row in effects.values() if row["is_reference"] and row["demographic"] == "politics"]
    assert (reference["difference"], reference["odds_ratio"]) == (0, 1)


def test_the_two_kinds_of_contrast_say_the_same_of_each_item(sample: Report) -> None:
    contrasts = rows(sample, "item_contrasts")
    assert {row["verdict"] for row in contrasts} == {"different", "not shown", "too few people"}
    for row in contrasts:
        points = 100 * (row["yes"] / row["asked"] - row["other_yes"] / row["other_asked"]) if row["asked"] else None
        assert row["difference"] == pytest.approx(points)
        if row["verdict"] == "too few people":
            assert row["adjusted_p"] is None
        # Both intervals come of the same ones: one holds 1 where the other holds 0.
        elif row["ratio"] is not None:
            assert (row["low"] <= 0 <= row["high"]) == (row["ratio_low"] <= 1 <= row["ratio_high"])


def test_labels_are_distributions_of_the_votes(sample: Report) -> None:
    labels = rows(sample, "labels", item_id="item 3")
    answers = rows(sample, "item_answers", item_id="item 3", demographic="all")
    votes = {row["answer"]: row["count"] for row in answers}
    assert {row["answer"]: row["share"] for row in labels} == pytest.approx(
        {answer: count / sum(votes.values()) for answer, count in votes.items()}
    )
    for column in ("share", "majority", "dawid_skene", "mace"):
        assert sum(row[column] for row in labels) == pytest.approx(1)


def test_counts_of_groups_add_up_to_those_of_all_people(sample: Report) -> None:
    for demographic in ("gender", "politics"):
        of_groups = sum(row["count"] for row in rows(sample, "item_answers", demographic=demographic))
        assert of_groups == sum(row["count"] for row in rows(sample, "item_answers", demographic="all"))


def test_the_excluded_are_shown_and_in_no_figure(sample: Report) -> None:
    [excluded] = rows(sample, "exclusions")
    assert (excluded["annotator_id"], excluded["rule"], excluded["votes"]) == ("person 1", "too_fast", 20)
    [overall] = rows(sample, "rates", by="all")
    assert (overall["people"], overall["votes"]) == (SMALL.people - 1, (SMALL.people - 1) * 20)
    counts = {row["what"]: row["count"] for row in rows(sample, "participation")}
    assert (counts["people excluded"], counts["people of the list without a vote"], counts["rows refused"]) == (1, 0, 1)
    # Quality shows them all the same, with gold and repeats.
    assert len(rows(sample, "quality", annotator_id="person 1")) == 1
    [zero] = rows(sample, "quality", annotator_id="person 0")
    assert (zero["gold"], zero["gold_right"], zero["consistency"]) == (3, 2, 1)


def test_weighted_rates_stand_beside_unweighted_ones_and_the_sample_beside_the_target(sample: Report) -> None:
    [overall] = rows(sample, "rates", by="all")
    assert overall["plain_low"] < overall["rate"] < overall["plain_high"]
    assert overall["weighted_low"] < overall["weighted_rate"] < overall["weighted_high"]
    women = rows(sample, "people", demographic="gender", category="Woman")[0]
    assert women["target_share"] == TARGET["gender"]["Woman"]
    # The weighted share of women among those who said a gender is the target's.
    people = [row for row in rows(sample, "people", demographic="gender") if row["share"] is not None]
    weighted = {row["category"]: row["weight"] * row["people"] for row in people}
    assert weighted["Woman"] / sum(weighted.values()) == pytest.approx(0.5, abs=1e-4)
    without = analysed(simulated(), FAST)
    assert {row["weighted_rate"] for row in rows(without, "rates")} == {None}
    assert "representativeness" not in without.tables
    assert any("No target population was given" in each for each in without.cautions)


def test_of_several_looks_only_the_last_decides(sample: Report) -> None:
    first, last = rows(sample, "looks", category="Liberal")
    assert (first["statistic"], first["decision"]) == (None, "an earlier look")
    assert first["boundary"] > last["boundary"] > 1.96
    assert last["decision"] == "different: may stop"
    early = analysed(simulated(), replace(FAST, looks=(0.5,)))
    assert {row["decision"] for row in rows(early, "looks", demographic="gender")} == {"go on"}
    assert any("a look at 50% of the planned votes" in each for each in early.cautions)


def test_the_same_seed_gives_the_same_report_and_parts_left_out_change_no_other() -> None:
    material = simulated()
    whole, again = analysed(material, FAST), analysed(material, FAST)
    assert all(table.equals(again.tables[name]) for name, table in whole.tables.items())
    bare = analysed(material, replace(FAST, skip=frozenset(Part)))
    assert bare.tables.keys() == {"participation", "refused", "refused_counts", "people", "exclusions", "rates"}
    assert bare.tables["rates"].equals(whole.tables["rates"])
    assert not analysed(material, replace(FAST, seed=1)).tables["rates"].equals(whole.tables["rates"])


def test_only_methods_of_what_is_shown_are_told_each_with_its_numbers_in() -> None:
    report = analysed(simulated(), replace(FAST, skip=frozenset(Part)))
    assert [text.split(":")[0] for text in report.methods] == ["Rates", "Question agree"]
    assert "by 100 bootstrap draws" in report.methods[0]
    assert "{" not in "".join(sample_report(draws=20).methods)
    assert report.settings["left out"] == (
        "coefficients, group-effects, intersections, items, labels, open-answers, quality"
    )


def test_on_an_ordered_scale_groups_mean_scores_are_compared_item_by_item() -> None:
    rng = np.random.default_rng(0)
    people, items = 60, 5
    person, item = np.repeat(np.arange(people), items), np.tile(np.arange(items), people)
    # On item 0 the second half of the people answer two steps higher; on the others nobody differs.
    code = np.minimum(rng.integers(3, size=people * items) + 2 * ((item == 0) & (person >= 30)), 4)
    scale = Scale(Level.ORDINAL, ("1", "2", "3", "4", "5"), (0.0, 1.0, 2.0, 3.0, 4.0))
    party = trait("party", ["left", "right"], [int(each >= 30) for each in range(people)])
    report = analysed(
        study([question("strength", list(item), list(person), list(code), scale)], people, items, [party]), FAST
    )
    verdicts = {row["item_id"]: (row["verdict"], row["highest_group"]) for row in rows(report, "item_scores")}
    assert verdicts.pop("item 0") == ("different", "right")
    assert {verdict for verdict, _ in verdicts.values()} == {"not shown"}
    first = next(row for row in rows(report, "item_scores") if row["item_id"] == "item 0")
    scores = np.array(
        [
            [1 + each for each, n, who in zip(code, item, person, strict=True) if n == 0 and (who >= 30) == side]
            for side in (False, True)
        ]
    )
    # People chose 1 to 5, and so the means are of these and not of places from 0.
    assert (first["lowest_mean"], first["highest_mean"]) == pytest.approx(tuple(scores.mean(axis=1)))
    # Welch's interval of two groups, and z of 0.975 plus z of 0.8 standard errors.
    welch = ttest_ind(scores[1], scores[0], equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert (first["low"], first["high"]) == pytest.approx((interval.low, interval.high))
    assert first["detectable"] == pytest.approx(2.8016 * first["difference"] / welch.statistic, rel=1e-4)
    assert report.questions[0].yes == ()
    assert "rates" not in report.tables


def test_two_people_have_cohens_kappa_and_more_have_not() -> None:
    two = analysed(
        study([question("agree", [0, 1, 2, 3] * 2, [0] * 4 + [1] * 4, [1, 1, 0, 0, 1, 0, 0, 0])], 2, 4), FAST
    )
    # Observed 3/4; expected 1/2 * 1/4 + 1/2 * 3/4 = 1/2: (3/4 - 1/2) / (1/2) = 1/2.
    [kappa] = rows(two, "coefficients", coefficient="cohen_kappa")
    assert kappa["value"] == pytest.approx(0.5)
    assert not rows(analysed(simulated(), FAST), "coefficients", coefficient="cohen_kappa")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"yes": {"agreed": ("Yes",)}}, "--yes names question 'agreed'; votes are on agree"),
        ({"missing": {"open": "openly"}}, "--missing names question 'open'"),
        ({"target": {"age": {"old": 1.0}}}, "the target names demographic 'age'; the people have gender, politics"),
        ({"target": {"gender": {"woman": 1.0}}}, "nobody who voted is of a category of 'gender' that the target names"),
    ],
)
def test_a_setting_that_does_not_fit_the_votes_is_refused_in_one_line(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(BuildError, match=words):
        analysed(simulated(), replace(FAST, **settings))


@pytest.mark.parametrize(
    "settings", [{"draws": 0}, {"rate": 0.0}, {"cap": 1.0}, {"looks": (0.5, 0.5)}, {"looks": (1.5,)}, {"least_cell": 0}]
)
def test_settings_that_no_statistic_can_have_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        ReportSettings(**settings)


def test_a_category_that_the_target_has_and_nobody_is_of_is_a_caution() -> None:
    target = {"gender": {"Woman": 0.4, "Man": 0.4, "Agender": 0.2}}
    report = analysed(simulated(), replace(FAST, target=target))
    assert any("Nobody who voted is 'Agender' (gender)" in each for each in report.cautions)
    [row] = rows(report, "people", category="Agender")
    assert (row["people"], row["target_share"]) == (0, 0.2)
