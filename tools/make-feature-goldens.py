#!/usr/bin/env python3
"""Write tests/golden/features: what Hugging Face's feature extractors make of awkward signals.

Short signals are stored beside the result; the two long ones are Park-Miller noise that the test makes again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save
from transformers import (
    ASTFeatureExtractor,
    SeamlessM4TFeatureExtractor,
    Wav2Vec2FeatureExtractor,
    WhisperFeatureExtractor,
)

RATE = 16_000
ROOT = Path(__file__).resolve().parent.parent


def park_miller(count: int, gain: float) -> np.ndarray:
    """Exact in any language: 31-bit states, 53-bit products."""
    out, state = np.empty(count), 1
    for i in range(count):
        state = state * 16807 % 2147483647
        out[i] = (state / 2147483647 - 0.5) * gain
    return out.astype(np.float32)


def signals() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    t = np.arange(RATE) / RATE
    sweep = 0.4 * np.sin(2 * np.pi * (60 * t + 3900 * t**2)) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    sweep[9000:12000] = 0
    square = np.sign(np.sin(2 * np.pi * 441 * t[:4000]))
    click = np.zeros(3000)
    click[1500] = 1.0
    made = {
        "sweep": sweep + 0.001 * rng.standard_normal(RATE),
        "square": square,
        "click": click,
        "faint": 1e-5 * rng.standard_normal(2000),
        "loud": 30 * rng.standard_normal(2000),
        "offset": np.full(2000, 0.3),
        "silence": np.zeros(1200),
        "shortest": 0.2 * rng.standard_normal(400),
        "one": np.array([0.5]),
    }
    return {name: value.astype(np.float32) for name, value in made.items()}


def extractors() -> dict[str, tuple[str, object]]:
    return {
        "wav2vec2": ("wav2vec2", Wav2Vec2FeatureExtractor()),
        "whisper": ("whisper", WhisperFeatureExtractor()),
        "whisper-128": ("whisper", WhisperFeatureExtractor(feature_size=128)),
        "whisper-short": ("whisper", WhisperFeatureExtractor(chunk_length=2, hop_length=200)),
        "ast": ("ast", ASTFeatureExtractor()),
        "ast-small": ("ast", ASTFeatureExtractor(num_mel_bins=64, max_length=128, mean=-2.5, std=3.25)),
        "ast-raw": ("ast", ASTFeatureExtractor(do_normalize=False)),
        "bert": ("wav2vec2-bert", SeamlessM4TFeatureExtractor()),
        "bert-padded": ("wav2vec2-bert", SeamlessM4TFeatureExtractor(padding_value=1.0)),
    }


def config_of(extractor) -> dict:
    """preprocessor_config.json without what the hub's files leave out."""
    config = extractor.to_dict()
    return {key: value for key, value in config.items() if key not in ("mel_filters", "window")}


def frames_kept(total: int, seconds: float, hop: int) -> list[int]:
    """All frames near the start, some of the rest, the first of the padding and the last."""
    end = int(seconds * RATE / hop)
    kept = {*range(8), *range(8, end, 17), *range(end - 3, end + 3), *range(total - 3, total)}
    return sorted(j for j in kept if 0 <= j < total)


def kept(array: np.ndarray, family: str, seconds: float, hop: int) -> tuple[np.ndarray, list[int]]:
    """What is stored of a result: some frames, or every few samples, and which."""
    if family == "whisper":
        frames = frames_kept(array.shape[1], seconds, hop)
        return array[:, frames], frames
    if family in ("ast", "wav2vec2-bert"):
        frames = frames_kept(array.shape[0], seconds, 160)
        return array[frames], frames
    samples = list(range(0, len(array), 1 + len(array) // 3000))
    return array[samples], samples


def wanted(id: str, family: str, samples: int, noise: dict | None) -> bool:
    """One long clip for each family, at its official settings; no clip below the family's least."""
    if samples < {"whisper": 1, "wav2vec2-bert": 560}.get(family, 400):
        return False
    return not noise or (id in ("whisper", "ast", "wav2vec2", "bert") and (samples == 480_000) == (id == "whisper"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/features")
    out = parser.parse_args().out
    short = signals()
    inputs = {name: (value, None) for name, value in short.items()}
    inputs["ten-seconds"] = (park_miller(163_840, 1.5), {"samples": 163_840, "gain": 1.5})
    inputs["thirty-seconds"] = (park_miller(480_000, 0.1), {"samples": 480_000, "gain": 0.1})
    tensors, cases = {f"{name}.samples": value for name, value in short.items()}, []
    for id, (family, extractor) in extractors().items():
        for name, (value, noise) in inputs.items():
            if not wanted(id, family, len(value), noise):
                continue
            result = extractor(value, sampling_rate=RATE, return_tensors="np")
            array = result[extractor.model_input_names[0]][0].astype(np.float32)
            if family == "wav2vec2-bert":  # two frames in a row: here a row is one
                array = array.reshape(-1, extractor.num_mel_bins)
            stored, which = kept(array, family, len(value) / RATE, getattr(extractor, "hop_length", 160))
            tensors[f"{name}.{id}"] = np.ascontiguousarray(stored)
            tensors[f"{name}.{id}.kept"] = np.array(which, np.int64)
            cases.append({"signal": name, "noise": noise, "extractor": id, "shape": list(array.shape)})
    out.mkdir(parents=True, exist_ok=True)
    (out / "features.safetensors").write_bytes(save(tensors))
    manifest = {
        "note": "<case>.kept: the frames (Wav2Vec2: samples) of the full shape that are stored",
        "extractors": {id: {"family": family, "preprocessor": config_of(e)} for id, (family, e) in extractors().items()},
        "cases": cases,
    }
    (out / "manifest.json").write_text(json.dumps(manifest) + "\n")


if __name__ == "__main__":
    main()
