"""What people were shown after a free answer, and which wordings came into the dataset from such answers only."""

from duckdb import DuckDBPyConnection

from valueprism_build.records import Vrd


def shown(db: DuckDBPyConnection, campaign_id: str) -> dict[str, tuple[str, ...]]:
    """Return the ids of the items of each list, sorted, by the uid of the page before it.

    It lists what its person was asked about the situation, gold items not among it; a page without a list is not here.
    """
    rows = db.execute(
        """
        SELECT page.uid, list_sort(list(item.item_id))
        FROM deal AS page
        JOIN deal AS item USING (campaign_id, seat_id, situation_id)
        SEMI JOIN campaign_item ON campaign_item.campaign_id = item.campaign_id AND campaign_item.id = item.item_id
        WHERE page.campaign_id = $id AND page.kind = 'before' AND item.kind = 'item'
        GROUP BY page.uid
        """,
        {"id": campaign_id},
    ).fetchall()
    return {uid: tuple(items) for uid, items in rows}


def from_wishes(db: DuckDBPyConnection) -> set[tuple[Vrd, str]]:
    """Return type and wording of the considerations that came in because people missed them, and in no other way."""
    rows = db.execute(
        """
        SELECT vrd, text FROM consideration JOIN answer USING (request_hash)
        GROUP BY vrd, text HAVING bool_and(purpose = 'missing')
        """
    ).fetchall()
    return {(Vrd(vrd), text) for vrd, text in rows}
