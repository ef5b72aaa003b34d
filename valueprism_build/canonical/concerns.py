"""What a value, a right and a duty have in common: "Health", "Right to health" and "Duty to promote health"."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from valueprism_build.canonical.clusters import Label
from valueprism_build.canonical.judged import Key, key_of
from valueprism_build.canonical.synonyms import Synonyms
from valueprism_build.canonical.word_table import word_table
from valueprism_build.canonical.wording import Wording, wording
from valueprism_build.ids import concern_id
from valueprism_build.records import SamePair


def concern(about: Wording) -> Wording:
    """Return the concern of a wording: without the deed that it asks for, and turned round by a deed against it.

    A wording of a deed alone ("Respect", "Duty to obey") is its own concern.
    """
    table = word_table()
    kept = tuple(dict.fromkeys(table.weighty(None, about.notions)))
    if kept == ("self",):  # what one does for oneself is all there is to it
        return about
    against = sum(notion in table.against for notion in about.notions) - sum(notion in table.against for notion in kept)
    return replace(about, notions=kept, negated=about.negated != (against % 2 == 1))


def assign_concerns(
    labels: Sequence[Label],
    known: Mapping[str, str],
    synonyms: Synonyms,
    judgements: Iterable[SamePair],
    homes: Mapping[Key, str],
) -> dict[str, str]:
    """Return the concern of each label: the one that it has, that of the first label of its concern, or a new one.

    Args:
        labels: in the order in which they were founded.
        known: the concern of each label that has one, by the label's id.
        synonyms: a concern that differs from another in a single synonym is that one.
        judgements: those of two types say whether two concerns are one; the elder one stays.
        homes: the label's id of each wording.
    """
    of_label: dict[str, str] = {}
    of_form: dict[Wording, str] = {}
    for label in labels:
        form = concern(wording(label.vrd, label.label))
        found = known.get(label.id) or next((of_form[near] for near in _near(form, synonyms) if near in of_form), None)
        of_label[label.id] = found or concern_id(label.vrd, label.label)
        of_form.setdefault(form, of_label[label.id])
    rank = {label.id: (number, label) for number, label in enumerate(labels)}
    for pair in judgements:
        sides = [homes.get(key_of(pair.vrd_one, pair.one)), homes.get(key_of(pair.vrd_other, pair.other))]
        if pair.vrd_one != pair.vrd_other and None not in sides:
            (_, elder), (_, younger) = sorted(rank[side] for side in sides if side is not None)
            _heed(pair.same, elder, younger, of_label)
    return of_label


def _near(form: Wording, synonyms: Synonyms) -> Iterable[Wording]:
    yield form
    for index, notion in enumerate(form.notions):
        for other in synonyms.get(notion, ()):
            yield replace(form, notions=tuple(sorted((*form.notions[:index], other, *form.notions[index + 1 :]))))


def _heed(same: bool, elder: Label, younger: Label, of_label: dict[str, str]) -> None:
    if same:
        old = of_label[younger.id]
        of_label.update({id_: of_label[elder.id] for id_, concern in of_label.items() if concern == old})
    elif of_label[elder.id] == of_label[younger.id]:
        of_label[younger.id] = concern_id(younger.vrd, younger.label)
