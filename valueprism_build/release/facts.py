"""The nouns of a release: what it is told, what it finds out, what it hands back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from valueprism_build.contrasts.table import Contrasts
from valueprism_build.errors import SettingsError
from valueprism_build.records import Rejected, Stage
from valueprism_build.release.agreement.build import Agreement
from valueprism_build.tasks.negative_check import Checked
from valueprism_build.tasks.negatives import NegativeSettings
from valueprism_build.teachers.spending import Spending

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


@dataclass(frozen=True, slots=True)
class RejectCount:
    """How many records one rule set aside at one stage."""

    stage: Stage
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """What came into a stage and what became of it."""

    stage: str
    came_in: int
    kept: int
    rejected: int


@dataclass(frozen=True, slots=True)
class PointOfView:
    """From where a question for coverage was asked."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What the rows themselves do not say.

    Attributes:
        code_version: version of this project that makes the release.
        settings: the settings of the runs, as a JSON object.
        prompt_versions: every prompt that was asked, also one that no row came from.
        rejects: counts up to and including deduplication; those of the negatives are counted anew.
        funnel: the stages in their order.
        spent: what the answers of those who said the rows took, on these situations; empty where nobody knows.
        points_of_view: all that any question for coverage was asked from.
    """

    code_version: str
    settings: str
    prompt_versions: tuple[str, ...]
    rejects: tuple[RejectCount, ...]
    funnel: tuple[FunnelStep, ...]
    spent: tuple[Spending, ...]
    points_of_view: tuple[PointOfView, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A release before its gates.

    Attributes:
        full: the full table with splits.
        task_sets: made of it, by config.
        canonical: the considerations that its rows stand for, as `canonical_table.build` gives them.
        contrasts: made of its rows and of what was asked for.
        rejected: positives left without a negative.
        agreement: what it tells of people's answers; None without a campaign.
        checked: what a teacher said about the candidates for negatives; None where none was asked.
    """

    full: pa.Table
    task_sets: dict[str, pa.Table]
    canonical: pa.Table
    contrasts: Contrasts
    rejected: tuple[Rejected, ...]
    agreement: Agreement | None = None
    checked: Checked | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """The result of one check. A red gate stops the release unless its name is waived."""

    name: str
    passed: bool
    detail: str
    waived: bool = False


@dataclass(frozen=True, slots=True)
class ConfigCount:
    """Rows of one split of one config."""

    config: str
    split: str
    rows: int


@dataclass(frozen=True, slots=True)
class Account:
    """What card and manifest tell besides the rows.

    Attributes:
        encoder: name of the model that judged the negatives.
        counts: the first config is the default one.
        rejects: those of the run and those of the negatives.
        checked: by whom the negatives were checked; None where by nobody.
    """

    version: str
    settings: ReleaseSettings
    facts: ReleaseFacts
    encoder: str
    gates: tuple[Gate, ...]
    counts: tuple[ConfigCount, ...]
    rejects: tuple[RejectCount, ...]
    checked: Checked | None = None


@dataclass(frozen=True, slots=True)
class FileFact:
    """One written file.

    Attributes:
        path: relative to the release, with forward slashes.
        rows: None for a file that is no table.
    """

    path: str
    sha256: str
    bytes: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Release:
    """A release on disk."""

    version: str
    path: Path
    counts: tuple[ConfigCount, ...]
    gates: tuple[Gate, ...]
    rejected: tuple[Rejected, ...]
    checked: Checked | None = None
