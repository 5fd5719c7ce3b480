#!/usr/bin/env python3
"""Train ast-starter: which everyday sounds are heard, from synthesised scenes, with the official AST's architecture.

    ast_starter.py --work FOLDER                train, or go on from FOLDER/ast-teacher.pt or ast.pt
    ast_starter.py --work FOLDER --out MODEL    write the model as a folder of the hub, for evaluate.py and card.py
(The name ast.py would hide Python's own module.)
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import scenes
import sounds
import torch
import training
from ast_features import BANDS, EXTRACTOR, FRAMES, PATCH, columns_of, features, targets
from ast_scores import SEED, held_out, score
from ast_teacher import CHANNELS, Teacher, wrong
from espeak import write_variants
from sounds import speech
from torch import nn
from transformers import ASTConfig, ASTForAudioClassification

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from standin import attention, export
from standin.families import save_configs

PER_BATCH = 16
# the teacher learns alone first, then, more slowly, beside the transformer
ALONE = training.Plan(steps=3_000, rate=2e-3, decay=0.02, warmup=100)
TOGETHER = training.Plan(steps=6_000, rate=1.2e-3, decay=0.02, warmup=200, slow="teacher.")
# until which share of the steps, frames of a scene, scenes for each of `PER_BATCH`: most is learnt from short scenes, which are cheap
STAGES = ((0.4, FRAMES // 4, 2), (0.85, FRAMES // 2, 1), (1, FRAMES, 1))
# the bank: so many clips a class at a time, to begin with, and new ones a step
KEEP, AT_FIRST, FRESH = 120, 6, 0.2
# share of the patches that a training step looks at, others each time: cheaper, and better for it (Koutini et al. 2022, Patchout)
KEPT = 0.55
# the first layer is asked to look no further in time than this share of an even look, and how much that counts
REACH, NEARNESS = 0.5, 0.1
# how much it counts that the last states tell what the teacher sees in a patch (Romero et al. 2015, FitNets), and what is heard then
ALIKE, WHEN = 0.3, 0.5


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
    for parameter in (embeddings.cls_token, embeddings.distillation_token):
        nn.init.trunc_normal_(parameter, std=0.02)
    with torch.no_grad():
        embeddings.position_embeddings[0, 2:] = 0.2 * places(config.hidden_size)
    nn.init.constant_(model.classifier.dense.bias, -2.5)  # a scene has one or two of the labels
    attention.use(model, training.ATTENTION)
    return model


def places(width: int) -> torch.Tensor:
    """Where the positions begin: half of the numbers are sines and cosines of the column, half of the band. [patch, width]"""

    def waves(count: int, longest: float) -> torch.Tensor:
        rates = longest ** -torch.linspace(0, 1, width // 4)
        angles = torch.arange(count)[:, None] * rates
        return torch.cat((angles.sin(), angles.cos()), 1)

    columns, bands = waves(FRAMES // PATCH, 100), waves(BANDS // PATCH, 20)
    return torch.cat((columns.repeat(len(bands), 1), bands.repeat_interleave(len(columns), 0)), 1)


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
    """Batches of scenes; the step alone decides what is in them. The bank moves on, so that nothing is heard often.
    `before`: steps of earlier plans, whose scenes were others."""

    def __init__(self, folder: Path, plan: training.Plan, size: int, before: int = 0):
        self.folder, self.plan, self.size, self.before = folder, plan, size, before
        self.bank = scenes.Bank(SEED, "train", scenes.disguised)

    def __call__(self, step: int) -> dict[str, torch.Tensor]:
        speech.folder = self.folder
        frames, scenes_each = next((frames, each) for share, frames, each in STAGES if step < share * self.plan.steps)
        rng = np.random.default_rng((SEED, self.before + step))
        patches = frames // PATCH * (BANDS // PATCH)
        newest = AT_FIRST + int(FRESH * (self.before + step))
        oldest = max(0, newest - KEEP)
        self.bank.forget_before(oldest)
        clip_of = lambda label: self.bank.clip(label, int(rng.integers(oldest, newest)))
        batch = [self.one(rng, frames, clip_of) for _ in range(self.size * scenes_each)]
        return {
            "input_values": torch.from_numpy(np.stack([values for values, _, _ in batch])),
            "labels": torch.from_numpy(np.stack([labels for _, labels, _ in batch])),
            "when": torch.from_numpy(np.stack([when for _, _, when in batch])),
            "column": torch.tensor(int(rng.integers(0, (FRAMES - frames) // PATCH + 1))),
            "kept": torch.from_numpy(np.sort(rng.permutation(patches)[: int(KEPT * patches)])),
        }

    @staticmethod
    def one(rng: np.random.Generator, frames: int, clip_of) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        # the app looks at five seconds unless told otherwise: half of a window is then padding
        padded = rng.random() < (0.5 if frames == FRAMES else 0.2)
        heard = int(rng.integers(80, frames)) if padded else frames
        samples, sounding = scenes.scene(rng, "train", 400 + 160 * (heard - 1), clip_of)
        values = features(samples, frames)
        for axis, width in ((0, 24), (0, 24), (1, 10)):
            if rng.random() < 0.5:
                size = int(rng.integers(2, width))
                start = int(rng.integers(0, values.shape[axis] - size))
                values[(slice(None),) * axis + (slice(start, start + size),)] = values.mean()
        return values, targets(sounding), columns_of(sounding, frames)


class Taught(nn.Module):
    """The transformer, its teacher, and what the two have to do with each other."""

    def __init__(self, transformer: ASTForAudioClassification):
        super().__init__()
        self.transformer, self.teacher = transformer, Teacher(len(sounds.LABELS))
        self.seen = nn.Linear(transformer.config.hidden_size, CHANNELS[-1])
        self.when = nn.Linear(transformer.config.hidden_size, len(sounds.LABELS))
        nn.init.constant_(self.when.bias, -2.5)

    def loss(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        labels, when, kept = batch["labels"], batch["when"], batch["kept"]
        taught, heard, cells = self.teacher.loss(batch)
        cells = nn.functional.batch_norm(cells[:, kept].flatten(0, 1), None, None, training=True)
        logits, patches, far = looked_at(self.transformer, batch)
        learnt = 0.5 * wrong(logits, labels) + 0.5 * wrong(logits, heard.sigmoid())
        learnt = learnt + ALIKE * nn.functional.mse_loss(self.seen(patches).float().flatten(0, 1), cells)
        learnt = learnt + WHEN * wrong(self.when(patches), when[:, kept % when.shape[1]])
        return taught + learnt + NEARNESS * nn.functional.relu(far - REACH)


def looked_at(model: ASTForAudioClassification, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """ASTForAudioClassification's forward on some of the patches: its logits, the last states of these patches, and how far its
    first layer looks. Scenes shorter than the model's window take the positions of a window that begins at some column."""
    body = model.audio_spectrogram_transformer
    embeddings, columns = body.embeddings, batch["input_values"].shape[1] // PATCH
    rows = embeddings.position_embeddings
    grid = rows[:, 2:].unflatten(1, (BANDS // PATCH, FRAMES // PATCH))
    cut = grid[:, :, int(batch["column"]) :][:, :, :columns].flatten(1, 2)
    patches = (embeddings.patch_embeddings(batch["input_values"]) + cut)[:, batch["kept"]]
    special = torch.cat((embeddings.cls_token, embeddings.distillation_token), 1) + rows[:, :2]
    x = torch.cat((special.expand(len(patches), -1, -1), patches), 1)
    far = reach(body.layers[0], x[:4], batch["kept"] % columns)  # some scenes are enough; patches run along time first
    for layer in body.layers:
        x = layer(x, None)
    x = body.layernorm(x)
    return model.classifier(x[:, :2].mean(1)), x[:, 2:], far


def reach(layer: nn.Module, x: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """How far a layer looks in time from patch to patch, as a share of what it would were every patch looked at alike.
    x: [scene, 2 + patch, width]; columns: [patch]"""
    attention = layer.attention
    heads = lambda rows: rows.unflatten(-1, (-1, attention.head_dim)).transpose(1, 2)[:, :, 2:]
    rows = layer.layernorm_before(x)
    scores = heads(attention.q_proj(rows)) @ heads(attention.k_proj(rows)).mT
    weights = (scores.float() * attention.scaling).softmax(-1)
    apart = (columns[:, None] - columns).abs().float()
    return (weights * apart).sum(-1).mean() / apart.mean()


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
    parser.add_argument("--trial", action="store_true", help="100 tiny steps: to see that everything runs")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    training.set_up(arguments.threads)
    speech.folder = write_variants(arguments.work, speech.VOICES, 20)  # wav2vec2.py's seed: the voices are shared
    model = build()
    if arguments.check:
        print(f"features differ by {check_features():.1e}")
    elif arguments.out:
        together = Taught(model)
        together.load_state_dict(training.read(checkpoint(arguments.work))["model"])
        save(model, arguments.out)
    else:
        learn(Taught(model), arguments.work, arguments.trial)


def checkpoint(folder: Path) -> Path:
    return folder / "ast.pt"


def learn(together: Taught, folder: Path, trial: bool) -> None:
    alone, plan = (replace(one, steps=100) if trial else one for one in (ALONE, TOGETHER))
    size, every, count = (4, 50, 10) if trial else (PER_BATCH, 1000, 200)
    trials = [list(held_out(regime, count, 1)) for regime in ("inside", "outside")]

    def said(model: nn.Module, logits_of) -> str:
        inside, outside = (np.nanmean(score(model, heard, logits_of).precisions) for heard in trials)
        return f"{type(model).__name__} inside {inside:.3f} outside {outside:.3f}"

    teacher, transformer = together.teacher, together.transformer
    of_teacher = lambda _: said(teacher, lambda out: out[0])
    of_both = lambda step: f"{said(transformer, lambda out: out.logits)}; {of_teacher(step)}"
    first, second = Scenes(folder, alone, size), Scenes(folder, plan, size, before=alone.steps)
    taught = lambda batch, _: teacher.loss(batch)[0]
    training.train(teacher, alone, first, taught, folder / "ast-teacher.pt", evaluate=of_teacher, every=every)
    training.train(together, plan, second, lambda batch, _: together.loss(batch), checkpoint(folder), evaluate=of_both, every=every)


if __name__ == "__main__":
    main()
