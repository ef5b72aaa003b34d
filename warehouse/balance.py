"""Whether the considerations lean: valences by type, teacher, place and point of view, and contrived balance."""

from typing import Final, NamedTuple

from duckdb import DuckDBPyConnection

from warehouse.said import UNPROMPTED

PLACES: Final = 12  # the last group holds this place of the answer's list and all after it


class Leaning(NamedTuple):
    """How often each valence was said in one group: of a type, by a teacher, at a place of the list, from somewhere.

    Places count from 1; from a point of view there are groups where one was asked from.

    Attributes:
        relevance: the mean of those that are measured, None where none is.
    """

    by: str
    group: str
    supports: int
    opposes: int
    either: int
    relevance: float | None


class Contrived(NamedTuple):
    """A consideration against the lean of its situation that only one of several teachers gave."""

    situation: str
    text: str
    valence: str
    teacher: str
    relevance: float | None


class Balance(NamedTuple):
    """All of it.

    Attributes:
        leanings: of everything that teachers said, repetitions included: survivors alone would show the first teacher.
        situations: that hold at least two considerations.
        one_way: of these, how many have considerations of one valence only, and that is not Either.
        compared: situations that more than one teacher answered.
        contrived: how many considerations look put in for balance.
        examples: a few of them, the least relevant first.
    """

    leanings: list[Leaning]
    situations: int
    one_way: int
    compared: int
    contrived: int
    examples: list[Contrived]


def read_balance(db: DuckDBPyConnection, *, low_relevance: float = 0.5, examples: int = 5) -> Balance:
    """Return how the considerations lean.

    Args:
        db: a warehouse.
        low_relevance: a consideration of this relevance or more is never called contrived; one that nobody measured
            may be.
        examples: at most so many are returned, at least 1.
    """
    found = db.execute(_CONTRIVED, {"low": low_relevance, "examples": examples}).fetchall()
    [(situations, one_way)] = db.execute(_ONE_WAY).fetchall()
    [(compared,)] = db.execute(f"SELECT count(*) FROM ({_COMPARED})").fetchall()
    leanings = [Leaning(*row) for row in db.execute(_LEANINGS, {"places": PLACES}).fetchall()]
    contrived = found[0][0] if found else 0
    return Balance(leanings, situations, one_way, compared, contrived, [Contrived(*row) for _, *row in found])


_LEANINGS: Final = f"""
WITH item AS (
    SELECT
        consideration.vrd,
        said.teacher,
        least(said.position + 1, $places) AS place,
        if(answer.purpose = 'coverage', answer.subject, NULL) AS view,
        answer.purpose = 'missing' AS wished,
        (said.valence = 'Supports')::INT AS supports,
        (said.valence = 'Opposes')::INT AS opposes,
        (said.valence = 'Either')::INT AS either,
        consideration.relevance
    FROM {UNPROMPTED} AS said
    JOIN consideration ON consideration.id = said.consideration_id
    JOIN answer ON answer.request_hash = said.request_hash
), grouped AS (
    SELECT 1 AS rank, 'type' AS kind, vrd AS name, 0 AS place, supports, opposes, either, relevance FROM item
    UNION ALL SELECT 2, 'teacher', teacher, 0, supports, opposes, either, relevance FROM item
    UNION ALL SELECT
        3, 'place', place || if(place = $places, ' on', ''), place, supports, opposes, either, relevance
    FROM item
    UNION ALL SELECT 4, 'point of view', view, 0, supports, opposes, either, relevance FROM item WHERE view IS NOT NULL
    UNION ALL SELECT 5, 'source', 'annotators', 0, supports, opposes, either, relevance FROM item WHERE wished
)
SELECT kind, name, sum(supports)::BIGINT, sum(opposes)::BIGINT, sum(either)::BIGINT, avg(relevance)
FROM grouped GROUP BY rank, kind, name, place ORDER BY rank, place, name
"""
_ONE_WAY: Final = """
SELECT count(*), count(*) FILTER (valences = 1 AND valence <> 'Either')
FROM (
    SELECT count(DISTINCT valence) AS valences, any_value(valence) AS valence
    FROM consideration GROUP BY situation_id HAVING count(*) > 1
)
"""
_COMPARED: Final = """
SELECT situation_id FROM answer WHERE purpose <> 'relevance' GROUP BY situation_id HAVING count(DISTINCT teacher) > 1
"""
_CONTRIVED: Final = f"""
WITH side AS (
    SELECT situation_id, valence, count(*) AS rows FROM consideration WHERE valence <> 'Either' GROUP BY ALL
), minority AS (
    SELECT side.situation_id, side.valence FROM side JOIN side AS other
    ON other.situation_id = side.situation_id AND other.valence <> side.valence AND other.rows > side.rows
), alone AS (
    SELECT consideration_id FROM {UNPROMPTED} AS said GROUP BY consideration_id HAVING count(DISTINCT teacher) = 1
)
SELECT
    count(*) OVER (),
    situation.text, consideration.text, consideration.valence, consideration.teacher, consideration.relevance
FROM consideration
SEMI JOIN minority USING (situation_id, valence)
SEMI JOIN ({_COMPARED}) AS compared USING (situation_id)
SEMI JOIN alone ON alone.consideration_id = consideration.id
JOIN situation ON situation.id = consideration.situation_id
WHERE consideration.relevance IS NULL OR consideration.relevance < $low
ORDER BY consideration.relevance NULLS LAST, situation.arrival, consideration.id
LIMIT $examples
"""
