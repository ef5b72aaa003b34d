"""Items whose answers are known beforehand, made from the dataset: they tell who pays attention.

Plainly valid: several teachers named it, all with one valence, and its relevance, where measured, is high; or a person
wrote it. Of these, the same with the contrary valence is plainly wrong, and so is one that belongs to another situation
(the negatives of the task sets, which are unlike everything that the situation holds).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa

from annotation.settings import GoldSettings
from valueprism_build.campaigns import CampaignItem, Gold
from valueprism_build.ids import gold_id
from valueprism_build.records import Valence, Vrd
from valueprism_build.tasks.negatives import Negatives

CONTRARY: Final = {Valence.SUPPORTS: Valence.OPPOSES, Valence.OPPOSES: Valence.SUPPORTS}
"""What is plainly wrong of each valence; of Either nothing is."""


def gold_items(candidates: pa.Table, negatives: Negatives, settings: GoldSettings) -> list[CampaignItem]:
    """Return all gold items that the dataset has, valid and invalid, in the order of the table.

    Args:
        candidates: the columns of the full table, and disagreement: "agreed" where several teachers gave one valence,
            "alone" where there is one teacher.
        negatives: drawn from the same table, row for row.
        settings: what is plainly valid.
    """
    rows = candidates.to_pylist()
    valid = {number for number, row in enumerate(rows) if _is_valid(row, settings)}
    found: list[CampaignItem] = []
    for number in sorted(valid):
        found += _of_itself(rows[number])
    for positive, source in zip(negatives.positives.tolist(), negatives.sources.tolist(), strict=True):
        if source in valid:  # its words are good where they belong, so nothing but the situation is wrong
            found.append(_made(rows[positive], rows[source], Gold.FOREIGN, Valence(rows[source]["valence"])))
    return found


def _is_valid(row: Mapping[str, object], settings: GoldSettings) -> bool:
    teachers, relevance = row["teachers"], row["relevance"]
    if isinstance(teachers, Sequence) and set(teachers) & set(settings.written_by):
        return True
    enough = ("agreed",) if settings.teachers > 1 else ("agreed", "alone")
    agreed = row["disagreement"] in enough and isinstance(teachers, Sequence) and len(teachers) >= settings.teachers
    return agreed and (not isinstance(relevance, float) or relevance >= settings.relevance)


def _of_itself(row: Mapping[str, str]) -> Iterator[CampaignItem]:
    valence = Valence(row["valence"])
    yield _made(row, row, Gold.VALID, valence)
    if valence in CONTRARY:
        yield _made(row, row, Gold.FLIPPED, CONTRARY[valence])


def _made(row: Mapping[str, str], source: Mapping[str, str], kind: Gold, valence: Valence) -> CampaignItem:
    return CampaignItem(
        id=gold_id(kind, row["consideration_id"], source["consideration_id"]),
        situation_id=row["situation_id"],
        situation=row["situation"],
        vrd=Vrd(source["vrd"]),
        text=source["text"],
        explanation=source["explanation"],
        valence=valence,
        gold=kind,
    )
