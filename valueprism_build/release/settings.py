"""What shapes a release, with the values that served on real input."""

from dataclasses import dataclass
from typing import Final

from valueprism_build.errors import SettingsError
from valueprism_build.tasks.negatives import NegativeSettings

_NEGATIVES: Final = NegativeSettings()


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """What shapes a release. Part of its manifest.

    Attributes:
        title: the dataset's name, as the card has it.
        split_salt: another one deals families and considerations to the splits anew; refused where a release before
            this one has another.
        family_similarity: Jaccard similarity of character 4-shingles from which two situations are one family. On
            1,322 real situations, .50 finds 52 families of up to 7 ("Stealing bread to feed my / your starving child");
            .60 misses many of them, .40 begins to chain unlike ones (18 in one). Families are kept: another number,
            here or in `family_cosine`, says something about situations that come later.
        family_cosine: cosine of the sentence embeddings (all-MiniLM-L6-v2) from which two situations are one family,
            whatever their letters. Of the pairs among those 1,322 that share few letters, nearly all from .85 on say
            the same or fill one template ("Giving a child candy." and "giving candy to a kid" .95, "Put a killer in
            jail" and "Jailing a killer" .89, "Quit my job if I am stressed" and "Quitting Job if it stresses me out"
            .86); below it, more and more share their subject only ("hunting animals to eat" and "Hunting an animal for
            fun" .83, "running a red light" and "... because you are being chased" .82). That makes 62 families; the
            largest, 30 about stealing food for the hungry, would be 39 at .80.
        negative_seed: of the negatives; this and the next four are those of `NegativeSettings`.
        negative_check_most: where a teacher checks the negatives, what it finds more relevant than that, 0 to 1, is
            none. Low on purpose: a candidate that is lost costs less than a false "No".
        negative_check_rounds: how often others are drawn, and checked, in place of what a teacher refused.
        contrasts_each: contrasts found in the data that are kept of any two considerations, the nearest situations.
        rows_per_file: a split of more rows is written as several files.
        agreement_k: no count of people's answers, nor anything that follows from counts, is about fewer people; a zero
            is fewer too. "Some agencies require at least five respondents in a cell, others require three" (Glossary of
            Statistical Disclosure Control, UNECE/Eurostat 2005, "threshold rule"); for what researchers take out of
            safe settings it is often 10 (S. Bond, M. Brandt, P.-P. de Wolf, "Guidelines for the checking of output
            based on microdata research", 2015). With some 45 people an item, as in the original study, 10 leaves
            hardly anything.
    """

    title: str = "Values, rights and duties in everyday situations"
    split_salt: str = "1"
    family_similarity: float = 0.5
    family_cosine: float = 0.85
    negative_seed: int = 0
    negative_cosine: float = _NEGATIVES.cosine
    negative_least_related: float = _NEGATIVES.least_related
    negative_least_named: int = _NEGATIVES.least_named
    negative_hard_share: float = _NEGATIVES.hard_share
    negative_check_most: float = 0.1
    negative_check_rounds: int = 4
    contrasts_each: int = 5
    rows_per_file: int = 500_000
    agreement_k: int = 5

    def __post_init__(self) -> None:
        """Refuse what cannot be used.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        for name, least in (
            ("rows_per_file", 1),
            ("contrasts_each", 0),
            ("negative_check_rounds", 1),
            ("agreement_k", 2),
        ):
            if getattr(self, name) < least:
                raise SettingsError(f"release setting {name} is {getattr(self, name)}; give at least {least}")
        if not 0 < self.family_similarity <= 1:
            given = self.family_similarity
            raise SettingsError(f"release setting family_similarity is {given}; give more than 0, at most 1")
        if not -1 <= self.family_cosine <= 1:
            raise SettingsError(f"release setting family_cosine is {self.family_cosine}; give -1 to 1")
        if not 0 <= self.negative_check_most <= 1:
            raise SettingsError(f"release setting negative_check_most is {self.negative_check_most}; give 0 to 1")
        self.negatives  # noqa: B018 - refuses what cannot be used

    @property
    def negatives(self) -> NegativeSettings:
        """Return what may stand as a negative."""
        return NegativeSettings(
            seed=self.negative_seed,
            cosine=self.negative_cosine,
            least_related=self.negative_least_related,
            least_named=self.negative_least_named,
            hard_share=self.negative_hard_share,
        )
