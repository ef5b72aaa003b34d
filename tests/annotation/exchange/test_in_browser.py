"""What an annotator sees, in a headless Chromium before a real Label Studio: entered by a link, answered to the end."""

from pathlib import Path

import pytest
from playwright.sync_api import Response, expect

from annotation.exchange.gateway import Gateway, NoPlaceError, Place
from annotation.exchange.links import Entrant
from annotation.exchange.server import ServerBusyError
from tests.annotation.exchange import browsing
from tests.annotation.exchange.browsing import (
    COMPLETION_URL,
    LINKS,
    MARKUP,
    PHONE,
    Opened,
    about_oneself,
    at,
    browser,
    enter,
    fits,
    fits_across,
    press,
    served,
    submit,
    submit_last,
)
from tests.annotation.exchange.conftest import Running

pytestmark = pytest.mark.slow

chromium = browsing.chromium


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
        assert page.url == f"{url}/done"
        back = page.get_by_role("link", name="Back to platform.test")
        assert back.get_attribute("href") == COMPLETION_URL
        page.goto(LINKS.personal(url, Entrant("ann", "left")))  # who comes again comes to the end
        expect(back).to_be_visible()
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
        assert fits_across(page, ".vp")
        press(page, "1", "4", "5")
        submit(page)
        at(page, 3, of)
        press(page, "1", "3", "5")
        submit(page)
        at(page, 4, of)
        expect(page.locator(".vp-after")).to_contain_text(MARKUP)
        press(page, "2")  # nothing is missing, so nobody asks what
        assert page.title() == "Label Studio"
        submit_last(page)
        assert fits_across(page, "main")
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


def test_who_has_pages_left_gets_no_way_back_to_the_platform_but_one_to_their_pages(
    chromium: Path, label_studio: Running
) -> None:
    made = Opened("agreement", label_studio)
    with served(made.open()) as url, browser(chromium, PHONE) as page:
        enter(page, url, "bob")
        page.goto(f"{url}/done")
        of = len(made.pages["bob"])
        expect(page.locator("p").first).to_have_text(f"{of} of your {of} pages are not answered yet.")
        assert "platform.test" not in page.content()
        assert fits_across(page, "main")
        page.get_by_role("link", name="Go on").click()
        expect(page.locator(".vp-intro")).to_be_visible()


def test_nobody_is_shown_what_we_call_their_project(chromium: Path, label_studio: Running) -> None:
    made, replies = Opened("agreement", label_studio), list[Response]()
    with served(made.open()) as url, browser(chromium) as page:
        page.on("response", lambda reply: replies.append(reply))  # playwright takes no built-in
        enter(page, url, "bob")
        page.wait_for_load_state("networkidle")
        got = {reply.url: reply.text() for reply in replies if reply.ok and "/api/" in reply.url}
        shown = page.content()
    assert f"{url}/api/projects/{made.places['bob'].project_id}" in got
    assert [address for address, text in got.items() if "seen/" in text or "agreement-bob" in text] == []
    assert "agreement-bob" not in shown


def test_who_is_asked_to_come_again_does_so_without_doing_anything(chromium: Path) -> None:
    told = iter([ServerBusyError("database is locked"), NoPlaceError("This study is full.")])

    def admit(_: Entrant) -> Place:
        raise next(told)

    with served(Gateway("http://127.0.0.1:9", "", admit, LINKS).application()) as url, browser(chromium) as page:
        page.goto(LINKS.personal(url, Entrant("ann", "left")))
        expect(page.locator("body")).to_contain_text("This page tries again by itself.")
        expect(page.locator("body")).to_contain_text("This study is full.")
