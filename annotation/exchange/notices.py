"""What people read outside the labelling page: a page of a few words, for a phone as for a desk."""

from html import escape
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

_OK: Final = 200
_FRESH: Final = {"Cache-Control": "no-store"}
"""What was so a minute ago need not be so now."""

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Questionnaire</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ max-width: 32rem; margin: 18vh auto 4rem; padding: 0 1.5rem; font: 1.125rem/1.6 system-ui, sans-serif; }}
  h1 {{ margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.25; }}
  p {{ margin: 0 0 2rem; overflow-wrap: anywhere; }}
  a {{ display: inline-block; padding: 0.75rem 1.5rem; border-radius: 0.5rem; overflow-wrap: anywhere;
      background: #1f5fbf; color: #fff; font-weight: 600; text-decoration: none; }}
  a:hover, a:focus-visible {{ background: #17498f; }}
</style></head>
<body><main>
{}
</main></body></html>
"""


class _Way(NamedTuple):
    """Where a page leads, and what stands on the button."""

    address: str
    words: str


def notice(words: str, status: int, again_seconds: int | None = None) -> HTMLResponse:
    """Return a page that says this and nothing else; markup in it is shown as text.

    Args:
        words: to whoever reads it.
        status: of the reply.
        again_seconds: after which a browser asks again by itself; None for never.
    """
    page = _page(status, "", words, None)
    if again_seconds is not None:
        page.headers["Retry-After"] = page.headers["Refresh"] = str(again_seconds)
    return page


def thanks(completion_url: str) -> HTMLResponse:
    """Return the page of somebody who has answered everything, with the way back to where they came from.

    Args:
        completion_url: of their recruiting platform; empty where they came from none.
    """
    if not completion_url:
        return _page(_OK, "Thank you!", "Your answers are saved. You can close this page now.", None)
    there = urlsplit(completion_url).hostname or completion_url
    words = f"Your answers are saved. One thing is left: go back to {there}, so that you are counted as done there."
    return _page(_OK, "Thank you!", words, _Way(completion_url, f"Back to {there}"))


def unfinished(left: int, pages: int, address: str) -> HTMLResponse:
    """Return the page of somebody who has `left` of their `pages` to answer, which they do at this address."""
    words = f"{left} of your {pages} pages {'is' if left == 1 else 'are'} not answered yet."
    return _page(_OK, "Not quite done yet", words, _Way(address, "Go on"))


def _page(status: int, title: str, words: str, way: _Way | None) -> HTMLResponse:
    told = [f"<h1>{escape(title)}</h1>"] if title else []
    told.append(f"<p>{escape(words)}</p>")
    if way is not None:
        told.append(f'<p><a href="{escape(way.address)}">{escape(way.words)}</a></p>')
    return HTMLResponse(_PAGE.format("\n".join(told)), status, _FRESH)
