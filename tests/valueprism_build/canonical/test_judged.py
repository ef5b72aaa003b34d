from valueprism_build.canonical.judged import Judged, key_of, latest
from valueprism_build.records import SamePair, Vrd

RIGHT = Vrd.RIGHT


def pair(one: str, other: str, same: bool) -> SamePair:
    return SamePair(RIGHT, one, RIGHT, other, same)


def test_the_last_judgement_of_a_pair_counts_whichever_side_comes_first() -> None:
    first, other, again = pair("a", "b", same=True), pair("b", "c", same=True), pair("B", "A", same=False)
    assert latest([first, other, again]) == [again, other]
    assert latest([]) == []


def test_what_is_barred_from_one_is_barred_from_all_that_must_stay_with_it() -> None:
    judged = Judged([pair("a", "b", same=True), pair("b", "c", same=True), pair("c", "d", same=False)])
    a, b, c, d = (key_of(RIGHT, name) for name in "abcd")
    assert judged.unit(a) == {a, b, c}
    assert judged.unit(d) == {d}
    assert judged.barred(a) == {d}
    assert judged.barred(d) == {c}


def test_pairs_of_two_types_are_no_judgement_of_wordings() -> None:
    judged = Judged([SamePair(Vrd.VALUE, "Health", RIGHT, "Right to health", same=True)])
    assert (judged.same, judged.apart) == ([], [])
