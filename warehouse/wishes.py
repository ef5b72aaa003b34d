"""The tables of what people say is missing, and what has become of it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import PageKind
from valueprism_build.wishes import Outcome, Voice, Wish, Written
from warehouse.batches import changed, incoming, to_arrow

_TEXT: Final = pa.string()
_WISH: Final = pa.schema([("id", _TEXT), ("situation_id", _TEXT), ("listed_id", _TEXT), ("runs", pa.list_(_TEXT))])
_VOICE: Final = pa.schema([(name, _TEXT) for name in Voice.__dataclass_fields__])
_WRITTEN: Final = tuple(Written.__dataclass_fields__)


class Fate(NamedTuple):
    """What has become of a wish.

    Attributes:
        considerations: ids of those that say what it wants, sorted.
        added: those among them that have it to thank for their words.
    """

    outcome: Outcome
    considerations: tuple[str, ...]
    added: tuple[str, ...] = ()


class WishCounts(NamedTuple):
    """What the people of one campaign asked for, and what became of it.

    Attributes:
        people: who asked for anything.
        wishes: that they voiced; of these so many have each outcome.
    """

    campaign: str
    people: int
    wishes: int
    listed: int
    added: int
    nothing: int
    open: int


def written(db: DuckDBPyConnection, questions: Collection[str], situation_ids: Collection[str]) -> list[Written]:
    """Return what was written about these situations in all campaigns, ordered by campaign, page and question.

    Answers of people who have not agreed to take part, or are excluded, are not among it.
    """
    rows = db.execute(
        """
        SELECT deal.campaign_id, vote.uid, vote.question, deal.situation_id, vote.annotator_id, vote.answer
        FROM vote JOIN deal USING (uid) SEMI JOIN annotator ON annotator.id = vote.annotator_id
        ANTI JOIN excluded ON excluded.campaign_id = deal.campaign_id AND excluded.annotator_id = vote.annotator_id
        WHERE vote.question IN (SELECT unnest($questions)) AND deal.situation_id IN (SELECT unnest($ids))
            AND deal.kind IN (SELECT unnest($kinds))
        ORDER BY deal.campaign_id, vote.uid, vote.question
        """,
        {
            "questions": list(questions),
            "ids": list(situation_ids),
            "kinds": [PageKind.BEFORE.value, PageKind.AFTER.value],
        },
    ).fetchall()
    return [Written(*row) for row in rows]


def asked_about(db: DuckDBPyConnection, campaign_id: str) -> list[str]:
    """Return the ids of the situations of the warehouse that a campaign asks about, sorted."""
    rows = db.execute(
        """
        SELECT DISTINCT situation_id FROM deal SEMI JOIN situation ON situation.id = deal.situation_id
        WHERE campaign_id = $id AND kind IN ('before', 'after') ORDER BY situation_id
        """,
        {"id": campaign_id},
    ).fetchall()
    return [id_ for (id_,) in rows]


def known_phrases(db: DuckDBPyConnection, digests: Collection[str]) -> dict[str, str]:
    """Return the wishes of those of the phrases that have one, by digest."""
    rows = db.execute(
        "SELECT digest, wish_id FROM wish_phrase WHERE digest IN (SELECT unnest($digests))", {"digests": list(digests)}
    ).fetchall()
    return dict(rows)


def store(
    db: DuckDBPyConnection,
    situation_ids: Collection[str],
    wishes: Sequence[Wish],
    phrases: Mapping[str, str],
    voices: Sequence[Voice],
) -> None:
    """Store wishes, and the voices in place of all about these situations. The caller holds the transaction.

    Args:
        db: the warehouse.
        situation_ids: whose answers were looked at.
        wishes: that somebody voices; what an earlier look knew of their runs is kept.
        phrases: digest -> wish; one that is known stays where it is.
        voices: all about these situations.
    """
    with incoming(db, to_arrow(wishes, _WISH)):
        changed(
            db,
            """
            INSERT INTO wish BY NAME SELECT * FROM incoming ON CONFLICT (id) DO UPDATE SET
                listed_id = excluded.listed_id, runs = list_sort(list_distinct(wish.runs || excluded.runs))
            """,
        )
    batch = pa.table({"digest": pa.array(phrases, _TEXT), "wish_id": pa.array(phrases.values(), _TEXT)})
    with incoming(db, batch):
        changed(db, "INSERT OR IGNORE INTO wish_phrase BY NAME SELECT * FROM incoming")
    db.execute("DELETE FROM wish_voice WHERE situation_id IN (SELECT unnest($ids))", {"ids": list(situation_ids)})
    with incoming(db, to_arrow(voices, _VOICE)):
        changed(db, "INSERT INTO wish_voice BY NAME SELECT * FROM incoming")


def runs(db: DuckDBPyConnection, situation_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return, for each wish about these situations, what a teacher may not repeat."""
    rows = db.execute(
        "SELECT id, runs FROM wish WHERE situation_id IN (SELECT unnest($ids))", {"ids": list(situation_ids)}
    ).fetchall()
    return {id_: frozenset(known) for id_, known in rows}


_FATE: Final = """
WITH stands AS (  -- what stands for what a teacher made of it, and whether it has this wish to thank for its words
    SELECT answer.subject AS wish_id, said.consideration_id, own.subject IS NOT DISTINCT FROM answer.subject AS is_own
    FROM said JOIN answer USING (request_hash)
    JOIN consideration ON consideration.id = said.consideration_id
    LEFT JOIN answer AS own ON own.request_hash = consideration.request_hash AND own.purpose = 'missing'
    WHERE answer.purpose = 'missing'
), fate AS (
    SELECT
        wish.id,
        CASE
            WHEN bool_or(stands.is_own) THEN 'added'
            WHEN count(stands.wish_id) > 0 OR any_value(consideration.id) IS NOT NULL THEN 'listed'
            WHEN any_value(asked.subject) IS NOT NULL THEN 'nothing'
            ELSE 'open'
        END AS outcome,
        coalesce(
            list_sort(list(DISTINCT stands.consideration_id) FILTER (stands.consideration_id IS NOT NULL)),
            if(any_value(consideration.id) IS NULL, [], [any_value(consideration.id)])
        ) AS considerations,
        coalesce(list_sort(list(DISTINCT stands.consideration_id) FILTER (stands.is_own)), []) AS added
    FROM wish
    LEFT JOIN stands ON stands.wish_id = wish.id
    LEFT JOIN consideration ON consideration.id = wish.listed_id
    LEFT JOIN (SELECT DISTINCT subject FROM answer WHERE purpose = 'missing') AS asked ON asked.subject = wish.id
    GROUP BY wish.id
)
"""


def fates(db: DuckDBPyConnection, situation_ids: Collection[str]) -> dict[str, Fate]:
    """Return what has become of each wish about these situations, by its id."""
    rows = db.execute(
        f"""
        {_FATE}
        SELECT fate.* FROM fate JOIN wish USING (id) WHERE wish.situation_id IN (SELECT unnest($ids)) ORDER BY id
        """,
        {"ids": list(situation_ids)},
    ).fetchall()
    return {id_: Fate(Outcome(outcome), tuple(all_of_it), tuple(added)) for id_, outcome, all_of_it, added in rows}


def count(db: DuckDBPyConnection) -> list[WishCounts]:
    """Return what the people of each campaign asked for, ordered by campaign."""
    rows = db.execute(
        f"""
        {_FATE}, voiced AS (
            SELECT campaign_id, annotator_id, wish_id, outcome FROM wish_voice JOIN fate ON fate.id = wish_id
        )
        SELECT
            campaign_id, count(DISTINCT annotator_id), count(DISTINCT wish_id),
            {", ".join(f"count(DISTINCT wish_id) FILTER (outcome = '{name}')" for name in WishCounts._fields[3:])}
        FROM voiced GROUP BY campaign_id ORDER BY campaign_id
        """
    ).fetchall()
    return [WishCounts(*row) for row in rows]
