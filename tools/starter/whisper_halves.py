"""Weights stored in 16 bits and computed with in 32: half the bytes on disk, any runtime, the same graph otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

SMALLEST = 1024  # values; what is smaller stays as it is


@torch.no_grad()
def round_to_halves(model: nn.Module) -> None:
    """So that what is measured is what is stored."""
    for parameter in model.parameters():
        if parameter.numel() >= SMALLEST:
            parameter.copy_(parameter.half().float())


def keep_halves(path: Path) -> None:
    """Every large initialiser of a graph becomes a half and a Cast; runtimes fold the Cast when they load it."""
    file = onnx.load(str(path))
    graph = file.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= SMALLEST:
            name = tensor.name
            half = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
            casts.append(helper.make_node("Cast", [f"{name}_half"], [name], name=f"{name}_cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(file)
    onnx.save(file, str(path))
