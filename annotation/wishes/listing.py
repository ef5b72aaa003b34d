"""Whether a wish says what the list about its situation says already, and what the inventory calls it."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from annotation.wishes.clustering import Cluster
from valueprism_build.canonical.wording import Wording, wording
from valueprism_build.considerations.opposites import opposite_wording
from valueprism_build.embedding import Vectors
from valueprism_build.ids import fold
from valueprism_build.records import Canonical, Consideration, Vrd


class Inventory:
    """The canonical inventory, looked up by form."""

    def __init__(self, canonicals: Iterable[Canonical]) -> None:
        self._by_id = {one.id: one for one in canonicals}
        self._labels: dict[tuple[Vrd, Wording], str] = {}
        for one in self._by_id.values():
            for text in (one.label, *one.members):
                self._labels.setdefault((one.vrd, wording(one.vrd, text)), one.label)

    def forms(self, item: Consideration) -> frozenset[Wording]:
        """Return the forms of a consideration: of its own text, and of all that stands for the same."""
        known = self._by_id.get(item.canonical_id or "")
        texts = (item.text,) if known is None else (item.text, known.label, *known.members)
        return frozenset(wording(item.vrd, text) for text in texts)

    def label(self, phrases: Iterable[str]) -> str:
        """Return the label of the first canonical consideration that one of the phrases has the form of, or nothing."""
        for phrase in phrases:
            for vrd in types_of(phrase):
                if label := self._labels.get((vrd, wording(vrd, phrase))):
                    return label
        return ""


def types_of(phrase: str) -> tuple[Vrd, ...]:
    """Return what a phrase can be: "right to ..." and "duty to ..." say it, other phrases leave it open."""
    first = fold(phrase).partition(" ")[0]
    said = {"right": Vrd.RIGHT, "rights": Vrd.RIGHT, "duty": Vrd.DUTY, "duties": Vrd.DUTY}.get(first)
    return tuple(Vrd) if said is None else (said,)


def listed(
    wish: Cluster,
    items: Sequence[Consideration],
    forms: Mapping[str, frozenset[Wording]],
    vectors: Vectors,
    item_vectors: Vectors,
    *,
    least: float,
) -> Consideration | None:
    """Return the consideration that says what the wish says, or None.

    One does if a phrase of the wish has a form of it, or if the founder's gist is as near to its text as `least`.

    Args:
        wish: with its phrases.
        items: the considerations of its situation.
        forms: `Inventory.forms` of each, by id.
        vectors: of the gists of all phrases about the situation; the wish knows which rows are its own.
        item_vectors: of the items' texts, shape (len(items), d); rows of both have L2 norm 1.
        least: a cosine.
    """
    for item in items:
        for phrase in wish.phrases:
            if item.vrd in types_of(phrase.gist) and wording(item.vrd, phrase.gist) in forms[item.id]:
                return item
    founder = wish.phrases[0].gist
    near = [row for row, item in enumerate(items) if item.vrd in types_of(founder)]
    near = [row for row in near if not opposite_wording(founder, items[row].text)]
    if not near:
        return None
    cosines = item_vectors[near] @ vectors[wish.rows[0]]
    best = int(np.argmax(cosines))
    return items[near[best]] if cosines[best] >= least else None
