"""Graphs as onnxruntime's transformer optimiser leaves them (Optimum's levels O2 to O4): attention is one node, and so is a sum with its norm."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions

# the optimiser's word for a family's pattern, and whether attention becomes MultiHeadAttention where it can be Attention
KINDS = {"whisper": ("bart", True), "wav2vec2": ("bert", False), "ast": ("bert", True)}


def fuse(folder: Path, family: str, config) -> None:
    """Optimises every graph of `folder` in place. Throws where attention is left in one."""
    kind, multi_head = KINDS[family]
    for path in sorted(folder.glob("*.onnx")):
        side = "encoder_attention_heads" if path.stem == "encoder_model" else "decoder_attention_heads"
        heads = getattr(config, side if family == "whisper" else "num_attention_heads")
        file = onnx.load(str(path))
        as_older(file.graph, heads)
        onnx.save(file, str(path))
        options = FusionOptions(kind)
        options.use_multi_head_attention = multi_head
        level = logging.root.manager.disable
        logging.disable(logging.WARNING)
        made = optimizer.optimize_model(
            str(path), kind, num_heads=heads, hidden_size=config.hidden_size, optimization_options=options, opt_level=0
        )
        logging.disable(level)
        left = [node.name for node in made.model.graph.node if node.op_type == "Softmax"]
        assert not left, f"{path} keeps {left}"
        made.model.graph.ClearField("value_info")
        onnx.save(made.model, str(path))


def as_older(graph: onnx.GraphProto, heads: int) -> None:
    """What transformers before 4.48 exported, which is what the optimiser knows: the number of heads written down, and caches not concatenated with nothing."""
    drop_single_concats(graph)
    merge_transposes(graph)
    constants = {node.output[0]: node for node in graph.node if node.op_type == "Constant"}
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for node in graph.node:
        if node.op_type == "Concat" and node.output[0] in shapes and len(node.input) == 4:
            unknown = constants.get(node.input[2])
            if unknown is not None and numpy_helper.to_array(unknown.attribute[0].t).tolist() == [-1]:
                unknown.attribute[0].t.CopyFrom(numpy_helper.from_array(np.array([heads])))


def drop_single_concats(graph: onnx.GraphProto) -> None:
    outputs = {value.name for value in graph.output}
    for node in [n for n in graph.node if n.op_type == "Concat" and len(n.input) == 1]:
        old, new = node.output[0], node.input[0]
        if old in outputs:  # its maker gives it instead
            old, new = new, old
            next(n for n in graph.node if old in n.output).output[0] = new
        for user in graph.node:
            user.input[:] = [new if name == old else name for name in user.input]
        graph.node.remove(node)


def merge_transposes(graph: onnx.GraphProto) -> None:
    makers = {node.output[0]: node for node in graph.node if node.op_type == "Transpose"}
    perm = lambda node: list(node.attribute[0].ints)
    for node in makers.values():
        first = makers.get(node.input[0])
        if first is not None:
            node.attribute[0].ints[:] = [perm(first)[axis] for axis in perm(node)]
            node.input[0] = first.input[0]
