#!/usr/bin/env python3
"""Write tests/golden/patches.json: attention of single tokens of two small models over their patches, from PyTorch's eager attention.

Of every case: `values` [band, column], the shares on special tokens and on padding, and `laid`: every seventh bin of every seventh frame,
the mean of the patches on audio that cover it, null where none does (docs/patches.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from standin import look

ROOT = Path(__file__).resolve().parent.parent
EVERY = 7
DIGITS = 7


@dataclass
class Patches:
    """`across`, `up`: from one patch to the next; a patch is 16 frames of 25 ms, which begin every 10 ms, and 16 bins."""

    bins: int
    frames: int
    up: int
    across: int
    special: int

    @property
    def bands(self) -> int:
        return (self.bins - 16) // self.up + 1

    @property
    def columns(self) -> int:
        return (self.frames - 16) // self.across + 1

    def on_audio(self, seconds: float) -> np.ndarray:
        """A column is centred in the middle of the samples its frames cover."""
        return np.arange(self.columns) * self.across * 0.01 + 0.0875 < seconds


def laid(weights: np.ndarray, patches: Patches, seconds: float) -> list[list[float | None]]:
    """`weights` [band, column]"""
    found: list[list[list[float]]] = [[[] for _ in range(patches.frames)] for _ in range(patches.bins)]
    heard = patches.on_audio(seconds)
    for band in range(patches.bands):
        for column in range(patches.columns):
            if not heard[column]:
                continue
            for bin_ in range(band * patches.up, band * patches.up + 16):
                for frame in range(column * patches.across, column * patches.across + 16):
                    found[bin_][frame].append(weights[band, column])
    return [
        [round(float(np.mean(cell)), DIGITS) if cell else None for cell in row[::EVERY]] for row in found[::EVERY]
    ]


def case(row: np.ndarray, heads: np.ndarray, patches: Patches, seconds: float) -> dict:
    """`row` [token] is what is shown, `heads` [head, token] what shares are the mean of."""
    weights = row[patches.special :].reshape(patches.bands, patches.columns)
    mean = heads.mean(0)
    return {
        "values": [round(float(w), DIGITS) for w in weights.ravel()],
        "special": [float(w) for w in mean[: patches.special]],
        "padding": float(mean[patches.special :].reshape(weights.shape)[:, ~patches.on_audio(seconds)].sum()),
        "laid": laid(weights, patches, seconds),
    }


def query_row(query: dict, patches: Patches) -> int:
    return query["token"] if "token" in query else patches.special + query["band"] * patches.columns + query["column"]


def main() -> None:
    base = import_module("make-goldens")
    built = base.small_models()
    samples = (base.clip() / 32768).astype(np.float32)
    patch, ast, vit = {"band": 2, "column": 7}, Patches(64, 256, 10, 10, 2), Patches(64, 128, 16, 16, 1)
    models = {"ast": ("ast-sdpa-17", ast, 1.5), "vit": ("vit-sdpa-14", vit, 1.0)}
    wanted = [
        *(("ast", layer, heads, query) for layer, heads in ((0, [1]), (1, "mean"), (1, "max")) for query in ({"token": 0}, {"token": 1}, patch)),
        *(("vit", 1, "mean", query) for query in ({"token": 0}, patch)),
    ]  # fmt: skip
    found = []
    for name, layer, heads, query in wanted:
        folder, patches, seconds = models[name]
        weights = look.encoder(built[name], samples[: round(seconds * base.RATE)])[f"encoder.attention.{layer}"].astype(np.float64)
        chosen = weights[heads if isinstance(heads, list) else slice(None), query_row(query, patches)]
        row = chosen.max(0) if heads == "max" else chosen.mean(0)
        place = {"model": folder, "seconds": seconds, "tap": f"encoder.attention.{layer}", "heads": heads, "query": query}
        found.append({**place, **case(row, chosen, patches, seconds)})
    out = ROOT / "tests/golden/patches.json"
    out.write_text(json.dumps({"every": EVERY, "cases": found}) + "\n")
    print(f"{out}: {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
