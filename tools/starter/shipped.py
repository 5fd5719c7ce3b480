#!/usr/bin/env python3
"""The PyTorch model of a shipped folder, from its config and its graphs alone: no checkpoint is needed to look into it.

    shipped.py FOLDER ...     compare PyTorch's results with onnxruntime's

The exporter keeps the names of most parameters. It folds transposed matrices, positions and weight norm into initialisers
without one, which are found by the node that takes them: it is named after its module.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
import transformers
from onnx import numpy_helper
from torch import nn
from torch.nn.utils import parametrize
from transformers.modeling_outputs import BaseModelOutput

sys.path.append(str(Path(__file__).resolve().parents[1]))
from standin import attention, families, tokens

FAMILIES = {"wav2vec2": "wav2vec2", "audio-spectrogram-transformer": "ast", "whisper": "whisper"}
# what a graph's names begin with, and what the model's begin with there
GRAPHS = {
    "wav2vec2": {"model": ("model.", "")},
    "ast": {"model": ("model.", "")},
    "whisper": {"encoder_model": ("model.", "model.encoder."), "decoder_model": ("model.", "")},
}
UNUSED = {"wav2vec2.masked_spec_embed"}  # of training alone: no graph has it
# what is folded, by the node that takes it; the one sum is that with the positions of Whisper's encoder
FOLDED = {"MatMul": "weight", "Conv": "weight", "Add": "embed_positions.weight"}
TOLERANCE = 1e-5


def constants(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    """Initialisers by name, those stored as halves or shared with an equal one among them."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type in ("Cast", "Identity") and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]].astype(np.float32)
    return values


def weights(path: Path, begins: str, place: str) -> dict[str, np.ndarray]:
    """Every parameter that a graph holds, by its name in the model."""
    graph = onnx.load(str(path)).graph
    values, found = constants(graph), {}
    for name, value in values.items():
        if name.startswith(begins) and not name.endswith("_half"):
            found[place + name.removeprefix(begins)] = value
    for node in graph.node:
        for name in node.input:
            if not name.startswith("onnx::") or name not in values or node.op_type not in FOLDED:
                continue
            module = node.name.strip("/").split("/")[:-1]
            parameter = place + ".".join([*module, FOLDED[node.op_type]]).removeprefix(begins)
            if parameter in found:
                raise ValueError(f"{path}: {parameter} is there twice")
            found[parameter] = values[name].T if node.op_type == "MatMul" else values[name]
    return found


@torch.enable_grad()  # without gradients the product would not become a parameter
def fold_weight_norm(model: nn.Module) -> None:
    """Graphs hold the product alone."""
    for module in model.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")


@torch.no_grad()
def fill(model: nn.Module, found: dict[str, np.ndarray]) -> None:
    """Sets every parameter, tied ones once; throws where one is left or nobody asks for what was found."""
    parameters = dict(model.named_parameters())
    missing, unknown = parameters.keys() - found.keys() - UNUSED, found.keys() - parameters.keys()
    if missing or unknown:
        raise ValueError(f"the graphs lack {sorted(missing)} and hold {sorted(unknown)}")
    for name, value in found.items():
        if parameters[name].shape != value.shape:
            raise ValueError(f"{name} is {list(value.shape)}, not {list(parameters[name].shape)}")
        parameters[name].copy_(torch.from_numpy(value.copy()))


def vocabulary(folder: Path) -> tokens.Vocabulary:
    """Without the merges: it is for ids alone."""
    read = lambda name: json.loads((folder / name).read_text())
    return tokens.Vocabulary(read("vocab.json"), [], {name[2:-2]: id for name, id in read("added_tokens.json").items()})


def load(folder: Path) -> families.BuiltModel:
    config = transformers.AutoConfig.from_pretrained(folder)
    family = FAMILIES[config.model_type]
    model = getattr(transformers, config.architectures[0])(config).eval()
    fold_weight_norm(model)
    found: dict[str, np.ndarray] = {}
    for stem, (begins, place) in GRAPHS[family].items():
        found |= weights(folder / "onnx" / f"{stem}.onnx", begins, place)
    fill(model, found)
    if family == "whisper":
        model.generation_config = transformers.GenerationConfig.from_pretrained(folder)
    attention.use(model, "eager")
    words = vocabulary(folder) if family == "whisper" else None
    return families.BuiltModel(family, model, transformers.AutoFeatureExtractor.from_pretrained(folder), None, words)


@torch.no_grad()
def difference(folder: Path) -> float:
    """The largest between PyTorch and onnxruntime on 3 s of noise, over the largest magnitude where that is above 1."""
    built = load(folder)
    samples = np.random.default_rng(1).standard_normal(48_000).astype(np.float32) * 0.1
    taken = next(iter(built.extractor(samples, sampling_rate=16_000, return_tensors="pt").values()))

    def apart(stem: str, feeds: dict[str, torch.Tensor], expected: torch.Tensor) -> float:
        session = ort.InferenceSession(str(folder / "onnx" / f"{stem}.onnx"), providers=["CPUExecutionProvider"])
        result = session.run(None, {name: value.numpy() for name, value in feeds.items()})[0]
        return float(np.abs(result - expected.numpy()).max()) / max(1, float(np.abs(result).max()))

    if built.family != "whisper":
        return apart("model", {"input_values": taken}, built.model(taken).logits)
    states = built.model.model.encoder(taken).last_hidden_state
    ids = torch.arange(8)[None]
    logits = built.model(encoder_outputs=BaseModelOutput(states), decoder_input_ids=ids).logits
    return max(
        apart("encoder_model", {"input_features": taken}, states),
        apart("decoder_model", {"input_ids": ids, "encoder_hidden_states": states}, logits),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    for folder in parser.parse_args().folders:
        apart = difference(folder)
        print(f"{folder.name}: every parameter set once, PyTorch and onnxruntime differ by {apart:.1e}")
        assert apart <= TOLERANCE, f"{folder.name} differs by more than {TOLERANCE}"


if __name__ == "__main__":
    main()
