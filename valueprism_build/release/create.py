"""From the full table to a release on disk: split, draw negatives, build task sets, check, write."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from valueprism_build.contrasts import table as contrast_table
from valueprism_build.contrasts.asked import Contrast
from valueprism_build.embedding import Encoder
from valueprism_build.errors import ReleaseError
from valueprism_build.records import Canonical, Rejected, Split, Stage
from valueprism_build.release import card, changelog, folder, gates, held_out, manifest, parquet
from valueprism_build.release.agreement import build as agreements
from valueprism_build.release.agreement import earlier, written
from valueprism_build.release.agreement.opinions import Opinions
from valueprism_build.release.agreement.rows import CONFIG as AGREEMENT
from valueprism_build.release.facts import Account, ConfigCount, Draft, RejectCount, Release, ReleaseFacts
from valueprism_build.release.leakage import report as leakage
from valueprism_build.release.leakage.report import Leakage
from valueprism_build.release.settings import ReleaseSettings
from valueprism_build.situations.families import Families
from valueprism_build.tasks import canonical_table, minimal_pair_ids, negatives, splits, task_sets
from valueprism_build.tasks.full_table import checked
from valueprism_build.tasks.negative_check import Check, Checker
from valueprism_build.tasks.negatives import Negatives


def create(
    full: pa.Table,
    canonicals: Sequence[Canonical],
    families: Families,
    *,
    version: str,
    directory: Path,
    encoder: Encoder,
    facts: ReleaseFacts,
    waived: frozenset[str],
    settings: ReleaseSettings,
    created_at: datetime,
    contrasts: Sequence[Contrast] = (),
    opinions: Opinions | None = None,
    checker: Checker | None = None,
) -> Release:
    """Make `directory/version`, whole or not at all.

    The same rows, settings and earlier releases give the same bytes, but for `created_at` in the manifest; so making
    a release again changes nothing.

    Args:
        full: columns of `full_table.FULL_SCHEMA`, in an order that is always the same.
        canonicals: all that the rows stand for, and maybe more.
        families: of all the rows' situations, and maybe more.
        version: X.Y.Z.
        directory: holds the releases; made if need be.
        encoder: tells whether a negative might be relevant after all.
        facts: what the rows do not say.
        waived: names of gates that may be red.
        settings: what shapes the release.
        created_at: goes into the manifest.
        contrasts: those that a teacher was asked for, in an order that is always the same.
        opinions: what people answered, if any were asked.
        checker: who finds candidates for negatives relevant or not; without one embeddings alone decide.

    Raises:
        BuildError: the checker has no answers.
        ReleaseError: the version is none or exists with other content, a gate is red, a column is wrong, something
            would leave what an earlier release held out, the folder cannot be written, an earlier release cannot be
            read.
    """
    folder.refuse_version(version)
    gates.refuse_unknown(waived)
    drafted = draft(checked(full), canonicals, families, encoder, settings, contrasts, checker)
    _refuse_all_refused(drafted)
    previous = folder.previous(directory, version)
    held_out.refuse_moves(drafted.full, previous)
    if opinions is not None and opinions.campaigns:
        before = earlier.read(directory, version)
        told = agreements.build(opinions, drafted.full, before, version=version, k=settings.agreement_k)
        drafted = replace(drafted, agreement=told)
    results = gates.inspect(drafted, waived)
    gates.refuse_red(results)
    refused = drafted.checked.rejected if drafted.checked else ()
    rejects = _rejects(facts, [*drafted.contrasts.rejected, *drafted.rejected, *refused])
    counts = _counts(drafted)
    account = Account(version, settings, facts, encoder.model, results, counts, rejects, drafted.checked)
    leaks = leakage.measure(drafted.full, drafted.task_sets, encoder, seed=settings.negative_seed)
    with folder.staged(directory, version) as root:
        _write(root, drafted, account, leaks, previous, created_at)
        written.check(root, drafted.agreement)
    return Release(version, directory / version, account.counts, results, drafted.rejected, drafted.checked)


def draft(
    full: pa.Table,
    canonicals: Sequence[Canonical],
    families: Families,
    encoder: Encoder,
    settings: ReleaseSettings,
    contrasts: Sequence[Contrast] = (),
    checker: Checker | None = None,
) -> Draft:
    """Return the rows of a release, for its gates or for a look at them, without writing anything."""
    with_splits, drawn = with_negatives(full, canonicals, families, encoder, settings, checker)
    inventory = canonical_table.build(full, canonicals)
    boards = contrast_table.build(with_splits, contrasts, canonicals, encoder, most=settings.contrasts_each)
    sets = task_sets.build(with_splits, drawn)
    return Draft(with_splits, sets, inventory, boards, tuple(drawn.rejected), checked=drawn.checked)


def _refuse_all_refused(drafted: Draft) -> None:
    told = drafted.checked
    if told and told.relevant == told.asked > 0:
        raise ReleaseError(
            f"{told.checker} finds all {told.asked} candidates for negatives relevant (above {told.most:g}), so "
            "nothing would be left; raise [release] negative_check_most, or have another teacher check"
        )


def with_negatives(
    full: pa.Table,
    canonicals: Sequence[Canonical],
    families: Families,
    encoder: Encoder,
    settings: ReleaseSettings,
    checker: Checker | None = None,
) -> tuple[pa.Table, Negatives]:
    """Return the full table with its splits, and the negatives of its rows."""
    with_splits = minimal_pair_ids.mark(splits.assign(full, families, canonicals, salt=settings.split_salt))
    concerns = {canonical.id: canonical.concern_id for canonical in canonicals}
    check = Check(checker, settings.negative_check_most, settings.negative_check_rounds) if checker else None
    return with_splits, negatives.draw(with_splits, encoder, settings.negatives, concerns, check)


def _tables(drafted: Draft) -> dict[str, dict[str, pa.Table]]:
    """Return the rows of each split of each config; full is one split, as loaders of ValuePrism expect."""
    train = str(Split.TRAIN)
    by_task = {config: parquet.by_split(table) for config, table in drafted.task_sets.items()}
    contrast = parquet.by_split(drafted.contrasts.rows)
    people = {} if drafted.agreement is None else {AGREEMENT: {train: drafted.agreement.rows}}
    machine = {"full": {train: drafted.full}, **by_task, "canonical": {train: drafted.canonical}, "contrast": contrast}
    return {**machine, **people}


def _counts(drafted: Draft) -> tuple[ConfigCount, ...]:
    return tuple(
        ConfigCount(config, split, rows.num_rows)
        for config, parts in _tables(drafted).items()
        for split, rows in parts.items()
    )


def _rejects(facts: ReleaseFacts, rejected: Sequence[Rejected]) -> tuple[RejectCount, ...]:
    # Negatives are drawn anew for every release, so what an earlier one could not draw says nothing about this one.
    earlier = [reject for reject in facts.rejects if reject.stage != Stage.NEGATIVES]
    now = Counter((reject.stage, reject.rule) for reject in rejected)
    return (*earlier, *(RejectCount(stage, rule, count) for (stage, rule), count in sorted(now.items())))


def _write(
    root: Path, drafted: Draft, account: Account, leaks: Leakage, before: Path | None, created_at: datetime
) -> None:
    rows = leakage.write(root, leaks)
    for config, parts in _tables(drafted).items():
        rows |= parquet.write(root, config, parts, account.settings.rows_per_file)
    tables = {"full": drafted.full, **drafted.task_sets, "canonical": drafted.canonical}
    tables["contrast"] = drafted.contrasts.rows
    if drafted.agreement is not None:
        tables[AGREEMENT] = drafted.agreement.rows
    elif before is not None and (before / "data" / AGREEMENT).is_dir():
        tables[AGREEMENT] = earlier.NOTHING
    changes = changelog.render(account.version, tables, before)
    (root / "CHANGELOG.md").write_text(changes, encoding="utf-8")
    (root / "README.md").write_text(card.render(drafted, account, leaks), encoding="utf-8")
    described = manifest.render(drafted, account, manifest.file_facts(root, rows), created_at)
    (root / folder.MANIFEST).write_text(described, encoding="utf-8")
