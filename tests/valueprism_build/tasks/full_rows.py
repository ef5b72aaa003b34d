"""Small full tables for tests, written the way a person would list them."""

import random
from collections.abc import Mapping, Sequence

import pyarrow as pa

from valueprism_build import ids
from valueprism_build.records import Canonical, Valence, Vrd
from valueprism_build.situations.families import Families, Family, Member
from valueprism_build.tasks.full_table import FULL_SCHEMA


def full_table(
    listed: Mapping[str, Sequence[str]],
    *,
    teacher: str = "openai",
    licence: str = "CC0-1.0",
    source: str = "sample",
    may_train: bool | None = True,
) -> pa.Table:
    """Return one row per "Value: Health" of each situation; valences go round Supports, Opposes, Either."""
    rows = []
    for number, (situation, considerations) in enumerate(listed.items()):
        for position, consideration in enumerate(considerations):
            vrd, _, text = consideration.partition(": ")
            valence = list(Valence)[position % 3]
            situation_id = ids.situation_id(situation)
            rows.append(
                {
                    "situation": situation,
                    "vrd": Vrd(vrd),
                    "text": text,
                    "explanation": f"{text} bears on it.",
                    "valence": valence,
                    "situation_id": situation_id,
                    "consideration_id": ids.consideration_id(situation_id, Vrd(vrd), text, valence),
                    "canonical_id": ids.canonical_id(Vrd(vrd), text),
                    "teacher": teacher,
                    "teachers": [teacher],
                    "model": "m",
                    "prompt_version": "v1",
                    "point_of_view": None,
                    "consideration_source": "teachers",
                    "people": 0,
                    "campaigns": [],
                    "request_hash": "00",
                    "position": position,
                    "relevance": None,
                    "conflict_id": None,
                    "output_licence": "unknown",
                    "may_train": may_train,
                    "flags": ["violence"] if "kill" in situation else [],
                    "source": source,
                    "source_id": str(number + 1),
                    "situation_teachers": [],
                    "licence": licence,
                    "language": "en",
                }
            )
    return pa.Table.from_pylist(rows, schema=FULL_SCHEMA)


def canonicals(full: pa.Table) -> list[Canonical]:
    """Return an inventory in which every wording stands for itself, and for its concern as "Right to X" does for X."""
    found: dict[str, Canonical] = {}
    for row in full.select(["canonical_id", "vrd", "text"]).to_pylist():
        concern = row["text"].rpartition(" to ")[2].lower()
        found[row["canonical_id"]] = Canonical(
            row["canonical_id"], Vrd(row["vrd"]), row["text"], concern, (row["text"],)
        )
    return list(found.values())


def many(situations: int) -> dict[str, list[str]]:
    """Return situations of random letters, so that none are alike, with four values, two rights and two duties each."""
    rng = random.Random(situations)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(300)]
    listed = {}
    for _ in range(situations):
        situation = " ".join("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(5))
        texts = rng.sample(words, 8)
        kinds = ["Value: "] * 4 + ["Right: Right to "] * 2 + ["Duty: Duty to "] * 2
        listed[situation] = [kind + text for kind, text in zip(kinds, texts, strict=True)]
    return listed


def alone(full: pa.Table) -> Families:
    """Return every situation of the table as a family of its own."""
    ids_ = full["situation_id"].unique().to_pylist()
    return grouped(full, {situation: situation for situation in ids_})


def grouped(full: pa.Table, families: Mapping[str, str]) -> Families:
    """Return families by the id of each situation; a family is called like one of its situations."""
    texts = dict(zip(full["situation_id"].to_pylist(), full["situation"].to_pylist(), strict=True))
    names = dict.fromkeys(families[situation] for situation in texts)
    return Families(
        tuple(Family(name) for name in names),
        tuple(Member(situation, text, families[situation]) for situation, text in texts.items()),
    )
