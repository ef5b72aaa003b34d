"""The canonical inventory: which wordings are one consideration, remembered from one release to the next.

A wording joins the consideration whose label has its form, else one whose label differs in a single synonym, else it
founds one. It is compared with labels only, so nothing chains. Whoever is in stays in; what a person has said of a
pair goes before everything, and is the only thing that moves a wording.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from valueprism_build.canonical.clusters import Clusters, How, Label, Place
from valueprism_build.canonical.concerns import assign_concerns
from valueprism_build.canonical.judged import Judged, Key, key_of
from valueprism_build.canonical.synonyms import Synonyms, synonyms
from valueprism_build.canonical.wording import word_of, wording
from valueprism_build.embedding import Encoder
from valueprism_build.records import Canonical, SamePair, Vrd

LEAST_SYNONYM: Final = 0.8
"""Cosine of two words from which they may stand for one another; it belongs to all-MiniLM-L6-v2."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A wording as teachers write it, and how often."""

    vrd: Vrd
    text: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Member:
    """A wording and the consideration that it stands for."""

    vrd: Vrd
    text: str
    canonical_id: str
    how: How


@dataclass(frozen=True, slots=True)
class Change:
    """A wording that has moved from one consideration to another.

    Attributes:
        kind: merge when nothing is left of the one that it came from, else split.
        reason: the judgement that moved it.
    """

    kind: str
    vrd: Vrd
    text: str
    from_id: str
    to_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that is remembered.

    Attributes:
        labels: in the order in which they were founded; one that lost all its members stays, and so its id.
        members: every wording, in no order that matters.
        concerns: the concern of each label, by id.
        forerunners: for each label that judgements moved wordings to, the ids that they have come from, at once or by
            way of others.
    """

    labels: tuple[Label, ...] = ()
    members: tuple[Member, ...] = ()
    concerns: Mapping[str, str] = field(default_factory=dict)
    forerunners: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def canonicals(self) -> list[Canonical]:
        """Return the considerations that have members, in the order in which they were founded."""
        wordings: dict[str, list[str]] = {}
        for member in self.members:
            wordings.setdefault(member.canonical_id, []).append(member.text)
        return [
            Canonical(
                label.id,
                label.vrd,
                label.label,
                self.concerns[label.id],
                tuple(sorted(wordings[label.id])),
                tuple(sorted(self.forerunners.get(label.id, ()))),
            )
            for label in self.labels
            if label.id in wordings
        ]


@dataclass(frozen=True, slots=True)
class Updated:
    """The inventory after an update, and what has moved in it."""

    inventory: Inventory
    changes: tuple[Change, ...]


def update(
    known: Inventory,
    surfaces: Sequence[Surface],
    judgements: Sequence[SamePair],
    encoder: Encoder,
    *,
    least_synonym: float = LEAST_SYNONYM,
) -> Updated:
    """Return the inventory with every wording in it and every judgement heeded.

    New wordings come in by frequency, then alphabet, so the most frequent wording of a consideration is its label.

    Args:
        known: from the last time; nothing in it changes but by a judgement.
        surfaces: new ones and known ones.
        judgements: all of them, old and new.
        encoder: embeds the words that the table of words does not name; not asked when no wording is new.
        least_synonym: cosine of words from which they are synonyms.

    Raises:
        BuildError: judgements contradict each other.
    """
    judged = Judged(judgements)
    texts = {(member.vrd, member.text): member for member in known.members}
    new = sorted(
        (surface for surface in surfaces if (surface.vrd, surface.text) not in texts),
        key=lambda surface: (-surface.times, surface.text, surface.vrd),
    )
    close = _synonyms(known.labels, new, encoder, least_synonym) if new else {}
    places = [Place(key_of(*text), text[1], member.canonical_id, member.how) for text, member in texts.items()]
    clusters = Clusters(judged, close, known.labels, places)
    for surface in new:
        key = key_of(surface.vrd, surface.text)
        if key not in clusters.places:
            clusters.place(key, surface.text)
    _heed(judged, clusters)
    written = [*texts, *((surface.vrd, surface.text) for surface in new)]
    members = tuple(_member(*text, clusters.places[key_of(*text)]) for text in written)
    labels = tuple(clusters.labels.values())
    concerns = assign_concerns(
        labels, known.concerns, close, judgements, {key: place.home for key, place in clusters.places.items()}
    )
    changes = _changes(known.members, members, clusters.reasons)
    forerunners = followed(((change.from_id, change.to_id) for change in changes), known.forerunners)
    return Updated(Inventory(labels, members, concerns, forerunners), changes)


def followed(
    moves: Iterable[tuple[str, str]], before: Mapping[str, frozenset[str]] | None = None
) -> dict[str, frozenset[str]]:
    """Return for each id that wordings came to those that they came from, by way of others too.

    Args:
        moves: from which id to which, in their order.
        before: what this returned for earlier moves.
    """
    found = dict(before or {})
    for source, target in moves:
        found[target] = (found.get(target, frozenset()) | found.get(source, frozenset()) | {source}) - {target}
    return found


def _member(vrd: Vrd, text: str, place: Place) -> Member:
    return Member(vrd, text, place.home, place.how)


def _heed(judged: Judged, clusters: Clusters) -> None:
    """Bring together and take apart what is judged so; of a wording that nobody has said, a judgement says nothing."""
    for one, other in judged.same:
        if one in clusters.places and other in clusters.places:
            clusters.link(one, other)
    for one, other in judged.apart:
        if one in clusters.places and other in clusters.places:
            clusters.part(one, other)


def _synonyms(labels: Iterable[Label], new: Iterable[Surface], encoder: Encoder, least: float) -> Synonyms:
    """Return the synonyms among the notions of all labels and new wordings, as far as the table leaves them open."""
    words: dict[str, str] = {}
    for vrd, text in [*((label.vrd, label.label) for label in labels), *((each.vrd, each.text) for each in new)]:
        for notion in wording(vrd, text).notions:
            if notion not in words and (word := word_of(notion, text)) is not None:
                words[notion] = word
    return synonyms(words, encoder, least)


def _changes(before: Iterable[Member], after: Iterable[Member], reasons: Mapping[Key, str]) -> tuple[Change, ...]:
    homes = {(member.vrd, member.text): member.canonical_id for member in before}
    left = {member.canonical_id for member in after}
    moved = [
        (member, homes[member.vrd, member.text])
        for member in after
        if homes.get((member.vrd, member.text), member.canonical_id) != member.canonical_id
    ]
    return tuple(
        Change(
            "split" if home in left else "merge",
            member.vrd,
            member.text,
            home,
            member.canonical_id,
            reasons[key_of(member.vrd, member.text)],
        )
        for member, home in sorted(moved, key=lambda pair: (pair[0].vrd, pair[0].text))
    )
