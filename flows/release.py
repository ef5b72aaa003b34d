"""The warehouse's considerations to a versioned release on disk."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from flows import progress
from flows.canonicalising import canonicalise
from flows.grouping import group
from flows.negative_checking import checking
from flows.opinions import read_opinions
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.considerations.relevance import IRRELEVANT
from valueprism_build.contrasts.asked import Contrast
from valueprism_build.errors import WarehouseError
from valueprism_build.records import Stage
from valueprism_build.release import create as releases
from valueprism_build.release.facts import FunnelStep, PointOfView, RejectCount, Release, ReleaseFacts
from valueprism_build.teachers.spending import Spending
from warehouse import canonical, contrasts, families, points_of_view, runs
from warehouse.checks import Offence, run_checks
from warehouse.release_rows import releasable
from warehouse.status import Status, read_status

# Rows that are looked at to find some to show; a release may hold millions.
SHOWN_FROM: Final = 1000
# Settings that say where things lie on the machine that built: nobody else's business. Rows carry their source's name.
LOCAL_PATHS: Final = frozenset({"situations", "warehouse", "releases"})


class Row(NamedTuple):
    """One consideration, as a person looks at it."""

    situation: str
    vrd: str
    text: str
    valence: str
    explanation: str


class ReleaseView(NamedTuple):
    """A release and the first of its rows, one per situation as far as they reach."""

    release: Release
    rows: list[Row]


def create(
    settings: Settings,
    *,
    version: str,
    waived: frozenset[str],
    teacher: str | None,
    rows: int,
    check_negatives: str | None = None,
) -> ReleaseView:
    """Write the release `version` of what the warehouse holds.

    Args:
        settings: where the warehouse and the releases are, and what shapes a release.
        version: X.Y.Z.
        waived: names of gates that may be red.
        teacher: only what this one said, in whosever words; None for everything.
        rows: how many rows to show.
        check_negatives: the teacher that is asked whether candidates for negatives are relevant; None for nobody.

    Raises:
        TeacherStoppedError: that teacher answered nobody.
        WarehouseError: its rows contradict one another.
        ReleaseError: a gate is red, the version exists, or the folder cannot be written; nothing is left behind.
    """
    storage = Storage(settings)
    # What an earlier version built, or a build that was killed, may lack its canonical ids and families.
    canonicalise(settings, run_id="release")
    group(settings, run_id="release")
    with storage.open(read_only=True) as db:
        inventory = canonical.read(db).inventory
        grouped = families.read(db).families
        full = releasable(db, teacher=teacher, people_at_once=settings.release.agreement_k)
        status = read_status(db)
        built_with = runs.last_settings(db, command="build")
        described, asked = points_of_view.read(db), contrasts.read(db, teacher=teacher)
        _refuse_offences(run_checks(db))
    opinions = read_opinions(storage)
    with storage.journal_if_any() as journal:
        spent = [] if journal is None else journal.spent_on(full["situation_id"].unique().to_pylist())
    with (
        checking(settings, check_negatives) as checker,
        progress.stage(f"releasing {full.num_rows} considerations", None) as advance,
    ):
        release = releases.create(
            full,
            inventory.canonicals(),
            grouped,
            version=version,
            directory=settings.releases,
            encoder=storage.encoder(),
            facts=_facts(full, asked, status, built_with, spent, described),
            waived=waived,
            settings=settings.release,
            created_at=datetime.now(UTC),
            contrasts=asked,
            opinions=opinions,
            checker=checker,
        )
        advance(full.num_rows, "")
    return ReleaseView(release, _first_rows(full, rows))


def _refuse_offences(offences: Sequence[Offence]) -> None:
    """Refuse to release a warehouse whose rows contradict one another.

    Raises:
        WarehouseError: some check selects offenders.
    """
    if offences:
        listed = "; ".join(f"not true that {each.check}: {', '.join(each.examples)}" for each in offences)
        raise WarehouseError(f"the warehouse contradicts itself ({listed}); build again into a new --warehouse")


def _facts(
    full: pa.Table,
    asked: Sequence[Contrast],
    status: Status,
    built_with: str | None,
    spent: Sequence[Spending],
    described: Mapping[str, str],
) -> ReleaseFacts:
    build = json.loads(built_with or "{}")
    sayers = set(pc.list_flatten(full["teachers"]).to_pylist())
    return ReleaseFacts(
        code_version=installed_version("valueprism-build"),
        settings=json.dumps({name: build[name] for name in sorted(build.keys() - LOCAL_PATHS)}),
        prompt_versions=tuple(sorted({*full["prompt_version"].to_pylist(), *(one.prompt_version for one in asked)})),
        rejects=tuple(RejectCount(rule.stage, rule.rule, rule.rows) for rule in status.rejected),
        funnel=_funnel(status, full.num_rows),
        # Checking negatives belongs to a release, not to its rows: with it, the same release made again would differ.
        spent=tuple(row for row in spent if row.teacher in sayers and row.stage != Stage.NEGATIVES),
        points_of_view=tuple(PointOfView(name, description) for name, description in described.items()),
    )


def _funnel(status: Status, released: int) -> tuple[FunnelStep, ...]:
    """Return what the warehouse as a whole took in and kept, over all its runs, down to the released rows."""
    rejected = Counter[Stage]()
    for rule in status.rejected:
        rejected[rule.stage] += rule.rows
    situations, kept = status.totals.situations, status.totals.considerations
    unread, unfit = rejected[Stage.READ], rejected[Stage.FILTER]
    repeated, unparsed = rejected[Stage.DEDUP], rejected[Stage.PARSE]
    irrelevant = sum(rule.rows for rule in status.rejected if rule.rule == IRRELEVANT)
    relevant = kept + repeated
    return (
        FunnelStep("read (rows of the sources)", situations + unfit + unread, situations + unfit, unread),
        FunnelStep("filter (situations)", situations + unfit, situations, unfit),
        FunnelStep("parse (items of the answers)", relevant + irrelevant + unparsed, relevant + irrelevant, unparsed),
        FunnelStep("relevance (items)", relevant + irrelevant, relevant, irrelevant),
        FunnelStep("dedup (considerations)", relevant, kept, repeated),
        FunnelStep("release (rows that the chosen teachers said)", kept, released, kept - released),
    )


def _first_rows(full: pa.Table, count: int) -> list[Row]:
    """Return the first row of each situation, and from the start again where there are too few situations."""
    table = full.select(Row._fields).slice(0, SHOWN_FROM).to_pylist()
    first = {row["situation"]: row for row in reversed(table)}
    chosen = [row for row in table if first[row["situation"]] is row]
    others = [row for row in table if first[row["situation"]] is not row]
    return [Row(**row) for row in (chosen + others)[:count]]
