"""The table of what was set aside, by which rule and why."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.records import UNANSWERED, Rejected, Stage
from warehouse.batches import changed, incoming, to_arrow

_SCHEMA: Final = pa.schema(
    [(name, pa.string()) for name in ("stage", "subject_id", "rule", "detail", "situation_id", "run_id")]
    + [("times", pa.int64())]
)


class Rule(NamedTuple):
    """The name of a rule, and the stage at which it sets aside."""

    stage: Stage
    rule: str


class _Row(NamedTuple):
    stage: str
    subject_id: str
    rule: str
    detail: str
    situation_id: str | None
    run_id: str
    times: int


def add(db: DuckDBPyConnection, run_id: str, rows: Iterable[Rejected]) -> int:
    """Store the rows as seen by this run and return how many were not known before."""
    return _upsert(db, _counted(run_id, None, rows))


def sweep(db: DuckDBPyConnection, run_id: str, source: str) -> int:
    """Forget what reading and filtering rejected in `source` before and this completed run did not reject again.

    Returns:
        how many rows were forgotten: lines that were mended, moved or taken out since.
    """
    return changed(
        db,
        """
        DELETE FROM rejected
        WHERE stage IN ('read', 'filter')
            AND run_id <> $run_id
            AND starts_with(subject_id, $source || ':')
            -- What follows is a row number: source "a" does not own "a:b:1".
            AND NOT contains(subject_id[len($source) + 2:], ':')
        """,
        {"run_id": run_id, "source": source},
    )


def replace(
    db: DuckDBPyConnection,
    run_id: str,
    rejected: Mapping[str, Sequence[Rejected]],
    stages: Collection[Stage],
) -> int:
    """Store what some stages rejected of some situations in place of what they rejected of them before.

    Questions that got no reply stay: deriving does not take them back.

    Args:
        db: inside the transaction that replaces everything else of these stages.
        run_id: the run that rejected them.
        rejected: by situation id; a situation without rejects has an empty sequence.
        stages: those that the rows are of.

    Returns:
        how many rows were stored.
    """
    db.execute(
        """
        DELETE FROM rejected
        WHERE situation_id IN (SELECT unnest($ids)) AND stage IN (SELECT unnest($stages))
            AND rule NOT IN (SELECT unnest($unanswered_rules))
        """,
        {"ids": list(rejected), "stages": [stage.value for stage in stages], "unanswered_rules": UNANSWERED},
    )
    return add_about(db, run_id, rejected)


def add_about(db: DuckDBPyConnection, run_id: str, rejected: Mapping[str, Sequence[Rejected]]) -> int:
    """Store what was rejected of some situations beside what was before, and return how many rows were new.

    Args:
        db: the warehouse.
        run_id: the run that rejected them.
        rejected: by situation id.
    """
    return _upsert(db, [row for id_, rows in rejected.items() for row in _counted(run_id, id_, rows)])


def replace_pages(db: DuckDBPyConnection, run_id: str, uids: Collection[str], rows: Iterable[Rejected]) -> int:
    """Store what is refused of what people wrote on these pages in place of what was refused of them before.

    Args:
        db: inside the transaction that stores the rest of the pages.
        run_id: who refuses.
        uids: of the pages.
        rows: subject `uid`, or `uid:question`.

    Returns:
        how many rows were stored.
    """
    db.execute(
        """
        DELETE FROM rejected
        WHERE stage = 'annotate' AND split_part(subject_id, ':', 1) IN (SELECT unnest($uids))
        """,
        {"uids": list(uids)},
    )
    return add(db, run_id, rows)


def of_pages(db: DuckDBPyConnection, run_id: str) -> Counter[str]:
    """Return how much of what people wrote was refused by each rule, under the id that `replace_pages` was given."""
    rows = db.execute(
        "SELECT rule, sum(times)::BIGINT FROM rejected WHERE stage = 'annotate' AND run_id = $run_id GROUP BY rule",
        {"run_id": run_id},
    ).fetchall()
    return Counter(dict(rows))


def unanswered(
    db: DuckDBPyConnection, situation_ids: Collection[str], stages: Collection[Stage], *, but: str
) -> list[str]:
    """Return the hashes of requests about some situations that got no reply, of whomever it was asked.

    Args:
        db: the warehouse.
        situation_ids: what was asked about.
        stages: in which.
        but: the run whose own failures are left out; it may ask about a situation several times.
    """
    rows = db.execute(
        """
        SELECT DISTINCT subject_id FROM rejected
        WHERE situation_id IN (SELECT unnest($ids)) AND stage IN (SELECT unnest($stages)) AND run_id <> $but
            AND rule IN (SELECT unnest($unanswered_rules))
        """,
        {
            "ids": list(situation_ids),
            "stages": [stage.value for stage in stages],
            "but": but,
            "unanswered_rules": UNANSWERED,
        },
    ).fetchall()
    return [subject for (subject,) in rows]


def forget_unanswered(db: DuckDBPyConnection, request_hashes: Sequence[str]) -> None:
    """Forget that these requests got no reply: they have one now, or are asked again."""
    db.execute(
        """
        DELETE FROM rejected
        WHERE subject_id IN (SELECT unnest($hashes)) AND rule IN (SELECT unnest($unanswered_rules))
        """,
        {"hashes": list(request_hashes), "unanswered_rules": UNANSWERED},
    )


def by_rule(db: DuckDBPyConnection, situation_ids: Sequence[str]) -> Counter[Rule]:
    """Return how many rows each rule set aside when these situations were derived."""
    rows = db.execute(
        """
        SELECT stage, rule, sum(times)::BIGINT FROM rejected
        WHERE situation_id IN (SELECT unnest($ids)) AND stage IN ('parse', 'relevance', 'dedup', 'contrast')
            AND rule NOT IN (SELECT unnest($unanswered_rules))
        GROUP BY ALL
        """,
        {"ids": list(situation_ids), "unanswered_rules": UNANSWERED},
    ).fetchall()
    return Counter({Rule(Stage(stage), rule): count for stage, rule, count in rows})


def _counted(run_id: str, situation_id: str | None, rows: Iterable[Rejected]) -> list[_Row]:
    """Return one row per stage, subject and rule, with how often it came; the first one's detail stands."""
    counted: dict[tuple[str, str, str], _Row] = {}
    for row in rows:
        key = (row.stage.value, row.subject_id, row.rule)
        before = counted.get(key)
        if before is None:
            counted[key] = _Row(*key, row.detail, situation_id, run_id, times=1)
        else:
            counted[key] = before._replace(times=before.times + 1)
    return list(counted.values())


def _upsert(db: DuckDBPyConnection, rows: Sequence[_Row]) -> int:
    with incoming(db, to_arrow(rows, _SCHEMA)):
        actions = db.execute(
            """
            MERGE INTO rejected USING incoming USING (stage, subject_id, rule)
            WHEN MATCHED THEN UPDATE SET
                detail = incoming.detail,
                times = incoming.times,
                situation_id = incoming.situation_id,
                run_id = incoming.run_id
            WHEN NOT MATCHED THEN INSERT BY NAME
            RETURNING merge_action
            """
        ).fetchall()
    return actions.count(("INSERT",))
