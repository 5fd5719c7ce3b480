#!/usr/bin/env python3
"""Write tests/golden/layers.json: similarity of layers and PCA of very small models' hidden states, by numpy in float64 from PyTorch's.

Of every model: `cka` and `cosine` [layer, layer] over steps that are no padding (AST: patches), and of every layer the first two
principal components [component][step] (AST: columns) up to their sign, with the share of the variance each explains.
`decoder` is Whisper's over its forced tokens.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from standin import look

ROOT = Path(__file__).resolve().parent.parent
MODELS = {"wav2vec2-sdpa-14": "wav2vec2", "whisper-sdpa-17": "whisper", "ast-sdpa-17": "ast"}
SECONDS = 2
# steps of whisper and columns of ast that are centred on the clip: at 20 i ms, and at 100 t + 87.5 ms
WHISPER_STEPS = 100
AST_COLUMNS = 20


def cka(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(0), y - y.mean(0)
    norm = np.linalg.norm
    return norm(y.T @ x) ** 2 / (norm(x.T @ x) * norm(y.T @ y))


def cosine(x: np.ndarray, y: np.ndarray) -> float:
    return ((x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))).mean()


def pca(x: np.ndarray) -> dict:
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    points = (u * s)[:, :2].T
    return {"points": np.round(points, 6).tolist(), "explained": (s**2 / (s**2).sum())[:2].tolist()}


def about(compared: list[np.ndarray], in_time: list[np.ndarray]) -> dict:
    table = lambda measure: [[round(float(measure(x, y)), 8) for y in compared] for x in compared]  # noqa: E731
    return {"cka": table(cka), "cosine": table(cosine), "layers": [pca(x) for x in in_time]}


def hidden(arrays: look.Arrays, side: str) -> list[np.ndarray]:
    names = sorted((name for name in arrays if name.startswith(f"{side}.hidden.")), key=lambda name: int(name.split(".")[-1]))
    return [arrays[name].astype(np.float64) for name in names]


def columns(tokens: np.ndarray, built) -> np.ndarray:
    """[band, column, width] of the columns that are centred on audio, special tokens left out."""
    config = built.model.config
    bands = (config.num_mel_bins - config.patch_size) // config.frequency_stride + 1
    return tokens[2:].reshape(bands, -1, tokens.shape[-1])[:, :AST_COLUMNS]


def main() -> None:
    torch.set_num_threads(2)
    base = import_module("make-goldens")
    kept = json.loads((ROOT / "tests/golden/goldens.json").read_text())["goldens"]
    built = base.small_models()
    samples = (base.clip() / 32768).astype(np.float32)[: SECONDS * base.RATE]
    goldens = {}
    for folder, name in MODELS.items():
        states = hidden(look.encoder(built[name], samples), "encoder")
        if name == "ast":
            grids = [columns(x, built[name]) for x in states]
            goldens[folder] = {"encoder": about([x.reshape(-1, x.shape[-1]) for x in grids], [x.mean(0) for x in grids])}
            continue
        valid = [x[:WHISPER_STEPS] for x in states] if name == "whisper" else states
        goldens[folder] = {"encoder": about(valid, valid)}
        if name == "whisper":
            words = kept[name]["runs"]["forced"]
            ids = [int(token) for token in words[1].split(",")]
            written = hidden(look.decoder(built[name], samples, ids), "decoder")
            goldens[folder]["decoder"] = {**about(written, written), "tokens": ids}
    path = ROOT / "tests/golden/layers.json"
    path.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
    print(f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
