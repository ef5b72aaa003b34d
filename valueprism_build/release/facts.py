"""The nouns of a release: what it is told, what it finds out, what it hands back."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from valueprism_build.contrasts.table import Contrasts
from valueprism_build.records import Rejected, Stage
from valueprism_build.release.agreement.build import Agreement
from valueprism_build.release.settings import ReleaseSettings
from valueprism_build.tasks.negative_check import Checked
from valueprism_build.teachers.spending import Spending


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
