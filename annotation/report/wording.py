"""Figures in words, each labelled with what it is: a share in percent, a difference in points, a ratio as a factor."""

from math import isnan
from typing import Final

NOTHING: Final = "\N{EN DASH}"
"""In place of a figure that is not known."""
_SPELLED: Final = {"vrd": "type (value, right or duty)"}
_MINUS: Final = "\N{MINUS SIGN}"


def known(value: float | None) -> bool:
    """Tell whether there is a figure: neither null nor NaN."""
    return value is not None and not isnan(value)


def whole(value: float | None) -> str:
    """Return a count with its thousands apart."""
    return NOTHING if value is None or isnan(value) else f"{round(value):,}".replace("-", _MINUS)


def decimal(value: float | None, places: int = 2) -> str:
    """Return a plain number, such as a coefficient."""
    if value is None or isnan(value):
        return NOTHING
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", _MINUS)  # + 0.0 takes the sign from a zero


def percent(share: float | None) -> str:
    """Return a share, 0 to 1, in percent."""
    return NOTHING if share is None or isnan(share) else f"{100 * share:.1f} %"


def points(value: float | None) -> str:
    """Return a difference of percentages, which has a sign of its own, without its unit: that is in the heading."""
    if value is None or isnan(value):
        return NOTHING
    shown = f"{value:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", _MINUS)


def ratio(value: float | None) -> str:
    """Return a factor; what is above a thousand or below a thousandth is only told to be so."""
    if value is None or isnan(value):
        return NOTHING
    if value > 1000:
        return "> 1,000"
    if value < 0.001:
        return "< 0.001"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def p_value(value: float | None) -> str:
    """Return a p-value as journals print it."""
    if value is None or isnan(value):
        return NOTHING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def equals(value: float | None) -> str:
    """Return a p-value with its sign of comparison: "= 0.034", "< 0.001"."""
    found = p_value(value)
    return found if found.startswith("<") else f"= {found}"


def percents(share: float | None, low: float | None, high: float | None) -> str:
    """Return a share with its interval, both in percent."""
    if not known(low) or not known(high):
        return percent(share)
    return f"{percent(share)} ({percent(low).removesuffix(' %')} to {percent(high)})"


def points_between(value: float | None, low: float | None, high: float | None) -> str:
    """Return a difference in points with its interval."""
    return _between(points(value), points(low), points(high))


def ratio_between(value: float | None, low: float | None, high: float | None) -> str:
    """Return a ratio with its interval."""
    return _between(ratio(value), ratio(low), ratio(high))


def decimal_between(value: float | None, low: float | None, high: float | None) -> str:
    """Return a plain number with its interval."""
    return _between(decimal(value), decimal(low), decimal(high))


def many(count: int, one: str, more: str | None = None) -> str:
    """Return a count and its noun: "1 person", "2 people"."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def spoken(name: str) -> str:
    """Return the name of a column or a rule as words: "sexual_orientation" is "Sexual orientation"."""
    words = _SPELLED.get(name, name).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def listed(names: list[str]) -> str:
    """Return names as a list in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _between(value: str, low: str, high: str) -> str:
    return value if NOTHING in (low, high) else f"{value} ({low} to {high})"
