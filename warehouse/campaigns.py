"""The tables of campaigns: what was planned, which seat has which pages, who sits where, how far it was pulled."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from valueprism_build.campaigns import Campaign, CampaignItem, CampaignState, Gold, Page, PageKind, Seat, SeatState
from valueprism_build.errors import WarehouseError
from valueprism_build.records import Valence, Vrd
from warehouse.batches import changed, incoming, to_arrow, transaction

_TEXT: Final = pa.string()
_ITEM: Final = pa.schema([(name, _TEXT) for name in CampaignItem.__dataclass_fields__])
_SEAT: Final = pa.schema([(name, _TEXT) for name in Seat.__dataclass_fields__])
_PAGE: Final = pa.schema([(name, pa.int32() if name == "position" else _TEXT) for name in Page.__dataclass_fields__])


class Added(NamedTuple):
    """How many rows were new."""

    items: int
    seats: int
    pages: int


def add(
    db: DuckDBPyConnection,
    campaign: Campaign,
    items: Sequence[CampaignItem],
    seats: Sequence[Seat],
    pages: Sequence[Page],
) -> Added:
    """Store a campaign, or what was dealt of it later, in one transaction; running it twice adds nothing.

    Raises:
        WarehouseError: there is a campaign of this id with another study, seed or settings.
    """
    with transaction(db):
        before = find(db, campaign.id)
        if before is None:
            db.execute(
                "INSERT INTO campaign VALUES ($id, $study, $seed, $settings, $state, $created_at)",
                {name: getattr(campaign, name) for name in Campaign.__dataclass_fields__},
            )
        elif (before.study, before.seed, before.settings) != (campaign.study, campaign.seed, campaign.settings):
            raise WarehouseError(f"there is another campaign {campaign.id!r}; give this one another name")
        return Added(
            _insert(db, "INSERT OR IGNORE INTO campaign_item BY NAME", campaign.id, to_arrow(items, _ITEM)),
            _insert(db, "INSERT OR IGNORE INTO seat BY NAME", campaign.id, to_arrow(seats, _SEAT)),
            _insert(db, "INSERT OR IGNORE INTO deal BY NAME", campaign.id, to_arrow(pages, _PAGE)),
        )


def find(db: DuckDBPyConnection, campaign_id: str) -> Campaign | None:
    """Return the campaign of this id, or None."""
    rows = db.execute(
        "SELECT id, study, seed, settings, state, created_at FROM campaign WHERE id = $id", {"id": campaign_id}
    ).fetchall()
    found = (Campaign(one, study, seed, told, CampaignState(state), at) for one, study, seed, told, state, at in rows)
    return next(found, None)


def set_state(db: DuckDBPyConnection, campaign_id: str, state: CampaignState) -> None:
    """Say how far a campaign is."""
    db.execute("UPDATE campaign SET state = $state WHERE id = $id", {"id": campaign_id, "state": state})


def items(db: DuckDBPyConnection, campaign_id: str) -> list[CampaignItem]:
    """Return what the campaign asks about, gold items and all, ordered by id."""
    rows = db.execute(
        f"SELECT {', '.join(_ITEM.names)} FROM campaign_item WHERE campaign_id = $id ORDER BY id", {"id": campaign_id}
    ).fetchall()
    return [
        CampaignItem(id_, place, situation, Vrd(vrd), text, explanation, Valence(valence), gold and Gold(gold))
        for id_, place, situation, vrd, text, explanation, valence, gold in rows
    ]


def seats(db: DuckDBPyConnection, campaign_id: str) -> list[Seat]:
    """Return all seats, ordered by id."""
    rows = db.execute(
        "SELECT id, stratum, annotator_id, state FROM seat WHERE campaign_id = $id ORDER BY id", {"id": campaign_id}
    ).fetchall()
    return [Seat(id_, stratum, annotator_id, SeatState(state)) for id_, stratum, annotator_id, state in rows]


def pages(db: DuckDBPyConnection, campaign_id: str) -> list[Page]:
    """Return all pages, ordered by seat and position."""
    rows = db.execute(
        f"SELECT {', '.join(_PAGE.names)} FROM deal WHERE campaign_id = $id ORDER BY seat_id, position",
        {"id": campaign_id},
    ).fetchall()
    return [
        Page(uid, seat_id, position, PageKind(kind), item_id, situation_id)
        for uid, seat_id, position, kind, item_id, situation_id in rows
    ]


def asked(db: DuckDBPyConnection) -> set[str]:
    """Return the ids of all items that a campaign has asked about or is to ask about."""
    return {id_ for (id_,) in db.execute("SELECT DISTINCT id FROM campaign_item WHERE gold IS NULL").fetchall()}


def take_seat(db: DuckDBPyConnection, campaign_id: str, stratum: str, annotator_id: str) -> Seat | None:
    """Return the person's seat: the one that they have, or else the first free one of their stratum, taken now.

    Returns:
        None when no seat of the stratum is free that has pages.
    """
    with transaction(db):
        rows = db.execute(
            """
            SELECT id, stratum, state FROM seat
            WHERE campaign_id = $campaign
                AND (annotator_id = $annotator OR (annotator_id IS NULL AND stratum = $stratum AND state = 'free'
                    AND id IN (SELECT seat_id FROM deal WHERE campaign_id = $campaign)))
            ORDER BY annotator_id NULLS LAST, id LIMIT 1
            """,
            {"campaign": campaign_id, "annotator": annotator_id, "stratum": stratum},
        ).fetchall()
        for id_, own, state in rows:
            if state == SeatState.FREE:
                _sit(db, campaign_id, id_, annotator_id)
                state = SeatState.TAKEN
            return Seat(id_, own, annotator_id, SeatState(state))
    return None


def set_seats(db: DuckDBPyConnection, campaign_id: str, seat_ids: Collection[str], state: SeatState) -> int:
    """Say how far the people of these seats are and return how many seats that changed."""
    return changed(
        db,
        """
        UPDATE seat SET state = $state
        WHERE campaign_id = $campaign AND state <> $state AND id IN (SELECT unnest($ids))
        """,
        {"campaign": campaign_id, "state": state, "ids": list(seat_ids)},
    )


def set_projects(db: DuckDBPyConnection, campaign_id: str, project_ids: Mapping[str, int]) -> None:
    """Note the project of each of these seats; one that has another project now is pulled from its beginning."""
    batch = pa.table(
        {"seat_id": pa.array(project_ids, _TEXT), "project_id": pa.array(project_ids.values(), pa.int64())}
    )
    with incoming(db, batch):
        changed(
            db,
            """
            INSERT INTO pull_cursor SELECT $id, seat_id, project_id, NULL FROM incoming
            ON CONFLICT (campaign_id, seat_id) DO UPDATE SET
                pulled_to = if(project_id = excluded.project_id, pulled_to, NULL), project_id = excluded.project_id
            """,
            {"id": campaign_id},
        )


def cursors(db: DuckDBPyConnection, campaign_id: str) -> dict[int, datetime | None]:
    """Return how far each project of the campaign has been pulled, by the project's id."""
    rows = db.execute(
        "SELECT project_id, pulled_to FROM pull_cursor WHERE campaign_id = $id ORDER BY project_id",
        {"id": campaign_id},
    ).fetchall()
    return dict(rows)


def set_cursor(db: DuckDBPyConnection, campaign_id: str, project_id: int, pulled_to: datetime | None) -> None:
    """Note how far a project was pulled; the caller may hold the transaction that stores what was pulled."""
    db.execute(
        "UPDATE pull_cursor SET pulled_to = $to WHERE campaign_id = $id AND project_id = $project",
        {"id": campaign_id, "project": project_id, "to": pulled_to},
    )


def _sit(db: DuckDBPyConnection, campaign_id: str, seat_id: str, annotator_id: str) -> None:
    db.execute(
        "UPDATE seat SET annotator_id = $annotator, state = 'taken' WHERE campaign_id = $campaign AND id = $id",
        {"annotator": annotator_id, "campaign": campaign_id, "id": seat_id},
    )


def _insert(db: DuckDBPyConnection, insert: str, campaign_id: str, batch: pa.Table) -> int:
    with incoming(db, batch):
        return changed(db, f"{insert} SELECT *, $id AS campaign_id FROM incoming", {"id": campaign_id})
