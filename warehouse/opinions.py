"""What people answered, for a release: one answer a person, question and subject, of those who agreed to take part."""

from collections.abc import Collection
from datetime import datetime

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import PageKind
from valueprism_build.release.agreement.opinions import ANSWERS, PEOPLE


def campaign_ids(db: DuckDBPyConnection) -> list[str]:
    """Return the campaigns that anybody has answered, ordered by id."""
    rows = db.execute("SELECT DISTINCT campaign_id FROM vote JOIN deal USING (uid) ORDER BY campaign_id").fetchall()
    return [id_ for (id_,) in rows]


def answers(
    db: DuckDBPyConnection,
    *,
    kinds: Collection[PageKind] = (PageKind.BEFORE, PageKind.ITEM, PageKind.AFTER),
) -> pa.Table:
    """Return the answers of all campaigns, shape and types as `ANSWERS`; of two of one person the later one.

    Gold items and repeats are on pages of other kinds. Who is forgotten, is excluded, has not agreed to take part, or
    answered a page of somebody else's seat is not among them.

    Args:
        db: the warehouse.
        kinds: of the pages.
    """
    rows = db.sql(
        """
        SELECT deal.campaign_id AS campaign, question, vote.item_id AS subject_id, vote.annotator_id AS person, answer
        FROM vote JOIN deal USING (uid)
        JOIN seat ON seat.campaign_id = deal.campaign_id AND seat.id = deal.seat_id
            AND seat.annotator_id = vote.annotator_id
        SEMI JOIN annotator ON annotator.id = vote.annotator_id
        ANTI JOIN excluded
            ON excluded.campaign_id = deal.campaign_id AND excluded.annotator_id = vote.annotator_id
        WHERE kind IN (SELECT unnest($kinds))
        QUALIFY row_number() OVER (
            PARTITION BY deal.campaign_id, question, vote.item_id, vote.annotator_id ORDER BY answered_at DESC, uid
        ) = 1
        ORDER BY campaign, question, subject_id, person
        """,
        params={"kinds": list(kinds)},
    )
    return rows.to_arrow_table().cast(ANSWERS)


def people(db: DuckDBPyConnection) -> pa.Table:
    """Return what people said of themselves, shape and types as `PEOPLE`."""
    rows = db.sql(
        """
        SELECT annotator_id AS person, dimension, category
        FROM demographic SEMI JOIN annotator ON annotator.id = demographic.annotator_id
        ORDER BY person, place
        """
    )
    return rows.to_arrow_table().cast(PEOPLE)


def removed_at(db: DuckDBPyConnection) -> list[datetime]:
    """Return when anybody was forgotten who had answered something, or was excluded, in order of time."""
    rows = db.execute(
        """
        SELECT forgotten_at AS gone_at FROM forgotten WHERE votes > 0
        UNION SELECT excluded_at FROM exclusion ORDER BY gone_at
        """
    ).fetchall()
    return [at for (at,) in rows]
