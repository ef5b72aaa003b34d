"""The tables of answers and of who gave them, and forgetting somebody."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import AnsweredPage, PageKind
from valueprism_build.records import Annotator, Vote
from warehouse.batches import changed, incoming, to_arrow, transaction

_TEXT: Final = pa.string()
_VOTE: Final = pa.schema(
    [
        *((name, _TEXT) for name in ("uid", "question", "annotator_id", "item_id", "answer")),
        ("seconds", pa.float64()),
        ("answered_at", pa.timestamp("us", tz="UTC")),
    ]
)
_ANSWERED: Final = pa.schema([("uid", _TEXT), ("annotator_id", _TEXT), ("answered_at", pa.timestamp("us", tz="UTC"))])
_CATEGORY: Final = pa.schema(
    [("annotator_id", _TEXT), ("dimension", _TEXT), ("place", pa.int32()), ("category", _TEXT)]
)


class Stored(NamedTuple):
    """What became of the pages.

    Attributes:
        stale: pages that are stored as they are now, or in a later form.
        forgotten: pages of people who are forgotten: nothing of them is stored.
    """

    pages: int
    stale: int
    forgotten: int


class _Row(NamedTuple):
    uid: str
    question: str
    annotator_id: str
    item_id: str
    answer: str
    seconds: float | None
    answered_at: datetime


class _Category(NamedTuple):
    annotator_id: str
    dimension: str
    place: int
    category: str


def store(db: DuckDBPyConnection, answered: Sequence[AnsweredPage]) -> Stored:
    """Put each page in the place of an earlier form of it; running it twice, in any order, changes nothing.

    The caller holds the transaction, in which it also notes how far it has pulled.

    Raises:
        ValueError: a page comes twice.
    """
    by_uid = {page.uid: page for page in answered}
    if len(by_uid) < len(answered):
        raise ValueError(f"{len(answered) - len(by_uid)} pages come twice; give each once, in its last form")
    refused = _forgotten(db, {page.annotator_id for page in answered})
    stored = db.execute(
        "SELECT uid, answered_at FROM answered_page WHERE uid IN (SELECT unnest($uids))", {"uids": list(by_uid)}
    ).fetchall()
    late = {uid for uid, at in stored if at >= by_uid[uid].answered_at}
    fresh = [page for page in answered if page.annotator_id not in refused and page.uid not in late]
    remove(db, [page.uid for page in fresh])
    rows = [
        _Row(page.uid, vote.question, page.annotator_id, vote.item_id, vote.answer, vote.seconds, page.answered_at)
        for page in fresh
        for vote in page.votes
    ]
    with incoming(db, to_arrow(fresh, _ANSWERED)):
        changed(db, "INSERT INTO answered_page BY NAME SELECT * FROM incoming")
    with incoming(db, to_arrow(rows, _VOTE)):
        changed(db, "INSERT INTO vote BY NAME SELECT * FROM incoming")
    dropped = sum(page.annotator_id in refused for page in answered)
    return Stored(len(fresh), len(answered) - len(fresh) - dropped, dropped)


def remove(db: DuckDBPyConnection, uids: Collection[str]) -> int:
    """Remove the answers of these pages, which were deleted where they were given, and return how many there were.

    Whose consent was among them takes part no more, until it comes again.
    """
    whose = """
        SELECT answered_page.annotator_id FROM answered_page JOIN deal USING (uid)
        WHERE kind = 'intro' AND uid IN (SELECT unnest($uids))
    """
    db.execute(f"DELETE FROM demographic WHERE annotator_id IN ({whose})", {"uids": list(uids)})
    db.execute(f"DELETE FROM annotator WHERE id IN ({whose})", {"uids": list(uids)})
    db.execute("DELETE FROM answered_page WHERE uid IN (SELECT unnest($uids))", {"uids": list(uids)})
    return changed(db, "DELETE FROM vote WHERE uid IN (SELECT unnest($uids))", {"uids": list(uids)})


def add_annotators(db: DuckDBPyConnection, annotators: Iterable[Annotator]) -> int:
    """Store that people take part and who they say they are, and return how many that were.

    The last word for each dimension counts. Who is forgotten is left out.
    """
    people = {one.id: one for one in annotators}
    refused = _forgotten(db, people)
    kept = [one for one in people.values() if one.id not in refused]
    rows = [
        _Category(one.id, dimension, place, category)
        for one in kept
        for place, (dimension, category) in enumerate(one.demographics)
    ]
    with incoming(db, to_arrow(rows, _CATEGORY)):
        changed(db, "INSERT OR REPLACE INTO demographic BY NAME SELECT * FROM incoming")
    with incoming(db, to_arrow(kept, pa.schema([("id", _TEXT)]))):
        changed(db, "INSERT OR IGNORE INTO annotator BY NAME SELECT * FROM incoming")
    return len(kept)


def read(
    db: DuckDBPyConnection,
    campaign_id: str,
    kinds: Collection[PageKind] = (PageKind.ITEM, PageKind.AFTER),
    *,
    without_excluded: bool = False,
) -> list[Vote]:
    """Return the answers of a campaign on pages of these kinds, ordered by item, question and person.

    Answers of people who have not agreed to take part, or not said yet who they are, are not among them; those of
    people who are excluded are, unless they are to be left out.
    """
    rows = db.execute(
        """
        SELECT vote.item_id, annotator_id, question, answer, seconds
        FROM vote JOIN deal USING (uid) SEMI JOIN annotator ON annotator.id = vote.annotator_id
        ANTI JOIN excluded ON $without AND excluded.campaign_id = $id AND excluded.annotator_id = vote.annotator_id
        WHERE campaign_id = $id AND kind IN (SELECT unnest($kinds)) ORDER BY vote.item_id, question, annotator_id, uid
        """,
        {"id": campaign_id, "kinds": list(kinds), "without": without_excluded},
    ).fetchall()
    return [Vote(*row) for row in rows]


def usable_pages(db: DuckDBPyConnection, campaign_id: str) -> set[str]:
    """Return the uids of the pages with an answer of somebody who takes part and is not excluded."""
    rows = db.execute(
        """
        SELECT DISTINCT uid FROM vote JOIN deal USING (uid) SEMI JOIN annotator ON annotator.id = vote.annotator_id
        ANTI JOIN excluded ON excluded.campaign_id = $id AND excluded.annotator_id = vote.annotator_id
        WHERE campaign_id = $id
        """,
        {"id": campaign_id},
    ).fetchall()
    return {uid for (uid,) in rows}


def read_annotators(db: DuckDBPyConnection, campaign_id: str, *, without_excluded: bool = False) -> list[Annotator]:
    """Return who has a seat in the campaign and has agreed to take part, ordered by id.

    People who are excluded are among them, unless they are to be left out.
    """
    rows = db.execute(
        """
        SELECT seat.annotator_id, list((dimension, category) ORDER BY place) FILTER (dimension IS NOT NULL)
        FROM seat SEMI JOIN annotator ON annotator.id = seat.annotator_id
        ANTI JOIN excluded ON $without AND excluded.campaign_id = $id AND excluded.annotator_id = seat.annotator_id
        LEFT JOIN demographic ON demographic.annotator_id = seat.annotator_id
        WHERE campaign_id = $id
        GROUP BY seat.annotator_id ORDER BY seat.annotator_id
        """,
        {"id": campaign_id, "without": without_excluded},
    ).fetchall()
    return [Annotator(id_, tuple(tuple(pair) for pair in pairs or ())) for id_, pairs in rows]


def forget(db: DuckDBPyConnection, annotator_id: str, *, at: datetime) -> int:
    """Remove a person everywhere, close their seats, record that it was done, and return how many answers went.

    What the record keeps is a hash of the pseudonym, so that their answers are refused when they are pulled again.
    Running it twice keeps the first record.
    """
    with transaction(db):
        gone = changed(db, "DELETE FROM vote WHERE annotator_id = $id", {"id": annotator_id})
        # What was refused of theirs quotes them.
        db.execute(
            """
            DELETE FROM rejected WHERE stage = 'annotate' AND split_part(subject_id, ':', 1) IN (
                SELECT uid FROM deal JOIN seat ON seat.campaign_id = deal.campaign_id AND seat.id = deal.seat_id
                WHERE annotator_id = $id
            )
            """,
            {"id": annotator_id},
        )
        db.execute(
            """
            DELETE FROM seat_person USING seat
            WHERE seat.campaign_id = seat_person.campaign_id AND seat.id = seat_id AND annotator_id = $id
            """,
            {"id": annotator_id},
        )
        db.execute(
            """
            DELETE FROM pull_cursor USING seat
            WHERE seat.campaign_id = pull_cursor.campaign_id AND seat.id = seat_id AND annotator_id = $id
            """,
            {"id": annotator_id},
        )
        db.execute("DELETE FROM answered_page WHERE annotator_id = $id", {"id": annotator_id})
        db.execute("DELETE FROM exclusion WHERE annotator_id = $id", {"id": annotator_id})
        # Whoever was taken for the same person is told so by the pseudonym.
        db.execute("UPDATE exclusion SET detail = replace(detail, $id, 'somebody forgotten')", {"id": annotator_id})
        db.execute("DELETE FROM wish_voice WHERE annotator_id = $id", {"id": annotator_id})
        db.execute("DELETE FROM annotator WHERE id = $id", {"id": annotator_id})
        db.execute("DELETE FROM demographic WHERE annotator_id = $id", {"id": annotator_id})
        db.execute(
            "UPDATE seat SET annotator_id = NULL, state = 'closed' WHERE annotator_id = $id", {"id": annotator_id}
        )
        db.execute(
            "INSERT OR IGNORE INTO forgotten VALUES ($digest, $votes, $at)",
            {"digest": _digest(annotator_id), "votes": gone, "at": at},
        )
    return gone


def is_forgotten(db: DuckDBPyConnection, annotator_ids: Collection[str]) -> bool:
    """Return whether somebody was forgotten who went by one of these pseudonyms; they must not be seated again."""
    return bool(_forgotten(db, annotator_ids))


def _forgotten(db: DuckDBPyConnection, annotator_ids: Iterable[str]) -> set[str]:
    by_digest = {_digest(id_): id_ for id_ in annotator_ids}
    rows = db.execute("SELECT digest FROM forgotten WHERE digest IN (SELECT unnest($d))", {"d": list(by_digest)})
    return {by_digest[digest] for (digest,) in rows.fetchall()}


def _digest(annotator_id: str) -> str:
    return hashlib.blake2b(annotator_id.encode(), digest_size=16).hexdigest()
