#!/usr/bin/env python3
"""Write tests/golden/variants: quantised and half-precision graphs of three very small models, and what onnxruntime gives on them.

A graph lies at <model>/<file>.onnx.gz (its text is most of it). goldens.safetensors names its tensors
`<model>/<variant>/<array>#every.N`: every Nth value of the flattened array, as onnxruntime computes it in Python on the same graph
from the features `<model>/features`.
Where an array is in a graph is found by its numbers, not by its structure: the tensor of the float32 graph that equals PyTorch's
eager result, under the same name in the variant. goldens.json says how far each variant is from PyTorch's float32: the largest
difference of a group of arrays over the group's largest magnitude.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
from importlib import import_module, metadata
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from safetensors.numpy import save
from standin import look, variants

ROOT = Path(__file__).resolve().parent.parent
MODELS = {"wav2vec2-bmm-14": "wav2vec2", "whisper-sdpa-17": "whisper", "ast-eager-14": "ast"}
PACKAGES = ("onnxruntime", "onnx", "numpy")
Arrays = dict[str, np.ndarray]


def run(model: onnx.ModelProto, feeds: Arrays, outputs: list[str]) -> Arrays:
    """`outputs` of the graph, those that are none exposed as well."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    present = {output.name for output in exposed.graph.output}
    made = {name for node in exposed.graph.node for name in node.output}
    wanted = [name for name in outputs if name in made]
    exposed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted if name not in present)
    session = ort.InferenceSession(exposed.SerializeToString(), providers=["CPUExecutionProvider"])
    types = {i.name: np.float16 if "float16" in i.type else np.float32 for i in session.get_inputs()}
    fed = {name: x.astype(types[name]) if x.dtype == np.float32 else x for name, x in feeds.items()}
    return {name: x.astype(np.float32) for name, x in zip(wanted, session.run(wanted, fed))}


def places(model: onnx.ModelProto, feeds: Arrays, arrays: Arrays) -> dict[str, str]:
    """The tensor of the float32 graph that holds each array."""
    floats = [name for node in model.graph.node for name in node.output if name]
    inferred = onnx.shape_inference.infer_shapes(model).graph
    known = {v.name: v.type.tensor_type.elem_type for v in [*inferred.value_info, *inferred.output]}
    results = run(model, feeds, [name for name in floats if known.get(name) == onnx.TensorProto.FLOAT])
    found = {}
    for name, array in arrays.items():
        shapes = (array.shape, (1, *array.shape))
        matches = [
            tensor for tensor, x in results.items()
            if x.shape in shapes and np.abs(x.reshape(array.shape) - array).max() <= 1e-4 * max(1, np.abs(array).max())
        ]  # fmt: skip
        assert matches, f"no tensor of the graph is {name}"
        found[name] = matches[0]
    return found


def difference(found: Arrays, expected: Arrays, group: str) -> float:
    names = [name for name in expected if group in name]
    error = max(float(np.abs(found[name] - expected[name]).max()) for name in names)
    return error / max(float(np.abs(expected[name]).max()) for name in names)


class Goldens:
    def __init__(self, out: Path):
        self.out = out
        self.tensors: Arrays = {}
        self.distances: dict[str, dict] = {}

    def add(self, folder: str, stem: str, feeds: Arrays, expected: Arrays) -> Arrays:
        """Runs every variant of a graph; answers what each gave."""
        path = ROOT / "tests/golden/models" / folder / "onnx" / f"{stem}.onnx"
        where = places(onnx.load(str(path)), feeds, expected)
        for variant, suffix in variants.SUFFIXES.items():
            model = variants.make(path, variant)
            target = self.out / folder / f"{stem}_{suffix}.onnx.gz"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(gzip.compress(model.SerializeToString(), 9, mtime=0))
            results = run(model, feeds, list(where.values()))
            found = {name: results[tensor].reshape(expected[name].shape) for name, tensor in where.items()}
            for name, array in found.items():
                step = 41 if ".attention." in name else 3
                self.tensors[f"{folder}/{variant}/{name}#every.{step}"] = np.ascontiguousarray(array.reshape(-1)[::step])
            self.keep_distance(folder, variant, found, expected)

    def keep_distance(self, folder: str, variant: str, found: Arrays, expected: Arrays) -> None:
        kept = self.distances.setdefault(folder, {}).setdefault(variant, {})
        for group in ("hidden", "attention", "logits"):
            if any(group in name for name in expected):
                kept[group] = max(kept.get(group, 0), round(difference(found, expected, group), 7))


def of_layers(arrays: Arrays) -> Arrays:
    return {name: array for name, array in arrays.items() if name not in ("features", "tokens")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/variants")
    out = parser.parse_args().out
    shutil.rmtree(out, ignore_errors=True)
    goldens, base = Goldens(out), import_module("make-goldens")
    kept = json.loads((ROOT / "tests/golden/goldens.json").read_text())["goldens"]
    built = base.small_models()
    samples = (base.clip() / 32768).astype(np.float32)[: 2 * base.RATE]
    for folder, name in MODELS.items():
        model = built[name]
        feeds = {
            "input_features" if name == "whisper" else "input_values": look.features(model, samples).numpy(),
        }
        stem = "encoder_model" if name == "whisper" else "model"
        encoded = look.encoder(model, samples)
        goldens.tensors[f"{folder}/features"] = encoded["features"]
        goldens.add(folder, stem, feeds, of_layers(encoded))
        if name != "whisper":
            continue
        ids = [int(token) for token in kept[name]["runs"]["forced"][1].split(",")]
        # every variant of the decoder reads the same states, PyTorch's: what differs is the decoder's own
        states = encoded[f"encoder.hidden.{model.model.config.encoder_layers}"][None]
        feeds = {"input_ids": np.array([ids]), "encoder_hidden_states": states}
        goldens.tensors[f"{folder}/states"] = states[0]
        goldens.add(folder, "decoder_model", feeds, of_layers(look.decoder(model, samples, ids)))
        for variant, suffix in variants.SUFFIXES.items():
            path = ROOT / "tests/golden/models" / folder / "onnx" / "decoder_with_past_model.onnx"
            target = out / folder / f"decoder_with_past_model_{suffix}.onnx.gz"
            target.write_bytes(gzip.compress(variants.make(path, variant).SerializeToString(), 9, mtime=0))
    (out / "goldens.safetensors").write_bytes(save(goldens.tensors))
    about = {"versions": {name: metadata.version(name) for name in PACKAGES}, "distances": goldens.distances}
    (out / "goldens.json").write_text(json.dumps(about, indent=1) + "\n")
    total = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(json.dumps(goldens.distances, indent=1), f"{total:,} bytes")


if __name__ == "__main__":
    main()
