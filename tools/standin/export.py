"""ONNX files as `optimum-cli export onnx` names and shapes them, through the TorchScript exporter."""

from __future__ import annotations

import warnings
from pathlib import Path
from unittest import mock

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn
from transformers.cache_utils import DynamicCache, EncoderDecoderCache
from transformers.models.moonshine.modeling_moonshine import MoonshineEncoderModelOutput as Encoded


class Call(nn.Module):
    """`model` behind a forward of our own, for the tracer."""

    def __init__(self, model: nn.Module, forward):
        super().__init__()
        self.model = model
        self.call = forward

    def forward(self, *inputs):
        return self.call(self.model, *inputs)


def write(model, forward, example: tuple, path: Path, inputs: dict, outputs: dict, opset: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Call(model, forward).eval(), example, str(path), dynamo=False, opset_version=opset, do_constant_folding=True,
            input_names=list(inputs), output_names=list(outputs), dynamic_axes={**inputs, **outputs},
        )  # fmt: skip
    share_tied(path)


def share_tied(path: Path) -> None:
    """Constant folding leaves a transposed copy of a tied embedding; the hub's files share it through a Transpose."""
    file = onnx.load(str(path))
    graph = file.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    tables = [weights[node.input[0]] for node in graph.node if node.op_type == "Gather" and node.input[0] in weights]
    for place, node in enumerate(graph.node):
        copy = weights.get(node.input[1]) if node.op_type == "MatMul" else None
        table = next((t for t in tables if copy is not None and list(t.dims) == list(copy.dims)[::-1]), None)
        if table is None or not np.array_equal(numpy_helper.to_array(copy), numpy_helper.to_array(table).T):
            continue
        shared = f"{table.name}_transposed"
        graph.node.insert(place, helper.make_node("Transpose", [table.name], [shared], name=shared, perm=[1, 0]))
        node.input[1] = shared
        graph.initializer.remove(copy)
        onnx.save(file, str(path))
        return


BATCH = {0: "batch_size"}


def wav2vec2(model, folder: Path, opset: int) -> None:
    """`model` with its CTC head, or the bare encoder."""
    frames = "sequence_length"
    for kernel, stride in zip(model.config.conv_kernel, model.config.conv_stride):
        frames = f"( {frames} - {kernel} ) // {stride} + 1"
    head = hasattr(model, "lm_head")
    forward = (lambda m, x: m(x).logits) if head else (lambda m, x: m(x).last_hidden_state)
    write(
        model, forward, (torch.randn(1, 16_000),), folder / "model.onnx",
        {"input_values": {**BATCH, 1: "sequence_length"}},
        {"logits" if head else "last_hidden_state": {**BATCH, 1: frames}}, opset,
    )  # fmt: skip


def dynamo(model, folder: Path, opset: int) -> None:
    """Through torch.export, as newer exports are made: a model that takes `input_values`, of any length where that is a waveform."""
    config = model.config
    is_waveform = hasattr(config, "conv_dim")
    example = torch.randn(1, 16_000) if is_waveform else torch.randn(1, config.max_length, config.num_mel_bins)
    lengths = {1: torch.export.Dim.DYNAMIC} if is_waveform else None
    (folder / "model.onnx").parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Call(model, lambda m, x: m(x).logits).eval(), (example,), str(folder / "model.onnx"), dynamo=True,
            opset_version=opset, input_names=["input_values"], output_names=["logits"], external_data=False, verbose=False,
            dynamic_shapes={"inputs": (lengths,)},
        )  # fmt: skip
    forget_origins(folder / "model.onnx")


def forget_origins(path: Path) -> None:
    """Where in whose files a node came from is written beside it: most of the file, and nobody's business."""
    file = onnx.load(str(path))
    graph = file.graph
    for part in (file, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        part.ClearField("metadata_props")
    onnx.save(file, str(path))


def masked(model, folder: Path, opset: int) -> None:
    """Wav2Vec2's kin that are told what is padding; a head's logits in any shape."""
    name = model.main_input_name
    example = torch.randn(1, 16_000) if name == "input_values" else torch.randn(1, 60, model.config.feature_projection_input_dim)
    forward = lambda m, x, mask: m(x, attention_mask=mask).logits
    logits = {**BATCH, 1: "frames"} if hasattr(model, "lm_head") else BATCH
    write(
        model, forward, (example, torch.ones(example.shape[:2], dtype=torch.long)), folder / "model.onnx",
        {name: {**BATCH, 1: "sequence_length"}, "attention_mask": {**BATCH, 1: "sequence_length"}}, {"logits": logits}, opset,
    )  # fmt: skip


def ast(model, folder: Path, opset: int) -> None:
    example = torch.randn(2, model.config.max_length, model.config.num_mel_bins)
    forward = lambda m, x: m(x).logits
    write(model, forward, (example,), folder / "model.onnx", {"input_values": BATCH}, {"logits": BATCH}, opset)


def vit(model, folder: Path, opset: int) -> None:
    example = torch.randn(2, 1, *model.config.image_size)
    forward = lambda m, x: m(x).logits
    write(model, forward, (example,), folder / "model.onnx", {"pixel_values": BATCH}, {"logits": BATCH}, opset)


def whisper(model, folder: Path, opset: int) -> None:
    config = model.config
    example = torch.randn(2, config.num_mel_bins, 2 * config.max_source_positions)
    forward = lambda m, x: m(x).last_hidden_state
    write(
        model.model.encoder, forward, (example,), folder / "encoder_model.onnx",
        {"input_features": BATCH}, {"last_hidden_state": BATCH}, opset,
    )  # fmt: skip
    decoders(model, folder, opset)


def moonshine(model, folder: Path, opset: int) -> None:
    # the exporter knows no repeated numbers along the last axis, which rotary positions are made of
    repeated = lambda x, times, dim: torch.stack((x,) * times, dim).flatten(-2)
    with mock.patch.object(torch.Tensor, "repeat_interleave", repeated):
        moonshine_graphs(model, folder, opset)


def moonshine_graphs(model, folder: Path, opset: int) -> None:
    forward = lambda m, x: m(x).last_hidden_state
    write(
        model.model.encoder, forward, (torch.randn(2, 16_000),), folder / "encoder_model.onnx",
        {"input_values": {**BATCH, 1: "num_samples"}}, {"last_hidden_state": {**BATCH, 1: "frames"}}, opset,
    )  # fmt: skip
    decoders(model, folder, opset)


TOKENS = {0: "batch_size", 1: "decoder_sequence_length"}


def decoders(model, folder: Path, opset: int) -> None:
    decoder(model, folder, opset)
    decoder_with_past(model, folder, opset)


def decoder_size(config) -> tuple[int, int]:
    """Layers and heads, which every family calls otherwise."""
    if config.model_type == "whisper":
        return config.decoder_layers, config.decoder_attention_heads
    return config.decoder_num_hidden_layers, config.decoder_num_attention_heads


def decoder(model, folder: Path, opset: int) -> None:
    def forward(m, input_ids, encoder_hidden_states):
        encoded = Encoded(encoder_hidden_states)
        out = m(encoder_outputs=encoded, decoder_input_ids=input_ids, use_cache=True)
        pairs = zip(out.past_key_values.self_attention_cache.layers, out.past_key_values.cross_attention_cache.layers)
        return (out.logits, *(x for own, cross in pairs for x in (own.keys, own.values, cross.keys, cross.values)))

    example = (torch.randint(0, 100, (2, 16)), torch.randn(2, 16, model.config.hidden_size))
    write(
        model, forward, example, folder / "decoder_model.onnx",
        {"input_ids": TOKENS, "encoder_hidden_states": {**BATCH, 1: "encoder_sequence_length"}},
        {"logits": TOKENS, **cache_axes(model, "present", ("decoder", "encoder"))}, opset,
    )  # fmt: skip


def decoder_with_past(model, folder: Path, opset: int) -> None:
    """Traced with one token and so without a mask: it takes exactly one token per step."""
    layers, heads = decoder_size(model.config)
    width = model.config.hidden_size // heads

    def forward(m, input_ids, *past):
        groups = [past[i : i + 4] for i in range(0, len(past), 4)]
        cache = EncoderDecoderCache(DynamicCache([g[:2] for g in groups]), DynamicCache([g[2:] for g in groups]))
        # cross keys and values come from the cache; the states are only asked whether they are there
        encoded = Encoded(torch.zeros(input_ids.shape[0], 1, m.config.hidden_size))
        out = m(encoder_outputs=encoded, decoder_input_ids=input_ids, past_key_values=cache, use_cache=True)
        own = out.past_key_values.self_attention_cache.layers
        return (out.logits, *(x for layer in own for x in (layer.keys, layer.values)))

    past = [torch.randn(2, heads, length, width) for _ in range(layers) for length in (16, 16, 24, 24)]
    write(
        model, forward, (torch.randint(0, 100, (2, 1)), *past), folder / "decoder_with_past_model.onnx",
        {"input_ids": TOKENS, **cache_axes(model, "past_key_values", ("decoder", "encoder"))},
        {"logits": TOKENS, **cache_axes(model, "present", ("decoder",))}, opset,
    )  # fmt: skip


def cache_axes(model, prefix: str, sides: tuple[str, ...]) -> dict:
    past = "past_decoder_sequence_length"
    lengths = {
        "decoder": past if prefix == "past_key_values" else f"{past} + decoder_sequence_length",
        "encoder": "encoder_sequence_length",
    }
    return {
        f"{prefix}.{layer}.{side}.{part}": {**BATCH, 2: lengths[side]}
        for layer in range(decoder_size(model.config)[0])
        for side in sides
        for part in ("key", "value")
    }
