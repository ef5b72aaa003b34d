"""Identity comes from content, so reruns, machines and joins agree."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from valueprism_build.records import Valence, Vrd

ID_BYTES: Final = 8
REQUEST_HASH_BYTES: Final = 16
_WORD_CHARS: Final = 20

_ASCII_FOLDED: Final = bytes(ord(chr(code).lower() if chr(code).isalnum() else " ") for code in range(128)).ljust(256)


def fold(text: str) -> str:
    """Return the text as identity sees it: compatibility forms, case and punctuation gone, single spaces.

    Texts that fold alike are the same text: "Lying, to a friend." and "lying to a friend".
    """
    return _fold_word(text) if len(text) <= _WORD_CHARS else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():  # the same in a twentieth of the time: ASCII has no compatibility forms and no combining marks
        return b" ".join(text.encode("ascii").translate(_ASCII_FOLDED, b"'").split()).decode("ascii")
    normal = unicodedata.normalize("NFKC", text).casefold()
    # An apostrophe joins ("don't" is one word); every other mark separates ("bus/train" is two).
    joined = normal.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    # Combining marks are letters' parts: without them two Hindi syllables would be one.
    kept = (c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in joined)
    return " ".join("".join(kept).split())


# Keys, types and valences come by the million, and there are a dozen of them.
_fold_word = lru_cache(maxsize=4096)(_fold)


def _digest(parts: tuple[str, ...], size: int) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=size).hexdigest()


def situation_id(text: str) -> str:
    """Return 16 hex digits, equal for texts that differ only in case, spacing or punctuation."""
    # A text of marks alone folds to nothing; it keeps its own identity so that two of them stay apart.
    return _digest((fold(text) or text,), ID_BYTES)


def consideration_id(situation: str, vrd: Vrd, text: str, valence: Valence) -> str:
    """Return 16 hex digits; contrary valences of one text are two considerations."""
    return _digest((situation, vrd, fold(text) or text, valence), ID_BYTES)


def vrd_id(situation: str, vrd: Vrd, text: str) -> str:
    """Return 16 hex digits of a value, right or duty in a situation, whatever its valence."""
    return _digest((situation, vrd, fold(text) or text), ID_BYTES)


def canonical_id(vrd: Vrd, label: str) -> str:
    """Return 16 hex digits of a canonical consideration, by the label that founded it."""
    return _digest(("canonical", vrd, fold(label) or label), ID_BYTES)


def concern_id(vrd: Vrd, label: str) -> str:
    """Return 16 hex digits of a concern, by the canonical consideration that founded it."""
    return _digest(("concern", vrd, fold(label) or label), ID_BYTES)


def gold_id(kind: str, consideration: str, source: str) -> str:
    """Return 16 hex digits of a gold item.

    Args:
        kind: a `campaigns.Gold`.
        consideration: id of the consideration that it is made for.
        source: id of the one whose words it has.
    """
    return _digest(("gold", kind, consideration, source), ID_BYTES)


def page_uid(campaign: str, seat: str, kind: str, subject: str) -> str:
    """Return 32 hex digits of a page of a campaign.

    Args:
        campaign: its id.
        seat: whose block the page is in.
        kind: a `campaigns.PageKind`: a repeat is another page than the item.
        subject: the item or situation that it is about; empty for none.
    """
    return _digest(("page", campaign, seat, kind, subject), REQUEST_HASH_BYTES)


def phrase_digest(situation: str, phrase: str) -> str:
    """Return 16 hex digits of how somebody put what is missing in a situation; the phrase cannot be read from it."""
    return _digest(("phrase", situation, fold(phrase) or phrase), ID_BYTES)


def wish_id(phrase: str) -> str:
    """Return 16 hex digits of a wish, by the `phrase_digest` that founded it."""
    return _digest(("wish", phrase), ID_BYTES)


def contrast_id(situation_a: str, canonical_x: str, situation_b: str, canonical_y: str) -> str:
    """Return 16 hex digits of a contrast: x supports a and opposes b, y the other way round.

    It is the same contrast from the other end, where y supports b and opposes a.
    """
    one, other = sorted([(situation_a, canonical_x), (situation_b, canonical_y)])
    return _digest(("contrast", *one, *other), ID_BYTES)


def agreement_id(campaign: str, question: str, subject: str, demographic: str, group: str, answer: str) -> str:
    """Return 16 hex digits of a count of answers; the same cell has the same one in every version."""
    return _digest(("agreement", campaign, question, subject, demographic, group, answer), ID_BYTES)


def request_hash(request: Mapping[str, object]) -> str:
    """Return 32 hex digits of a JSON-serialisable request, whatever the order of its keys."""
    canonical = json.dumps(request, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return _digest((canonical,), REQUEST_HASH_BYTES)
