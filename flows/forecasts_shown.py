"""A dry run, as a person and as a program read it."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

from flows.estimating import Forecast
from flows.tables import Data, Summary, table
from valueprism_build.considerations.relevance import RelevanceSettings
from valueprism_build.records import Purpose
from valueprism_build.teachers.forecast import CostRange, Range


def of_forecasts(forecasts: Sequence[Forecast], relevance: RelevanceSettings) -> Summary:
    """Return what a build would ask and cost; what replies will list nobody knows, so of relevance only a bound.

    A column for each teacher and purpose: there are few of them, and a line would be wider than a terminal.
    """
    columns = [
        (one.model, one.purpose, f"{one.requests:,}", f"{one.cached:,}", f"{one.waiting:,}", _range(one.prompt_tokens),
         _range(one.completion_tokens), "unknown" if one.cost is None else _range(one.cost), one.price_source)
        for one in forecasts
    ]  # fmt: skip
    lines = ("model", "asked for", "to send", "cached", "waiting", "tokens in", "tokens out", "US$", "price from")
    told = "likely (95 % interval) from earlier answers of the same model; without two of them, bounds"
    bounded = [str(purpose) for purpose in (Purpose.COVERAGE, Purpose.CONTRAST) if _asked_for(forecasts, purpose)]
    if bounded:
        told += f"; what is asked for {' and '.join(bounded)} depends on the answers: at most so much"
    changed = sum(one.requests for one in forecasts if one.purpose is Purpose.CONTRAST)
    most = sum(one.most_items for one in forecasts) if relevance.measure else 0
    besides = [
        f"contrasts: besides, at most {changed} more situations for each teacher to list; their tokens and cost are "
        "not in the table"
    ] if changed else []  # fmt: skip
    besides += [
        f"relevance: besides, at most {most} short questions to {relevance.teacher}, those that are answered already "
        "among them; how many there are depends on the answers, so their tokens and cost are not in the table"
    ] if most else []  # fmt: skip
    data: Data = {
        "forecasts": [asdict(one) for one in forecasts],
        "most_changed_situations": changed,
        "most_relevance_questions": most,
    }
    shown = table("dry run", ("teacher", *(one.teacher for one in forecasts)), zip(lines, *columns, strict=True))
    return Summary([shown, *besides, f"{told}; nothing was sent, nothing stored"], data)


def _asked_for(forecasts: Sequence[Forecast], purpose: Purpose) -> bool:
    return any(one.purpose is purpose for one in forecasts)


def _range(values: Range | CostRange) -> str:
    low, likely, high = (
        "unbounded" if value is None else f"{value:.4f}" if isinstance(value, Decimal) else f"{value:,}"
        for value in (values.low, values.likely, values.high)
    )
    return f"{low} to {high}" if values.likely is None else f"{likely} ({low} to {high})"
