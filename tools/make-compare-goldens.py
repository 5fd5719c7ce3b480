#!/usr/bin/env python3
"""Write tests/golden/compare.json: what docs/compare.md says of two stretches of one clip, by numpy in float64.

`onset`: spectral flux of the first 2 s and the frames and seconds of its onsets. `models`: of three small models, from PyTorch's eager
hidden states and attention: per layer 1 - CKA and relative difference over common steps, and differences of the last layer.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from standin import look

ROOT = Path(__file__).resolve().parent.parent
RATE = 16_000
# of the clip: B is A half a second later, and 25 ms are added, so that steps do not fall on steps
A, B, OFFSET = (0.0, 1.5), (0.5, 2.0), 0.525
EVERY = 7


def onsets(samples: np.ndarray) -> dict:
    size, hop, block = 800, 160, 16
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    padded = np.concatenate([np.zeros(size // 2 + hop), samples, np.zeros(size)])
    centres = size // 2 + np.arange(len(samples) // hop + 1) * hop
    magnitudes = np.array([np.abs(np.fft.rfft(padded[c - size // 2 : c + size // 2] * window)) for c in centres])
    flux = np.maximum(0, np.diff(magnitudes, axis=0)).sum(1)
    f = (flux - flux.mean()) / flux.std()
    decaying = [f[0]]
    for value in f[1:]:
        decaying.append(max(value, 0.9 * decaying[-1] + 0.1 * value))
    found = [
        n
        for n in range(len(f))
        if f[n] >= f[max(0, n - 3) : n + 4].max()
        and f[n] >= f[max(0, n - 9) : n + 4].mean() + 0.5
        and (n == 0 or f[n] >= decaying[n - 1])
    ]
    starts = np.arange(max(0, found[0] * hop - size // 2), found[0] * hop + size // 2, block)
    steep = np.diff(samples, prepend=0)
    energy = np.array([(steep[max(0, s) : s + block] ** 2).sum() for s in range(starts[0] - block, starts[-1] + 1, block)])
    first = int(starts[np.argmax(np.diff(energy))])
    return {"flux": np.round(flux, 7).tolist(), "frames": found, "first": first}


def cka(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(0), y - y.mean(0)
    norm = np.linalg.norm
    return norm(y.T @ x) ** 2 / (norm(x.T @ x) * norm(y.T @ y))


def pairs(start: float, step: float, valid: int) -> tuple[np.ndarray, np.ndarray]:
    """Steps of A with a step of B whose centre is nearest, within half a step."""
    of_a = A[0] + start + step * np.arange(valid) + OFFSET
    of_b = B[0] + start + step * np.arange(valid)
    nearest = np.abs(of_a[:, None] - of_b[None, :]).argmin(1)
    near = np.abs(of_a - of_b[nearest]) < step / 2
    return np.arange(valid)[near], nearest[near]


def columns(tokens: np.ndarray, config) -> np.ndarray:
    """[..., token, width] of AST to its time columns: special tokens left out."""
    bands = (config.num_mel_bins - config.patch_size) // config.frequency_stride + 1
    return tokens[2:].reshape(bands, -1, *tokens.shape[1:])


def about(name: str, built) -> dict:
    samples = (import_module("make-goldens").clip() / 32768).astype(np.float32)
    found = [look.encoder(built, samples[int(s * RATE) : int(e * RATE)]) for s, e in (A, B)]
    length = int((A[1] - A[0]) * RATE)
    start, step, valid = {
        "wav2vec2": (199.5 / RATE, 0.02, (length - 400) // 320 + 1),
        "whisper": (0, 0.02, -(-length // 320)),
        "ast": (0.0875, 0.1, 15),
    }[name]
    of_a, of_b = pairs(start, step, valid)
    layers = sum(key.startswith("encoder.hidden.") for key in found[0]) - 1

    def states(which: int, layer: int) -> np.ndarray:
        x = found[which][f"encoder.hidden.{layer}"].astype(np.float64)
        return columns(x, built.model.config).mean(0) if name == "ast" else x

    def weights(which: int) -> np.ndarray:
        x = found[which][f"encoder.attention.{layers - 1}"].astype(np.float64)[1]
        if name != "ast":
            return x
        by_query = columns(x, built.model.config).mean(0)
        return columns(by_query.T, built.model.config).sum(0).T

    table = []
    for layer in range(layers + 1):
        a, b = states(0, layer)[of_a], states(1, layer)[of_b]
        apart = 2 * np.abs(a - b).sum() / (np.abs(a) + np.abs(b)).sum()
        table.append({"unlike": 1 - cka(a, b), "difference": apart})
    hidden = states(0, layers)[of_a] - states(1, layers)[of_b]
    attention = weights(0)[np.ix_(of_a, of_a)] - weights(1)[np.ix_(of_b, of_b)]
    return {
        "steps": [int(of_a[0]), int(of_a[-1]) + 1],
        "partners": [int(of_b[0]), int(of_b[-1]) + 1],
        "layers": table,
        "hidden": np.round(hidden.T[:3], 7).tolist(),
        "attention": np.round(attention[::EVERY, ::EVERY], 8).tolist(),
    }


def main() -> None:
    torch.set_num_threads(2)
    base = import_module("make-goldens")
    built = base.small_models()
    models = {"wav2vec2-sdpa-14": "wav2vec2", "whisper-sdpa-17": "whisper", "ast-sdpa-17": "ast"}
    samples = base.clip()[: 2 * RATE].astype(np.float64) / 32768
    goldens = {
        "a": A,
        "b": B,
        "offset": OFFSET,
        "every": EVERY,
        "onset": onsets(samples),
        "models": {folder: about(name, built[name]) for folder, name in models.items()},
    }
    path = ROOT / "tests/golden/compare.json"
    path.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
    print(f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
