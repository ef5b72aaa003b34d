import numpy as np

from valueprism_build.release.agreement.cohorts import Cohorts, People, shared


def people(*numbers: int) -> People:
    return np.array(numbers, dtype=np.int64)


def listed(found: Cohorts) -> list[list[int]]:
    """Return on whom each is counted."""
    return [found.people[place].tolist() if place >= 0 else [] for place in found.of]


def test_nearly_the_same_people_are_counted_on_whom_they_share() -> None:
    # The first two differ by one person each way, the third from both by none or one.
    found = shared([people(0, 1, 2, 3, 4), people(0, 1, 2, 3, 5), people(0, 1, 2, 3)], k=2)
    assert listed(found) == [[0, 1, 2, 3]] * 3


def test_people_who_differ_by_k_are_counted_as_they_are() -> None:
    first, second = people(0, 1, 2, 3, 4), people(2, 3, 4, 5, 6)
    found = shared([first, second, first], k=2)
    assert listed(found) == [first.tolist(), second.tolist(), first.tolist()]
    assert found.within == [[0], [1]]


def test_what_k_and_more_skipped_is_counted_on_all_and_known_to_lie_within() -> None:
    found = shared([people(0, 1, 2, 3, 4, 5), people(0, 1, 2, 3)], k=2)
    assert listed(found) == [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3]]
    assert [sorted(each) for each in found.within] == [[0, 1], [0, 1]]


def test_a_chain_of_leavers_is_counted_on_who_stayed() -> None:
    # One more leaves at each item; the first and the last differ by three, and yet each step would tell of one.
    found = shared([people(*range(size)) for size in (9, 8, 7, 6)], k=2)
    assert listed(found) == [list(range(6))] * 4


def test_fewer_than_twice_k_are_not_counted_and_leave_the_others_alone() -> None:
    found = shared([people(0, 1, 2), people(0, 1, 2, 3)], k=2)
    assert listed(found) == [[], [0, 1, 2, 3]]
    assert shared([], k=2) == Cohorts([], [], [])


def test_who_share_too_few_are_not_counted_at_all() -> None:
    found = shared([people(0, 1, 2, 3), people(0, 1, 2, 4)], k=2)
    assert listed(found) == [[], []]
