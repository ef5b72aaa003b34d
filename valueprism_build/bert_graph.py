"""A BERT sentence encoder as an ONNX graph, written from the weights: the one module that knows onnx.

The hub's ONNX files are not in the packaged model, and an export wants torch; the graph is six operators a layer.

Sources: Devlin et al., "BERT" (2019), section 3; Reimers and Gurevych, "Sentence-BERT" (2019), section 3, mean
pooling. Operators of the domain com.microsoft are onnxruntime's fused ones, as its documentation defines them
(docs/ContribOperators.md).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

INPUT: Final = "tokens"
OUTPUT: Final = "vectors"

_FUSED: Final = "com.microsoft"
_OPSETS: Final = {"": 18, _FUSED: 1}
_UNUSED: Final = ""  # how ONNX leaves out an input or an output
_IR_VERSION: Final = 9  # any onnxruntime since 1.16 reads it


def sentence_encoder(folder: Path) -> bytes:
    """Return a model from tokens, int32 of shape (n, t), to unit vectors, float32 of shape (n, d).

    No token is masked, so all n texts of one call have t tokens, none of them padding.

    Args:
        folder: a BERT with exact GELU and mean pooling, as `config.json` and `model.safetensors`.
    """
    from onnx import TensorProto, helper
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    graph = _Graph(load_file(folder / "model.safetensors"), config["num_attention_heads"], config["layer_norm_eps"])
    hidden = graph.embeddings()
    for layer in range(config["num_hidden_layers"]):
        hidden = graph.layer(f"encoder.layer.{layer}", hidden)
    graph.pooled(hidden)
    tokens = helper.make_tensor_value_info(INPUT, TensorProto.INT32, ["n", "t"])
    vectors = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", config["hidden_size"]])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "sentence encoder", [tokens], [vectors], graph.constants),
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()],
        ir_version=_IR_VERSION,
    )
    return bytes(model.SerializeToString())


class _Graph:
    """Nodes and constants so far; each method adds some and returns the name of what comes out of them."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]], heads: int, epsilon: float) -> None:
        self._weights = weights
        self._heads = heads
        self._epsilon = epsilon
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def embeddings(self) -> str:
        """Add word and position embeddings, normalised; every text is of the first segment."""
        table = "embeddings.{}_embeddings.weight".format
        positions = self._weights[table("position")] + self._weights[table("token_type")][0]
        inputs = [
            *(INPUT, _UNUSED, self._weight(table("word")), self._constant("positions", positions), _UNUSED),
            *self._norm("embeddings.LayerNorm"),
        ]
        return self._node("EmbedLayerNormalization", inputs, "embedded", _UNUSED, epsilon=self._epsilon)

    def layer(self, name: str, hidden: str) -> str:
        """Add self-attention and the feed-forward block, each with its residual and its norm after it."""
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        projection = np.concatenate([self._weights[f"{part}.weight"] for part in parts]).T
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        inputs = [hidden, self._constant(f"{name}.qkv", projection), self._constant(f"{name}.qkv_bias", bias)]
        attended = self._node("Attention", inputs, f"{name}.attended", num_heads=self._heads)
        hidden = self._added(f"{name}.attention.output", attended, hidden)
        wide = self._product(f"{name}.intermediate.dense", hidden)
        wide = self._node("BiasGelu", [wide, self._weight(f"{name}.intermediate.dense.bias")], f"{name}.gelu")
        return self._added(f"{name}.output", wide, hidden)

    def pooled(self, hidden: str) -> None:
        """Add the mean over the tokens, at length 1."""
        axis = self._constant("axis", np.array([1]))
        mean = self._node("ReduceMean", [hidden, axis], "mean", domain="", keepdims=0)
        self._node("LpNormalization", [mean], OUTPUT, domain="", axis=1, p=2)

    def _added(self, name: str, inner: str, residual: str) -> str:
        inputs = [self._product(f"{name}.dense", inner), residual, *self._norm(f"{name}.LayerNorm")]
        bias = self._weight(f"{name}.dense.bias")
        return self._node("SkipLayerNormalization", [*inputs, bias], f"{name}.out", epsilon=self._epsilon)

    def _product(self, name: str, left: str) -> str:
        right = self._constant(f"{name}.weight", self._weights[f"{name}.weight"].T)
        return self._node("MatMul", [left, right], f"{name}.product", domain="")

    def _norm(self, name: str) -> list[str]:
        return [self._weight(f"{name}.weight"), self._weight(f"{name}.bias")]

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, values: NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, operator: str, inputs: Sequence[str], *outputs: str, domain: str = _FUSED, **options: float) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, outputs, outputs[0], None, domain, None, **options))
        return outputs[0]
