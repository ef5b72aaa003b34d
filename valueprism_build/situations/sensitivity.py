"""Sensitive topics in a text, by word lists: a flag for whoever reads the data, never a reason to drop.

Whole words only, so "assassin" is not "ass" and "skill" is not "kill". A list cannot read: "killing time" and
"Batman" are flagged or missed as their words are.
"""

import re
import tomllib
from collections.abc import Callable
from importlib import resources

from valueprism_build.ids import fold


def sensitive_topics() -> Callable[[str], tuple[str, ...]]:
    """Return a function from text to the names of its sensitive topics, sorted.

    Terms come from `sensitive_terms.toml`; a term that ends in * stands for every word that begins so.
    """
    file = resources.files("valueprism_build.situations") / "sensitive_terms.toml"
    terms: dict[str, list[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    patterns = {topic: _pattern(terms[topic]) for topic in sorted(terms)}

    def topics(text: str) -> tuple[str, ...]:
        folded = fold(text)
        return tuple(topic for topic, pattern in patterns.items() if pattern.search(folded))

    return topics


def _pattern(terms: list[str]) -> re.Pattern[str]:
    alternatives = (re.escape(term.removesuffix("*")) + (r"\w*" if term.endswith("*") else "") for term in terms)
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b")
