"""Situations to train, val and test: by a hash of the situation's family, so nothing moves when rows are added."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from valueprism_build.records import Split

TRAIN_SHARE: Final = 0.8
VAL_SHARE: Final = 0.1

Families: TypeAlias = Callable[[Sequence[str], float], Sequence[int]]
"""Texts and a similarity in, for each text the index of its family's first member out."""


def split_of(family_id: str, salt: str) -> Split:
    """Return the family's split, drawn 80/10/10 by a hash of its id; another salt draws anew."""
    digest = hashlib.blake2b(f"{salt}\x1f{family_id}".encode(), digest_size=8).digest()
    draw = int.from_bytes(digest, "big") / 2**64
    if draw < TRAIN_SHARE:
        return Split.TRAIN
    return Split.VAL if draw < TRAIN_SHARE + VAL_SHARE else Split.TEST


def assign(full: pa.Table, families: Families, *, similarity: float, salt: str) -> pa.Table:
    """Return the table with the columns `family_id` and `split` after its own, rows in the same order.

    Situations that are near-duplicates of one another are one family, named after the member that comes first in the
    table, and lie in one split. Shares are of families: a small table can leave val or test empty.

    Args:
        full: needs situation_id and situation.
        families: groups the texts of the distinct situations.
        salt: another one deals the families anew.
        similarity: Jaccard similarity from which two situations are one family, as `families` reads it.
    """
    situations = full.column("situation_id").combine_chunks().dictionary_encode()
    ids = situations.dictionary.to_pylist()
    rows = situations.indices.to_numpy()
    _, first_rows = np.unique(rows, return_index=True)
    texts = full.column("situation").take(pa.array(first_rows, pa.int64())).to_pylist()
    family_ids = [ids[first] for first in families(texts, similarity)]
    splits = [str(split_of(family_id, salt)) for family_id in family_ids]
    by_situation = pa.table({"family_id": pa.array(family_ids, pa.string()), "split": pa.array(splits, pa.string())})
    by_row = by_situation.take(situations.indices)
    return full.append_column("family_id", by_row["family_id"]).append_column("split", by_row["split"])
