#!/usr/bin/env python3
"""Write tests/golden/layers.json: numbers of very small models' hidden states, by numpy and scipy in float64 from PyTorch's.

`models`: of every model `cka` and `cosine` [layer, layer] over steps that are no padding (AST: patches), `later`: the same with a clip of the
same recording that begins later and is shorter, step i beside step i, and `rms` of every layer. Of every layer, over steps (AST:
columns): the first two principal components [component][step] up to their sign with the share of the variance each explains,
and the dimensions' order by variance and by similarity. `dimension`: peaks of one dimension of the last layer.
`decoder` is Whisper's over its forced tokens.
`between`: linear CKA of two models' layers over the same clip, steps paired in seconds.
`leaves`: the order of the dimensions of a table [step][dimension] that has groups, a dimension that stands still and more dimensions.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.signal import find_peaks
from scipy.spatial.distance import squareform
from standin import look

ROOT = Path(__file__).resolve().parent.parent
MODELS = {"wav2vec2-sdpa-14": "wav2vec2", "whisper-sdpa-17": "whisper", "ast-sdpa-17": "ast"}
SECONDS = 2
# the clip it is compared with, in seconds of the same recording
LATER = (2.5, 4)
DIMENSION = 5
# seconds that two peaks of a dimension are apart at least
APART = 0.2


class Steps(NamedTuple):
    """Step i is centred at start + i · step seconds."""

    start: float
    step: float

    def valid(self, seconds: float) -> int:
        """those centred on audio"""
        return int(np.ceil((seconds - self.start) / self.step - 1e-9))


STEPS = {"wav2vec2": Steps(399 / 2 / 16000, 0.02), "whisper": Steps(0, 0.02), "ast": Steps(0.0875, 0.1)}


def cka(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(0), y - y.mean(0)
    norm = np.linalg.norm
    return norm(y.T @ x) ** 2 / (norm(x.T @ x) * norm(y.T @ y))


def cosine(x: np.ndarray, y: np.ndarray) -> float:
    return ((x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))).mean()


def pca(x: np.ndarray, later: np.ndarray) -> dict:
    u, s, v = np.linalg.svd(x - x.mean(0), full_matrices=False)
    points = (u * s)[:, :2].T
    inside = v[:2] @ (later - x.mean(0)).T
    explained = (s**2 / (s**2).sum())[:2].tolist()
    return {"points": np.round(points, 6).tolist(), "explained": explained, "later": np.round(inside, 6).tolist()}


def variance_order(x: np.ndarray) -> list[int]:
    return np.argsort(-x.var(0), kind="stable").tolist()


def similarity_order(x: np.ndarray) -> list[int]:
    with np.errstate(invalid="ignore"):
        r = np.nan_to_num(np.corrcoef(x.T))
    distance = np.clip(1 - r, 0, None)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform((distance + distance.T) / 2), "average")
    gaps = np.diff(np.sort(tree[:, 2]))
    print(f"merges at least {gaps.min():.1e} apart")
    return leaves_list(tree).tolist()


def peaks(x: np.ndarray, apart: int) -> list[int]:
    """The five highest, the highest first; an end counts where the curve falls from it."""
    found = find_peaks(np.concatenate([[-np.inf], x, [-np.inf]]), distance=apart)[0] - 1
    return sorted(found.tolist(), key=lambda i: -x[i])[:5]


def dimension(x: np.ndarray, apart: int) -> dict:
    curve = x[:, DIMENSION]
    found = {"highest": peaks(curve, apart), "lowest": peaks(-curve, apart)}
    return {"index": DIMENSION, **found, "mean": curve.mean(), "deviation": curve.std()}


def table(measure, xs: list[np.ndarray], ys: list[np.ndarray]) -> list[list[float]]:
    return [[round(float(measure(x, y)), 8) for y in ys] for x in xs]


def by_number(xs: list[np.ndarray], ys: list[np.ndarray], measure) -> list[list[float]]:
    """[…, step, width]: as many steps of each as both have; whatever comes before a step's own axis is a sample, too."""
    count = min(xs[0].shape[-2], ys[0].shape[-2])
    cut = lambda all: [x[..., :count, :].reshape(-1, x.shape[-1]) for x in all]  # noqa: E731
    return table(measure, cut(xs), cut(ys))


def by_seconds(coarse: Steps, fine: Steps, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every coarse step that is nearest to fine ones, and the mean of these."""
    centres = fine.start + fine.step * np.arange(len(y))
    nearest = np.floor((centres - coarse.start) / coarse.step + 0.5 + 1e-6).astype(int)
    used = [i for i in range(len(x)) if (nearest == i).any()]
    return x[used], np.stack([y[nearest == i].mean(0) for i in used])


def about(states: list[np.ndarray], later: list[np.ndarray], apart: int) -> dict:
    """`states` are [step, width], or [band, column, width]."""
    compared = [x.reshape(-1, x.shape[-1]) for x in states]
    in_time, later_in_time = ([x if x.ndim == 2 else x.mean(0) for x in each] for each in (states, later))
    orders = [{"variance": variance_order(x), "similarity": similarity_order(x)} for x in in_time]
    return {
        "cka": table(cka, compared, compared),
        "cosine": table(cosine, compared, compared),
        "later": {"cka": by_number(states, later, cka), "cosine": by_number(states, later, cosine)},
        "rms": [round(float(np.sqrt((x**2).mean())), 8) for x in compared],
        "layers": [{**pca(*xs), **order} for *xs, order in zip(in_time, later_in_time, orders, strict=True)],
        "dimension": dimension(in_time[-1], apart),
    }


def leaves() -> dict:
    rng = np.random.default_rng(3)
    groups = rng.standard_normal((40, 6))
    values = groups[:, rng.integers(0, 6, 70)] * rng.choice([-1, 1], 70) + 0.5 * rng.standard_normal((40, 70))
    values[:, 11] = 2
    values = np.round(values, 3)
    return {"values": values.tolist(), "variance": variance_order(values), "similarity": similarity_order(values)}


def hidden(arrays: look.Arrays, side: str) -> list[np.ndarray]:
    names = sorted((name for name in arrays if name.startswith(f"{side}.hidden.")), key=lambda name: int(name.split(".")[-1]))
    return [arrays[name].astype(np.float64) for name in names]


def encoder(built, name: str, samples: np.ndarray) -> list[np.ndarray]:
    """[step, width] on audio; AST: [band, column, width], special tokens left out."""
    valid = STEPS[name].valid(len(samples) / 16000)
    states = hidden(look.encoder(built, samples), "encoder")
    if name != "ast":
        return [x[:valid] for x in states]
    config = built.model.config
    bands = (config.num_mel_bins - config.patch_size) // config.frequency_stride + 1
    return [x[2:].reshape(bands, -1, x.shape[-1])[:, :valid] for x in states]


def main() -> None:
    torch.set_num_threads(2)
    base = import_module("make-goldens")
    kept = json.loads((ROOT / "tests/golden/goldens.json").read_text())["goldens"]
    built = base.small_models()
    whole = (base.clip() / 32768).astype(np.float32)
    samples = whole[: SECONDS * base.RATE]
    later = whole[int(LATER[0] * base.RATE) : int(LATER[1] * base.RATE)]
    models, heard = {}, {}
    for folder, name in MODELS.items():
        heard[name] = encoder(built[name], name, samples)
        apart = max(1, round(APART / STEPS[name].step))
        models[folder] = {"encoder": about(heard[name], encoder(built[name], name, later), apart)}
        if name == "whisper":
            words = kept[name]["runs"]["forced"]
            ids = [int(token) for token in words[1].split(",")]
            written = [hidden(look.decoder(built[name], part, ids), "decoder") for part in (samples, later)]
            models[folder]["decoder"] = {**about(*written, 1), "tokens": ids}
    flat = {name: [x if x.ndim == 2 else x.mean(0) for x in states] for name, states in heard.items()}
    between = {}
    folders = {name: folder for folder, name in MODELS.items()}
    for coarse, fine in (("whisper", "wav2vec2"), ("ast", "whisper"), ("ast", "wav2vec2")):
        pairs = [[by_seconds(STEPS[coarse], STEPS[fine], x, y) for y in flat[fine]] for x in flat[coarse]]
        values = [[round(float(cka(*pair)), 8) for pair in row] for row in pairs]
        between[f"{folders[coarse]} {folders[fine]}"] = {"count": len(pairs[0][0][0]), "cka": values}
    goldens = {"models": models, "between": between, "leaves": leaves()}
    path = ROOT / "tests/golden/layers.json"
    path.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
    print(f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
