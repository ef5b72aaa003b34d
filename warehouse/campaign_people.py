"""The tables of a campaign on a server: which server it is, and by which account that knows who has a seat."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import Page, PageKind, SeatPerson
from warehouse.batches import changed, transaction


class Sitting(NamedTuple):
    """A page, the pseudonym of whose it is, and the server's number of them."""

    page: Page
    annotator_id: str
    person: int


class Located(NamedTuple):
    """A seat that somebody has, and all that leads to them on its server; None where there is no such thing."""

    campaign_id: str
    seat_id: str
    annotator_id: str
    base_url: str | None
    project_id: int | None
    person: int | None
    email: str | None


def set_server(db: DuckDBPyConnection, campaign_id: str, base_url: str) -> None:
    """Note where the campaign runs."""
    db.execute("INSERT OR REPLACE INTO campaign_server VALUES ($id, $url)", {"id": campaign_id, "url": base_url})


def server(db: DuckDBPyConnection, campaign_id: str) -> str | None:
    """Return the address of the campaign's server; None before it was pushed to one."""
    rows = db.execute("SELECT base_url FROM campaign_server WHERE campaign_id = $id", {"id": campaign_id}).fetchall()
    return next((str(url) for (url,) in rows), None)


def set_person(db: DuckDBPyConnection, campaign_id: str, one: SeatPerson) -> None:
    """Note who sits there; the first word counts, so running it twice changes nothing.

    What was pulled of the seat before was nobody's, and refused; so it is pulled from its beginning.
    """
    with transaction(db):
        new = db.execute(
            """
            INSERT OR IGNORE INTO seat_person VALUES ($campaign, $seat_id, $person, $email, $since) RETURNING seat_id
            """,
            {
                "campaign": campaign_id,
                "seat_id": one.seat_id,
                "person": one.person,
                "email": one.email,
                "since": one.since,
            },
        ).fetchall()
        if new:
            db.execute(
                "UPDATE pull_cursor SET pulled_to = NULL WHERE campaign_id = $campaign AND seat_id = $seat_id",
                {"campaign": campaign_id, "seat_id": one.seat_id},
            )


def people(db: DuckDBPyConnection, campaign_id: str) -> list[SeatPerson]:
    """Return who sits where, ordered by seat."""
    rows = db.execute(
        "SELECT seat_id, person, email, since FROM seat_person WHERE campaign_id = $id ORDER BY seat_id",
        {"id": campaign_id},
    ).fetchall()
    return [SeatPerson(*row) for row in rows]


def places_of(db: DuckDBPyConnection, annotator_ids: Collection[str]) -> list[Located]:
    """Return every seat that somebody has who goes by one of these pseudonyms, by campaign and seat."""
    rows = db.execute(
        """
        SELECT seat.campaign_id, seat.id, annotator_id, base_url, project_id, person, email
        FROM seat LEFT JOIN campaign_server ON campaign_server.campaign_id = seat.campaign_id
        LEFT JOIN pull_cursor ON pull_cursor.campaign_id = seat.campaign_id AND pull_cursor.seat_id = seat.id
        LEFT JOIN seat_person ON seat_person.campaign_id = seat.campaign_id AND seat_person.seat_id = seat.id
        WHERE annotator_id IN (SELECT unnest($ids)) ORDER BY seat.campaign_id, seat.id
        """,
        {"ids": list(annotator_ids)},
    ).fetchall()
    return [Located(*row) for row in rows]


def sittings(db: DuckDBPyConnection, campaign_id: str, uids: Collection[str]) -> list[Sitting]:
    """Return those of these pages whose person the server knows, ordered by uid."""
    rows = db.execute(
        """
        SELECT uid, deal.seat_id, position, kind, item_id, situation_id, annotator_id, person
        FROM deal JOIN seat_person USING (campaign_id, seat_id)
        JOIN seat ON seat.campaign_id = deal.campaign_id AND seat.id = deal.seat_id
        WHERE deal.campaign_id = $id AND annotator_id IS NOT NULL AND uid IN (SELECT unnest($uids)) ORDER BY uid
        """,
        {"id": campaign_id, "uids": list(uids)},
    ).fetchall()
    return [
        Sitting(Page(uid, seat_id, position, PageKind(kind), item_id, situation_id), annotator_id, person)
        for uid, seat_id, position, kind, item_id, situation_id, annotator_id, person in rows
    ]


def settle_seats(db: DuckDBPyConnection, campaign_id: str, seat_ids: Collection[str]) -> int:
    """Say of those of these seats that are taken whether all their pages are answered; return how many are done now."""
    finished = """
        SELECT seat_id FROM deal LEFT JOIN answered_page USING (uid)
        WHERE campaign_id = $id GROUP BY seat_id HAVING count(*) = count(answered_page.uid)
    """
    told = {"id": campaign_id, "seats": list(seat_ids)}
    mine = "campaign_id = $id AND id IN (SELECT unnest($seats))"
    changed(db, f"UPDATE seat SET state = 'taken' WHERE {mine} AND state = 'done' AND id NOT IN ({finished})", told)
    return changed(db, f"UPDATE seat SET state = 'done' WHERE {mine} AND state = 'taken' AND id IN ({finished})", told)


def projects(db: DuckDBPyConnection, campaign_id: str) -> dict[str, int]:
    """Return the project of each seat that has one, by the seat's id."""
    rows = db.execute(
        "SELECT seat_id, project_id FROM pull_cursor WHERE campaign_id = $id ORDER BY seat_id", {"id": campaign_id}
    ).fetchall()
    return dict(rows)


def unfinished_projects(db: DuckDBPyConnection, campaign_id: str) -> set[int]:
    """Return the projects of people who, as far as we know, have not answered all their pages."""
    rows = db.execute(
        """
        SELECT DISTINCT project_id FROM pull_cursor JOIN deal USING (campaign_id, seat_id)
        JOIN seat ON seat.campaign_id = deal.campaign_id AND seat.id = deal.seat_id
        LEFT JOIN answered_page USING (uid)
        WHERE deal.campaign_id = $id AND seat.annotator_id IS NOT NULL AND answered_page.uid IS NULL
        """,
        {"id": campaign_id},
    ).fetchall()
    return {project for (project,) in rows}


def keep_raw(db: DuckDBPyConnection, campaign_id: str, directory: str) -> None:
    """Note that raw exports of the campaign lie there."""
    db.execute("INSERT OR IGNORE INTO raw_export VALUES ($id, $dir)", {"id": campaign_id, "dir": directory})


def raw_directories(db: DuckDBPyConnection, campaign_id: str) -> list[str]:
    """Return where raw exports of the campaign lie, or lay."""
    rows = db.execute(
        "SELECT directory FROM raw_export WHERE campaign_id = $id ORDER BY directory", {"id": campaign_id}
    ).fetchall()
    return [directory for (directory,) in rows]


def last_answers(db: DuckDBPyConnection, campaign_id: str) -> dict[str, datetime]:
    """Return for each seat when a page of it was answered last; seats without an answer are left out."""
    rows = db.execute(
        """
        SELECT seat_id, max(answered_at) FROM answered_page JOIN deal USING (uid)
        WHERE campaign_id = $id GROUP BY seat_id ORDER BY seat_id
        """,
        {"id": campaign_id},
    ).fetchall()
    return dict(rows)


def answered(db: DuckDBPyConnection, campaign_id: str) -> dict[str, datetime]:
    """Return the uids of the pages that have been answered, and when that was, or was last changed."""
    rows = db.execute(
        "SELECT uid, answered_at FROM answered_page JOIN deal USING (uid) WHERE campaign_id = $id ORDER BY uid",
        {"id": campaign_id},
    ).fetchall()
    return dict(rows)
