"""How well ast-starter names what is in scenes of held-out sounds and in recordings, and how far its attention reaches."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import recordings
import scenes
import sounds
import torch
from ast_features import BANDS, FRAMES, PATCH, features, targets
from torch import nn
from transformers import ASTForAudioClassification

SEED = 30
Heard = Iterable[tuple[np.ndarray, np.ndarray]]  # features and targets of scenes


def held_out(regime: str, count: int, seed: int, samples: int = scenes.CLIP):
    """`count` scenes and what is in them: no clip occurs in two of them."""
    for i in range(count):
        bank = scenes.Bank(SEED + 1000 + seed, regime)
        rng = np.random.default_rng((SEED, sounds.draw.REGIMES.index(regime), seed, i))
        sound, labels = scenes.scene(rng, regime, samples, lambda label: bank.clip(label, i))
        yield features(sound, FRAMES), targets(labels)


def average_precision(scores: np.ndarray, truth: np.ndarray) -> float:
    """Mean precision at every hit, from the best score down."""
    hits = truth[np.argsort(-scores, kind="stable")]
    return float(np.sum(np.cumsum(hits) / np.arange(1, len(hits) + 1) * hits) / hits.sum()) if hits.any() else math.nan


@dataclass
class Scores:
    precisions: np.ndarray  # average precision of every class; NaN where no scene has it
    first: float  # share of scenes with one sound in which its label comes first
    alone: int  # how many scenes these are


@torch.no_grad()
def score(model: nn.Module, heard: Heard, logits_of=lambda out: out.logits) -> Scores:
    model.eval()
    scores, truth, rest = [], [], iter(heard)
    while batch := list(islice(rest, 16)):
        values = torch.from_numpy(np.stack([values for values, _ in batch]))
        scores.append(logits_of(model(values.float())).numpy())
        truth += [labels for _, labels in batch]
    scores, truth = np.concatenate(scores), np.stack(truth)
    alone = truth.sum(axis=1) == 1
    right = truth[alone].argmax(axis=1) == scores[alone].argmax(axis=1)
    every = [average_precision(scores[:, i], truth[:, i]) for i in range(truth.shape[1])]
    return Scores(np.array(every), float(right.mean()) if alone.any() else math.nan, int(alone.sum()))


@torch.no_grad()
def distances(model: ASTForAudioClassification, heard: Heard) -> tuple[list[float], float]:
    """Mean attention distance in time of every layer, in ms, between patches (the two special tokens have no place); and what
    it would be were every patch looked at alike."""
    model.eval()
    columns = FRAMES // PATCH
    column = torch.arange(columns * (BANDS // PATCH)) % columns  # patches run along time first
    apart = (column[:, None] - column).abs() * PATCH * 10
    every = []
    for values, _ in heard:
        maps = model(torch.from_numpy(values)[None].float(), output_attentions=True).attentions
        every.append([float((one[0, :, 2:, 2:] * apart).sum() / one[0, :, 2:, 2:].sum()) for one in maps])
    return np.mean(every, axis=0).tolist(), float(apart.float().mean())


@torch.no_grad()
def hear(model: ASTForAudioClassification, path: Path, top: int = 5) -> list[tuple[str, float]]:
    """The first labels of a recording and their chances, by the mean over windows of 10.24 s."""
    model.eval()
    sound = recordings.read(path)
    starts = range(0, max(1, len(sound) - scenes.CLIP // 2), scenes.CLIP)
    values = np.stack([features(sound[start : start + scenes.CLIP], FRAMES) for start in starts])
    chances = model(torch.from_numpy(values).float()).logits.sigmoid().mean(dim=0)
    return [(sounds.LABELS[i], float(chances[i])) for i in chances.argsort(descending=True)[:top]]
