"""Contrasts as tests write them: a proposal in JSON, and full tables of sides."""

import json
from collections.abc import Mapping

import pyarrow as pa

from valueprism_build import ids
from valueprism_build.records import Canonical, Valence, Vrd

SIGNS = {"+": Valence.SUPPORTS, "-": Valence.OPPOSES, "?": Valence.EITHER}


def proposal(
    situation: str,
    valences: tuple[str, str] = ("Opposes", "Supports"),
    explanations: tuple[str, str] = ("It would hurt them.", "It would help them."),
) -> str:
    """Return a reply to a question for a contrast."""
    first, second = ({"explanation": e, "valence": v} for e, v in zip(explanations, valences, strict=True))
    return json.dumps({"situation": situation, "first": first, "second": second})


def sided(
    lists: Mapping[str, str], splits: Mapping[str, str] | None = None, unseen: Mapping[str, str] | None = None
) -> pa.Table:
    """Return a table from situation -> "+Honesty -Safety ?Joy"; a word is its own canonical id, but for case.

    What is in neither mapping, of situations or of canonical ids, is in train.
    """
    rows = []
    for situation, words in lists.items():
        for word in words.split():
            sign, text = word[0], word[1:]
            rows.append(
                {
                    "situation": situation,
                    "situation_id": ids.situation_id(situation),
                    "vrd": "Value",
                    "text": text,
                    "canonical_id": text.lower(),
                    "valence": str(SIGNS[sign]),
                    "explanation": f"{situation}: {word}",
                    "consideration_id": f"{situation}|{word}",
                    "split": (splits or {}).get(situation, "train"),
                    "unseen_considerations": (unseen or {}).get(text.lower(), "train"),
                }
            )
    return pa.Table.from_pylist(rows)


def inventory(*words: str) -> list[Canonical]:
    """Return the canonical considerations that words in tables of `sided` stand for."""
    return [Canonical(word.lower(), Vrd.VALUE, word, word.lower(), (word, word.lower())) for word in words]
