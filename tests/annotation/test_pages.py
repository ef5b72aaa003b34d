from dataclasses import replace
from typing import cast

from annotation.blocks import lay_out
from annotation.exchange.server import Task
from annotation.label_config import FORMS, label_config
from annotation.pages import block
from annotation.settings import PlantingSettings
from annotation.vocabulary import load_study
from tests.annotation.pages_made import item, unit
from valueprism_build.campaigns import Page, PageKind
from valueprism_build.records import Vrd

AGREEMENT = load_study("agreement")[0]
UNITS = [unit("s1", 2), unit("s2", 1)]
ITEMS = {id_: item(id_) for one in UNITS for id_ in one.items}
BLOCK = lay_out(AGREEMENT, "c", "seat", UNITS, [], PlantingSettings(gold=0, repeats=0), seed=0).pages


def tasks(*replaced: Page) -> dict[str, Task]:
    """The tasks of the block by uid, with some pages in the place of those at their position."""
    by_position = {page.position: page for page in (*BLOCK, *replaced)}
    return {task.uid: task for task in block(AGREEMENT, "title", list(by_position.values()), ITEMS).tasks}


def shown(page: Page, form: str) -> object:
    return tasks(page)[page.uid].data[form]


def of_kind(kind: PageKind) -> list[Page]:
    return [page for page in BLOCK if page.kind is kind]


def test_a_block_is_a_project_of_the_studys_form_with_its_pages_in_order() -> None:
    made = block(AGREEMENT, "pilot/seat", list(reversed(BLOCK)), ITEMS)
    assert (made.title, made.label_config) == ("pilot/seat", label_config(AGREEMENT))
    assert [task.uid for task in made.tasks] == [page.uid for page in BLOCK]


def test_a_page_fills_one_form_and_leaves_the_others_empty() -> None:
    for task in tasks().values():
        assert sorted(len(cast("list[object]", task.data[form])) for form in FORMS) == [0, 0, 0, 1]


def test_the_person_is_told_how_far_they_are() -> None:
    # Consent, then 4 pages of s1 and 3 of s2.
    assert [task.data["progress"] for task in tasks().values()] == [f"{number} of 8" for number in range(1, 9)]


def test_consent_is_what_the_study_says() -> None:
    assert shown(BLOCK[0], "intro") == [{"text": AGREEMENT.paragraphs}]


def test_an_item_shows_its_type_its_side_and_its_explanation() -> None:
    page = next(page for page in of_kind(PageKind.ITEM) if page.item_id == "s2.0")
    assert shown(page, "item") == [
        {
            "situation": "Doing s2",
            "claim": "Value s2.0",
            "leaning": "A reason against doing this",
            "explanation": "Why s2.0.",
        },
    ]


def test_the_type_is_said_once() -> None:
    page = next(page for page in of_kind(PageKind.ITEM) if page.item_id == "s2.0")
    right = {**ITEMS, "s2.0": replace(ITEMS["s2.0"], vrd=Vrd.RIGHT, text="right to sing")}
    value = {**ITEMS, "s2.0": replace(ITEMS["s2.0"], text="Joy")}
    claims = [
        next(task.data["item"] for task in block(AGREEMENT, "t", BLOCK, items).tasks if task.uid == page.uid)
        for items in (right, value)
    ]
    assert [cast("list[dict[str, str]]", claim)[0]["claim"] for claim in claims] == ["right to sing", "Value: Joy"]


def test_gold_items_and_repeats_look_like_any_other() -> None:
    page = of_kind(PageKind.ITEM)[0]
    for kind in (PageKind.GOLD, PageKind.REPEAT):
        assert tasks(replace(page, kind=kind))[page.uid] == tasks()[page.uid]


def test_before_the_list_there_is_the_situation_alone_and_after_it_all_that_was_judged_in_its_order() -> None:
    before = next(page for page in of_kind(PageKind.BEFORE) if page.situation_id == "s1")
    assert shown(before, "before") == [{"situation": "Doing s1"}]
    after = next(page for page in of_kind(PageKind.AFTER) if page.situation_id == "s1")
    judged = [page.item_id for page in BLOCK if page.kind is PageKind.ITEM and page.situation_id == "s1"]
    listed = "\n".join(f"Value {id_} (against)" for id_ in judged)
    assert shown(after, "after") == [{"situation": "Doing s1", "listed": listed}]
