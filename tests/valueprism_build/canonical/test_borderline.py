import numpy as np

from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.canonical.borderline import AuditPair, draw
from valueprism_build.canonical.inventory import Inventory, Surface, update
from valueprism_build.records import Vrd

TEXTS = (
    "Duty to be honest",
    "Duty of honesty",
    "Duty to tell the truth",
    "duty to be HONEST",
    "Ann's duty to be honest",
    "Duty to protect one garden",
    "Duty to protect one garden wall",
    "Duty to dance",
)
INVENTORY = update(
    Inventory(), [Surface(Vrd.DUTY, text, 9 - number) for number, text in enumerate(TEXTS)], [], WordEncoder()
).inventory


def drawn(pairs: int, seed: int = 0) -> list[AuditPair]:
    return draw(INVENTORY, WordEncoder(), pairs=pairs, rng=np.random.default_rng(seed))


def test_pairs_are_members_with_their_label_and_labels_with_their_nearest() -> None:
    found = {frozenset((pair.one, pair.other)) for pair in drawn(60)}
    # Case and holder alone are nothing to judge. The two gardens share five of six words: cosine 0.9.
    assert found == {
        frozenset(("Duty to be honest", "Duty of honesty")),
        frozenset(("Duty to be honest", "Duty to tell the truth")),
        frozenset(("Duty to protect one garden", "Duty to protect one garden wall")),
    }


def test_a_drawn_pair_stands_for_those_that_were_not() -> None:
    # 6 pairs: one of each side of each type; two pairs are together, so the drawn one stands for both.
    weights = {frozenset((pair.one, pair.other)): pair.weight for pair in drawn(6)}
    assert sorted(weights.values()) == [1.0, 2.0]


def test_the_same_seed_draws_the_same_and_another_seed_others() -> None:
    assert drawn(6) == drawn(6)
    assert len({tuple(sorted((pair.one, pair.other) for pair in drawn(6, seed))) for seed in range(8)}) == 2


def test_a_label_that_nobody_says_is_shown_as_somebody_says_it() -> None:
    texts = ["Ann's right to rest", "Right to resting", "Right to work", "Right to work and rest"]
    known = update(Inventory(), [Surface(Vrd.RIGHT, text) for text in texts], [], WordEncoder()).inventory
    assert "Right to rest" in {label.label for label in known.labels}
    shown = {text for pair in draw(known, WordEncoder(), pairs=60, rng=np.random.default_rng(0)) for text in pair[1:3]}
    assert shown
    assert shown <= set(texts)


def test_an_inventory_of_one_consideration_has_nothing_apart() -> None:
    alone = update(Inventory(), [Surface(Vrd.VALUE, "Health")], [], WordEncoder()).inventory
    assert draw(alone, WordEncoder(), pairs=60, rng=np.random.default_rng(0)) == []
