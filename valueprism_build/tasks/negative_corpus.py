"""The full table as numbers, for drawing negatives: what each row is about, in codes, and vectors of what is said."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.situations.shingle_sets import mixed as splitmix
from valueprism_build.tasks.likeness import core

Codes: TypeAlias = NDArray[np.int64]
Keys: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Codes of shape (n,), one for each row of the full table, and the texts that are to be embedded.

    Attributes:
        pool: rows of one type and one split.
        canonical: what the row stands for; `concern` likewise, across types.
        core: index into `cores`, the distinct wordings without their prefix, sorted.
        key: hash of the consideration's id and the seed; orders the rows without regard to the table's order.
        situations: text of each situation code.
        explanations: text of each row.
    """

    situation: Codes
    family: Codes
    pool: Codes
    canonical: Codes
    concern: Codes
    core: Codes
    key: Keys
    cores: list[str]
    situations: list[str]
    explanations: pa.ChunkedArray

    @classmethod
    def of(cls, full: pa.Table, concerns: Mapping[str, str], seed: int) -> "Corpus":
        """Return the numbers of a full table with family_id and split.

        Args:
            full: the table; a row without a canonical id stands for its wording.
            concerns: concern id by canonical id; a consideration that is not there is a concern of its own.
            seed: goes into the keys.
        """
        situation, _ = codes(full["situation_id"])
        firsts = np.unique(situation, return_index=True)[1]
        wordings = pc.binary_join_element_wise(full["vrd"], full["text"], "\t")
        canonical, canonical_ids = codes(pc.coalesce(full["canonical_id"], wordings))
        names = [concerns.get(id_, id_) for id_ in canonical_ids]
        text, texts = codes(full["text"])
        cores = [core(wording) for wording in texts]
        distinct = sorted(set(cores))
        return cls(
            situation=situation,
            family=codes(full["family_id"])[0],
            pool=codes(pc.binary_join_element_wise(full["vrd"], full["split"], "\t"))[0],
            canonical=canonical,
            concern=_numbers(names)[canonical],
            core=np.searchsorted(np.array(distinct, object), np.array(cores, object))[text].astype(np.int64),
            key=_keys(full["consideration_id"].to_pylist(), seed),
            cores=distinct,
            situations=full["situation"].take(pa.array(firsts)).to_pylist(),
            explanations=full["explanation"],
        )

    def canonical_vectors(self, core_vectors: Vectors) -> Vectors:
        """Return shape (canonicals, d): the unit mean of the wordings of each, as often as they occur."""
        return unit(grouped_sum(core_vectors[self.core], self.canonical))


def vectors_of(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Return shape (len(texts), d); each distinct text is embedded once, in sorted order."""
    distinct = sorted(set(texts))
    if not distinct:
        return np.empty((0, 0), np.float32)
    place = {text: row for row, text in enumerate(distinct)}
    return encoder.encode(distinct)[[place[text] for text in texts]]


def grouped_sum(vectors: Vectors, groups: Codes) -> Vectors:
    """Return shape (groups, d): the sum of the vectors of each group; every code from 0 on must occur."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    sums: Vectors = np.add.reduceat(vectors[order], starts, axis=0)
    return sums


def unit(vectors: Vectors) -> Vectors:
    """Return the vectors at L2 norm 1; a zero vector stays zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
    return scaled


def codes(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """Return each row's number and the distinct values that the numbers stand for."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def mixed(keys: Keys, attempt: int) -> Keys:
    """Return a fresh hash of each key for the attempt."""
    return splitmix(keys + np.uint64(attempt * 0x9E3779B97F4A7C15 % 2**64))


def _numbers(names: Sequence[str]) -> Codes:
    place = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([place[name] for name in names], np.int64)


def _keys(ids: Sequence[str], seed: int) -> Keys:
    digests = (hashlib.blake2b(f"{seed}\x1f{text}".encode(), digest_size=8).digest() for text in ids)
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)
