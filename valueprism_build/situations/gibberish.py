"""Telling keyboard mash from words, typos and names."""

import re
from typing import Final

from wordfreq import zipf_frequency

KNOWN_ZIPF: Final = 1.5
ACRONYM_ZIPF: Final = 3.0
REPEATS_FROM: Final = 4
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W\d_]+)*")


def gibberish_in(text: str, min_known: float, min_mean_zipf: float, min_distinct: float) -> str | None:
    """Return what makes the text gibberish, or None.

    Zipf frequency is log10 of occurrences per 1000 million words (source: wordfreq): "the" 7.7, "euthanize" 2.1.

    Args:
        text: English, cleaned.
        min_known: least share of words of Zipf frequency 1.5 or more. A typo or a name is one word among others.
        min_mean_zipf: least mean frequency; catches short mash that somebody else has typed before ("asdf").
        min_distinct: least share of different words among four or more.
    """
    words = _WORD.findall(text.casefold())
    if not words:
        return "holds no word"
    frequencies = [_zipf(word) for word in words]
    known = sum(frequency >= KNOWN_ZIPF for frequency in frequencies) / len(words)
    mean = sum(frequencies) / len(words)
    distinct = len(set(words)) / len(words)
    if known < min_known:
        return f"{known:.0%} of its words are known, need {min_known:.0%}"
    if mean < min_mean_zipf:
        return f"mean Zipf frequency {mean:.2f}, need {min_mean_zipf}"
    if len(words) >= REPEATS_FROM and distinct < min_distinct:
        return f"{distinct:.0%} of its words are different, need {min_distinct:.0%}"
    return None


def _zipf(word: str) -> float:
    frequency = zipf_frequency(word, "en")
    if len(set(word)) == 1 and len(word) > 1:
        return 0.0
    # Without a vowel it is a word only as a well-known acronym.
    if not set(word) & set("aeiouyàáâäèéêëìíîïòóôöùúûü") and frequency < ACRONYM_ZIPF:
        return 0.0
    return float(frequency)
