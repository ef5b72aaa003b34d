"""All answers of a campaign as a table, and what is known of the things that were asked about: what statistics take."""

from collections.abc import Collection

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import PageKind


def answers(db: DuckDBPyConnection, campaign_id: str, kinds: Collection[PageKind]) -> pa.Table:
    """Return item_id, annotator_id, question, answer, seconds and kind of the answers on pages of these kinds.

    Each person's come in the order of their pages, repeats after what they repeat. Answers of people who have not
    agreed to take part, or not said yet who they are, are not among them.
    """
    return db.sql(
        """
        SELECT vote.item_id, annotator_id, question, answer, seconds, kind
        FROM vote JOIN deal USING (uid) SEMI JOIN annotator ON annotator.id = vote.annotator_id
        WHERE campaign_id = $id AND kind IN (SELECT unnest($kinds))
        ORDER BY annotator_id, position, uid, question
        """,
        params={"id": campaign_id, "kinds": list(kinds)},
    ).to_arrow_table()


def asked_about(db: DuckDBPyConnection, campaign_id: str) -> pa.Table:
    """Return item_id, text, vrd, valence, topic and teacher of the items, then of the situations, which lack three.

    The text is the item's and its situation's, as people saw them. `topic` is the situation's first sensitive topic, or
    "everyday"; it and `teacher` are empty where the dataset has lost the situation or the item meanwhile.
    """
    return db.sql(
        """
        WITH item AS (SELECT * FROM campaign_item WHERE campaign_id = $id AND gold IS NULL)
        SELECT
            item.id AS item_id, item.text || ': ' || item.situation AS text, item.vrd, item.valence,
            if(situation.id IS NULL, '', coalesce(situation.flags[1], 'everyday')) AS topic,
            coalesce(consideration.teacher, '') AS teacher
        FROM item
        LEFT JOIN situation ON situation.id = item.situation_id
        LEFT JOIN consideration ON consideration.id = item.id
        UNION ALL
        SELECT
            item.situation_id, any_value(item.situation), '', '',
            any_value(if(situation.id IS NULL, '', coalesce(situation.flags[1], 'everyday'))), ''
        FROM item LEFT JOIN situation ON situation.id = item.situation_id
        GROUP BY item.situation_id
        ORDER BY item_id
        """,
        params={"id": campaign_id},
    ).to_arrow_table()
