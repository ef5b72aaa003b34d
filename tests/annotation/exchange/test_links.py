from urllib.parse import parse_qsl, urlsplit

import pytest

from annotation.exchange.links import LONGEST_ID, Entrant, Links
from valueprism_build.errors import SettingsError

STRATA = ("left", "very liberal")
OLD, NEW = "an old key of the tests", "a new key of the tests"
LINKS = Links([NEW, OLD], "pilot", STRATA)
HERE = "https://study.example/"
ANN = Entrant("ann & co", "very liberal")


def query(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


def test_a_personal_link_brings_its_person_in() -> None:
    link = LINKS.personal(HERE, ANN)
    assert link.startswith("https://study.example/enter?participant=ann%20%26%20co&signature=")
    assert LINKS.entrant(query(link)) == ANN


def test_links_tell_no_stratum_and_those_that_did_still_hold() -> None:
    links = [LINKS.personal(HERE, ANN), LINKS.of_stratum(HERE, ANN.stratum, ANN.participant)]
    assert not any("liberal" in link or "stratum" in link for link in links)
    earlier = [query(link) | {"stratum": ANN.stratum, "participant": ANN.participant} for link in links]
    assert [LINKS.entrant(one) for one in earlier] == [ANN, ANN]


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


def test_the_signature_of_a_stratum_brings_anybody_into_that_stratum_and_into_no_other() -> None:
    of_all = query(LINKS.personal(HERE, ANN)) | {"signature": query(LINKS.of_stratum(HERE, "left", "x"))["signature"]}
    assert LINKS.entrant(of_all) == Entrant(ANN.participant, "left")
    assert LINKS.entrant(of_all | {"stratum": ANN.stratum}) is None


def test_an_id_is_of_bounded_length() -> None:
    longest = Entrant("x" * LONGEST_ID, "left")
    assert LINKS.entrant(query(LINKS.personal(HERE, longest))) == longest
    assert LINKS.entrant(query(LINKS.personal(HERE, Entrant("x" * (LONGEST_ID + 1), "left")))) is None


def test_what_an_older_key_signed_holds_until_that_key_is_thrown_away() -> None:
    link, cookie = Links([OLD], "pilot", STRATA).personal(HERE, ANN), Links([OLD], "pilot", STRATA).cookie(ANN)
    assert (LINKS.entrant(query(link)), LINKS.kept(cookie)) == (ANN, ANN)
    without = Links([NEW], "pilot", STRATA)
    assert (without.entrant(query(link)), without.kept(cookie)) == (None, None)


def test_a_link_to_one_campaign_opens_no_other() -> None:
    assert Links([NEW], "main", STRATA).entrant(query(LINKS.personal(HERE, ANN))) is None


@pytest.mark.parametrize("cookie", ["", "x", ".", "é.é", "0.participant%3Dann"])
def test_a_cookie_that_is_not_ours_is_nobodys(cookie: str) -> None:
    assert LINKS.kept(cookie) is None


@pytest.mark.parametrize("keys", [[], ["too short"]])
def test_without_a_key_that_serves_there_are_no_links(keys: list[str]) -> None:
    with pytest.raises(SettingsError, match="key to sign links with") as raised:
        Links(keys, "pilot", STRATA)
    assert "too short" not in str(raised.value)
