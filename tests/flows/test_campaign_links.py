"""Links for a campaign, and invitations with them."""

import csv
import email
from email import policy
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from annotation.exchange.links import Entrant, Links
from flows.campaign_admission import Admission
from flows.campaign_creating import create
from flows.campaign_links import links_of, write_invitations
from flows.campaign_planning import Wanted
from flows.settings import Settings, as_flags, load
from tests.annotation.exchange.scripted_server import ScriptedServer
from tests.flows.building import WAREHOUSE
from tests.flows.campaigning import write_items
from tests.flows.command_line import valueprism
from valueprism_build.errors import BuildError
from warehouse import campaigns
from warehouse.connect import open_warehouse

KEY = "a-key-that-signs-links"
HERE = "https://study.example"
CODE = "C0DE1234"
PEOPLE = Path("people.csv")


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    Path("valueprism.toml").write_text(
        '[label_studio]\nbase_url = "http://server.test"\n[planting]\ngold = 0\nrepeats = 0\n'
    )
    monkeypatch.setenv("VALUEPRISM_LIVE__LINK_KEYS", KEY)
    monkeypatch.setenv("VALUEPRISM_LIVE__PUBLIC_URL", HERE)
    monkeypatch.setenv("VALUEPRISM_LIVE__COMPLETION_URL", f"https://platform.test/?cc={CODE}")
    monkeypatch.setenv("VALUEPRISM_LIVE__COMPLETION_URLS__LEFT", f"https://platform.test/?cc={CODE}")
    monkeypatch.setenv("VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS", "a-key-to-pseudonyms")
    write_items()
    loaded = load({"warehouse": str(WAREHOUSE)})
    create(loaded, "pilot", Wanted("agreement", {"left": 2, "right": 2}, 4, 2, None, 0), ScriptedServer())
    return loaded


def entrant(link: str) -> Entrant | None:
    return Links([KEY], "pilot", ["left", "right"]).entrant(dict(parse_qsl(urlsplit(link).query)))


def test_each_stratum_has_a_link_in_which_the_platform_puts_the_participant() -> None:
    ran = valueprism(
        "campaign", "links", "pilot", "--placeholder", "{{participantId}}", "--warehouse", WAREHOUSE, "--json"
    )
    links = {one["stratum"]: one["link"] for one in ran.summary["links"]}
    assert {s: entrant(link.replace("{{participantId}}", "5f3c")) for s, link in links.items()} == {
        stratum: Entrant("5f3c", stratum) for stratum in ("left", "right")
    }
    assert all(link.startswith(f"{HERE}/enter?") and link in ran.out for link in links.values())
    assert KEY not in ran.out + ran.err


def test_each_person_of_a_file_has_a_link_of_their_own_in_a_file() -> None:
    PEOPLE.write_text("participant,stratum,note\nann,left,x\n ben ,right,\n", encoding="utf-8-sig")
    out = Path("links.csv")
    where = ("--participants", PEOPLE, "--out", out, "--warehouse", WAREHOUSE, "--json")
    assert valueprism("campaign", "links", "pilot", *where).complaints == []
    with out.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [entrant(row["link"]) for row in rows] == [Entrant("ann", "left"), Entrant("ben", "right")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs the columns participant and stratum"),
        ("participant,group\nann,left\n", "needs the columns participant and stratum"),
        ("participant,stratum\n,left\n", "line 2: the participant '' is blank"),
        ("participant,stratum\nann,left\nann,right\n", "line 3: the participant 'ann' is blank, there twice"),
        ("participant,stratum\nann,centre\n", "line 2: no seats for the stratum 'centre'; there are left, right"),
        ("participant,stratum\nann\n", "line 2: no seats for the stratum ''"),
    ],
)
def test_a_file_of_people_that_cannot_be_is_refused_with_its_line(settings: Settings, text: str, told: str) -> None:
    PEOPLE.write_text(text)
    with pytest.raises(BuildError, match=told):
        links_of(settings, "pilot", PEOPLE, "")


def test_an_invitation_tells_a_person_where_their_questionnaire_is(settings: Settings) -> None:
    PEOPLE.write_text("participant,stratum,email\nann,left,ann@people.example\nben,right,\n")
    where = ("--participants", PEOPLE, "--invitations", "mails", "--warehouse", WAREHOUSE, "--json")
    assert valueprism("campaign", "links", "pilot", *where).summary["invitations"] == 1
    [mail] = Path("mails").glob("*.eml")
    message = email.message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert (message["To"], message["Subject"]) == ("ann@people.example", "What matters to you?")
    link = next(line for line in message.get_content().splitlines() if line.startswith(HERE))
    assert entrant(link) == Entrant("ann", "left")


def test_who_is_to_log_in_by_themselves_is_seated_and_told_account_and_project(settings: Settings) -> None:
    PEOPLE.write_text("participant,stratum,email\nann,left,ann@people.example\nben,left,ben@people.example\n")
    admission = Admission(settings, "pilot", join=lambda *_: 7)
    linked = links_of(settings, "pilot", PEOPLE, "")
    assert write_invitations(settings, "pilot", linked, Path("mails"), admission.admit) == 2
    for number, one in enumerate(("ann", "ben"), 1):
        told = Path(f"mails/{number:04d}.eml").read_text()
        place = admission.admit(Entrant(one, "left"))
        assert f"http://server.test/projects/{place.project_id}/data" in told
        assert place.email in told
        assert place.password in told
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert sum(seat.annotator_id is not None for seat in campaigns.seats(db, "pilot")) == 2


def test_an_address_that_would_add_a_header_is_refused(settings: Settings) -> None:
    PEOPLE.write_text('participant,stratum,email\nann,left,"ann@people.example\nBcc: all@people.example"\n')
    with pytest.raises(BuildError, match="cannot write the invitations"):
        write_invitations(settings, "pilot", links_of(settings, "pilot", PEOPLE, ""), Path("mails"))


def test_secrets_of_the_door_are_no_flags_that_a_run_records(settings: Settings) -> None:
    assert settings.live.completion_urls == {"left": settings.live.completion_url}
    for secret in (KEY, CODE):
        assert secret not in str(as_flags(settings))
        assert secret not in repr(settings)


def test_without_a_key_or_an_address_there_are_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("campaign", "links", "pilot", "--warehouse", WAREHOUSE)
    monkeypatch.delenv("VALUEPRISM_LIVE__LINK_KEYS")
    assert "VALUEPRISM_LIVE__LINK_KEYS" in valueprism(*command).complaint
    monkeypatch.delenv("VALUEPRISM_LIVE__PUBLIC_URL")
    assert "--public-url" in valueprism(*command).complaint
    assert (
        "holds no campaign 'other'" in valueprism(*command[:2], "other", *command[3:], "--public-url", HERE).complaint
    )
