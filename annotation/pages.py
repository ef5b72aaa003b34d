"""A page of a block as the data of a Label Studio task: what `label_config` shows."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from annotation.vocabulary import INTRO, Place, Study
from valueprism_build.campaigns import CampaignItem, Page, PageKind
from valueprism_build.records import Valence

Shown: TypeAlias = Mapping[str, str]
"""What one page shows, by the name that the label config calls it by."""

LEANING: Final = {
    Valence.SUPPORTS: "A reason for doing this",
    Valence.OPPOSES: "A reason against doing this",
    Valence.EITHER: "A reason for or against doing this: it depends",
}
_IN_LISTS: Final = {Valence.SUPPORTS: "for", Valence.OPPOSES: "against", Valence.EITHER: "depends"}
# A gold item and a repeat look like any other item.
FORMS: Final[Mapping[PageKind, str]] = {
    PageKind.INTRO: INTRO,
    PageKind.BEFORE: Place.BEFORE,
    PageKind.ITEM: Place.ITEM,
    PageKind.GOLD: Place.ITEM,
    PageKind.REPEAT: Place.ITEM,
    PageKind.AFTER: Place.AFTER,
}
"""The form that each kind of page has."""


class TaskData(NamedTuple):
    """The `data` of a task; of the four forms one has one entry. `_asdict` gives what Label Studio takes."""

    uid: str
    progress: str
    intro: Sequence[Shown] = ()
    before: Sequence[Shown] = ()
    item: Sequence[Shown] = ()
    after: Sequence[Shown] = ()


def task_data(study: Study, page: Page, items: Mapping[str, CampaignItem], block: Sequence[Page]) -> TaskData:
    """Return what a person sees on a page.

    Args:
        study: of the campaign.
        page: one of `block`.
        items: all of the campaign, by id.
        block: all pages of the seat.
    """
    form = FORMS[page.kind]
    progress = f"{page.position + 1} of {len(block)}"
    return TaskData(page.uid, progress)._replace(**{form: (_shown(form, study, page, items, block),)})


def _shown(
    form: str, study: Study, page: Page, items: Mapping[str, CampaignItem], block: Sequence[Page]
) -> dict[str, str]:
    if form == INTRO:
        return {"text": study.paragraphs}
    if form == Place.ITEM:
        item = items[page.item_id]
        return {
            "situation": item.situation,
            "claim": f"{item.vrd}: {item.text}",
            "leaning": LEANING[item.valence],
            "explanation": item.explanation,
        }
    mine = (one for one in block if one.kind is PageKind.ITEM and one.situation_id == page.situation_id)
    judged = [items[one.item_id] for one in sorted(mine, key=lambda one: one.position)]
    shown = {"situation": judged[0].situation}
    if form == Place.AFTER:
        shown["listed"] = "\n".join(f"{one.vrd}: {one.text} ({_IN_LISTS[one.valence]})" for one in judged)
    return shown
