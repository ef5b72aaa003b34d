"""The one module that knows nltk: English words to their stems.

nltk imports scikit-learn, SciPy and pandas, two seconds of processor time, so it is imported when a word is stemmed:
`valueprism --help` should not wait for it.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nltk.stem.porter import PorterStemmer
    from nltk.stem.snowball import SnowballStemmer


def porter_stem(word: str) -> str:
    """Return the Porter stem of a lower-case English word, as rouge-score has it."""
    return str(_porter().stem(word))


@cache
def snowball_stem(word: str) -> str:
    """Return the Snowball stem of a lower-case English word."""
    return str(_snowball().stem(word))


@cache
def _porter() -> "PorterStemmer":
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


@cache
def _snowball() -> "SnowballStemmer":
    from nltk.stem.snowball import SnowballStemmer

    return SnowballStemmer("english")
