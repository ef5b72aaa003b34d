"""Who somebody is to us: a keyed hash of the id that they came with.

Without the key nobody can tell whether a person took part, not even by trying all ids. The key is a setting and stays
out of the warehouse. A new key is put before the old ones: newcomers are hashed with the first, and whoever came under
an older one is found under it. When an old key is thrown away, its people can no longer be found by their own ids.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from valueprism_build.errors import SettingsError

LEAST_KEY_BYTES: Final = 16
MOST_KEY_BYTES: Final = 64
"""What blake2b takes as a key."""
_ID_BYTES: Final = 16
ACCOUNT_DOMAIN: Final = "participants.invalid"
"""Of the accounts' addresses: no mail can go there (RFC 2606)."""


def pseudonyms(participant: str, keys: Sequence[str]) -> list[str]:
    """Return the ids that a person may be stored under, the present one first, 32 hex digits each.

    Args:
        participant: the id that a recruiting platform or an invitation gave them; case and outer spaces count.
        keys: secrets, the newest first, as `settings.participant_keys` has them between spaces.

    Raises:
        SettingsError: there is no key, one is too short or too long to serve, or the id is blank. No key is shown.
    """
    if not keys:
        raise SettingsError("no key for participants' ids; set VALUEPRISM_CAMPAIGN__PARTICIPANT_KEYS")
    if not participant.strip():
        raise SettingsError("a participant's id is blank")
    return [_hashed(participant, key) for key in keys]


@dataclass(frozen=True, slots=True)
class Account:
    """The account on the annotation server that we make for a person; its password is nowhere stored."""

    email: str
    password: str = field(repr=False)


def accounts(participant: str, keys: Sequence[str]) -> list[Account]:
    """Return the accounts that a person may have, the present one first: one for each of their `pseudonyms`.

    Raises:
        SettingsError: as of `pseudonyms`.
    """
    return [
        Account(f"{id_}@{ACCOUNT_DOMAIN}", _hashed(f"password of {id_}", key))
        for id_, key in zip(pseudonyms(participant, keys), keys, strict=True)
    ]


def _hashed(participant: str, key: str) -> str:
    secret = key.encode()
    if not LEAST_KEY_BYTES <= len(secret) <= MOST_KEY_BYTES:
        raise SettingsError(
            f"a key for participants' ids has {len(secret)} bytes; give {LEAST_KEY_BYTES} to {MOST_KEY_BYTES}"
        )
    return hashlib.blake2b(participant.encode(), key=secret, digest_size=_ID_BYTES).hexdigest()
