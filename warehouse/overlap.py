"""What pairs of teachers have in common, situation by situation, as counts that statistics are made of."""

from typing import Final

from duckdb import DuckDBPyConnection

from valueprism_build.considerations.comparison import Overlap, PairCounts
from warehouse.said import UNPROMPTED


def read_overlaps(db: DuckDBPyConnection, *, concerns: bool = False) -> list[PairCounts]:
    """Return an entry for each ordered pair of teachers who answered about some same situation, ordered by name.

    Only those situations count. A consideration of the first is matched when the second said the same one, or its
    near-identical counterpart of contrary valence.

    Args:
        db: the warehouse.
        concerns: count concerns instead, so that a value, a right and a duty of one concern are one; a concern has
            the valence that came first.
    """
    pairs: dict[tuple[str, str], list[Overlap]] = {}
    for first, second, *overlap in db.execute(_OF_CONCERNS if concerns else _OF_CONSIDERATIONS).fetchall():
        pairs.setdefault((first, second), []).append(Overlap(*overlap))
    costs = {(first, second): cost for first, second, cost in db.execute(_COSTS).fetchall()}
    return [PairCounts(*pair, tuple(overlaps), costs[pair]) for pair, overlaps in pairs.items()]


_PAIRED: Final = f"""
WITH listed AS (SELECT * FROM answer WHERE purpose <> 'relevance'),
asked AS (SELECT DISTINCT teacher, situation_id FROM listed),
paired AS (
    SELECT one.teacher AS first, other.teacher AS second, one.situation_id
    FROM asked AS one JOIN asked AS other
    ON other.situation_id = one.situation_id AND other.teacher <> one.teacher
), spoken AS (
    -- When it was said: a first question comes before those for what is missing, as in deduplication.
    SELECT
        said.*,
        (listed.purpose IN ('coverage', 'missing'), listed.created_at, listed.request_hash, said.position) AS moment
    FROM {UNPROMPTED} AS said LEFT JOIN listed USING (request_hash)
)
"""
# A teacher that repeats itself said it once, with the valence that came first.
_CONSIDERATIONS: Final = """
own AS (
    SELECT teacher, situation_id, consideration_id AS item_id, arg_min(valence, moment) AS valence
    FROM spoken GROUP BY teacher, situation_id, item_id
), same AS (
    SELECT id AS one, id AS other, 0 AS contrary FROM consideration
    UNION SELECT id, conflict_id, 1 FROM consideration WHERE conflict_id IS NOT NULL
    UNION SELECT conflict_id, id, 1 FROM consideration WHERE conflict_id IS NOT NULL
)
"""
_CONCERNS: Final = """
own AS (
    SELECT
        spoken.teacher, spoken.situation_id, spoken.situation_id || canonical.concern_id AS item_id,
        arg_min(spoken.valence, moment) AS valence
    FROM spoken
    JOIN consideration ON consideration.id = spoken.consideration_id
    JOIN canonical ON canonical.id = consideration.canonical_id
    GROUP BY spoken.teacher, spoken.situation_id, item_id
), same AS (SELECT DISTINCT item_id AS one, item_id AS other, 0 AS contrary FROM own)
"""
_COUNTS: Final = """
item AS (
    SELECT
        paired.first, paired.second, paired.situation_id,
        count(DISTINCT mine.item_id) AS items,
        count(DISTINCT mine.item_id) FILTER (theirs.item_id IS NOT NULL) AS matched,
        coalesce(arg_min((mine.valence = theirs.valence)::INT, same.contrary)
            FILTER (theirs.item_id IS NOT NULL), 0) AS agreed
    FROM paired
    LEFT JOIN own AS mine ON mine.teacher = paired.first AND mine.situation_id = paired.situation_id
    LEFT JOIN same ON same.one = mine.item_id
    LEFT JOIN own AS theirs ON theirs.teacher = paired.second AND theirs.item_id = same.other
    GROUP BY paired.first, paired.second, paired.situation_id, mine.item_id
), situation_counts AS (
    SELECT
        first, second, situation_id,
        sum(items)::BIGINT AS items, sum(matched)::BIGINT AS matched, sum(agreed)::BIGINT AS agreed
    FROM item GROUP BY first, second, situation_id
)
SELECT first, second, items, matched, agreed, count(*) FROM situation_counts
GROUP BY ALL ORDER BY first, second, items, matched, agreed
"""
_OF_CONSIDERATIONS: Final = f"{_PAIRED}, {_CONSIDERATIONS}, {_COUNTS}"
_OF_CONCERNS: Final = f"{_PAIRED}, {_CONCERNS}, {_COUNTS}"
# What the second teacher's answers cost, or NULL as soon as the price of one is unknown.
_COSTS: Final = f"""
{_PAIRED}
SELECT first, second, if(count(cost) = count(*), sum(cost), NULL)
FROM paired JOIN listed ON listed.teacher = paired.second AND listed.situation_id = paired.situation_id
GROUP BY first, second
"""
