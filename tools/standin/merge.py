"""A decoder with and one without a cache under one `If`, as Optimum merges them: equal weights are there once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def merge_decoders(folder: Path) -> None:
    """decoder_model_merged.onnx in the place of the two decoders of `folder`."""
    paths = [folder / "decoder_model.onnx", folder / "decoder_with_past_model.onnx"]
    plain, cached = (onnx.load(str(path)) for path in paths)
    weights = share([plain.graph, cached.graph])
    missing = [output for output in plain.graph.output if output.name not in {o.name for o in cached.graph.output}]
    for output in missing:  # both branches must give the same; the encoder's keys and values are not there to be given
        empty = numpy_helper.from_array(np.zeros((0, 1, 1, 1), np.float32))
        cached.graph.node.append(helper.make_node("Constant", [], [output.name], value=empty))
    branch = lambda graph, name: helper.make_graph(
        graph.node, name, [], [helper.make_empty_tensor_value_info(output.name) for output in plain.graph.output]
    )
    use = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    choice = helper.make_node(
        "If", ["use_cache_branch"], [output.name for output in plain.graph.output], name="optimum::if",
        then_branch=branch(cached.graph, "with_past"), else_branch=branch(plain.graph, "no_past"),
    )  # fmt: skip
    inputs = {value.name: value for graph in (plain.graph, cached.graph) for value in graph.input}
    graph = helper.make_graph([choice], "merged", [*inputs.values(), use], plain.graph.output, weights)
    made = helper.make_model(graph, opset_imports=plain.opset_import, ir_version=plain.ir_version, producer_name="merged")
    onnx.save(made, str(folder / "decoder_model_merged.onnx"))
    for path in paths:
        path.unlink()


def share(graphs: list[onnx.GraphProto]) -> list[TensorProto]:
    """The initialisers of all, each once; nodes use the kept one's name."""
    kept: dict[tuple, TensorProto] = {}
    for place, graph in enumerate(graphs):
        names = {}
        for tensor in graph.initializer:
            key = (tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes())
            if key not in kept:
                kept[key] = TensorProto()
                kept[key].CopyFrom(tensor)
                kept[key].name = f"{tensor.name}_merged_{place}"
            names[tensor.name] = kept[key].name
        for node in graph.node:
            node.input[:] = [names.get(name, name) for name in node.input]
    return list(kept.values())
