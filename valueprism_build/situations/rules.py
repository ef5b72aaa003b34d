"""Rules over one situation: each says why to set it aside, or nothing. The key in the dict is the rule's name."""

from collections.abc import Callable
from typing import TypeAlias

from valueprism_build.records import Situation
from valueprism_build.situations.gibberish import gibberish_in
from valueprism_build.situations.language import english_confidence
from valueprism_build.situations.personal_data import personal_data_in
from valueprism_build.situations.question import question_in
from valueprism_build.situations.settings import FilterSettings

Rule: TypeAlias = Callable[[Situation], str | None]


def rules(settings: FilterSettings) -> dict[str, Rule]:
    """Return the rules in the order in which they are asked; the first that answers sets the situation aside."""
    return {
        "blank": _blank,
        "too_short": _min_words(settings.min_words),
        "too_long": _max_length(settings.max_words, settings.max_characters),
        "question": lambda situation: question_in(situation.text),
        "not_english": _english(settings.languages, settings.min_english),
        "gibberish": lambda situation: gibberish_in(
            situation.text, settings.min_known_words, settings.min_mean_zipf, settings.min_distinct_words
        ),
        "contains_pii": lambda situation: personal_data_in(situation.text),
    }


def _blank(situation: Situation) -> str | None:
    return None if any(character.isalnum() for character in situation.text) else "holds no letter and no digit"


def _min_words(least: int) -> Rule:
    def rule(situation: Situation) -> str | None:
        count = len(situation.text.split())
        return f"{count} words, need {least}" if count < least else None

    return rule


def _max_length(most_words: int, most_characters: int) -> Rule:
    def rule(situation: Situation) -> str | None:
        words, characters = len(situation.text.split()), len(situation.text)
        if words > most_words:
            return f"{words} words, at most {most_words}"
        return f"{characters} characters, at most {most_characters}" if characters > most_characters else None

    return rule


def _english(languages: tuple[str, ...], least: float) -> Rule:
    confidence = english_confidence(languages)

    def rule(situation: Situation) -> str | None:
        found = confidence(situation.text)
        return f"confidence {found:.3f} that it is English, need {least}" if found < least else None

    return rule
