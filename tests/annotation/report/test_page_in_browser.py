import re
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from annotation.report.page import write_page
from tests.annotation.report.hostile import hostile_report
from tests.annotation.report.studies import sample_report

CHROMIUM = which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"
)
PHONE, SCREEN = (390, 844), (1280, 900)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: the page is not looked at"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=["sample", "hostile"])
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = sample_report(draws=50) if request.param == "sample" else hostile_report()
    return write_page(report, tmp_path_factory.mktemp(str(request.param)))


class Visit:
    """A page as it was opened, and what it asked for."""

    def __init__(self, browser: Browser, file: Path, size: tuple[int, int], *, scripts: bool = True) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts
        )
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.told: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.told.append(message.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.goto(file.as_uri())


@pytest.fixture
def visit(browser: Browser, page_file: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    visit = Visit(browser, page_file, getattr(request, "param", SCREEN))
    yield visit
    visit.context.close()


def test_a_page_asks_for_nothing_but_itself_and_complains_of_nothing(visit: Visit, page_file: Path) -> None:
    for fold in visit.page.locator("summary").all():
        fold.click()

    assert visit.asked == [page_file.as_uri()]
    assert visit.told == []


def test_text_of_users_does_not_run(visit: Visit) -> None:
    assert visit.page.evaluate("document.title") != "broken"
    assert visit.page.locator("script").count() == 1
    assert visit.page.locator("main img").count() == visit.page.locator("figure").count()


@pytest.mark.parametrize("visit", [PHONE, SCREEN], indirect=True)
def test_the_page_never_scrolls_sideways(visit: Visit) -> None:
    visit.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")

    sides = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    scrolled, seen = visit.page.evaluate(sides)
    assert scrolled <= seen


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_plots_on_a_phone_are_drawn_for_it(visit: Visit) -> None:
    scale = "[...document.images].map((each) => each.getBoundingClientRect().width / each.naturalWidth)"

    assert all(0.95 <= each <= 1.05 for each in visit.page.evaluate(scale))  # no text is shrunk


def test_a_table_is_sorted_and_filtered_where_readers_ask_for_it(visit: Visit) -> None:
    visit.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    table = visit.page.locator("table.sortable").first
    column = table.locator("thead th").all_inner_texts().index("Adjusted p-value")
    cells = table.locator(f"tbody tr:visible > :nth-child({column + 1})")

    table.get_by_role("button", name="Adjusted p-value").click()
    values = [_number(each) for each in cells.all_inner_texts()]
    assert values == sorted(values)

    visit.page.locator(".filter input").first.fill("nothing holds these words")
    assert cells.count() == 0


def test_a_page_says_all_without_scripts(browser: Browser, page_file: Path) -> None:
    visit = Visit(browser, page_file, SCREEN, scripts=False)
    rows = visit.page.locator("table.sortable tbody tr").count()
    hidden = visit.page.locator("table.sortable tbody tr[hidden]").count()
    visit.context.close()

    assert rows > 0
    assert hidden == 0


def _number(words: str) -> float:
    found = re.search(r"\d+\.\d+", words)
    return (float(found[0]) - ("<" in words) * 1e-9) if found else float("inf")
