from collections.abc import Sequence
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valueprism_build.hash_encoder import HashEncoder
from valueprism_build import ids
from valueprism_build.embedding import Vectors
from valueprism_build.records import Split
from valueprism_build.situations.families import Families, Family, FamilyThresholds, Member, Newcomer, Related, update
from valueprism_build.tasks.splits import most_held_out

WITHIN = 5
"""Degrees from which on two situations of the circle are alike."""
ON_THE_CIRCLE = FamilyThresholds(similarity=1.0, cosine=float(np.cos(np.radians(WITHIN + 0.01))))


class Circle:
    """Embeds "at 40" as the direction of 40 degrees: whoever is near is alike, and a chain goes round."""

    model = "circle"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        angles = np.radians([float(text.removeprefix("at ")) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def came(known: Families, *degrees: int) -> Families:
    """Return the families after these have come; who is here already does not come again."""
    here = {member.text for member in known.members}
    texts = [text for text in (f"at {degree}" for degree in degrees) if text not in here]
    return update(known, [newcomer(text) for text in texts], Circle(), ON_THE_CIRCLE)


def newcomer(text: str) -> Newcomer:
    return Newcomer(ids.situation_id(text), text)


def families(known: Families) -> set[frozenset[str]]:
    """Return who is together, by text."""
    homes = known.homes()
    found: dict[str, set[str]] = {}
    for member in known.members:
        found.setdefault(homes[member.situation_id], set()).add(member.text)
    return {frozenset(members) for members in found.values()}


def splits(known: Families, salt: str) -> dict[str, Split]:
    by_head = {head: most_held_out(parts, salt) for head, parts in known.merged().items()}
    homes = known.homes()
    return {member.text: by_head[homes[member.situation_id]] for member in known.members}


def test_letters_and_meaning_make_families_and_the_first_who_came_gives_the_name() -> None:
    texts = ["Going 20 mph over the limit", "at 0", "Going 50 mph over the limit"]
    letters = update(Families(), [newcomer(text) for text in texts], HashEncoder(), FamilyThresholds(0.5, 0.9))
    assert families(letters) == {frozenset({texts[0], texts[2]}), frozenset({texts[1]})}
    assert [family.id for family in letters.families] == [ids.situation_id(text) for text in texts[:2]]
    meaning = came(Families(), 0, 20, 4, 8)
    assert families(meaning) == {frozenset({"at 0", "at 4", "at 8"}), frozenset({"at 20"})}
    assert [family.id for family in meaning.families] == [ids.situation_id("at 0"), ids.situation_id("at 20")]


def test_a_newcomer_joins_who_is_there_and_changes_nothing_else() -> None:
    before = came(Families(), 0, 20)
    after = came(before, 3)
    assert after.families == before.families
    assert after.members == (*before.members, Member(*newcomer("at 3"), ids.situation_id("at 0")))


def test_a_bridge_merges_two_families_into_the_elder_and_says_why() -> None:
    before = came(Families(), 8, 0, 50)
    after = came(before, 4)
    eight, zero, fifty, four = (ids.situation_id(f"at {degree}") for degree in (8, 0, 50, 4))
    # cos 4 degrees = 0.9976
    reason = f"{zero} and {four} are alike by meaning, 0.998"
    assert after.families == (Family(eight), Family(zero, eight, reason), Family(fifty))
    assert after.heads() == {eight: eight, zero: eight, fifty: fifty}
    assert after.merged() == {eight: [eight, zero], fifty: [fifty]}


def test_mergers_of_mergers_end_at_one_head() -> None:
    last = came(came(came(Families(), 20, 10, 0), 15), 5)
    assert set(last.heads().values()) == {ids.situation_id("at 20")}
    assert families(last) == {frozenset(f"at {degree}" for degree in (20, 10, 0, 15, 5))}


def test_without_a_newcomer_nothing_changes_and_nothing_is_embedded() -> None:
    encoder = Circle()
    known = came(Families(), 0, 20)
    assert update(known, [], encoder, ON_THE_CIRCLE) == known
    assert encoder.asked == []


def test_what_was_made_of_a_situation_is_of_its_family_also_when_that_is_known_later() -> None:
    zero, twenty, fifty = (newcomer(f"at {degree}") for degree in (0, 20, 50))
    pairs = [Related(twenty.situation_id, zero.situation_id), Related(fifty.situation_id, "somebody who is not here")]
    together = {frozenset({"at 0", "at 20"}), frozenset({"at 50"})}
    known = update(Families(), [zero, twenty, fifty], Circle(), ON_THE_CIRCLE, pairs)
    assert families(known) == together
    encoder = Circle()
    later = update(came(Families(), 0, 20, 50), [], encoder, ON_THE_CIRCLE, pairs)
    assert (families(later), encoder.asked) == (together, [])
    assert update(later, [], encoder, ON_THE_CIRCLE, pairs) == later


RELEASES = st.lists(st.sets(st.integers(0, 89), max_size=12), min_size=10, max_size=10)


@settings(max_examples=60, deadline=None)
@given(RELEASES, st.text("0123456789", min_size=1, max_size=4))
def test_in_ten_releases_of_data_that_comes_and_goes_nobody_leaves_test_and_the_alike_are_together(
    releases: list[set[int]], salt: str
) -> None:
    known = Families()
    held: dict[str, Split] = {}
    order = list(Split)
    for present in releases:
        known = came(known, *sorted(present, reverse=len(held) % 2 == 0))
        now = splits(known, salt)
        for text, split in held.items():
            assert order.index(now[text]) >= order.index(split)  # test stays; train and val may come to be held out
        held = now
        for one, other in combinations(present, 2):
            if abs(one - other) <= WITHIN:
                assert now[f"at {one}"] == now[f"at {other}"]
    # Families are those of everything that ever came, taken at once.
    ever = sorted(set.union(*releases))
    assert families(known) == families(came(Families(), *ever))
