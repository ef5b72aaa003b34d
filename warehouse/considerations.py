"""The table of considerations, and the one transaction that writes all that is derived of some situations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.contrasts.asked import Contrast
from valueprism_build.records import Answer, Consideration, Rejected, Said, Situation, Stage, Valence, Vrd
from warehouse import answers, canonical, contrasts, derived, rejected, said, situations
from warehouse.batches import changed, incoming, to_arrow, transaction

_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "situation_id", "vrd", "text", "explanation", "valence")),
        ("teacher", pa.string()),
        ("request_hash", pa.string()),
        ("position", pa.int32()),
        ("relevance", pa.float64()),
        ("canonical_id", pa.string()),
        ("conflict_id", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Derived:
    """All that the answers about one situation came to.

    Attributes:
        fingerprint: of the answers and of the version that derived from them; another one means: derive anew.
        considerations: the survivors, ids unique.
        rejected: what parsing, the relevance thresholds and deduplication set aside, and contrasts that are none.
        said: every item of the answers that parsed, with the survivor that stands for it.
        contrasts: made of this situation.
        changed: their situations, which come into the warehouse like any other and stay there.
    """

    situation_id: str
    fingerprint: str
    answers: tuple[Answer, ...]
    considerations: tuple[Consideration, ...]
    rejected: tuple[Rejected, ...]
    said: tuple[Said, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    changed: tuple[Situation, ...] = ()


class Replaced(NamedTuple):
    """How many rows a replacement took away and put in place, and how many answers were new."""

    removed: int
    considerations: int
    rejected: int
    new_answers: int


def replace(db: DuckDBPyConnection, run_id: str, batch: Sequence[Derived]) -> Replaced:
    """Replace everything derived of these situations, in one transaction; repeating it changes nothing.

    Raises:
        ValueError: a situation comes twice, or a row belongs to another situation than the one it came with.
    """
    by_situation = {one.situation_id: one for one in batch}
    if len(by_situation) < len(batch):
        raise ValueError(f"{len(batch) - len(by_situation)} situations come twice in one replacement; give each once")
    for one in batch:
        _check_belonging(one)
    new = [answer for one in batch for answer in one.answers]
    kept = [consideration for one in batch for consideration in one.considerations]
    with transaction(db):
        new_answers = answers.add(db, new)
        removed = changed(
            db,
            "DELETE FROM consideration WHERE situation_id IN (SELECT unnest($ids))",
            {"ids": list(by_situation)},
        )
        with incoming(db, to_arrow(kept, _SCHEMA)):
            changed(db, "INSERT INTO consideration BY NAME SELECT * FROM incoming")
        canonical.assign(db)
        said.replace(db, list(by_situation), [row for one in batch for row in one.said])
        set_aside = rejected.replace(
            db,
            run_id,
            {id_: one.rejected for id_, one in by_situation.items()},
            (Stage.PARSE, Stage.RELEVANCE, Stage.DEDUP, Stage.CONTRAST),
        )
        situations.add(db, [row for one in batch for row in one.changed])
        contrasts.replace(db, list(by_situation), [row for one in batch for row in one.contrasts])
        derived.mark(db, {id_: one.fingerprint for id_, one in by_situation.items()})
    return Replaced(removed, len(kept), set_aside, new_answers)


def read(db: DuckDBPyConnection, situation_ids: Sequence[str]) -> list[Consideration]:
    """Return the considerations of these situations, ordered by id."""
    rows = db.sql(
        f"""
        SELECT {", ".join(_SCHEMA.names)} FROM consideration
        WHERE situation_id IN (SELECT unnest($ids)) ORDER BY id
        """,
        params={"ids": list(situation_ids)},
    ).to_arrow_table()
    return [
        Consideration(**{**row, "vrd": Vrd(row["vrd"]), "valence": Valence(row["valence"])}) for row in rows.to_pylist()
    ]


def count(db: DuckDBPyConnection, situation_ids: Sequence[str]) -> int:
    """Return how many considerations these situations have."""
    [(rows,)] = db.execute(
        "SELECT count(*) FROM consideration WHERE situation_id IN (SELECT unnest($ids))", {"ids": list(situation_ids)}
    ).fetchall()
    return int(rows)


def _check_belonging(one: Derived) -> None:
    owners = {row.situation_id for rows in (one.answers, one.considerations, one.said) for row in rows}
    for stranger in owners - {one.situation_id}:
        raise ValueError(f"rows of situation {stranger} came with situation {one.situation_id}; keep them apart")
