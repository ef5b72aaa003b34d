import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from annotation.answers import read
from annotation.blocks import lay_out
from annotation.exchange.server import TaskState
from annotation.pages import FORM_OF
from annotation.settings import PlantingSettings
from annotation.simulated_people import Crowd, Person, SimulatedPeople
from annotation.vocabulary import Study, load_study, packaged_studies
from tests.annotation.pages_made import item, unit
from valueprism_build.campaigns import Gold, Page, PageKind
from valueprism_build.errors import SettingsError

START = datetime(2026, 1, 1, tzinfo=UTC)
AGREEMENT = load_study("agreement")[0]
UNITS = [unit(f"s{number}", 5) for number in range(40)]
GOLD = [item(f"g{number}", Gold.FOREIGN) for number in range(40)]
ITEMS = {id_: item(id_) for one in UNITS for id_ in one.items} | {one.id: one for one in GOLD}
PLANTING = PlantingSettings(gold=0.1, repeats=0.1, apart=1)
PAGES = lay_out(AGREEMENT, "c", "seat", UNITS, GOLD, PLANTING, seed=0).pages
PLAIN = Crowd(person_sd=0, item_sd=0)


def people(crowd: Crowd, study: Study = AGREEMENT) -> SimulatedPeople:
    return SimulatedPeople(study, ITEMS, crowd, np.random.default_rng(0))


def given(states: Sequence[TaskState], kind: PageKind, question: str = "agree") -> dict[str, str]:
    """What was answered on the pages of a kind, by item."""
    pages = {page.uid: page for page in PAGES}
    found = {}
    for state in states:
        page = pages[state.uid]
        if page.kind is kind:
            found[page.item_id] = read(AGREEMENT, FORM_OF[kind], state.uid, state.annotations[0].result).answers[
                question
            ]
    return found


@pytest.mark.parametrize("name", packaged_studies())
def test_simulated_people_answer_so_that_nothing_is_refused(name: str) -> None:
    study = load_study(name)[0]
    pages = lay_out(study, "c", "seat", UNITS, GOLD, PLANTING, seed=0).pages
    for speeds in (False, True):
        for state, page in zip(
            people(PLAIN, study).answered(Person(1, 1.0, speeds, None), pages, START), pages, strict=True
        ):
            assert read(study, FORM_OF[page.kind], page.uid, state.annotations[0].result).refused == []


def test_the_first_answer_comes_as_often_as_its_log_odds_say() -> None:
    crowd = Crowd(constant=0.0, effects={"left": math.log(4)}, person_sd=0, item_sd=0)
    simulated = people(crowd)
    for stratum, rate in (("left", 0.8), ("right", 0.5)):
        answers = given(simulated.answered(simulated.person(1, stratum, 9), PAGES, START), PageKind.ITEM).values()
        # 200 answers: five standard deviations of .8 are .14, of .5 are .18.
        assert list(answers).count("Yes") / 200 == pytest.approx(rate, abs=0.18)


def test_who_pays_attention_is_right_on_gold_and_says_the_same_twice() -> None:
    states = people(Crowd(attentive=1)).answered(Person(1, 5.0, False, None), PAGES, START)
    assert "Yes" not in given(states, PageKind.GOLD).values()
    first = given(states, PageKind.ITEM)
    repeats = given(states, PageKind.REPEAT)
    assert len(repeats) == 20
    assert repeats == {id_: first[id_] for id_ in repeats}


def test_a_speeder_answers_anything_in_a_second() -> None:
    states = people(PLAIN).answered(Person(1, 5.0, True, None), PAGES, START)
    assert {state.annotations[0].seconds for state in states} == {1.0}
    # A third of 200; five standard deviations are 33.
    assert list(given(states, PageKind.ITEM).values()).count("Yes") == pytest.approx(200 / 3, abs=34)


def test_who_leaves_stops_on_the_way() -> None:
    assert len(people(PLAIN).answered(Person(1, 1.0, False, 3), PAGES, START)) == 3
    simulated = people(Crowd(leavers=1))
    assert {simulated.person(n, "left", 5).pages for n in range(60)} == {0, 1, 2, 3, 4}
    assert people(PLAIN).person(1, "left", 5).pages is None


def test_the_same_seed_says_the_same() -> None:
    who = Person(1, 1.0, False, None)
    assert people(PLAIN).answered(who, PAGES, START) == people(PLAIN).answered(who, PAGES, START)


def test_a_result_is_what_a_server_reports() -> None:
    def result(page: Page) -> object:
        [state] = people(PLAIN).answered(Person(1, 50.0, False, None), [page], START)
        return json.loads(state.annotations[0].result)

    item_page = next(page for page in PAGES if page.kind is PageKind.ITEM)
    before = next(page for page in PAGES if page.kind is PageKind.BEFORE)
    assert result(item_page) == [{"from_name": "agree_0", "value": {"choices": ["Yes"]}}]
    assert result(before) == [{"from_name": "missing_open_0", "value": {"text": ["Mercy"]}}]


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"leavers of a simulated crowd is 1\.5"):
        Crowd(leavers=1.5)
