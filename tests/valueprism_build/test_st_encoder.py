from pathlib import Path

import numpy as np
import pytest

from valueprism_build.errors import BuildError
from valueprism_build.st_encoder import SentenceTransformerEncoder


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


def test_the_packaged_model_gives_unit_vectors_in_the_order_of_the_texts(encoder: SentenceTransformerEncoder) -> None:
    texts = ["Right to privacy", "Honesty", "A duty to tell one's friends nothing but the truth", "Honesty"]
    vectors = encoder.encode(texts)
    assert encoder.model == "all-MiniLM-L6-v2"
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[1], vectors[3], atol=1e-5)
    np.testing.assert_allclose(vectors[:1], encoder.encode(texts[:1]), atol=1e-5)  # a batch changes nothing


def test_a_paraphrase_is_closer_than_another_subject(encoder: SentenceTransformerEncoder) -> None:
    freedom, same, other = encoder.encode(["Freedom of religion", "Religious freedom", "Right to property"])
    assert float(freedom @ same) > 0.9 > 0.5 > float(freedom @ other)


def test_no_texts_give_no_rows_of_the_models_width(encoder: SentenceTransformerEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_embedding_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    SentenceTransformerEncoder(threads=1).encode(["Honesty"])
    assert capfd.readouterr() == ("", "")


def test_a_model_that_cannot_be_had_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    missing = str(tmp_path / "no model here")
    with pytest.raises(BuildError, match=r"embedding model .*no model here.* cannot be loaded") as error:
        SentenceTransformerEncoder(missing).encode(["Honesty"])
    assert "\n" not in str(error.value)
