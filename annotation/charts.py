"""The one module that turns altair's charts into files, through vl-convert: without a browser or network."""

from html import escape
from typing import Final

import altair
import vl_convert

FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Of one width on all systems: Arial's metrics, by which text is laid out here and shown there."""
_DOTS: Final = 2.0  # of a PNG for one of the page


def svg(chart: altair.TopLevelMixin, title: str) -> str:
    """Return a chart as SVG.

    Args:
        chart: with all of its data.
        title: what it shows, for those who do not see it.
    """
    drawn = vl_convert.vegalite_to_svg(chart.to_dict(validate=False), config={"font": FONT}, allowed_base_urls=[])
    head, end, rest = drawn.partition(">")
    return f'{head} role="img" aria-label="{escape(title)}"{end}<title>{escape(title)}</title>{rest}'


def png(drawn: str) -> bytes:
    """Return an SVG as PNG, two dots for each of its pixels."""
    return vl_convert.svg_to_png(drawn, scale=_DOTS)
