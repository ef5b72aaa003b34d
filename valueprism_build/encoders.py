"""Which encoder embeds under which model name."""

from valueprism_build.embedding import PACKAGED_MODEL, Encoder
from valueprism_build.onnx_encoder import OnnxEncoder
from valueprism_build.st_encoder import SentenceTransformerEncoder


def encoder_named(model: str) -> Encoder:
    """Return the fastest encoder of a model: sentence-transformers has them all. Nothing is loaded yet."""
    return OnnxEncoder() if model == PACKAGED_MODEL else SentenceTransformerEncoder(model)
