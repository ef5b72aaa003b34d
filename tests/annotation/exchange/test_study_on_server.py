"""A study's form and a seat's pages on a real Label Studio, from the deal to the votes."""

from collections.abc import Iterator

import pytest

from annotation.answers import FIRST, asked_on
from annotation.blocks import lay_out
from annotation.collecting import Dealt, collect
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.pull import pull
from annotation.exchange.push import push
from annotation.pages import FORM_OF, block
from annotation.settings import PlantingSettings
from annotation.vocabulary import Study, load_study, packaged_studies
from tests.annotation.exchange.conftest import Running
from tests.annotation.exchange.person import Person
from tests.annotation.pages_made import gold, item, unit
from valueprism_build.campaigns import Page, PageKind
from valueprism_build.records import Vote

pytestmark = pytest.mark.slow

UNITS = [unit("s1", 2), unit("s2", 2)]
GOLD = gold(["s3"])
ITEMS = {id_: item(id_) for one in UNITS for id_ in one.items} | {one.id: one for one in GOLD}
PLANTING = PlantingSettings(gold=0.25, repeats=0.25, apart=1)


def said_on(study: Study, page: Page) -> dict[str, str]:
    """What somebody answers who always takes the first answer, and writes in emoji where they are to write."""
    said: dict[str, str] = {}
    for one in asked_on(study, FORM_OF[page.kind]):
        if one.asked_if is None or said.get(one.asked_if[0]) == one.asked_if[1]:
            said[one.id] = one.answers[0] if one.answers else "Mercy \N{FACE WITH TEARS OF JOY} <b>&</b>"
    return said


def as_result(study: Study, page: Page) -> Iterator[dict[str, object]]:
    form = FORM_OF[page.kind]
    for one in asked_on(study, form):
        if (answer := said_on(study, page).get(one.id)) is not None:
            value = {"choices": [answer]} if one.answers else {"text": [answer]}
            kind = "choices" if one.answers else "textarea"
            yield {"from_name": f"{one.id}{FIRST}", "to_name": f"{form}{FIRST}", "type": kind, "value": value}


@pytest.mark.parametrize("name", packaged_studies())
def test_a_block_goes_to_the_server_and_its_answers_come_back_as_votes(
    name: str, adapter: LabelStudioServer, person: Person, label_studio: Running
) -> None:
    study, _ = load_study(name)
    pages = lay_out(study, "pilot", "seat", UNITS, GOLD, PLANTING, seed=0).pages
    whole = block(study, f"study-{name}/seat", pages, ITEMS)
    [project_id] = push(adapter, [whole], prefix=f"study-{name}/").project_ids.values()
    # The server gives the form back as it got it: a push that is run again does not take it for an edited one.
    assert push(adapter, [whole], prefix=f"study-{name}/").added == 0
    tasks = {task.uid: task.id for task in adapter.placed_tasks(project_id)}
    assert list(tasks) == [page.uid for page in pages]  # by id, so in the order in which people meet them
    for page in pages:
        person.answer_all(tasks[page.uid], list(as_result(study, page)))
    states = [state for window in pull(adapter, {project_id: None}) for state in window.states]
    number = states[0].annotations[0].person
    found = collect(study, {page.uid: Dealt(page, "p1", number) for page in pages}, states)
    assert (found.rejected, found.withdrawn) == ([], [])
    assert [one.demographics for one in found.annotators] == [
        tuple((one.id, one.answers[0]) for one in study.demographics)
    ]
    votes = {page.uid: page.votes for page in found.answered}
    assert votes == {
        page.uid: ()  # whose answers are about the person
        if page.kind is PageKind.INTRO
        else tuple(
            Vote(page.item_id or page.situation_id, "p1", question, answer, 3.5)
            for question, answer in said_on(study, page).items()
        )
        for page in pages
    }
