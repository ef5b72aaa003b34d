"""What people read who cannot go on: a page of one paragraph, for a phone as for a desk."""

from html import escape
from typing import Final

from starlette.responses import HTMLResponse

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Questionnaire</title></head>
<body style="max-width: 36rem; margin: 4rem auto; padding: 0 1rem; font: 1.125rem/1.5 sans-serif">
<p>{}</p>
</body></html>
"""


def notice(words: str, status: int, again_seconds: int | None = None) -> HTMLResponse:
    """Return a page that says this and nothing else; markup in it is shown as text.

    Args:
        words: to whoever reads it.
        status: of the reply.
        again_seconds: after which a browser asks again by itself; None for never.
    """
    again = {} if again_seconds is None else {"Retry-After": str(again_seconds), "Refresh": str(again_seconds)}
    return HTMLResponse(_PAGE.format(escape(words)), status, again)
