import pytest

from annotation.power import Ask, answering_of, smallest_difference
from annotation.power_curve import CurvePoint, power_curve
from annotation.settings import PowerSettings

SETTINGS = PowerSettings()


def curve(people: int = 100, strata: int = 2, overlap: int = 20, items: int = 300) -> list[CurvePoint]:
    return power_curve(people=people, strata=strata, overlap=overlap, items=items, settings=SETTINGS)


def test_a_point_is_what_the_plan_of_that_size_could_find() -> None:
    [here] = [point for point in curve() if (point.people, point.overlap) == (100, 20)]
    # 300 items of 20 people each are 6,000 answers of 200 people: 30 each. One pair of strata is compared.
    answering = answering_of(SETTINGS.constant, SETTINGS.person_sd, SETTINGS.item_sd, 30)
    assert here.difference == pytest.approx(
        smallest_difference(answering, 100, 100, Ask(SETTINGS.alpha, SETTINGS.power))
    )


def test_more_people_and_more_overlap_find_smaller_differences() -> None:
    for overlap in (10, 20, 40):
        found = [point.difference for point in curve() if point.overlap == overlap]
        assert found == sorted(found, reverse=True)
        assert len(set(found)) > 1
    by_overlap = {point.overlap: point.difference for point in curve() if point.people == 100}
    assert by_overlap[10] > by_overlap[20] > by_overlap[40]


def test_more_strata_want_larger_differences_for_more_pairs_are_compared() -> None:
    # As many answers of each person: three strata of 100 people share one and a half times the overlap.
    two = next(p for p in curve(strata=2, overlap=20) if (p.people, p.overlap) == (100, 20))
    three = next(p for p in curve(strata=3, overlap=30) if (p.people, p.overlap) == (100, 30))
    assert three.difference > two.difference


def test_nobody_answers_an_item_twice() -> None:
    # 8 answers an item of 2 strata: with fewer than 4 people of each somebody would.
    assert min(point.people for point in curve(people=8, overlap=8, items=50) if point.overlap == 8) >= 4
