"""The warehouse directory as the flows hold it: open only while it is read or written, so others get their turn."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flows.settings import Settings
from valueprism_build.embedding import RememberingEncoder, Vectors
from valueprism_build.encoders import encoder_named
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse import teachers as teachers_table
from warehouse.batch_journal import BatchJournal
from warehouse.connect import open_warehouse
from warehouse.journal import JOURNAL_FILE, AnswerJournal
from warehouse.vectors import WarehouseVectors


class Storage:
    """One warehouse directory under one set of settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.open: Final = partial(open_warehouse, settings.warehouse, wait_seconds=settings.lock_wait_seconds)

    def journal(self, run_id: str = "") -> AnswerJournal:
        """Return the answer journal, open; what is added to it is noted for the run."""
        return AnswerJournal(self._settings.warehouse / JOURNAL_FILE, run_id=run_id)

    def journal_if_any(self) -> AbstractContextManager[AnswerJournal | None]:
        """Return the answer journal, or None where there is none yet: opening it would make it."""
        return self.journal() if (self._settings.warehouse / JOURNAL_FILE).exists() else nullcontext()

    def batches(self, run_id: str = "") -> AbstractContextManager[BatchJournal]:
        """Return the journal of batches, open; outcomes that are added to it are noted for the run."""
        return closing(BatchJournal(self._settings.warehouse / JOURNAL_FILE, run_id=run_id))

    def register(self, teachers: Iterable[TeacherSettings]) -> None:
        """Note who is about to be asked.

        Raises:
            SettingsError: a name stands for another endpoint here.
        """
        with self.journal() as journal, self.open() as db:
            for teacher in teachers:
                teachers_table.register(db, teacher, has_replied=journal.has_replied)

    def encoder(self) -> RememberingEncoder:
        """Return the embedding model in front of which the warehouse remembers; nothing is loaded yet."""
        return RememberingEncoder(encoder_named(self._settings.embedding_model), self)

    def read_vectors(self, model: str, texts: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Return the stored vectors of those texts that have one: embedding itself holds no lock."""
        with self.open() as db:
            return WarehouseVectors(db).read_vectors(model, texts)

    def add_vectors(self, model: str, texts: Sequence[str], vectors: Vectors) -> None:
        """Store row i of `vectors`, shape (len(texts), d), for text i."""
        with self.open() as db:
            WarehouseVectors(db).add_vectors(model, texts, vectors)
