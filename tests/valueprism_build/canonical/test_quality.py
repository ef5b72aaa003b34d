import pytest

from valueprism_build.canonical.clusters import How, Label
from valueprism_build.canonical.inventory import Inventory, Member
from valueprism_build.canonical.quality import WeightedPair, measure, wilson
from valueprism_build.records import SamePair, Vrd

VALUE, RIGHT = Vrd.VALUE, Vrd.RIGHT
# a and b are one consideration, c another; the right r is of c's concern.
INVENTORY = Inventory(
    (Label("1", VALUE, "a"), Label("2", VALUE, "c"), Label("3", RIGHT, "r")),
    (
        Member(VALUE, "a", "1", How.LABEL),
        Member(VALUE, "b", "1", How.FORM),
        Member(VALUE, "c", "2", How.LABEL),
        Member(RIGHT, "r", "3", How.LABEL),
    ),
    {"1": "x", "2": "y", "3": "y"},
)


def judged(one: str, other: str, same: bool, weight: float = 1.0) -> WeightedPair:
    return WeightedPair(SamePair(VALUE, one, RIGHT if other == "r" else VALUE, other, same), weight)


def test_wilson_gives_its_published_interval() -> None:
    # p = 0.9, n = 10, z = 1.959964: centre (0.9 + 3.841459 / 20) / 1.384146 = 0.788983,
    # half (1.959964 / 1.384146) * sqrt(0.09 / 10 + 3.841459 / 400) = 0.193158
    share = wilson(0.9, 10)
    assert (share.low, share.high) == pytest.approx((0.595825, 0.982141), abs=2e-4)
    assert (wilson(1.0, 10).high, wilson(0.0, 10).low) == (1.0, 0.0)


def test_precision_and_recall_count_pairs_put_together_and_pairs_judged_the_same() -> None:
    pairs = [
        judged("a", "B!", same=True),  # right
        judged("a", "b", same=False),  # wrong
        judged("b", "c", same=True),  # missed
        judged("a", "c", same=False),
        judged("c", "r", same=True),  # one concern
        judged("a", "zzz", same=True),  # nobody has said that
    ]
    found = measure(INVENTORY, pairs)
    assert found.precision is not None
    assert found.recall is not None
    assert (found.precision.share, found.recall.share) == (2 / 3, 2 / 3)
    assert (found.pairs, found.unknown) == (5, 1)
    assert found.wrong == (pairs[1].pair, pairs[2].pair)


def test_a_pair_counts_as_many_times_as_it_stands_for_and_widens_the_interval() -> None:
    # Weights 1 and 3: share 1/4 on 16 / 10 = 1.6 effective trials.
    found = measure(INVENTORY, [judged("a", "b", same=True), judged("a", "b", same=False, weight=3)])
    assert found.precision == wilson(0.25, 1.6)


def test_nothing_put_together_and_nothing_the_same_give_no_share() -> None:
    found = measure(INVENTORY, [judged("a", "c", same=False)])
    assert (found.precision, found.recall) == (None, None)
