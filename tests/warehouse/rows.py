"""Small true-to-life rows for the tests of the warehouse."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from valueprism_build import ids
from valueprism_build.records import Answer, Consideration, Purpose, Rejected, Said, Situation, Stage, Valence, Vrd
from warehouse.considerations import Derived

DAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def situation(number: int, source: str = "mine") -> Situation:
    text = f"Lending neighbour {number} a ladder"
    return Situation(ids.situation_id(text), text, source, str(number), "CC0-1.0", "en", ("property",))


def answer(
    about: Situation, teacher: str = "openai", cost: Decimal | None = Decimal("0.0015"), point_of_view: str = ""
) -> Answer:
    """An answer to the first question, or to the one for coverage from the point of view."""
    return Answer(
        request_hash=ids.request_hash({"situation": about.id, "teacher": teacher, "subject": point_of_view}),
        situation_id=about.id,
        teacher=teacher,
        model="model-1",
        prompt_version="1",
        params='{"temperature":0}',
        text="the raw reply",
        finish_reason="stop",
        prompt_tokens=100,
        completion_tokens=50,
        cost=cost,
        latency=0.25,
        created_at=DAY,
        purpose=Purpose.COVERAGE if point_of_view else Purpose.CONSIDERATIONS,
        subject=point_of_view,
    )


def consideration(of: Answer, position: int, text: str = "", valence: Valence = Valence.SUPPORTS) -> Consideration:
    words = text or f"Generosity {position} of {of.teacher}"
    return Consideration(
        id=ids.consideration_id(of.situation_id, Vrd.VALUE, words, valence),
        situation_id=of.situation_id,
        vrd=Vrd.VALUE,
        text=words,
        explanation="It helps.",
        valence=valence,
        teacher=of.teacher,
        request_hash=of.request_hash,
        position=position,
    )


def derived(about: Situation, fingerprint: str = "1", items: int = 2, rejected: Sequence[Rejected] = ()) -> Derived:
    """One answer, `items` considerations whose explanation is the fingerprint, and the rejects given."""
    reply = answer(about)
    kept = tuple(replace(consideration(reply, place), explanation=fingerprint) for place in range(items))
    return Derived(about.id, fingerprint, (reply,), kept, tuple(rejected), tuple(map(said, kept)))


def said(item: Consideration, of: Consideration | None = None) -> Said:
    """The item as it was said, under itself or under the consideration that it repeats."""
    survivor = (of or item).id
    return Said(survivor, item.situation_id, item.teacher, item.request_hash, item.position, item.valence, item.text)


def too_short(source: str, row: int) -> Rejected:
    return Rejected(f"{source}:{row}", Stage.FILTER, "too_short", "1 word, need 2")
