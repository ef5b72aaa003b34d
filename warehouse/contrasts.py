"""The table of contrasts that were asked for, and which of them a fresh reading bears out."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.contrasts.asked import SOURCE, Contrast
from warehouse.batches import changed, incoming, to_arrow

# The others are told by the changed situation, by the answer, by the list about that situation, and by the teacher.
_TOLD: Final = ("situation", "model", "prompt_version", "verified", "output_licence", "may_train")
_COLUMNS: Final = tuple(name for name in Contrast.__dataclass_fields__ if name not in _TOLD)
_SCHEMA: Final = pa.schema([(name, pa.string()) for name in _COLUMNS])
# Of no rows `bool_and` is NULL, and NULL AND FALSE is FALSE: one side that has not changed refutes the contrast, and
# one that the list does not name leaves it open.
_READ: Final = f"""
SELECT
    {", ".join(f"any_value(contrast.{name}) AS {name}" for name in _COLUMNS)},
    bool_and(item.valence = 'Opposes') FILTER (item.canonical_id = x.canonical_id)
    AND bool_and(item.valence = 'Supports') FILTER (item.canonical_id = y.canonical_id) AS verified
FROM contrast
LEFT JOIN canonical_member AS x ON x.vrd = contrast.vrd_x AND x.text = contrast.text_x
LEFT JOIN canonical_member AS y ON y.vrd = contrast.vrd_y AND y.text = contrast.text_y
LEFT JOIN consideration AS item ON item.situation_id = contrast.situation_id
GROUP BY contrast.request_hash
"""


class Link(NamedTuple):
    """A situation that was changed, and what it was changed to: the two must never lie in two splits."""

    origin_id: str
    situation_id: str


class ContrastCounts(NamedTuple):
    """What became of the questions for contrasts.

    Attributes:
        asked: questions that were answered.
        made: answers that are a contrast; the others are rejected.
        verified: of those made, contrasts whose changed situation, read afresh, has both considerations on the other
            side.
        refuted: contrasts of which it has one on another side than that.
    """

    asked: int
    made: int
    verified: int
    refuted: int


def replace(db: DuckDBPyConnection, origin_ids: Sequence[str], rows: Sequence[Contrast]) -> None:
    """Put the rows in the place of all contrasts of these origins. The caller holds the transaction."""
    db.execute("DELETE FROM contrast WHERE origin_id IN (SELECT unnest($ids))", {"ids": list(origin_ids)})
    with incoming(db, to_arrow(rows, _SCHEMA)):
        changed(db, "INSERT INTO contrast BY NAME SELECT * FROM incoming")


def read(db: DuckDBPyConnection, *, teacher: str | None = None) -> list[Contrast]:
    """Return the contrasts (of one teacher, or all), ordered by the arrival of their origins, then by request."""
    rows = db.sql(
        f"""
        SELECT
            made.*, changed.text AS situation, answer.model, answer.prompt_version,
            coalesce(teacher.output_licence, 'unknown') AS output_licence, teacher.may_train
        FROM ({_READ}) AS made
        JOIN answer USING (request_hash)
        JOIN situation AS origin ON origin.id = made.origin_id
        JOIN situation AS changed ON changed.id = made.situation_id
        LEFT JOIN teacher ON teacher.name = made.teacher
        WHERE $teacher IS NULL OR made.teacher = $teacher
        ORDER BY origin.arrival, made.request_hash
        """,
        params={"teacher": teacher},
    ).to_arrow_table()
    return [Contrast(**row) for row in rows.to_pylist()]


def changed_ids(db: DuckDBPyConnection, origin_ids: Sequence[str]) -> list[str]:
    """Return the situations that these were changed to, each once, in order of arrival."""
    rows = db.execute(
        """
        SELECT id FROM situation
        SEMI JOIN (SELECT situation_id FROM contrast WHERE origin_id IN (SELECT unnest($ids))) AS made
        ON made.situation_id = situation.id
        ORDER BY arrival
        """,
        {"ids": list(origin_ids)},
    ).fetchall()
    return [id_ for (id_,) in rows]


def links(db: DuckDBPyConnection) -> list[Link]:
    """Return who was changed to whom, each pair once, ordered by both: what families must hold together.

    Also where the contrast is none any more, by other limits: its situation stays, and so does where that came from.
    """
    rows = db.execute(
        """
        SELECT origin_id, situation_id FROM contrast
        UNION SELECT source_id, id FROM situation WHERE source = ?
        ORDER BY ALL
        """,
        [SOURCE],
    ).fetchall()
    return [Link(*row) for row in rows]


def count(db: DuckDBPyConnection) -> ContrastCounts:
    """Return how many were asked for, made, borne out and refuted."""
    [row] = db.execute(
        f"""
        SELECT
            (SELECT count(*) FROM answer WHERE purpose = 'contrast'),
            count(*), count(*) FILTER (verified), count(*) FILTER (NOT verified)
        FROM ({_READ})
        """
    ).fetchall()
    return ContrastCounts(*row)
