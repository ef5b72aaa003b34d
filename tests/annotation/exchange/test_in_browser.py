"""What an annotator sees, in a headless Chromium before a real Label Studio: entered by a link, answered to the end."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from playwright.sync_api import Page as Browser
from playwright.sync_api import expect, sync_playwright
from starlette.applications import Starlette

from annotation.blocks import lay_out
from annotation.collecting import Collected, Dealt, collect
from annotation.exchange.accounts import sign_up
from annotation.exchange.gateway import Gateway, NoPlaceError, Place
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.links import Entrant, Links
from annotation.exchange.pull import pull
from annotation.exchange.push import push
from annotation.exchange.server import ServerBusyError
from annotation.pages import block
from annotation.settings import PlantingSettings
from annotation.vocabulary import Study, load_study
from tests.annotation.exchange.conftest import CREDENTIALS, Running
from tests.annotation.pages_made import item, unit

if TYPE_CHECKING:
    from valueprism_build.campaigns import Page

pytestmark = pytest.mark.slow

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
DESK, PHONE = (1280, 800), (390, 844)
MARKUP = """<script>document.title = "taken"</script><img src="x" onerror="document.title = 'taken'"> & a <b>lie</b>"""
LINKS = Links(["a key of the tests"], "seen")
NO_PLANTING = PlantingSettings(gold=0, repeats=0, apart=1)
UNITS = [unit("s1", 2)]
ITEMS = {
    id_: replace(item(id_), situation=MARKUP, text=f"Honesty for $5 {MARKUP}", explanation="It matters. " * 20)
    for id_ in UNITS[0].items
}


@contextmanager
def served(application: Starlette) -> Iterator[str]:
    """Serve on loopback, as the command does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Opened:
    """A study with one seat for each of two people, on the server and behind the door."""

    def __init__(self, name: str, label_studio: Running) -> None:
        self.study: Study = load_study(name)[0]
        self.pages: dict[str, tuple[Page, ...]] = {}
        self.places: dict[str, Place] = {}
        self.people: dict[str, int] = {}
        self._base_url = label_studio.server.base_url

    def open(self) -> Starlette:
        with LabelStudioServer(self._base_url, CREDENTIALS.token) as server:
            for one in ("ann", "bob"):
                seat = f"{self.study.name}-{one}"
                pages = lay_out(self.study, "seen", seat, UNITS, [], NO_PLANTING, seed=0).pages
                whole = block(self.study, f"seen/{seat}", pages, ITEMS)
                [project] = push(server, [whole], prefix=f"seen/{seat}").project_ids.values()
                self.pages[one] = pages
                self.places[one] = Place(project, f"{seat}@participants.invalid", f"a word of {one}")
                email, password = self.places[one].email, self.places[one].password
                self.people[one] = sign_up(self._base_url, CREDENTIALS.token, email, password)
        return Gateway(self._base_url, CREDENTIALS.token, self._admit, LINKS).application()

    def _admit(self, entrant: Entrant) -> Place:
        if entrant.participant not in self.places:
            raise NoPlaceError("This study is full.")
        return self.places[entrant.participant]

    def pulled(self, one: str) -> Collected:
        deal = {page.uid: Dealt(page, one, self.people[one]) for page in self.pages[one]}
        with LabelStudioServer(self._base_url, CREDENTIALS.token) as server:
            windows = list(pull(server, {self.places[one].project_id: None}))
        return collect(self.study, deal, [state for window in windows for state in window.states])


@pytest.fixture(scope="module")
def chromium() -> Path:
    if not CHROMIUM.exists():
        reason = f"no {CHROMIUM}; run: make chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return CHROMIUM


@contextmanager
def browser(chromium: Path, size: tuple[int, int] = DESK) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        try:
            page = launched.new_page(viewport={"width": size[0], "height": size[1]})
            page.set_default_timeout(30_000)  # the machine may be busy
            expect.set_options(timeout=30_000)
            yield page
        finally:
            launched.close()


def enter(page: Browser, url: str, one: str) -> None:
    page.goto(LINKS.personal(url, Entrant(one, "left")))
    expect(page.locator(".vp-intro")).to_be_visible()


def at(page: Browser, number: int, of: int) -> None:
    """Wait for the page of this number."""
    expect(page.locator(".vp-progress")).to_have_text(f"{number} of {of}")


def fits(page: Browser) -> bool:
    """Whether all of the form is seen without scrolling, above the bar at the bottom."""
    form, bar = page.locator(".vp").bounding_box(), page.locator(".lsf-bottombar").bounding_box()
    assert form is not None
    assert bar is not None
    return form["y"] >= 0 and form["y"] + form["height"] <= bar["y"] and form["x"] + form["width"] <= page_width(page)


def page_width(page: Browser) -> int:
    assert page.viewport_size is not None
    return page.viewport_size["width"]


def press(page: Browser, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def submit(page: Browser) -> None:
    page.get_by_role("button", name="Submit current annotation").click()


def submit_last(page: Browser) -> None:
    """Submit, and wait until the server has the answer."""
    with page.expect_response(lambda reply: reply.request.method == "POST" and "/annotations" in reply.url) as sent:
        submit(page)
    assert sent.value.ok
    expect(page.locator(".vp")).to_have_count(0)


def about_oneself(page: Browser, study: Study) -> dict[str, str]:
    """Choose the last answer of each demographic before the wish not to say, and return what that is."""
    told = {}
    for number, demographic in enumerate(study.demographics):
        told[demographic.id] = demographic.answers[-1]
        page.locator(".vp-cell button").nth(number).click()
        page.get_by_role("option").nth(len(demographic.answers) - 1).click()
        expect(page.get_by_role("option")).to_have_count(0)
    return told


def test_a_person_answers_a_study_with_keyboard_and_mouse_and_what_they_chose_is_what_comes_back(
    chromium: Path, label_studio: Running
) -> None:
    made = Opened("agreement", label_studio)
    with served(made.open()) as url, browser(chromium) as page:
        enter(page, url, "ann")
        expect(page.locator(".vp-intro")).to_contain_text("You can stop at any time.")
        assert fits(page)
        submit(page)  # nothing is answered yet
        expect(page.locator(".ant-modal-body")).to_contain_text(made.study.agree)
        page.get_by_role("button", name="OK").click()
        expect(page.locator(".ant-modal-body")).to_have_count(0)
        press(page, "1")
        expect(page.locator(".vp-intro input[type=radio]")).to_be_checked()
        told = about_oneself(page, made.study)
        press(page, "Control+Enter")
        of = len(made.pages["ann"])  # consent, alone, two items, the list
        at(page, 2, of)
        page.locator("textarea:visible").fill("Mercy <i>&</i> \N{FACE WITH TEARS OF JOY}")
        submit(page)
        at(page, 3, of)
        assert fits(page)
        press(page, "3", "Control+Enter")
        at(page, 4, of)
        page.get_by_text("No", exact=False).filter(has_text="[2]").last.click()
        submit(page)
        at(page, 5, of)
        expect(page.locator("textarea:visible")).to_have_count(0)
        press(page, "1")
        page.locator("textarea:visible").fill("Loyalty")
        submit_last(page)
        found = made.pulled("ann")
    assert (found.rejected, found.withdrawn) == ([], [])
    assert [dict(one.demographics) for one in found.annotators] == [told]
    _, before, first, second, after = made.pages["ann"]
    chosen = {
        (before.uid, "missing_open", "Mercy <i>&</i> \N{FACE WITH TEARS OF JOY}"),
        (first.uid, "agree", "Not sure"),
        (second.uid, "agree", "No"),
        (after.uid, "perspective_missing", "Yes"),
        (after.uid, "missing_listed", "Loyalty"),
    }
    assert {(one.uid, vote.question, vote.answer) for one in found.answered for vote in one.votes} == chosen


def test_what_stays_hidden_is_not_asked_for_and_markup_is_text_and_runs_nowhere(
    chromium: Path, label_studio: Running
) -> None:
    made = Opened("quality", label_studio)
    with served(made.open()) as url, browser(chromium, PHONE) as page:
        enter(page, url, "ann")
        page.get_by_text(made.study.agree).click()
        about_oneself(page, made.study)
        submit(page)
        of = len(made.pages["ann"])  # consent, two items, the list
        at(page, 2, of)
        for shown in (".vp-situation", ".vp-claim"):
            expect(page.locator(".vp-item").locator(shown)).to_contain_text(MARKUP)
        expect(page.locator(".vp-claim")).to_contain_text("Honesty for $5")
        assert page.locator(".vp img, .vp script, .vp b").count() == 0
        form = page.locator(".vp").bounding_box()
        assert form is not None
        assert form["x"] >= 0
        assert form["x"] + form["width"] <= page_width(page)
        press(page, "1", "4", "5")
        submit(page)
        at(page, 3, of)
        press(page, "1", "3", "5")
        submit(page)
        at(page, 4, of)
        expect(page.locator(".vp-after")).to_contain_text(MARKUP)
        press(page, "2")  # nothing is missing, so nobody asks what
        submit_last(page)
        assert page.title() == "Label Studio"
        found = made.pulled("ann")
    assert found.rejected == []
    said = {one.uid: [vote.answer for vote in one.votes] for one in found.answered}
    assert [said[page.uid] for page in made.pages["ann"][1:]] == [["Yes", "No", "Yes"], ["Yes", "Yes", "Yes"], ["No"]]


def test_a_person_meets_nobody_elses_project(chromium: Path, label_studio: Running) -> None:
    made = Opened("agreement", label_studio)
    with served(made.open()) as url, browser(chromium) as page:
        enter(page, url, "bob")
        own, other = made.places["bob"].project_id, made.places["ann"].project_id
        for address in (f"/projects/{other}/data?labeling=1", f"/api/tasks?project={other}", "/projects/"):
            refused = page.goto(f"{url}{address}")
            assert refused is not None
            assert (refused.status, page.inner_text("body")) == (403, "This is not part of your questionnaire.")
        mine = page.goto(f"{url}/projects/{own}/data?labeling=1")
        assert mine is not None
        assert mine.ok
        expect(page.locator(".vp-intro")).to_be_visible()


def test_who_is_asked_to_come_again_does_so_without_doing_anything(chromium: Path) -> None:
    told = iter([ServerBusyError("database is locked"), NoPlaceError("This study is full.")])

    def admit(_: Entrant) -> Place:
        raise next(told)

    with served(Gateway("http://127.0.0.1:9", "", admit, LINKS).application()) as url, browser(chromium) as page:
        page.goto(LINKS.personal(url, Entrant("ann", "left")))
        expect(page.locator("body")).to_contain_text("This page tries again by itself.")
        expect(page.locator("body")).to_contain_text("This study is full.")
