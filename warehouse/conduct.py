"""What the tables hold of how people went about their pages: every answer with its page, and who is how far."""

from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import PageKind, ShownVote, Sitter
from valueprism_build.records import Vote


def shown_votes(db: DuckDBPyConnection, campaign_id: str) -> list[ShownVote]:
    """Return all answers of a campaign, on pages of every kind, ordered by person, page and question.

    Answers of people who have not agreed to take part are not among them.
    """
    rows = db.execute(
        """
        SELECT position, kind, vote.item_id, annotator_id, question, answer, seconds
        FROM vote JOIN deal USING (uid) SEMI JOIN annotator ON annotator.id = vote.annotator_id
        WHERE campaign_id = $id ORDER BY annotator_id, position, uid, question
        """,
        {"id": campaign_id},
    ).fetchall()
    return [ShownVote(position, PageKind(kind), Vote(*vote)) for position, kind, *vote in rows]


def sitters(db: DuckDBPyConnection, campaign_id: str) -> list[Sitter]:
    """Return who has a seat and has agreed to take part, in the order of sitting down."""
    rows = db.execute(
        """
        SELECT seat.annotator_id, any_value(person), count(deal.uid), count(answered_page.uid)
        FROM seat SEMI JOIN annotator ON annotator.id = seat.annotator_id
        LEFT JOIN seat_person ON seat_person.campaign_id = seat.campaign_id AND seat_person.seat_id = seat.id
        LEFT JOIN deal ON deal.campaign_id = seat.campaign_id AND deal.seat_id = seat.id
        LEFT JOIN answered_page ON answered_page.uid = deal.uid
        WHERE seat.campaign_id = $id
        GROUP BY seat.annotator_id ORDER BY min(since) NULLS LAST, min(seat.id)
        """,
        {"id": campaign_id},
    ).fetchall()
    return [Sitter(*row) for row in rows]
