"""Replies to questions for contrasts, as the journal has them, to contrasts and changed situations."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache

from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.contrasts.asked import CONTRAST_VERSION, Bar, Taken, take
from valueprism_build.contrasts.choosing import ContrastSettings
from valueprism_build.ids import request_hash
from valueprism_build.records import Answer, Purpose
from valueprism_build.situations.rules import rules
from valueprism_build.situations.sensitivity import sensitive_topics
from valueprism_build.situations.settings import FilterSettings
from valueprism_build.teachers.contrast_prompt import example_texts
from warehouse import situations


def take_contrasts(settings: Settings, groups: Mapping[str, Sequence[Answer]]) -> dict[str, Taken]:
    """Return what was made of each situation that replies propose a contrast of.

    Args:
        settings: how much may change, and the limits of the filter.
        groups: by situation id, the replies to whatever was asked.
    """
    proposed = {id_: found for id_, group in groups.items() if (found := _for_contrasts(group))}
    if not proposed:
        return {}
    with Storage(settings).open(read_only=True) as db:
        origins = situations.read(db, list(proposed))
    bar = _bar(settings.contrast, settings.filters)
    return {origin.id: take(proposed[origin.id], origin, bar) for origin in origins}


def mark(settings: Settings, answers: Sequence[Answer]) -> str:
    """Return a hash of everything besides the replies that a contrast depends on; empty where none is proposed."""
    if not _for_contrasts(answers):
        return ""
    depends = {"edits": settings.contrast.most_edits, "kept": settings.contrast.least_kept}
    return request_hash(
        {"version": CONTRAST_VERSION, "echoes": sorted(example_texts()), "filters": asdict(settings.filters), **depends}
    )


@cache
def _bar(contrast: ContrastSettings, filters: FilterSettings) -> Bar:
    """Make what takes a second, the models of languages, once."""
    return Bar(contrast, rules(filters), example_texts(), sensitive_topics())


def _for_contrasts(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.purpose is Purpose.CONTRAST]
