"""A seat's pages as a block of tasks for the server: what `label_config` shows."""

from collections.abc import Mapping, Sequence
from typing import Final

from annotation.exchange.server import Block, Task
from annotation.label_config import FORMS, label_config
from annotation.vocabulary import INTRO, Place, Study
from valueprism_build.campaigns import CampaignItem, Page, PageKind
from valueprism_build.records import Valence

LEANING: Final = {
    Valence.SUPPORTS: "A reason for doing this",
    Valence.OPPOSES: "A reason against doing this",
    Valence.EITHER: "A reason for or against doing this: it depends",
}
_IN_LISTS: Final = {Valence.SUPPORTS: "for", Valence.OPPOSES: "against", Valence.EITHER: "depends"}
FORM_OF: Final[Mapping[PageKind, str]] = {
    PageKind.INTRO: INTRO,
    PageKind.BEFORE: Place.BEFORE,
    PageKind.ITEM: Place.ITEM,
    PageKind.GOLD: Place.ITEM,
    PageKind.REPEAT: Place.ITEM,
    PageKind.AFTER: Place.AFTER,
}
"""The form of each kind of page; a gold item and a repeat look like any other item."""


def block(study: Study, title: str, pages: Sequence[Page], items: Mapping[str, CampaignItem]) -> Block:
    """Return a seat's block as it goes to the server.

    Args:
        study: of the campaign.
        title: of the seat's project.
        pages: all of the seat.
        items: all of the campaign, by id.
    """
    in_order = sorted(pages, key=lambda page: page.position)
    return Block(title, label_config(study), tuple(_task(study, page, in_order, items) for page in in_order))


def _task(study: Study, page: Page, pages: Sequence[Page], items: Mapping[str, CampaignItem]) -> Task:
    mine = FORM_OF[page.kind]
    shown = {form: [_shown(form, study, page, items, pages)] if form == mine else [] for form in FORMS}
    return Task(page.uid, {"progress": f"{page.position + 1} of {len(pages)}", **shown})


def _shown(
    form: str, study: Study, page: Page, items: Mapping[str, CampaignItem], pages: Sequence[Page]
) -> dict[str, str]:
    if form == INTRO:
        return {"text": study.paragraphs}
    if form == Place.ITEM:
        item = items[page.item_id]
        return {
            "situation": item.situation,
            "claim": _claim(item),
            "leaning": LEANING[item.valence],
            "explanation": item.explanation,
        }
    mine = (one for one in pages if one.kind is PageKind.ITEM and one.situation_id == page.situation_id)
    judged = [items[one.item_id] for one in sorted(mine, key=lambda one: one.position)]
    shown = {"situation": judged[0].situation}
    if form == Place.AFTER:
        shown["listed"] = "\n".join(f"{_claim(one)} ({_IN_LISTS[one.valence]})" for one in judged)
    return shown


def _claim(item: CampaignItem) -> str:
    """Return the text with its type before it, unless it says that itself, as "Right to privacy" does."""
    says_it = item.text.casefold().startswith(item.vrd.casefold())
    return item.text if says_it else f"{item.vrd}: {item.text}"
