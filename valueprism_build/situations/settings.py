"""Every limit of the filter, with the value that served on real input."""

from dataclasses import dataclass
from typing import Final

from valueprism_build.errors import SettingsError

# Latin-script languages with many speakers, and one of each other script. More languages cost memory and time,
# and take real English with them: with all 75, the lowest confidence of a real situation falls from 0.19 to 0.05.
LANGUAGES: Final = ("en", "es", "fr", "de", "it", "pt", "nl", "pl", "tr", "ru", "zh", "sv", "id", "hi", "ar", "ja")


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """Limits of the rules over situations.

    Attributes:
        min_words: fewer whitespace-separated words are too_short.
        max_words: more are too_long. The original data ends at 35 words; scenarios such as MoralChoice are longer.
        max_characters: more are too_long, however few the words.
        languages: ISO 639-1 codes that the language identifier tells apart; "en" must be one.
        min_english: confidence in [0, 1] below which a text is not_english.
        min_known_words: share in [0, 1] of words that English knows, below which a text is gibberish.
        min_mean_zipf: mean Zipf frequency (0 unknown, 8 most frequent) below which a text is gibberish.
        min_distinct_words: share in [0, 1] of different words, below which a text of four or more is gibberish.
        near_duplicate_similarity: Jaccard similarity in (0, 1] of character 4-shingles from which two texts that
            differ in no word of substance are near_duplicate.
        opening_words: length of the opening n-gram that over_represented counts. Three are too few: "You are a"
            opens 582 of MoralChoice's 687 scenarios.
        max_per_opening: situations kept per opening n-gram; shorter situations are not counted.
    """

    min_words: int = 2
    max_words: int = 100
    max_characters: int = 1000
    languages: tuple[str, ...] = LANGUAGES
    min_english: float = 0.12
    min_known_words: float = 0.5
    min_mean_zipf: float = 1.8
    min_distinct_words: float = 0.4
    near_duplicate_similarity: float = 0.6
    opening_words: int = 4
    max_per_opening: int = 100

    def __post_init__(self) -> None:
        """Refuse limits that cannot be met.

        Raises:
            SettingsError: names the setting, its value and its range.
        """
        for name in ("min_english", "min_known_words", "min_distinct_words"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"filter setting {name} is {getattr(self, name)}; give a share from 0 to 1")
        if not 0 < self.near_duplicate_similarity <= 1:
            given = self.near_duplicate_similarity
            raise SettingsError(f"filter setting near_duplicate_similarity is {given}; give more than 0, at most 1")
        if not 0 <= self.min_words <= self.max_words:
            raise SettingsError(
                f"filter settings min_words {self.min_words} and max_words {self.max_words} keep nothing; "
                "give 0 <= min_words <= max_words"
            )
        for name in ("opening_words", "max_per_opening"):
            if getattr(self, name) < 1:
                raise SettingsError(f"filter setting {name} is {getattr(self, name)}; give 1 or more")
