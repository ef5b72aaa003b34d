"""Which situations of a family differ in few words, and in what matters: kept as rows, and marked as pairs."""

from collections import defaultdict
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.situations.minimal_pairs import minimal_pairs

MOST: Final = 50
"""Partners named for one situation: a template with thousands of fillings would make lists of millions."""


def mark(full: pa.Table, *, most: int = MOST) -> pa.Table:
    """Return the table with the column `minimal_pair_ids` after its own: ids of situations, empty where there are none.

    "The owner is dead so you keep it" and "... so you donate it" are one family and one minimal pair. Only situations
    of the table are named, the nearest first, then in the order of the table.

    Args:
        full: needs situation, situation_id and family_id.
        most: ids in a list, at most.
    """
    situations = full.group_by(["situation_id"], use_threads=False).aggregate(
        [("situation", "first"), ("family_id", "first")]
    )
    families = defaultdict(list)
    for row in situations.to_pylist():
        families[row["family_id_first"]].append((row["situation_id"], row["situation_first"]))
    partners: dict[str, list[str]] = {}
    for members in families.values():
        ids, texts = zip(*members, strict=True)
        pairs = minimal_pairs(texts, most=most) if len(members) > 1 else [[]]
        partners |= {own: [ids[other] for other in others] for own, others in zip(ids, pairs, strict=True)}
    encoded = pc.dictionary_encode(full["situation_id"].combine_chunks())
    lists = pa.array([partners[own] for own in encoded.dictionary.to_pylist()], pa.list_(pa.string()))
    return full.append_column("minimal_pair_ids", pa.chunked_array([lists.take(encoded.indices)]))
