#!/usr/bin/env python3
"""Write tests/golden: a clip, very small models in every export variant, and what PyTorch's eager attention gives.

goldens.safetensors names its tensors `<golden>/<run>/<array>#<part>`; the run `encoder` holds what no token has a say in.
Parts: `every.N` is every Nth value of the flattened array; of attention also `mean` over queries [head, key], `max` over
keys [head, query], `entropy` in nats averaged over queries [head], and `corner`, the first 32 queries and keys.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import numpy as np
import onnx
import soundfile as sf
import torch
from safetensors.numpy import save
from standin import families, kin, look
from standin import variants as quantised
from starter import shipped

ROOT = Path(__file__).resolve().parent.parent
RATE = 16_000
FORMS, OPSETS = ("sdpa", "eager", "bmm"), (14, 17)
SEED = 5
# decoders are traced with their caches; a picture, a mask beside the sound and states without logits would each need a wrapper of their own
NOT_DYNAMO = ("whisper", "whisper-turbo", "moonshine", "vit", "wav2vec2-bare", *kin.MASKED)
LEAST_LEAD = 2e-3  # a choice nearer than this could fall otherwise elsewhere


def clip() -> np.ndarray:
    """5 s: a chirp, bursts of noise, clicks, a pause; exact in 16 bits."""
    rng = np.random.default_rng(2)
    t = np.arange(5 * RATE) / RATE
    x = 0.2 * np.sin(2 * np.pi * (150 * t + 330 * t**2)) * (0.55 + 0.45 * np.cos(2 * np.pi * 1.3 * t))
    x += 0.1 * np.sin(2 * np.pi * 440 * t) * np.exp(-((t - 3.1) ** 2) / 0.1)
    for start, length, gain in ((0.3, 0.2, 0.2), (1.1, 0.07, 0.4), (2.4, 0.5, 0.12), (4.2, 0.15, 0.3)):
        part = slice(int(start * RATE), int((start + length) * RATE))
        x[part] += gain * np.hanning(part.stop - part.start) * rng.standard_normal(part.stop - part.start)
    x[[9_000, 26_000, 61_000]] += 0.5
    x[int(1.7 * RATE) : int(1.9 * RATE)] = 0
    return np.round(np.clip(x, -1, 1) * 32767).astype(np.int16)


def parts(array: np.ndarray, name: str, every: int) -> dict[str, np.ndarray]:
    if ".attention." not in name or every == 1:
        return {f"every.{every}": array.reshape(-1)[::every]}
    weights = array.astype(np.float64)
    entropy = -(weights * np.log(np.maximum(weights, 1e-30))).sum(-1).mean(-1)
    return {
        "every.997": array.reshape(-1)[::997],
        "mean": weights.mean(1).astype(np.float32),
        "max": array.max(2),
        "entropy": entropy.astype(np.float32),
        "corner": array[:, :32, :32],
    }


class Goldens:
    def __init__(self):
        self.tensors: dict[str, np.ndarray] = {}
        self.about: dict[str, dict] = {}

    def add(self, golden: str, run: str, arrays: look.Arrays, every: dict[str, int]) -> None:
        """`every` by the beginning of an array's name; 1 where nothing fits."""
        self.about[golden]["arrays"][run] = {
            name: {"shape": list(array.shape), "largest": float(np.abs(array).max())} for name, array in arrays.items()
        }
        for name, array in arrays.items():
            step = next((step for start, step in every.items() if name.startswith(start)), 1)
            for part, values in parts(array, name, step).items():
                self.tensors[f"{golden}/{run}/{name}#{part}"] = np.ascontiguousarray(values)

    def add_model(self, golden: str, built: families.BuiltModel, samples: np.ndarray, every: dict[str, int]) -> None:
        self.about[golden] = {"parameters": look.parameters(built), "runs": {} if built.decodes else {"encoder": []}, "arrays": {}}
        self.add(golden, "encoder", look.encoder(built, samples), every)
        if built.family == "whisper":
            self.add_whisper_tokens(golden, built, samples, every)
        elif built.decodes:
            self.add_tokens(golden, built, samples, every)

    def add_whisper_tokens(self, golden: str, built: families.BuiltModel, samples: np.ndarray, every: dict[str, int]) -> None:
        special, text = built.vocabulary.special, len(built.vocabulary.vocab)
        prompt = [special[name] for name in ("startoftranscript", "en", "transcribe", "notimestamps")]
        self.add_forced(golden, built, samples, prompt + np.random.default_rng(SEED).integers(0, text, 9).tolist(), every)
        task = {"task": "transcribe"}
        for run, flags, options in (("english", ["--language", "en"], {"language": "en", **task}), ("detected", [], task)):
            ids = self.add_generated(golden, run, built, samples, options, every)
            self.about[golden]["runs"][run] = flags
            least = 4 if built.seed is not None else 1  # a trained one says as much as it hears
            assert len(prompt) + least < len(ids) < 60 and ids[-1] == special["endoftext"], ids

    def add_tokens(self, golden: str, built: families.BuiltModel, samples: np.ndarray, every: dict[str, int]) -> None:
        start = built.model.config.decoder_start_token_id
        self.add_forced(golden, built, samples, [start, 300, 270, 301, 268], every)
        self.add_generated(golden, "detected", built, samples, {}, every)
        self.about[golden]["runs"]["detected"] = []

    def add_forced(self, golden: str, built: families.BuiltModel, samples: np.ndarray, ids: list[int], every: dict[str, int]) -> None:
        self.about[golden]["runs"]["forced"] = ["--tokens", ",".join(map(str, ids))]
        self.add(golden, "forced", look.decoder(built, samples, ids), every)

    def add_generated(
        self, golden: str, run: str, built: families.BuiltModel, samples: np.ndarray, options: dict, every: dict[str, int]
    ) -> list[int]:
        """What it writes by itself, where no choice is so near that it could fall otherwise elsewhere."""
        ids, lead = look.generate(built, samples, **options)
        lead = min(lead, look.language_lead(built, samples))
        assert lead > LEAST_LEAD, f"{golden} {run}: a choice leads by {lead} only; take another seed"
        self.add(golden, run, look.decoder(built, samples, ids), every)
        print(f"{golden} {run}: {len(ids)} tokens, least lead {lead:.4f}")
        return ids


def small_models() -> dict[str, families.BuiltModel]:
    """So small that the text of the graph is most of the file."""
    wav2vec2 = families.wav2vec2(SEED, width=16, layers=2, heads=2, stem=8)
    return {
        "wav2vec2": wav2vec2,
        "wav2vec2-stable": families.wav2vec2(SEED, width=16, layers=2, heads=4, stem=8, stable=True),
        "whisper": families.whisper(
            SEED, width=16, layers=(2, 3), heads=(4, 2), consonants="bkmst", seconds=2, length=64, stops=7
        ),
        "ast": families.ast(SEED, width=16, layers=2, heads=2, frames=256, bands=64),
        # fewer layers that write than layers that hear, 128 bands: large-v3-turbo, Distil-Whisper
        "whisper-turbo": families.whisper(
            SEED, width=16, layers=(2, 1), heads=(2, 4), consonants="bkmst", seconds=2, length=64, stops=7, bands=128
        ),
        "moonshine": families.moonshine(9, width=24, layers=2, heads=2),
        "ast-commands": families.commands(SEED, width=16, layers=2, heads=2),
        "vit": families.vit(SEED, width=16, layers=2, heads=2, bands=64, frames=128),
        "wav2vec2-bare": families.bare(wav2vec2),
        **{name: kin.build(name, SEED) for name in kin.KIN},
    }


def boxed() -> dict[str, families.BuiltModel]:
    """What is in the box, from the files themselves."""
    return {folder.name: shipped.load(folder) for folder in sorted((ROOT / "resources/models").glob("*-starter"))}


def variants(name: str, all_of_them: bool) -> list[tuple[str, int]]:
    merged = [("merged", 14)] if name == "moonshine" else [("merged", 17)] if name == "whisper" else []
    fused = [("fused", 17)] if name in ("wav2vec2", "whisper", "ast") else []
    if all_of_them:
        newer = [] if name in NOT_DYNAMO else [("dynamo", 18), ("dynamo", 23)]
        usual = [(form, opset) for form in FORMS[: 2 if name in kin.OWN else 3] for opset in OPSETS]
        return [*usual, *newer, *merged, *fused]
    if name in kin.ONCE:
        return [kin.ONCE[name]]
    if name in kin.KIN:
        return [("sdpa", 14), ("dynamo", 23) if name == "conformer-rotary" else ("eager", 17)]
    if name == "moonshine":
        return merged
    if name in ("whisper-turbo", "ast-commands", "vit"):
        return [("sdpa", 14)]
    if name in ("wav2vec2-stable", "wav2vec2-bare"):
        return [("sdpa", 14), ("eager", 17), ("bmm", 14)]
    usual = [(form, opset) for form in FORMS for opset in OPSETS]
    if name == "whisper":
        usual = [("sdpa", 14), ("sdpa", 17), ("eager", 14), ("bmm", 14)]  # half a megabyte each: the others are in --all
    # opset 23 has attention as one operator, and so have graphs that onnxruntime's optimiser fused
    newer = {"wav2vec2": [("eager", 11), ("sdpa", 20), ("dynamo", 18), ("dynamo", 23)], "ast": [("dynamo", 23)]}
    return [*usual, *newer.get(name, merged), *fused]


def save_variants(folder: Path) -> None:
    """The graphs of `folder` in half precision and quantised, beside them; what the quantiser refuses is left out."""
    for path in sorted(folder.glob("*.onnx")):
        for variant, suffix in quantised.SUFFIXES.items():
            try:
                made = quantised.make(path, variant)
            except Exception as error:
                print(f"{path.parent.parent.name} {variant}: {error}")
                continue
            onnx.save(made, str(path.with_stem(f"{path.stem}_{suffix}")))


def place(folder: Path) -> str:
    return str(folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden")
    parser.add_argument("--all", action="store_true", help="every form, opset and precision of every model, for tools/family-table.ts")
    arguments = parser.parse_args()
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(2)  # the last bits of a convolution depend on it
    pcm = clip()
    sf.write(out / "clip.wav", pcm, RATE, subtype="PCM_16")
    samples = (pcm / 32768).astype(np.float32)
    goldens, models = Goldens(), []
    shutil.rmtree(out / "models", ignore_errors=True)
    for name, built in small_models().items():
        for form, opset in variants(name, arguments.all):
            folder = out / "models" / f"{name}-{form}-{opset}"
            built.save_configs(folder)
            built.save_graphs(folder / "onnx", form, opset)
            if arguments.all and (form, opset) == ("sdpa", 17):
                save_variants(folder / "onnx")
            # an odd number of frames, where two of them make a step; what a window holds
            seconds = {"bert": 1.99, "ast-commands": 1, "vit": 1}.get(name, 2)
            models.append({"golden": name, "folder": place(folder), "region": f"0:{seconds}"})
        goldens.add_model(name, built, samples[: round(seconds * RATE)], {"encoder.attention": 5, "features": 5})
    for name, built in boxed().items():
        models.append({"golden": name, "folder": f"resources/models/{name}", "region": "0:5"})
        every = {"encoder.attention": 997, "features": 13, "encoder.hidden": 17, "cross.attention": 997, "decoder": 1}
        goldens.add_model(name, built, samples, every)
    (out / "goldens.safetensors").write_bytes(save(goldens.tensors))
    (out / "goldens.json").write_text(json.dumps({"models": models, "goldens": goldens.about}, indent=1) + "\n")
    for path in (out / "models", out / "goldens.safetensors"):
        print(f"{path}: {families.folder_bytes(path) if path.is_dir() else path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
