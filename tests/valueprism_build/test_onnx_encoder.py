import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valueprism_build.encoders import encoder_named
from valueprism_build.onnx_encoder import OnnxEncoder
from valueprism_build.st_encoder import SentenceTransformerEncoder

ENCODER = OnnxEncoder()  # both read their model on the first use
REFERENCE = SentenceTransformerEncoder()
CLOSE = 1e-6  # in any of 384 dimensions; sentence-transformers differs by 3e-7 from itself in another batch
TEXTS = [
    "Honesty",
    "Right to privacy",
    "honesty",
    "A duty to tell one's friends nothing but the truth",
    "Trust",
    "",
    "  Right   to privacy \n",
    "\u0634\u0631\u0641 \u540d\u8a89 na\u00efve \U0001f600",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "on and on " * 200,  # 600 words: more than the model reads
]


def test_vectors_are_those_of_sentence_transformers_in_the_order_of_the_texts() -> None:
    vectors = ENCODER.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (10, 384)
    np.testing.assert_allclose(vectors, REFERENCE.encode(TEXTS), rtol=0, atol=CLOSE)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=CLOSE)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_vectors_of_any_texts_are_those_of_sentence_transformers(texts: list[str]) -> None:
    np.testing.assert_allclose(ENCODER.encode(texts), REFERENCE.encode(texts), rtol=0, atol=CLOSE)


@pytest.mark.parametrize("encoder", [OnnxEncoder(texts_at_once=3), OnnxEncoder(threads=1)])
def test_neither_a_batch_nor_a_thread_more_changes_a_vector(encoder: OnnxEncoder) -> None:
    np.testing.assert_allclose(encoder.encode(TEXTS), ENCODER.encode(TEXTS), rtol=0, atol=CLOSE)


def test_texts_of_one_length_beyond_one_batch_keep_their_order() -> None:
    # Each is three tokens with its two marks, so that 682 fill the 2,048 tokens of a batch.
    pair = ENCODER.encode(["one", "two"])
    np.testing.assert_allclose(ENCODER.encode(["one", "two"] * 700), np.tile(pair, (700, 1)), rtol=0, atol=CLOSE)


def test_no_texts_give_no_rows_of_the_models_width() -> None:
    assert ENCODER.encode([]).shape == (0, 384)


def test_the_packaged_model_is_read_and_embeds_without_torch_and_writes_nothing_to_the_terminal() -> None:
    program = (
        "import sys; from valueprism_build.encoders import encoder_named; "
        "encoder_named('all-MiniLM-L6-v2').encode(['Honesty']); print('torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("False\n", "")


def test_any_other_name_is_sentence_transformers_to_load() -> None:
    encoder = encoder_named("all-mpnet-base-v2")
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder.model == "all-mpnet-base-v2"
    assert encoder_named("all-MiniLM-L6-v2").model == REFERENCE.model
