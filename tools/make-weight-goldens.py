#!/usr/bin/env python3
"""Write tests/golden/weights.json: rollout and value-weighted attention (docs/weights.md) of three small models, by numpy in float64
from PyTorch's attention, values and output projections.

`models.<model>.<kind>` is a list of layers; each has `values` of every head, their `joint` map, and of self-attention the `rollout`. Of a
map [query, key] every `stride`-th number is kept. AST's maps lie on its columns, as Otoscope folds them: special tokens left out, key bands
summed, query bands averaged.
"""

from __future__ import annotations

import argparse
import json
from contextlib import contextmanager
from importlib import import_module
from math import gcd
from pathlib import Path

import numpy as np
import torch
from standin import look

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 1.5  # so short that Whisper and AST have padding
KEPT = 60  # numbers of a map, or a few more

# what projects values, and what projects the heads' results back
Modules = list[tuple[torch.nn.Linear, torch.nn.Linear]]


def encoder_modules(name: str, built) -> Modules:
    if name == "ast":
        layers = built.model.audio_spectrogram_transformer.layers
        return [(layer.attention.v_proj, layer.attention.o_proj) for layer in layers]
    layers = built.model.model.encoder.layers if name == "whisper" else built.model.wav2vec2.encoder.layers
    attentions = [layer.self_attn if name == "whisper" else layer.attention for layer in layers]
    return [(one.v_proj, one.out_proj) for one in attentions]


def decoder_modules(built, attention: str) -> Modules:
    layers = built.model.model.decoder.layers
    return [(getattr(layer, attention).v_proj, getattr(layer, attention).out_proj) for layer in layers]


@contextmanager
def kept_outputs(modules: Modules):
    """What each projection of values gives, bias and all: [key, width]."""
    outputs: dict[int, np.ndarray] = {}
    hooks = [
        values.register_forward_hook(lambda _m, _i, out, at=at: outputs.__setitem__(at, out[0].detach().double().numpy()))
        for at, (values, _) in enumerate(modules)
    ]
    yield outputs
    for hook in hooks:
        hook.remove()


def shares(rows: np.ndarray) -> np.ndarray:
    return rows / rows.sum(-1, keepdims=True)


def value_weighted(weights: np.ndarray, values: np.ndarray, output: torch.nn.Linear) -> tuple[list[np.ndarray], np.ndarray]:
    """Of each head the norms ‖α v W‖, and of all heads ‖Σ α v W‖; rows scaled to sum to 1. `weights` [head, query, key]."""
    heads = len(weights)
    projection = output.weight.detach().double().numpy().T.reshape(heads, -1, output.out_features)
    each = values.reshape(len(values), heads, -1)
    added = np.stack([each[:, h] @ projection[h] for h in range(heads)])
    norms = [shares(weights[h] * np.linalg.norm(added[h], axis=1)[None]) for h in range(heads)]
    summed = np.einsum("hqk,hkd->qkd", weights, added)
    return norms, shares(np.linalg.norm(summed, axis=2))


def rollouts(layers: list[np.ndarray]) -> list[np.ndarray]:
    rolled, found = np.eye(layers[0].shape[-1]), []
    for weights in layers:
        rolled = shares(0.5 * weights.mean(0) + 0.5 * np.eye(len(rolled))) @ rolled
        found.append(rolled)
    return found


def kept(values: np.ndarray) -> dict:
    """Numbers from all rows and columns."""
    stride = max(1, values.size // KEPT)
    while gcd(stride, values.shape[-1]) > 1:
        stride -= 1
    return {"stride": stride, "numbers": [float(f"{value:.6g}") for value in values.reshape(-1)[::stride]]}


def folded(tokens: np.ndarray, bands: int) -> np.ndarray:
    """A map of two special tokens and `bands` of columns, on the columns."""
    columns = (len(tokens) - 2) // bands
    return tokens[2:, 2:].reshape(bands, columns, bands, columns).sum(2).mean(0)


def stack(arrays: look.Arrays, kind: str, values: dict[int, np.ndarray], modules: Modules, bands: int = 0) -> list[dict]:
    layers = [arrays[f"{kind}.attention.{i}"].astype(np.float64) for i in range(len(modules))]
    shown = lambda tokens: kept(folded(tokens, bands) if bands else tokens)  # noqa: E731
    found = []
    for i, weights in enumerate(layers):
        each, joint = value_weighted(weights, values[i], modules[i][1])
        found.append({"values": [shown(one) for one in each], "joint": shown(joint)})
    for layer, rolled in zip(found, rollouts(layers) if kind != "cross" else []):
        layer["rollout"] = shown(rolled)
    return found


def ast_bands(config) -> int:
    return (config.num_mel_bins - config.patch_size) // config.frequency_stride + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/weights.json")
    out = parser.parse_args().out
    base = import_module("make-goldens")
    forced = json.loads((ROOT / "tests/golden/goldens.json").read_text())["goldens"]["whisper"]["runs"]["forced"][1]
    ids = [int(token) for token in forced.split(",")]
    built = base.small_models()
    samples = (base.clip() / 32768).astype(np.float32)[: round(SECONDS * base.RATE)]
    models = {}
    for name in ("wav2vec2", "whisper", "ast"):
        modules = encoder_modules(name, built[name])
        with kept_outputs(modules) as values:
            arrays = look.encoder(built[name], samples)
        bands = ast_bands(built[name].model.config) if name == "ast" else 0
        models[f"{name}-sdpa-17"] = {"encoder": stack(arrays, "encoder", values, modules, bands)}
    for kind, attention in (("decoder", "self_attn"), ("cross", "encoder_attn")):
        modules = decoder_modules(built["whisper"], attention)
        with kept_outputs(modules) as values:
            arrays = look.decoder(built["whisper"], samples, ids)
        models["whisper-sdpa-17"][kind] = stack(arrays, kind, values, modules)
    out.write_text(json.dumps({"tokens": ids, "models": models}, separators=(",", ":")) + "\n")
    print(f"{out}: {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
