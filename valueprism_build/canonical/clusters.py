"""Wordings in clusters around labels: one is placed by its form, moved by a judgement only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from valueprism_build.canonical.judged import Judged, Key, key_of
from valueprism_build.canonical.synonyms import Synonyms
from valueprism_build.canonical.wording import Wording, general, wording
from valueprism_build.ids import canonical_id
from valueprism_build.records import Vrd

Form: TypeAlias = tuple[Vrd, Wording]


class How(StrEnum):
    """Why a wording is where it is."""

    LABEL = "label"
    FORM = "form"
    SYNONYM = "synonym"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Label:
    """The wording around which a cluster gathers, and its id."""

    id: str
    vrd: Vrd
    label: str


@dataclass(frozen=True, slots=True)
class Place:
    """A wording in its cluster.

    Attributes:
        text: as it is written; of several that fold alike, one.
    """

    key: Key
    text: str
    home: str
    how: How


class Clusters:
    """All clusters, while they are changed.

    Attributes:
        labels: by id, in the order in which they were founded; one whose cluster is empty keeps its place.
        places: where each wording is.
        reasons: for the wordings that a judgement has moved, which.
    """

    def __init__(
        self, judged: Judged, synonyms: Synonyms, labels: Iterable[Label] = (), places: Iterable[Place] = ()
    ) -> None:
        """Take over what is remembered, labels in the order in which they were founded."""
        self._judged = judged
        self._synonyms = synonyms
        self.labels: dict[str, Label] = {}
        self.places: dict[Key, Place] = {}
        self.reasons: dict[Key, str] = {}
        self._rank: dict[str, int] = {}
        self._keys: dict[str, dict[Key, None]] = {}
        self._forms: dict[Form, list[str]] = {}
        for label in labels:
            self._add(label)
        for place in places:
            self._join(place)
        for home, keys in self._keys.items():
            if keys:
                self._claim(self._label_form(home), home)
        for place in self.places.values():
            if place.how is How.JUDGED:
                self._claim(form_of(place), place.home)

    def place(self, key: Key, text: str) -> None:
        """Put a wording where its form belongs, or let it found a cluster."""
        form = key[0], wording(key[0], text)
        home, how = next(((home, how) for home, how in self._options(form) if self._welcome(key, home)), (None, None))
        if home is None or how is None:
            self._found(key, text, form)
        else:
            self._join(Place(key, text, home, how))

    def link(self, one: Key, other: Key) -> None:
        """Bring two wordings together that are judged the same: the one in the younger cluster moves to the other.

        With it move those that must stay with it, and those of its form. Where that was the label's form, whoever is
        left is placed anew.
        """
        elder, younger = sorted((one, other), key=lambda key: self._rank[self.places[key].home])
        target, source = self.places[elder].home, self.places[younger].home
        if target == source:
            return
        reason = f"{one[1]!r} and {other[1]!r} are judged the same"
        form, unit = form_of(self.places[younger]), self._judged.unit(younger)
        movers = [key for key in self._keys[source] if key in unit or form_of(self.places[key]) == form]
        # From now on what has this form belongs to the target.
        self._forms[form] = [target, *(home for home in self._forms.get(form, ()) if home not in (target, source))]
        for key in movers:
            if key in unit or self._welcome(key, target):
                self._join(replace(self._leave(key, reason), home=target, how=How.JUDGED))
        if self._label_form(source) == form:
            for key in [*self._keys[source]]:
                self.place(key, self._leave(key, reason).text)

    def part(self, one: Key, other: Key) -> None:
        """Take two wordings apart that are judged two; the one that is less the label's leaves, with its unit."""
        home = self.places[one].home
        if home != self.places[other].home:
            return
        reason = f"{one[1]!r} and {other[1]!r} are judged two"
        mover = max(one, other, key=lambda key: self._strangeness(key, home))
        unit = sorted(key for key in self._judged.unit(mover) if key in self._keys[home])
        left = {key: self._leave(key, reason) for key in unit}
        self.place(mover, left.pop(mover).text)
        for place in left.values():
            self._join(replace(place, home=self.places[mover].home, how=How.JUDGED))

    def _options(self, form: Form) -> Iterator[tuple[str, How]]:
        yield from ((home, How.FORM) for home in self._forms.get(form, ()))
        vrd, about = form
        for index, notion in enumerate(about.notions):
            for other in self._synonyms.get(notion, ()):
                notions = tuple(sorted((*about.notions[:index], other, *about.notions[index + 1 :])))
                near = vrd, replace(about, notions=notions)
                # A form that a judgement brought in speaks for itself, not for its synonyms: that would be a chain.
                yield from ((home, How.SYNONYM) for home in self._forms.get(near, ()) if self._label_form(home) == near)

    def _welcome(self, key: Key, home: str) -> bool:
        return self._judged.barred(key).isdisjoint(self._keys[home])

    def _found(self, key: Key, text: str, form: Form) -> None:
        for wanted in (general(text), text):
            label = Label(canonical_id(key[0], wanted), key[0], wanted)
            if not self._keys.get(label.id):
                break
        if label.id not in self.labels:
            self._add(label)
        self._join(Place(key, text, label.id, How.LABEL))
        self._claim(form, label.id)

    def _add(self, label: Label) -> None:
        self._rank[label.id] = len(self.labels)
        self.labels[label.id] = label
        self._keys[label.id] = {}

    def _claim(self, form: Form, home: str) -> None:
        homes = self._forms.setdefault(form, [])
        if home not in homes:
            homes.append(home)

    def _join(self, place: Place) -> None:
        self.places[place.key] = place
        self._keys[place.home][place.key] = None

    def _leave(self, key: Key, reason: str) -> Place:
        self.reasons[key] = reason
        place = self.places.pop(key)
        del self._keys[place.home][key]
        return place

    def _label_form(self, home: str) -> Form:
        label = self.labels[home]
        return label.vrd, wording(label.vrd, label.label)

    def _strangeness(self, key: Key, home: str) -> tuple[bool, bool, str]:
        label = self.labels[home]
        return (
            key != key_of(label.vrd, label.label),
            form_of(self.places[key]) != self._label_form(home),
            key[1],
        )


def form_of(place: Place) -> Form:
    """Return the type and the form of a wording."""
    return place.key[0], wording(place.key[0], place.text)
