"""Rows to train, val and test, in two ways: by situation (`split`) and by consideration (`unseen_considerations`).

`split` holds out whole families of situations, so a test situation is no near-copy of a train situation. Its
considerations are mostly those of train all the same, since there are few of them, and to have seen a consideration
helps a model more than to have seen the situation. `unseen_considerations` holds out whole canonical considerations:
train on the rows that it calls train, test on those that it calls test, and no tested consideration was seen, in
whatever wording. For both at once train on rows that are train in both, and test on rows that are test in both, about
1 in 100; rows that are train in one and test in the other are left out.

Each is drawn by a hash of what is held out, so that nothing moves when rows come and go. Where families were merged, or
a judgement moved wordings from one consideration to another, what they come to is as held out as the most held-out of
them: so a wording, too, moves towards test only.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.records import Canonical, Split
from valueprism_build.situations.families import Families

TRAIN_SHARE: Final = 0.8
VAL_SHARE: Final = 0.1


def split_of(held_out: str, salt: str) -> Split:
    """Return the split of a family or a canonical consideration, drawn 80/10/10 by a hash of its id.

    Args:
        held_out: the id.
        salt: another one draws anew.
    """
    digest = hashlib.blake2b(f"{salt}\x1f{held_out}".encode(), digest_size=8).digest()
    draw = int.from_bytes(digest, "big") / 2**64
    if draw < TRAIN_SHARE:
        return Split.TRAIN
    return Split.VAL if draw < TRAIN_SHARE + VAL_SHARE else Split.TEST


def most_held_out(parts: Iterable[str], salt: str) -> Split:
    """Return the split of what was several once: test before val before train, so that none of them leaves test."""
    return max((split_of(part, salt) for part in parts), key=list(Split).index)


def assign(full: pa.Table, families: Families, canonicals: Sequence[Canonical] = (), *, salt: str) -> pa.Table:
    """Return the table with the columns `family_id`, `split` and `unseen_considerations` after its own.

    Shares are of families and of considerations: a small table can leave val or test empty. A row without a canonical
    id, which a release does not hold, is in no split of `unseen_considerations`: nobody knows what it repeats.

    Args:
        full: needs situation_id and canonical_id.
        families: hold every situation of the table.
        canonicals: tell where wordings came from; one that is not among them has all its own from the start.
        salt: another one deals anew.

    Raises:
        KeyError: a situation has no family.
    """
    homes = families.homes()
    splits = {head: str(most_held_out(parts, salt)) for head, parts in families.merged().items()}
    family_ids = _looked_up(full["situation_id"], homes)
    canonical = full["canonical_id"].unique().drop_null().to_pylist()
    came_from = {one.id: one.forerunners for one in canonicals}
    unseen = {id_: str(most_held_out((id_, *came_from.get(id_, ())), salt)) for id_ in canonical}
    return (
        full.append_column("family_id", family_ids)
        .append_column("split", _looked_up(family_ids, splits))
        .append_column("unseen_considerations", _looked_up(full["canonical_id"], unseen))
    )


def _looked_up(keys: pa.ChunkedArray, values: Mapping[str, str]) -> pa.ChunkedArray:
    """Return the value of each key, null of null."""
    encoded = pc.dictionary_encode(keys.combine_chunks())
    found = pa.array([values[key] for key in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([found.take(encoded.indices)])
