"""Somebody who wants to be forgotten: gone from the server and the warehouse, and that it was done is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from annotation.exchange.server import AnnotationServer, NoProjectError
from annotation.pseudonyms import pseudonyms
from flows import progress
from flows.campaign_raw import file_of, naming
from flows.campaign_server import stored
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.errors import BuildError
from warehouse import campaign_people, campaigns, votes
from warehouse.campaign_people import Located


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What has been done, and what is left to do by hand.

    Attributes:
        seats: that the person had, as campaign/seat.
        votes: answers that were removed from the warehouse.
        annotations: that were removed from the server, those in their own projects not counted.
        before: whether they had been forgotten already.
        raw_files: kept exports that hold something of theirs; they are told, and left to whoever keeps them.
        by_hand: what is to be deleted on a server that was not asked.
    """

    seats: tuple[str, ...]
    votes: int
    annotations: int
    before: bool
    raw_files: tuple[Path, ...]
    by_hand: tuple[str, ...]


def forget(settings: Settings, name: str, who: str, server: AnnotationServer | None, *, now: datetime) -> Forgotten:
    """Remove a person everywhere; killed at any moment, the same command goes on.

    The server comes first: as long as it holds something of theirs, the warehouse knows where.

    Args:
        settings: where the warehouse is, and the keys to the pseudonyms.
        name: of a campaign; they are removed from the others, too.
        who: the id that they came with, under any of the keys, or their pseudonym.
        server: where the campaign runs; None where there is none any more.
        now: when it is done.

    Raises:
        BuildError: there is no such campaign, or nobody of this id.
    """
    stored(settings, name)
    storage, ids = Storage(settings), _ids(settings, who)
    with storage.open() as db:
        places, before = campaign_people.places_of(db, ids), votes.is_forgotten(db, ids)
    if not places and not before:
        raise BuildError(
            f"nobody who has a seat goes by {who!r}; give the id that they came with, with its key among "
            "VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS, or their pseudonym"
        )
    raw = _raw_files(storage, places)
    url = settings.label_studio.base_url.rstrip("/")
    here = [one for one in places if server is not None and one.base_url == url]
    annotations = _off_server(storage, server, here) if server is not None else 0
    with storage.open() as db:
        gone = sum(votes.forget(db, id_, at=now) for id_ in {one.annotator_id for one in places})
    return Forgotten(
        seats=tuple(f"{one.campaign_id}/{one.seat_id}" for one in places),
        votes=gone,
        annotations=annotations,
        before=before and not places,
        raw_files=raw,
        by_hand=tuple(_by_hand(one) for one in places if one not in here and one.base_url),
    )


def _ids(settings: Settings, who: str) -> list[str]:
    """Return all pseudonyms that may be meant; without a key, what was given must be one."""
    keys = settings.campaign.participant_keys.split()
    return [who, *(pseudonyms(who, keys) if keys else ())]


def _off_server(storage: Storage, server: AnnotationServer, places: Sequence[Located]) -> int:
    """Delete their projects, what they have answered in other people's, and their accounts."""
    with storage.open(read_only=True) as db:
        of_campaigns = {one.campaign_id: campaigns.cursors(db, one.campaign_id) for one in places}
    for one in places:
        if one.project_id is not None:
            _delete_project(server, one.project_id)
    own, gone = {one.project_id for one in places}, 0
    persons = {one.person for one in places if one.person is not None}
    others = [project for cursors in of_campaigns.values() for project in cursors if project not in own]
    with progress.stage("looking through projects", len(others) * len(persons)) as advance:
        for person in sorted(persons):
            for project in others:
                for annotation in server.answered_by(project, person):
                    server.delete_annotation(annotation)
                    gone += 1
                advance(1, "")
            server.delete_person(person)
    return gone


def _delete_project(server: AnnotationServer, project_id: int) -> None:
    try:
        server.delete_project(project_id)
    except NoProjectError:
        return  # deleted by hand, or by a command that was killed


def _raw_files(storage: Storage, places: Sequence[Located]) -> tuple[Path, ...]:
    found: set[Path] = set()
    for one in places:
        with storage.open(read_only=True) as db:
            directories = [Path(each) for each in campaign_people.raw_directories(db, one.campaign_id)]
        for directory in directories:
            found.update({file_of(directory, one.campaign_id, one.seat_id)} & set(directory.glob("*/*.jsonl")))
            found.update(naming(directory, one.campaign_id, set() if one.person is None else {one.person}))
    return tuple(sorted(found))


def _by_hand(one: Located) -> str:
    return f"project {one.project_id} and account {one.email or 'of nobody'} on {one.base_url}"
