"""A study before a real Label Studio, and somebody who answers it in a headless Chromium."""

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
from annotation.pages import block
from annotation.settings import PlantingSettings
from annotation.vocabulary import Study, load_study
from tests.annotation.exchange.conftest import CREDENTIALS, Running
from tests.annotation.pages_made import item, unit

if TYPE_CHECKING:
    from valueprism_build.campaigns import Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
COMPLETION_URL = "https://platform.test/complete?cc=C0DE&<b>=1"
DESK, PHONE = (1280, 800), (390, 844)
MARKUP = """<script>document.title = "taken"</script><img src="x" onerror="document.title = 'taken'"> & a <b>lie</b>"""
LINKS = Links(["a key of the tests"], "seen", ["left"])
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
                self.places[one] = Place(project, f"{one}@participants.invalid", f"a word of {one}", COMPLETION_URL)
                email, password = self.places[one].email, self.places[one].password
                self.people[one] = sign_up(self._base_url, CREDENTIALS.token, email, password)
        door = Gateway(self._base_url, CREDENTIALS.token, self._admit, LINKS, title=self.study.title)
        return door.application()

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
    return form["y"] >= 0 and form["y"] + form["height"] <= bar["y"] and fits_across(page, ".vp")


def fits_across(page: Browser, what: str) -> bool:
    """Whether all of it is seen without scrolling sideways."""
    box = page.locator(what).bounding_box()
    assert box is not None
    return box["x"] >= 0 and box["x"] + box["width"] <= page_width(page)


def page_width(page: Browser) -> int:
    assert page.viewport_size is not None
    return page.viewport_size["width"]


def press(page: Browser, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def submit(page: Browser) -> None:
    page.get_by_role("button", name="Submit current annotation").click()


def submit_last(page: Browser) -> None:
    """Submit, and wait until the server has the answer and the person is thanked."""
    with page.expect_response(lambda reply: reply.request.method == "POST" and "/annotations" in reply.url) as sent:
        submit(page)
    assert sent.value.ok
    expect(page.locator("h1")).to_have_text("Thank you!")


def about_oneself(page: Browser, study: Study) -> dict[str, str]:
    """Choose the last answer of each demographic before the wish not to say, and return what that is."""
    told = {}
    for number, demographic in enumerate(study.demographics):
        told[demographic.id] = demographic.answers[-1]
        page.locator(".vp-cell button").nth(number).click()
        page.get_by_role("option").nth(len(demographic.answers) - 1).click()
        expect(page.get_by_role("option")).to_have_count(0)
    return told
