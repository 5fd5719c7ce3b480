#!/usr/bin/env python3
"""Train ast-starter: which everyday sounds are heard, from synthesised scenes, with the official AST's architecture.

    ast_starter.py --work FOLDER                train, or go on from FOLDER/ast-1.pt or ast-2.pt
    ast_starter.py --work FOLDER --out MODEL    write the model as a folder of the hub, for evaluate.py and card.py
(The name ast.py would hide Python's own module.)
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scenes
import sounds
import torch
import training
from ast_features import BANDS, EXTRACTOR, FRAMES, PATCH, features, targets
from ast_scores import SEED, held_out, score
from espeak import write_variants
from sounds import speech
from torch import nn
from transformers import ASTConfig, ASTForAudioClassification

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from standin import attention, export
from standin.families import save_configs

PER_BATCH = 16


@dataclass(frozen=True)
class Round:
    plan: training.Plan
    # until which share of the steps, frames of a scene, scenes for each of `PER_BATCH`: most is learnt from short scenes, which are cheap
    stages: tuple[tuple[float, int, int], ...]
    disguise: Callable[[np.random.Generator, np.ndarray], np.ndarray]
    extremes: tuple[float, float]  # as scenes.EXTREMES
    fresh: float  # new clips a class and step


# the later ones are mostly of the ends of the generators' ranges, and of sounds that are less like what these make: what lies beyond
# the ranges is heard better for it
ROUNDS = (
    Round(
        training.Plan(steps=7_600, rate=1.2e-3, decay=0.02, warmup=200),
        ((0.5, FRAMES // 4, 2), (0.92, FRAMES // 2, 1), (1, FRAMES, 1)),
        scenes.hurried,
        scenes.EXTREMES,
        0.09,
    ),
    Round(
        training.Plan(steps=1_400, rate=5e-4, decay=0.02, warmup=50, flat=0.2),
        ((0.7, FRAMES // 2, 1), (1, FRAMES, 1)),
        scenes.disguised,
        (0.85, 0.10),
        0.2,
    ),
    Round(
        training.Plan(steps=2_400, rate=7e-4, decay=0.02, warmup=50, flat=0.4),
        ((0.75, FRAMES // 2, 1), (1, FRAMES, 1)),
        scenes.disguised,
        (0.85, 0.10),
        0.2,
    ),
)
# the bank: so many clips a class at a time
KEEP, AT_FIRST = 120, 6
# share of the patches that a training step looks at, others each time: cheaper, and better for it (Koutini et al. 2022, Patchout)
KEPT = 0.65


def build() -> ASTForAudioClassification:
    torch.manual_seed(SEED)
    config = ASTConfig(
        hidden_size=192, num_hidden_layers=5, num_attention_heads=3, intermediate_size=768, hidden_dropout_prob=0,
        attention_probs_dropout_prob=0, patch_size=PATCH, frequency_stride=PATCH, time_stride=PATCH, max_length=FRAMES,
        num_mel_bins=BANDS, architectures=["ASTForAudioClassification"], problem_type="multi_label_classification",
        id2label=dict(enumerate(sounds.LABELS)), label2id={label: i for i, label in enumerate(sounds.LABELS)},
    )  # fmt: skip
    model = ASTForAudioClassification(config)
    embeddings = model.audio_spectrogram_transformer.embeddings
    for parameter in (embeddings.position_embeddings, embeddings.cls_token, embeddings.distillation_token):
        nn.init.trunc_normal_(parameter, std=0.02)
    nn.init.constant_(model.classifier.dense.bias, -2.5)  # a scene has one or two of the labels
    attention.use(model, training.ATTENTION)
    return model


def check_features() -> float:
    """The largest difference from the official extractor's, over scenes loud, quiet, short and silent."""
    rng, worst = np.random.default_rng(0), 0.0
    bank = scenes.Bank(SEED, "train")
    for count in (164_080, 82_160, 30_000, 400):
        for label in ("Thunder", "Wind chime", "Silence"):
            sound = bank.clip(label, 0)[40_000:][:count] * 10 ** rng.uniform(-2.5, 0)
            official = EXTRACTOR(sound, sampling_rate=16_000)["input_values"][0]
            worst = max(worst, float(np.abs(official - features(sound, FRAMES)).max()))
    return worst


class Scenes:
    """Batches of scenes; the step alone decides what is in them. The bank moves on, so that nothing is heard often."""

    def __init__(self, folder: Path, of: Round, before: int, size: int):
        """`before`: steps of the rounds before this one, so that none of their sounds comes again."""
        self.folder, self.of, self.before, self.size = folder, of, before, size
        self.bank = scenes.Bank(SEED, "train", of.disguise, of.extremes)

    def __call__(self, step: int) -> dict[str, torch.Tensor]:
        speech.folder = self.folder
        frames, scenes_each = next((frames, each) for share, frames, each in self.of.stages if step < share * self.of.plan.steps)
        step += self.before
        rng = np.random.default_rng((SEED, step))
        patches = frames // PATCH * (BANDS // PATCH)
        newest = AT_FIRST + int(self.of.fresh * step)
        oldest = max(0, newest - KEEP)
        self.bank.forget_before(oldest)
        clip_of = lambda label: self.bank.clip(label, int(rng.integers(oldest, newest)))
        batch = [self.one(rng, frames, clip_of) for _ in range(self.size * scenes_each)]
        return {
            "input_values": torch.from_numpy(np.stack([values for values, _ in batch])),
            "labels": torch.from_numpy(np.stack([labels for _, labels in batch])),
            "column": torch.tensor(int(rng.integers(0, (FRAMES - frames) // PATCH + 1))),
            "kept": torch.from_numpy(np.sort(rng.permutation(patches)[: int(KEPT * patches)])),
        }

    def one(self, rng: np.random.Generator, frames: int, clip_of) -> tuple[np.ndarray, np.ndarray]:
        # the app looks at five seconds unless told otherwise: half of a window is then padding
        padded = rng.random() < (0.5 if frames == FRAMES else 0.2)
        heard = int(rng.integers(80, frames)) if padded else frames
        samples, labels = scenes.scene(rng, "train", 400 + 160 * (heard - 1), clip_of, self.of.extremes)
        values = features(samples, frames)
        for axis, width in ((0, 24), (0, 24), (1, 10)):
            if rng.random() < 0.5:
                size = int(rng.integers(2, width))
                start = int(rng.integers(0, values.shape[axis] - size))
                values[(slice(None),) * axis + (slice(start, start + size),)] = values.mean()
        return values, targets(labels)


def loss_of(model: ASTForAudioClassification, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """ASTForAudioClassification's forward on some of the patches. Scenes shorter than the model's window take the positions of
    a window that begins at some column."""
    body = model.audio_spectrogram_transformer
    embeddings, columns = body.embeddings, batch["input_values"].shape[1] // PATCH
    rows = embeddings.position_embeddings
    grid = rows[:, 2:].unflatten(1, (BANDS // PATCH, FRAMES // PATCH))
    cut = grid[:, :, int(batch["column"]) :][:, :, :columns].flatten(1, 2)
    patches = (embeddings.patch_embeddings(batch["input_values"]) + cut)[:, batch["kept"]]
    special = torch.cat((embeddings.cls_token, embeddings.distillation_token), 1) + rows[:, :2]
    x = torch.cat((special.expand(len(patches), -1, -1), patches), 1)
    for layer in body.layers:
        x = layer(x, None)
    logits = model.classifier(body.layernorm(x)[:, :2].mean(1))
    return nn.functional.binary_cross_entropy_with_logits(logits.float(), batch["labels"])


def save(model: ASTForAudioClassification, folder: Path) -> None:
    """As the hub lays it out."""
    shutil.rmtree(folder, ignore_errors=True)
    note = f"a starter: small, trained on synthesised sounds; expect less of recorded ones (seed {SEED})"
    save_configs(model.eval(), EXTRACTOR, folder, {"licence": "CC0-1.0", "note": note})
    attention.use(model, "sdpa")
    export.ast(model, folder / "onnx", 14)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="a folder for voices and checkpoints")
    parser.add_argument("--out", type=Path, help="write the model here, as a folder of the hub")
    parser.add_argument("--check", action="store_true", help="compare the features with the official extractor's")
    parser.add_argument("--trial", action="store_true", help="100 tiny steps a round: to see that everything runs")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    speech.folder = write_variants(arguments.work, speech.VOICES, 20)  # wav2vec2.py's seed: the voices are shared
    model = build()
    if arguments.check:
        print(f"features differ by {check_features():.1e}")
    elif arguments.out:
        model.load_state_dict(torch.load(checkpoint(arguments.work, len(ROUNDS)), weights_only=True)["model"])
        save(model, arguments.out)
    else:
        learn(model, arguments.work, arguments.trial)


def checkpoint(folder: Path, number: int) -> Path:
    return folder / f"ast-{number}.pt"


def learn(model: ASTForAudioClassification, folder: Path, trial: bool) -> None:
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    size, every, count = (4, 50, 10) if trial else (PER_BATCH, 800, 240)
    trials = [list(held_out(regime, count, 1)) for regime in ("inside", "outside")]

    def said(step: int) -> str:
        inside, outside = (np.nanmean(score(model, heard).precisions) for heard in trials)
        return f"mAP inside {inside:.3f} outside {outside:.3f}"

    before = 0
    for number, of in enumerate(ROUNDS, 1):
        of = replace(of, plan=replace(of.plan, steps=100)) if trial else of
        print(f"round {number} of {len(ROUNDS)}")
        batches, path = Scenes(folder, of, before, size), checkpoint(folder, number)
        training.train(model, of.plan, batches, lambda batch, _: loss_of(model, batch), path, evaluate=said, every=every)
        before += of.plan.steps


if __name__ == "__main__":
    main()
