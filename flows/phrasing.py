"""Free answers to phrases, and these with the list of what they are about as vectors: what wishes are made from."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from annotation.wishes.clustering import Said
from annotation.wishes.phrases import split
from annotation.wishes.saying_nothing import gist
from annotation.wishes.settings import MissingSettings
from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.ids import phrase_digest
from valueprism_build.records import Consideration, Rejected, Stage
from valueprism_build.wishes import Voice, Written


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of one answer."""

    of: Written
    text: str
    gist: str

    @property
    def digest(self) -> str:
        """Return what it is remembered by."""
        return phrase_digest(self.of.situation_id, self.gist)

    def voice(self, wish_id: str) -> Voice:
        """Return that its writer voiced this wish."""
        of = self.of
        return Voice(wish_id, of.situation_id, of.campaign_id, of.uid, of.question, of.annotator_id, self.digest)


def phrases_of(written: Sequence[Written], limits: MissingSettings) -> tuple[list[Phrase], dict[str, list[Rejected]]]:
    """Return the phrases of all answers, and what of these is none, by situation.

    The subject of a `Rejected` is the page, the question and the place among the parts that were set aside.
    """
    phrases: list[Phrase] = []
    aside: dict[str, list[Rejected]] = {}
    for answer in written:
        found = split(answer.text, most_phrases=limits.most_phrases, most_words=limits.most_words)
        phrases += [Phrase(answer, text, gist(text)) for text in found.kept]
        aside.setdefault(answer.situation_id, []).extend(
            Rejected(f"{answer.uid}:{answer.question}:{place}", Stage.MISSING, one.rule, one.detail)
            for place, one in enumerate(found.set_aside)
        )
    return phrases, aside


@dataclass(frozen=True, slots=True)
class Discussed:
    """What was said about one situation, and its list; a row of the vectors for each."""

    phrases: Sequence[Phrase]
    said: Sequence[Said]
    said_vectors: Vectors
    items: Sequence[Consideration]
    item_vectors: Vectors


def discussed(phrases: Sequence[Phrase], items: Sequence[Consideration], encoder: Encoder) -> Iterator[Discussed]:
    """Yield the situations that something was said about; all texts are embedded in one call."""
    texts = list(dict.fromkeys([*(phrase.gist for phrase in phrases), *(item.text for item in items)]))
    if not phrases:
        return
    vectors, row = encoder.encode(texts), {text: number for number, text in enumerate(texts)}
    lists: dict[str, list[Consideration]] = {}
    for item in items:
        lists.setdefault(item.situation_id, []).append(item)
    by_situation = sorted(phrases, key=lambda phrase: phrase.of.situation_id)
    for id_, group in groupby(by_situation, key=lambda phrase: phrase.of.situation_id):
        own, listing = list(group), lists.get(id_, [])
        said = _said(own)
        of_said, of_items = ([row[text] for text in part] for part in (gists(said), [item.text for item in listing]))
        yield Discussed(own, said, vectors[of_said], listing, vectors[of_items])


def gists(said: Sequence[Said]) -> list[str]:
    """Return the gist of each."""
    return [one.gist for one in said]


def _said(phrases: Sequence[Phrase]) -> list[Said]:
    """Return each way to put it once, with how many people did."""
    first: dict[str, Phrase] = {}
    for phrase in phrases:
        first.setdefault(phrase.digest, phrase)
    people = Counter(digest for digest, _ in {(phrase.digest, phrase.of.annotator_id) for phrase in phrases})
    return [Said(phrase.of.situation_id, phrase.text, phrase.gist, people[digest]) for digest, phrase in first.items()]
