#!/usr/bin/env python3
"""Write tests/golden/metrics.json: what docs/metrics.md says of every head of three small models, from PyTorch's eager attention.

`<model>.<kind>` is a list of layers of lists of heads, in numpy's float64 and straight from the formulas.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path

import numpy as np
from standin import look

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 1.5  # so short that Whisper and AST have padding
# step of each encoder position (-1: a special token), how many steps lie on audio, seconds of a step
Sequence = tuple[np.ndarray, int, float]


def share(weights: np.ndarray, keys: np.ndarray) -> float:
    return float(weights[:, keys].sum(1).mean())


def head(weights: np.ndarray, sequence: Sequence | None, attends_to_itself: bool) -> dict[str, float | None]:
    """`weights` [query, key]; no sequence: tokens."""
    steps, valid, seconds = sequence or (np.arange(weights.shape[1]), weights.shape[1], 1)
    on_audio = (steps >= 0) & (steps < valid)
    if attends_to_itself:
        weights = weights[on_audio]
        away = np.abs(steps[on_audio][:, None] - steps[on_audio][None, :])
        heard = weights[:, on_audio] / weights[:, on_audio].sum(1, keepdims=True)
        distances = (heard * away).sum(1)
    logs = np.log(np.where(weights > 0, weights, 1))
    return {
        "distance": float(distances.mean() * seconds) if attends_to_itself else None,
        "entropy": float(-(weights * logs).sum(1).mean()),
        "diagonality": float((1 - distances / away.max(1)).mean()) if attends_to_itself else None,
        "padding": share(weights, steps >= valid) if sequence else None,
        "first": share(weights, steps == 0),
        "special": share(weights, steps < 0) if (steps < 0).any() else None,
    }


def stack(arrays: look.Arrays, kind: str, sequence: Sequence | None, attends_to_itself: bool = True) -> list[list[dict]]:
    layers = sorted((name for name in arrays if name.startswith(f"{kind}.attention.")), key=lambda name: int(name.split(".")[2]))
    return [[head(weights, sequence, attends_to_itself) for weights in arrays[name].astype(np.float64)] for name in layers]


def wav2vec2_sequence(samples: int) -> Sequence:
    count = (samples - 400) // 320 + 1
    return np.arange(count), count, 0.02


def whisper_sequence(samples: int, positions: int) -> Sequence:
    """Step i is centred at 20 i ms."""
    return np.arange(positions), -(-samples // 320), 0.02


def ast_sequence(samples: int, config) -> Sequence:
    """Two special tokens, then bands of columns of 16 frames a 10 frames; a frame of 25 ms begins every 10 ms."""
    columns = (config.max_length - 16) // config.time_stride + 1
    bands = (config.num_mel_bins - 16) // config.frequency_stride + 1
    seconds = config.time_stride / 100
    # column t is centred at 100 t + 87.5 ms
    valid = int(np.sum(np.arange(columns) * seconds + 0.0875 < samples / 16_000))
    return np.concatenate([[-1, -1], np.tile(np.arange(columns), bands)]), valid, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/metrics.json")
    out = parser.parse_args().out
    base = import_module("make-goldens")
    forced = json.loads((ROOT / "tests/golden/goldens.json").read_text())["goldens"]["whisper"]["runs"]["forced"][1]
    ids = [int(token) for token in forced.split(",")]
    built = base.small_models()
    samples = (base.clip() / 32768).astype(np.float32)[: round(SECONDS * base.RATE)]
    whisper, ast = built["whisper"], built["ast"]
    heard, written = look.encoder(whisper, samples), look.decoder(whisper, samples, ids)
    steps = whisper_sequence(len(samples), whisper.model.config.max_source_positions)
    found = {
        "wav2vec2-sdpa-17": {"encoder": stack(look.encoder(built["wav2vec2"], samples), "encoder", wav2vec2_sequence(len(samples)))},
        "whisper-sdpa-17": {
            "encoder": stack(heard, "encoder", steps),
            "decoder": stack(written, "decoder", None),
            "cross": stack(written, "cross", steps, attends_to_itself=False),
        },
        "ast-sdpa-17": {"encoder": stack(look.encoder(ast, samples), "encoder", ast_sequence(len(samples), ast.model.config))},
    }
    out.write_text(json.dumps(found, indent=1) + "\n")
    print(f"{out}: {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
