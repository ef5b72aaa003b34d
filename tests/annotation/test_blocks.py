from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.blocks import lay_out
from annotation.settings import PlantingSettings
from annotation.vocabulary import load_study
from tests.annotation.pages_made import gold, unit
from valueprism_build.campaigns import Page, PageKind
from valueprism_build.errors import SettingsError

AGREEMENT = load_study("agreement")[0]
QUALITY = load_study("quality")[0]
UNITS = [unit(f"s{number}", 4) for number in range(10)]
ELSEWHERE = gold([f"g{number}" for number in range(20)])
TENTH = PlantingSettings(gold=0.1, repeats=0.1, apart=3)
NONE = PlantingSettings(gold=0, repeats=0)


def pages(seat: str = "seat", planting: PlantingSettings = TENTH, seed: int = 0) -> tuple[Page, ...]:
    return lay_out(AGREEMENT, "c", seat, UNITS, ELSEWHERE, planting, seed=seed).pages


def test_consent_comes_first_and_every_situation_stays_together_with_its_list_at_its_end() -> None:
    block = pages(planting=NONE)
    assert [page.kind for page in block[:2]] == [PageKind.INTRO, PageKind.BEFORE]
    visits = [list(group) for _, group in groupby(block[1:], key=lambda page: page.situation_id)]
    assert len(visits) == 10
    for visit in visits:
        assert [page.kind for page in visit] == [PageKind.BEFORE, *[PageKind.ITEM] * 4, PageKind.AFTER]
        assert len({page.item_id for page in visit[1:-1]}) == 4
    assert [page.position for page in block] == list(range(1 + 10 * 6))


def test_a_study_that_asks_nothing_before_has_no_page_for_it() -> None:
    block = lay_out(QUALITY, "c", "seat", UNITS, [], NONE, seed=0)
    assert PageKind.BEFORE not in {page.kind for page in block.pages}
    assert len(block.pages) == 1 + 10 * 5


def test_gold_and_repeats_are_planted_at_their_rates() -> None:
    # A tenth of 40 items each.
    kinds = [page.kind for page in pages()]
    assert (kinds.count(PageKind.GOLD), kinds.count(PageKind.REPEAT)) == (4, 4)
    assert kinds.count(PageKind.ITEM) == 40


@given(st.integers(0, 50), st.integers(0, 9))
def test_a_repeat_comes_late_enough_and_gold_never_first(seed: int, apart: int) -> None:
    block = pages(planting=PlantingSettings(gold=0.2, repeats=0.2, apart=apart), seed=seed)
    assert block[1].kind is PageKind.BEFORE
    stops = [kind for kind, _ in groupby(block, key=lambda page: (page.situation_id, page.kind is PageKind.REPEAT))]
    for page in block:
        if page.kind is PageKind.REPEAT:
            first = next(one for one in block if one.item_id == page.item_id)
            between = stops[stops.index((first.situation_id, False)) + 1 : stops.index((page.situation_id, True))]
            assert first.kind is PageKind.ITEM
            assert len(between) >= apart


def test_gold_of_a_situation_that_the_seat_judges_is_left_out_and_what_lacks_is_counted() -> None:
    block = lay_out(AGREEMENT, "c", "seat", UNITS, gold(["s0", "g0"]), TENTH, seed=0)
    planted = [page for page in block.pages if page.kind is PageKind.GOLD]
    assert [page.situation_id for page in planted] == ["g0"]
    assert block.lacking == 3  # of the four gold items


def test_a_block_too_short_for_repeats_says_how_many_lack() -> None:
    block = lay_out(AGREEMENT, "c", "seat", UNITS[:2], [], PlantingSettings(gold=0, repeats=0.5, apart=3), seed=0)
    assert PageKind.REPEAT not in {page.kind for page in block.pages}
    assert block.lacking == 4


def test_every_page_has_an_id_of_its_own_that_another_layout_keeps() -> None:
    block, other = pages(seed=0), pages(seed=1)
    assert len({page.uid for page in block}) == len(block)
    assert [page.uid for page in block] != [page.uid for page in other]
    assert {page.uid for page in block if page.kind is PageKind.ITEM} == {
        page.uid for page in other if page.kind is PageKind.ITEM
    }


def test_another_seat_has_other_ids_and_another_order() -> None:
    one, other = pages("seat 1", planting=NONE), pages("seat 2", planting=NONE)
    assert {page.uid for page in one}.isdisjoint(page.uid for page in other)
    assert [page.item_id for page in one] != [page.item_id for page in other]
    assert {page.item_id for page in one} == {page.item_id for page in other}


def test_what_a_seat_gets_later_goes_on_where_it_stopped_without_another_consent() -> None:
    had = lay_out(AGREEMENT, "c", "seat", UNITS, ELSEWHERE[:5], TENTH, seed=0).pages
    more = lay_out(AGREEMENT, "c", "seat", [unit("new", 10)], ELSEWHERE[:5], TENTH, seed=0, had=had).pages
    assert [page.position for page in more] == list(range(len(had), len(had) + 12 + 1))
    assert PageKind.INTRO not in {page.kind for page in more}
    assert {page.uid for page in had}.isdisjoint(page.uid for page in more)


@pytest.mark.parametrize("wrong", [{"gold": 1.1}, {"repeats": -0.1}, {"apart": -1}])
def test_rates_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=f"planting setting {next(iter(wrong))} is"):
        PlantingSettings(**wrong)  # type: ignore[arg-type]
