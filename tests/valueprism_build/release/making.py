"""What every test of a release needs: facts, a moment, and a release made of a few situations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from tests.valueprism_build.hash_encoder import HashEncoder
from tests.valueprism_build.tasks.full_rows import canonicals, full_table
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.records import Stage
from valueprism_build.release.agreement.opinions import Opinions
from valueprism_build.release.create import create, draft
from valueprism_build.release.facts import Draft, FunnelStep, RejectCount, Release, ReleaseFacts
from valueprism_build.release.settings import ReleaseSettings
from valueprism_build.situations.families import Families, FamilyThresholds, Newcomer, update
from valueprism_build.teachers.spending import Spending

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FACTS = ReleaseFacts(
    code_version="0.1.0",
    settings='{"teacher": "openai"}',
    prompt_versions=("v1",),
    rejects=(RejectCount(Stage.FILTER, "too_short", 3),),
    funnel=(FunnelStep("read", 63, 63, 0), FunnelStep("filter", 63, 60, 3)),
    spent=(
        Spending("openai", "m", Stage.ASK, 1000, 2, answers_cost=Decimal("1.5"), failed_cost=Decimal("0.02500")),
        Spending("vllm", "n", Stage.RELEVANCE, 3, unpriced=3),
    ),
)

# The few situations of a test, of which each names something else, are too little to tell what is foreign to what.
ANY_NEGATIVE = ReleaseSettings(negative_least_related=1, negative_least_named=1)


def made(
    full: pa.Table,
    directory: Path,
    version: str = "1.0.0",
    *,
    waived: frozenset[str] = frozenset(),
    rows_per_file: int = 500_000,
    created_at: datetime = NOON,
    facts: ReleaseFacts = FACTS,
    opinions: Opinions | None = None,
) -> Release:
    return create(
        full,
        canonicals(full),
        families(full),
        version=version,
        directory=directory,
        encoder=WordEncoder(),
        facts=facts,
        waived=waived,
        settings=replace(ANY_NEGATIVE, rows_per_file=rows_per_file),
        created_at=created_at,
        opinions=opinions,
    )


def drafted(listed: Mapping[str, Sequence[str]], *, teacher: str = "openai", licence: str = "CC0-1.0") -> Draft:
    full = full_table(listed, teacher=teacher, licence=licence)
    return draft(full, canonicals(full), families(full), WordEncoder(), ANY_NEGATIVE)


def families(full: pa.Table) -> Families:
    """Return families by letters; to the encoder no two situations are alike."""
    texts = dict(zip(full["situation_id"].to_pylist(), full["situation"].to_pylist(), strict=True))
    newcomers = [Newcomer(*situation) for situation in texts.items()]
    return update(Families(), newcomers, HashEncoder(), FamilyThresholds(similarity=0.5, cosine=0.9))
