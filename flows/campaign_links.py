"""The links by which people come to a campaign: one for each of them, or one for each stratum."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from annotation.exchange.gateway import Place
from annotation.exchange.links import LONGEST_ID, Entrant, Links
from annotation.vocabulary import parse_study
from flows.campaign_server import stored
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.errors import BuildError, SettingsError
from warehouse import campaigns

COLUMNS: Final = ("participant", "stratum")
EMAIL: Final = "email"


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who is to come in; `email` is empty where there is none."""

    entrant: Entrant
    email: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and whose it is.

    Attributes:
        participant: what the recruiting platform is to put in place of, where the link is everybody's.
    """

    participant: str
    stratum: str
    email: str
    link: str


def links_of(settings: Settings, name: str, people: Path | None, placeholder: str) -> list[Linked]:
    """Return a link for everybody in the file, or without one for each stratum of the campaign.

    Args:
        settings: where people reach the gateway, and the keys that sign links.
        name: of the campaign.
        people: CSV with the columns participant and stratum, and perhaps email.
        placeholder: what the recruiting platform replaces by a participant's id.

    Raises:
        BuildError: there is no such campaign, or the file cannot be used; the line says where.
        SettingsError: there is no key, or no address to link to.
    """
    if not settings.live.public_url:
        raise SettingsError("no address for links; give --public-url, or public_url under [live] in valueprism.toml")
    stored(settings, name)
    with Storage(settings).open(read_only=True) as db:
        seats = Counter(seat.stratum for seat in campaigns.seats(db, name))
    links, url = Links(settings.live.link_keys.split(), name, seats), settings.live.public_url
    if people is None:
        return [
            Linked(placeholder, stratum, "", links.of_stratum(url, stratum, placeholder)) for stratum in sorted(seats)
        ]
    return [
        Linked(one.entrant.participant, one.entrant.stratum, one.email, links.personal(url, one.entrant))
        for one in read_people(people, seats)
    ]


def read_people(path: Path, seats: Mapping[str, int]) -> list[Invited]:
    """Return who is to be invited.

    Args:
        path: CSV in UTF-8.
        seats: of each stratum; there may be more people than seats, for some never come.

    Raises:
        BuildError: it cannot be read, or a row names nobody, somebody twice, or a stratum that has no seats.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BuildError(f"cannot read {path}: {error}") from error
    if not rows or not set(COLUMNS) <= rows[0].keys():
        raise BuildError(f"{path} needs the columns {' and '.join(COLUMNS)}, and a row for each person")
    found: dict[str, Invited] = {}
    for number, row in enumerate(rows, 2):
        participant, stratum = (row[name].strip() for name in COLUMNS)
        if not 0 < len(participant) <= LONGEST_ID or participant in found:
            raise BuildError(
                f"{path} line {number}: the participant {participant[:50]!r} is blank, there twice, or longer than "
                f"{LONGEST_ID} characters"
            )
        if stratum not in seats:
            raise BuildError(
                f"{path} line {number}: no seats for the stratum {stratum!r}; there are {', '.join(sorted(seats))}"
            )
        found[participant] = Invited(Entrant(participant, stratum), (row.get(EMAIL) or "").strip())
    return list(found.values())


def write_links(path: Path, linked: Sequence[Linked]) -> None:
    """Write a CSV with a row for each link.

    Raises:
        BuildError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as lines:
            rows = csv.writer(lines)
            rows.writerow([*COLUMNS, EMAIL, "link"])
            rows.writerows([one.participant, one.stratum, one.email, one.link] for one in linked)
    except OSError as error:
        raise BuildError(f"cannot write {path}: {error.strerror}") from error


def write_invitations(
    settings: Settings,
    name: str,
    linked: Sequence[Linked],
    directory: Path,
    admit: Callable[[Entrant], Place] | None = None,
) -> int:
    """Write a message for everybody who has an address, ready to be sent, and return how many that are.

    Args:
        settings: where the campaign and its server are.
        name: of the campaign.
        linked: who; those without an address get none.
        directory: in which the messages lie, numbered; it is made.
        admit: seats each of them now, and they log in to the server by themselves; None for links to the gateway.

    Raises:
        BuildError: nobody has an address, a message cannot be written, or as of `admit`.
    """
    title = parse_study(stored(settings, name).study, f"of campaign {name}").title
    to_write = [one for one in linked if one.email]
    if not to_write:
        raise BuildError(f"nobody to write to; give a file with the columns {', '.join(COLUMNS)} and {EMAIL}")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(to_write, 1):
            how = one.link if admit is None else _by_oneself(settings, admit(Entrant(one.participant, one.stratum)))
            message = EmailMessage(policy=SMTP)
            message["To"], message["Subject"] = one.email, title
            message.set_content(
                f"You are invited to take part in {title!r}.\n\nYour own questionnaire is here:\n\n{how}\n\n"
                "It is meant for you alone; please pass it on to nobody. You can stop at any time and come back.\n"
            )
            (directory / f"{number:04d}.eml").write_bytes(message.as_bytes())
    except (OSError, ValueError) as error:  # an address with a line break is no header
        raise BuildError(f"cannot write the invitations to {directory}: {error}") from error
    return len(to_write)


def _by_oneself(settings: Settings, place: Place) -> str:
    project = f"{settings.label_studio.base_url.rstrip('/')}/projects/{place.project_id}/data?labeling=1"
    return f"{project}\n\nLog in as {place.email}\nwith the password {place.password}"
