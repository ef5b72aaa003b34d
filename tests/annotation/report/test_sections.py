from collections.abc import Mapping, Sequence

from annotation.report.conduct_sections import looks, quality
from annotation.report.grids import Limits, Section
from annotation.report.group_sections import effects, small_groups
from annotation.report.item_sections import items
from annotation.report.missing_section import missing_perspective
from annotation.report.people_sections import participation
from annotation.report.summary import summary
from annotation.report.tables import ALL, QuestionFacts, Report, of_rows
from annotation.votes.scales import Level

AGREE = QuestionFacts("agree", "Do you agree?", Level.BINARY, ("No", "Yes"), ("Yes",))


def report(**tables: Sequence[Mapping[str, object]]) -> Report:
    made = {name: of_rows(name, [{"question": "agree", **row} for row in rows]) for name, rows in tables.items()}
    return Report("A study", (AGREE,), {}, (), (), made)


def words_of(section: Section) -> str:
    return "\n".join(words for block in section.blocks for words in block.words)


def names_of(section: Section) -> list[str]:
    return [plot.name for block in section.blocks for plot in block.plots]


def contrast(item: str, verdict: str, difference: float, p_value: float) -> Mapping[str, object]:
    groups = {"demographic": "age", "category": "old", "other": "(everybody else)"}
    numbers = {"difference": difference, "low": difference - 9, "high": difference + 9, "p_value": p_value}
    return {"item_id": item, "text": f"Text of {item}", "verdict": verdict, **groups, **numbers, "yes": 3, "asked": 4}


def answers(item: str) -> Mapping[str, object]:
    return {"item_id": item, "demographic": "age", "group": "old", "answer": "Yes", "count": 3}


def effect(category: str, difference: float | None, low: float | None, high: float | None) -> Mapping[str, object]:
    ends = {"difference": difference, "difference_low": low, "difference_high": high}
    return {"demographic": "age", "category": category, "people": 30, "is_reference": False, **ends, "adjusted_p": 0.01}


def test_items_that_differ_are_drawn_once_each_the_largest_difference_first_and_no_others() -> None:
    found = items(
        report(
            item_contrasts=[
                contrast("a", "different", 20, 0.001),
                contrast("b", "different", -40, 0.002),
                contrast("b", "different", -39, 0.003),
                contrast("c", "not shown", 60, 0.4),
            ],
            item_answers=[answers("a"), answers("b"), answers("c")],
        ),
        Limits(),
    )

    titles = [block.title for block in found.blocks if block.plots]
    assert titles == ["1. Text of b", "2. Text of a"]
    assert "4 contrasts of a group with others on one item: 3 shown to differ, 1 not shown" in words_of(found)


def test_items_beyond_the_limit_are_counted() -> None:
    rows = [contrast(name, "different", 20, 0.001) for name in "abc"]

    found = items(report(item_contrasts=rows, item_answers=[answers(name) for name in "abc"]), Limits(items=1))

    assert len(names_of(found)) == 1
    assert "1 are drawn; 2 more stand in the table" in words_of(found)


def test_where_nothing_is_shown_to_differ_the_page_says_not_to_read_findings_into_it() -> None:
    rows = [contrast(name, "not shown", 20, 0.1) for name in "abc"]

    found = items(report(item_contrasts=rows, item_answers=[answers(name) for name in "abc"]), Limits(unproven=2))

    assert len(names_of(found)) == 2
    assert "do not read them as findings" in words_of(found)


def test_where_people_are_too_few_for_every_contrast_nothing_is_drawn() -> None:
    found = items(report(item_contrasts=[contrast("a", "too few people", 20, 1.0)]), Limits())

    assert names_of(found) == []
    assert "1 with too few people to tell. There is nothing to draw" in words_of(found)


def test_a_finding_on_groups_names_those_whose_interval_leaves_out_zero() -> None:
    rows = [effect("young", 0.0, None, None), effect("middle", 2, -1, 5), effect("old", -6, -9, -3)]
    rows[0] = {**rows[0], "is_reference": True}

    (words, block) = effects(report(group_effects=rows), Limits()).blocks

    assert "odds ratios" in words.words[0]
    assert "of 2 differences of groups, 1 have an interval that leaves out 0" in block.plots[0].finding
    assert "old (age, \N{MINUS SIGN}6.0 percentage points)" in block.plots[0].finding


def test_a_demographic_without_an_estimate_is_told_and_not_drawn() -> None:
    found = effects(report(group_effects=[effect("old", None, None, None)]), Limits())

    assert names_of(found) == []
    assert "No difference could be estimated for age" in words_of(found)


def test_pooling_names_the_group_that_it_moves_most() -> None:
    rows = [
        {"demographic": "age", "category": "old", "people": 5, "difference": -20.0, "pooled_difference": -4.0},
        {"demographic": "age", "category": "young", "people": 90, "difference": 3.0, "pooled_difference": 2.9},
    ]

    found = words_of(small_groups(report(pooled=rows), Limits()))

    moved = "from \N{MINUS SIGN}20.0 to \N{MINUS SIGN}4.0 percentage points"
    assert f"pooling moves old (age, 5 people) most, {moved}" in found


def test_ways_of_asking_stand_side_by_side() -> None:
    rows = [
        {"protocol": way, "demographic": ALL, "group": ALL, "asked": 10, "said_missing": said, "rate": said / 10}
        for way, said in (("asked openly", 1), ("after the list", 4))
    ]

    found = missing_perspective(report(missing_perspective=rows), Limits())

    assert "Asked openly: 10.0 % of 10 people" in found.blocks[0].plots[0].finding
    assert "After the list: 40.0 % of 10 people" in found.blocks[0].plots[0].finding


def test_people_of_whom_a_demographic_is_not_known_are_counted() -> None:
    rows = [
        {"demographic": "age", "category": "old", "people": 30, "share": 1.0, "target_share": 0.4},
        {"demographic": "age", "category": "(not said)", "people": 7},
    ]

    found = participation(report(people=rows), Limits())

    assert "Age: 7 people" in words_of(found)
    assert "old of Age, 100.0 % of those who took part against 40.0 %" in found.blocks[1].plots[0].finding


def test_single_people_are_not_on_the_page_but_their_spread_is() -> None:
    rows = [{"annotator_id": f"person {place}", "votes": place, "modal_share": 0.5} for place in range(11)]

    found = quality(report(quality=rows), Limits()).blocks[0].grids[0]

    # votes 0 to 10: the first decile is 1, the median 5, the ninth 9
    assert ("agree", "Votes", "11", "0", "1", "5", "9", "10") in found.rows
    assert not any(cell.startswith("person ") for row in found.rows for cell in row)


def test_a_look_counts_the_groups_beyond_their_own_boundary() -> None:
    rows = [
        {"demographic": "age", "category": "old", "look": 2, "statistic": -3.1, "boundary": 3.0},
        {"demographic": "race", "category": "one", "look": 2, "statistic": 3.1, "boundary": 3.2},
        {"demographic": "age", "category": "old", "look": 1, "statistic": None, "boundary": 4.0},
    ]

    found = looks(report(looks=rows), Limits())

    assert found.blocks[0].plots[0].finding == "agree, look 2: of 2 groups, 1 beyond the boundary."


def test_the_summary_has_the_rate_with_its_interval_and_the_weighted_one() -> None:
    rates = {"of": ALL, "by": ALL, "group": ALL, "answer": "Yes", "rate": 0.9, "low": 0.88, "high": 0.92}
    found = summary(report(rates=[{**rates, "weighted_rate": 0.8}], participation=[{"what": "votes", "count": 1234}]))

    assert [figure.value for figure in found.figures] == ["1,234", "90.0 %"]
    assert found.sentences[0] == "agree: 90.0 % (88.0 to 92.0 %) of the votes say Yes; weighted to the target 80.0 %."
