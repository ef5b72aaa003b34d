"""Free answers to wishes, with the model that the project comes with, against what each answer was written to mean.

`tests/data/wishes_said.md` says who wrote them (a language model) and what may be concluded.
"""

import tomllib
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import pytest

from annotation.wishes.clustering import cluster
from annotation.wishes.listing import Inventory, listed
from annotation.wishes.settings import MissingSettings
from flows.phrasing import Discussed, Phrase, discussed, phrases_of
from valueprism_build.ids import consideration_id, situation_id
from valueprism_build.records import Consideration, Valence, Vrd
from valueprism_build.st_encoder import SentenceTransformerEncoder
from valueprism_build.wishes import Written

SAID: Final = Path(__file__).resolve().parents[1] / "data" / "wishes_said.toml"
LIMITS: Final = MissingSettings()
LISTED, NOTHING, PERSONAL = "=", "-", "!"

Means: TypeAlias = Mapping[str, str]
"""Words of the answer -> what the part with these words means; the empty word is in every part."""


class Read(NamedTuple):
    """The answers and their phrases; `means` by the page of the answer."""

    written: list[Written]
    means: dict[str, Means]
    items: list[Consideration]
    phrases: list[Phrase]

    def meaning(self, phrase: Phrase) -> str:
        """Return what the phrase means: of an answer with several meanings the first whose words it has."""
        means = self.means[phrase.of.uid].items()
        return next((of for words, of in means if words.casefold() in phrase.text.casefold()), NOTHING)


class Counts(NamedTuple):
    """Pairs of phrases put together or left apart, and phrases taken as listed or not."""

    together: list[tuple[str, str]]
    wrongly_together: list[tuple[str, str]]
    apart: list[tuple[str, str]]
    seen_listed: list[str]
    wrongly_listed: list[str]
    overlooked: list[str]


@pytest.fixture(scope="module")
def read() -> Read:
    written, items = [], []
    means: dict[str, Means] = {}
    for place in tomllib.loads(SAID.read_text(encoding="utf-8"))["situations"]:
        id_ = situation_id(place["text"])
        for number, entry in enumerate(place["listed"]):
            vrd, text = entry.split(": ")
            own = consideration_id(id_, Vrd(vrd), text, Valence.EITHER)
            items.append(Consideration(own, id_, Vrd(vrd), text, "So.", Valence.EITHER, "t", "h", number))
        for number, one in enumerate(place["said"]):
            uid = f"{id_}-{number}"
            written.append(Written("pilot", uid, "missing_listed", id_, f"p{number}", one["text"]))
            means[uid] = {"": one["means"]} if isinstance(one["means"], str) else dict(one["means"])
    return Read(written, means, items, phrases_of(written, LIMITS)[0])


@pytest.fixture(scope="module")
def counts(read: Read) -> Counts:
    found = Counts([], [], [], [], [], [])
    meaning = {phrase.digest: read.meaning(phrase) for phrase in read.phrases}
    for one in discussed(read.phrases, read.items, SentenceTransformerEncoder()):
        _count(one, meaning, found)
    return found


def _count(one: Discussed, meaning: Mapping[str, str], found: Counts) -> None:
    forms, home = {item.id: Inventory(()).forms(item) for item in one.items}, {}
    for wish in cluster(one.said, one.said_vectors, {}, same=LIMITS.same):
        entry = listed(wish, one.items, forms, one.said_vectors, one.item_vectors, least=LIMITS.listed)
        for phrase in wish.phrases:
            means = meaning[phrase.digest]
            home[phrase.digest] = wish.wish_id
            if entry is not None:
                (found.seen_listed if means.startswith(LISTED) else found.wrongly_listed).append(phrase.text)
            elif means.startswith(LISTED):
                found.overlooked.append(phrase.text)
    for mine, other in combinations(one.said, 2):
        same = meaning[mine.digest] == meaning[other.digest] not in (NOTHING, PERSONAL)
        pair = mine.text, other.text
        if home[mine.digest] == home[other.digest]:
            (found.together if same else found.wrongly_together).append(pair)
        elif same and not meaning[mine.digest].startswith(LISTED):
            found.apart.append(pair)


def test_there_are_enough_answers_of_every_kind(read: Read) -> None:
    assert (len(read.written), len({one.situation_id for one in read.written})) == (152, 12)
    kinds = [set(means.values()) for means in read.means.values()]
    assert (kinds.count({NOTHING}), kinds.count({PERSONAL})) == (11, 1)
    wished = {(one.of.situation_id, read.meaning(one)) for one in read.phrases}
    assert len([means for _, means in wished if means[0] not in (LISTED, NOTHING, PERSONAL)]) == 52


def test_no_answer_that_means_something_is_lost_and_nothing_personal_passes(read: Read) -> None:
    kept = {phrase.of.uid for phrase in read.phrases}
    unread = [one for one in read.written if one.uid not in kept]
    assert [one.text for one in unread if not {NOTHING, PERSONAL} & set(read.means[one.uid].values())] == []
    assert [phrase.text for phrase in read.phrases if read.meaning(phrase) == PERSONAL] == []
    sent = " ".join(phrase.text for phrase in read.phrases)
    assert [name for name in ("Ivan", "Petrov", "Joanna", "Haddad", "7946") if name in sent] == []


def test_what_says_nothing_in_usual_words_is_not_asked_about(read: Read) -> None:
    # 6 of the 11 that mean nothing are jokes, abuse and stories: only a teacher can tell.
    asked = {one.of.uid: one.of.text for one in read.phrases if set(read.means[one.of.uid].values()) == {NOTHING}}
    assert len(asked) <= 6, list(asked.values())


def test_what_is_put_together_belongs_together_and_what_is_taken_as_listed_is(counts: Counts) -> None:
    assert counts.wrongly_together == []
    assert counts.wrongly_listed == []


def test_embeddings_find_a_little_and_leave_the_rest_to_a_teacher(counts: Counts) -> None:
    # 2 of 95 pairs, 5 of 34 phrases: why a teacher is shown what it has brought before (`wish_asking.rounds`).
    assert len(counts.together) >= 2
    assert len(counts.together) + len(counts.apart) == 95
    assert len(counts.seen_listed) >= 5
    assert len(counts.seen_listed) + len(counts.overlooked) == 34
