from urllib.parse import parse_qsl, urlsplit

import pytest

from annotation.exchange.links import LONGEST_ID, Entrant, Links
from valueprism_build.errors import SettingsError

OLD, NEW = "an old key of the tests", "a new key of the tests"
LINKS = Links([NEW, OLD], "pilot")
HERE = "https://study.example/"
ANN = Entrant("ann & co", "very liberal")


def query(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


def test_a_personal_link_brings_its_person_in() -> None:
    link = LINKS.personal(HERE, ANN)
    assert link.startswith("https://study.example/enter?stratum=very%20liberal&participant=ann%20%26%20co&signature=")
    assert LINKS.entrant(query(link)) == ANN


@pytest.mark.parametrize("change", [{"participant": "bob"}, {"stratum": "left"}, {"signature": ""}, {"signature": "é"}])
def test_a_changed_link_brings_nobody_in(change: dict[str, str]) -> None:
    assert LINKS.entrant(query(LINKS.personal(HERE, ANN)) | change) is None


def test_a_link_of_a_stratum_takes_whatever_id_the_platform_puts_in_and_no_other_stratum() -> None:
    link = LINKS.of_stratum(HERE, "left", "{{%PROLIFIC_PID%}}")
    assert link.endswith("&participant={{%PROLIFIC_PID%}}")
    came = query(link.replace("{{%PROLIFIC_PID%}}", "5f3c"))
    assert LINKS.entrant(came) == Entrant("5f3c", "left")
    assert LINKS.entrant(came | {"stratum": "right"}) is None
    assert LINKS.entrant(came | {"participant": " "}) is None


def test_the_signature_of_a_stratum_opens_no_personal_link_of_another() -> None:
    of_all = query(LINKS.of_stratum(HERE, "left", "x"))["signature"]
    assert LINKS.entrant(query(LINKS.personal(HERE, ANN)) | {"signature": of_all}) is None


def test_an_id_is_of_bounded_length() -> None:
    longest = Entrant("x" * LONGEST_ID, "left")
    assert LINKS.entrant(query(LINKS.personal(HERE, longest))) == longest
    assert LINKS.entrant(query(LINKS.personal(HERE, Entrant("x" * (LONGEST_ID + 1), "left")))) is None


def test_what_an_older_key_signed_holds_until_that_key_is_thrown_away() -> None:
    link, cookie = Links([OLD], "pilot").personal(HERE, ANN), Links([OLD], "pilot").cookie(ANN)
    assert (LINKS.entrant(query(link)), LINKS.kept(cookie)) == (ANN, ANN)
    without = Links([NEW], "pilot")
    assert (without.entrant(query(link)), without.kept(cookie)) == (None, None)


def test_a_link_to_one_campaign_opens_no_other() -> None:
    assert Links([NEW], "main").entrant(query(LINKS.personal(HERE, ANN))) is None


@pytest.mark.parametrize("cookie", ["", "x", ".", "é.é", "0.participant%3Dann"])
def test_a_cookie_that_is_not_ours_is_nobodys(cookie: str) -> None:
    assert LINKS.kept(cookie) is None


@pytest.mark.parametrize("keys", [[], ["too short"]])
def test_without_a_key_that_serves_there_are_no_links(keys: list[str]) -> None:
    with pytest.raises(SettingsError, match="key to sign links with") as raised:
        Links(keys, "pilot")
    assert "too short" not in str(raised.value)
