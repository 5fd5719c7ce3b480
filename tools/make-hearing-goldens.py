#!/usr/bin/env python3
"""Write tests/golden/hearing.json: half a second of the golden clip as loud as weights say, in time and in patches (docs/hearing.md).

Computed with numpy and scipy straight from the formulas; every eighth sample is kept.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path

import numpy as np
from scipy.signal import ShortTimeFFT, get_window

ROOT = Path(__file__).resolve().parent.parent
RATE, SAMPLES, EVERY = 16_000, 8_000, 8
# AST's patches: 12 bands of 16 of 128 mel filters, 10 apart; columns of 100 ms, the first centred at 87.5 ms
BANDS, COLUMNS, SIZE, STRIDE, FILTERS = 12, 4, 16, 10, 128
START, STEP = 0.0875, 0.1


def mel(hertz: np.ndarray) -> np.ndarray:
    return 1127 * np.log1p(hertz / 700)


def faded(gains: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`gains` [.., step] at fractional steps, with half a cosine between two centres and held beyond the outermost."""
    held = np.clip(places, 0, gains.shape[-1] - 1)
    step = np.floor(held).astype(int)
    later = np.minimum(step + 1, gains.shape[-1] - 1)
    share = (1 - np.cos(np.pi * (held - step))) / 2
    return gains[..., step] * (1 - share) + gains[..., later] * share


def band_places(hertz: np.ndarray) -> np.ndarray:
    edges = np.linspace(mel(np.array(20.0)), mel(np.array(RATE / 2)), FILTERS + 2)
    centres = 700 * np.expm1(edges[1:-1] / 1127)
    seen = (BANDS - 1) * STRIDE + SIZE
    places = (np.interp(hertz, centres, np.arange(FILTERS)) - (SIZE - 1) / 2) / STRIDE
    return np.where((hertz < centres[0]) | (hertz > centres[seen - 1]), np.nan, places)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/hearing.json")
    out = parser.parse_args().out
    sound = import_module("make-goldens").clip()[:SAMPLES].astype(np.float64) / 32768
    weights = np.random.default_rng(7).exponential(size=(BANDS, COLUMNS)).astype(np.float32).astype(np.float64)
    line = weights.sum(0)
    in_time = sound * faded(line / line.max(), (np.arange(SAMPLES) / RATE - START) / STEP)
    transform = ShortTimeFFT(get_window("hann", 1024), 256, RATE)
    spectrum = transform.stft(sound)
    columns = faded(weights / weights.max(), (transform.t(SAMPLES) - START) / STEP)  # [band, frame]
    places = band_places(transform.f)
    mask = np.where(np.isnan(places)[:, None], 0, faded(columns.T, np.nan_to_num(places)).T)  # [bin, frame]
    patches = transform.istft(spectrum * mask, k1=SAMPLES)
    found = {
        "seconds": SAMPLES / RATE,
        "every": EVERY,
        "weights": weights.ravel().tolist(),
        "time": in_time[::EVERY].round(8).tolist(),
        "patches": patches[::EVERY].round(8).tolist(),
    }
    out.write_text(json.dumps(found) + "\n")
    print(f"{out}: {out.stat().st_size:,} bytes, rms {patches.std():.4f}")


if __name__ == "__main__":
    main()
