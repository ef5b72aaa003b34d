"""The links by which people come in: signed, so that nobody gives themselves another stratum or another's place.

A link of one person carries their id, and a signature of it and of their stratum. A recruiting platform puts the id of
whoever comes in place of a word of ours, so such a link is signed for its stratum alone: whoever holds it may say any
id. The stratum itself is in no link, for people read them: it is the one that the signature fits.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from valueprism_build.errors import SettingsError

ENTRANCE: Final = "/enter"
PARTICIPANT: Final = "participant"
STRATUM: Final = "stratum"
"""In cookies, which nobody is shown, and in links of earlier versions."""
SIGNATURE: Final = "signature"
LEAST_KEY_BYTES: Final = 16
LONGEST_ID: Final = 200
"""Characters of a participant's id; platforms give 24 to 40."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who comes in: the id that they were given elsewhere, and their stratum."""

    participant: str
    stratum: str


class Links:
    """Makes and checks the links and cookies of one campaign."""

    def __init__(self, keys: Sequence[str], campaign: str, strata: Collection[str]) -> None:
        """Prepare.

        Args:
            keys: secrets, the newest first: it signs, and what an older one signed still holds.
            campaign: a link to one opens no other.
            strata: of the campaign.

        Raises:
            SettingsError: there is no key, or one is too short to serve. No key is shown.
        """
        if not keys:
            raise SettingsError("no key to sign links with; set VALUEPRISM_LIVE__LINK_KEYS")
        for key in keys:
            if len(key.encode()) < LEAST_KEY_BYTES:
                raise SettingsError(f"a key to sign links with has {len(key.encode())} bytes; give {LEAST_KEY_BYTES}")
        self._keys = [key.encode() for key in keys]
        self._campaign = campaign
        self._strata = tuple(strata)

    def personal(self, base_url: str, entrant: Entrant) -> str:
        """Return the link of one person."""
        signature = self._sign("person", entrant.stratum, entrant.participant)
        return self._link(base_url, {PARTICIPANT: entrant.participant, SIGNATURE: signature})

    def of_stratum(self, base_url: str, stratum: str, placeholder: str) -> str:
        """Return the link for everybody of a stratum.

        Args:
            base_url: of the gateway.
            stratum: of the campaign.
            placeholder: what the recruiting platform replaces by a participant's id; it is not quoted.
        """
        link = self._link(base_url, {SIGNATURE: self._sign("stratum", stratum)})
        return f"{link}&{PARTICIPANT}={placeholder}"

    def entrant(self, query: Mapping[str, str]) -> Entrant | None:
        """Return who comes by a link; None where it is not one of ours, or not whole."""
        participant, given = query.get(PARTICIPANT, "").strip(), query.get(SIGNATURE, "")
        if not 0 < len(participant) <= LONGEST_ID:
            return None
        for stratum in [query[STRATUM]] if STRATUM in query else self._strata:
            if self._holds(given, "stratum", stratum) or self._holds(given, "person", stratum, participant):
                return Entrant(participant, stratum)
        return None

    def cookie(self, entrant: Entrant) -> str:
        """Return what a browser keeps of who has come in."""
        about = urlencode({STRATUM: entrant.stratum, PARTICIPANT: entrant.participant})
        return f"{self._sign('cookie', about)}.{quote(about, safe='')}"

    def kept(self, cookie: str) -> Entrant | None:
        """Return of whom a browser has kept that; None where it was not we who gave it."""
        given, _, quoted = cookie.partition(".")
        about = unquote(quoted)
        if not self._holds(given, "cookie", about):
            return None
        told = dict(parse_qsl(about, keep_blank_values=True))
        return Entrant(told[PARTICIPANT], told[STRATUM])

    def _link(self, base_url: str, told: Mapping[str, str]) -> str:
        return f"{base_url.rstrip('/')}{ENTRANCE}?{urlencode(told, quote_via=quote)}"

    def _sign(self, *said: str) -> str:
        return self._signature(self._keys[0], said)

    def _holds(self, given: str, *said: str) -> bool:
        right = [hmac.compare_digest(self._signature(key, said).encode(), given.encode()) for key in self._keys]
        return any(right)

    def _signature(self, key: bytes, said: Sequence[str]) -> str:
        return hmac.new(key, json.dumps([self._campaign, *said]).encode(), hashlib.sha256).hexdigest()[:32]
