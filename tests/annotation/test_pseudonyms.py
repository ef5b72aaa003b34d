import hashlib

import pytest

from annotation.pseudonyms import accounts, pseudonyms
from valueprism_build.errors import SettingsError

OLD, NEW = "an old key of some length", "a new key of some length"


def test_a_pseudonym_is_a_keyed_hash_and_needs_the_key() -> None:
    [found] = pseudonyms("p-1", [OLD])
    assert found == hashlib.blake2b(b"p-1", key=OLD.encode(), digest_size=16).hexdigest()
    assert "p-1" not in found
    assert pseudonyms("p-1", [NEW]) != [found]


def test_a_new_key_comes_first_and_people_are_still_found_under_the_old_one() -> None:
    [old] = pseudonyms("p-1", [OLD])
    assert pseudonyms("p-1", [NEW, OLD]) == [*pseudonyms("p-1", [NEW]), old]


def test_an_account_is_named_by_its_pseudonym_and_its_password_needs_the_key_under_which_that_was_made() -> None:
    new, old = accounts("p-1", [NEW, OLD])
    assert [new.email, old.email] == [f"{id_}@participants.invalid" for id_ in pseudonyms("p-1", [NEW, OLD])]
    assert [old] == accounts("p-1", [OLD])
    assert len({new.password, old.password, *pseudonyms("p-1", [NEW, OLD])}) == 4
    assert old.password not in repr(old)


def test_two_people_are_two() -> None:
    assert pseudonyms("p-1", [OLD]) != pseudonyms("p-2", [OLD])


@pytest.mark.parametrize(
    ("participant", "keys", "told"),
    [
        ("p", [], "no key for participants' ids; set VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS"),
        (" ", [OLD], "a participant's id is blank"),
        ("p", ["short secret"], "has 12 bytes; give 16 to 64"),
        ("p", ["s" * 65], "has 65 bytes; give 16 to 64"),
    ],
)
def test_what_cannot_serve_is_refused_without_showing_a_key(participant: str, keys: list[str], told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        pseudonyms(participant, keys)
    assert not any(key in str(caught.value) for key in keys)
