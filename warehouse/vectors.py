"""The table of embeddings: each text is embedded once per model."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from valueprism_build.embedding import Vectors
from warehouse.batches import changed, incoming


class WarehouseVectors:
    """The `VectorStore` that lasts."""

    def __init__(self, db: DuckDBPyConnection) -> None:
        self._db = db

    def read_vectors(self, model: str, texts: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Return the stored vectors of those texts that have one, each of shape (d,), read-only."""
        with incoming(self._db, pa.table({"text": pa.array(texts, pa.string())})):
            found = self._db.sql(
                "SELECT text, vector FROM embedding SEMI JOIN incoming USING (text) WHERE model = $model",
                params={"model": model},
            ).to_arrow_table()
        if not found.num_rows:
            return {}
        vectors = found.column("vector").combine_chunks().flatten().to_numpy().reshape(found.num_rows, -1)
        return dict(zip(found.column("text").to_pylist(), vectors, strict=True))

    def add_vectors(self, model: str, texts: Sequence[str], vectors: Vectors) -> None:
        """Store row i of `vectors`, shape (len(texts), d), for text i; storing a text again changes nothing.

        Raises:
            ValueError: there are not as many vectors as texts.
        """
        if vectors.shape[0] != len(texts):
            raise ValueError(f"{len(texts)} texts came with {vectors.shape[0]} vectors; give one row per text")
        if not len(texts):
            return
        flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
        column = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]).cast(pa.list_(pa.float32()))
        with incoming(self._db, pa.table({"text": pa.array(texts, pa.string()), "vector": column})):
            changed(
                self._db,
                "INSERT INTO embedding SELECT $model, text, vector FROM incoming ON CONFLICT DO NOTHING",
                {"model": model},
            )
