"""E-mail addresses, phone numbers, web addresses and handles in a text."""

import re
from typing import Final

_PATTERNS: Final = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "a web address": re.compile(
        r"https?://\S+|\bwww\.\w|\b[\w-]+\.(?:com|org|net|edu|gov|info|io|co\.[a-z]{2}|de|fr|uk)\b(?:/\S*)?",
        re.IGNORECASE,
    ),
    "a handle": re.compile(r"(?<![\w@])@\w{2,}"),
    # Grouped digits, or ten and more in one run; amounts ("100 000 000", "$1,000,000") are none.
    "a phone number": re.compile(
        r"\+\d[\d ().-]{6,}\d"
        r"|(?<![\w.,$€£])(?!\d{1,3}(?: 000)+\b)\(?\d{2,4}\)?[ .-]\d{3,4}[ .-]?\d{3,4}(?![\d,])"
        r"|(?<![\w.,$€£])(?:[2-9]\d{9}|0\d{9,10})(?![\d,])"
    ),
}


def personal_data_in(text: str) -> str | None:
    """Return which kind of personal data the text holds, or None. The data itself is not repeated."""
    return next((f"holds {kind}" for kind, pattern in _PATTERNS.items() if pattern.search(text)), None)
