"""How well wav2vec2-starter spells what voices say, known and held out, in noise or not, and how far its attention reaches."""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import Wav2Vec2ForCTC

import rooms
import words
from espeak import Espeak, held_out_voice, training_voice

sys.path.append(str(Path(__file__).resolve().parents[1]))
from standin.tokens import LETTERS

SEED = 20
STEP = 20  # ms from a state to the next


def normalised(samples: np.ndarray) -> np.ndarray:
    """Wav2Vec2FeatureExtractor's zero mean and unit variance."""
    return (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)


def inputs(samples: np.ndarray) -> torch.Tensor:
    return torch.tensor(normalised(samples), dtype=torch.float32)[None]


@torch.no_grad()
def transcribe(model: Wav2Vec2ForCTC, samples: np.ndarray) -> str:
    best = model(inputs(samples)).logits[0].argmax(-1).tolist()
    kept = [a for a, b in zip(best, [-1, *best]) if a != b and a != 0]
    return "".join(LETTERS[i] for i in kept if i > 3).replace("|", " ").strip().lower()


def distance(a, b) -> int:
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, last = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y)))
    return row[-1]


@dataclass
class Errors:
    """Of letters and words, counted over phrases."""

    wrong: int = 0
    letters: int = 0
    wrong_words: int = 0
    words: int = 0
    phrases: int = 0

    def add(self, heard: str, text: str) -> None:
        self.wrong += distance(heard, text)
        self.letters += len(text)
        self.wrong_words += distance(heard.split(), text.split())
        self.words += len(text.split())
        self.phrases += 1

    @property
    def rates(self) -> tuple[float, float]:
        """Of characters and of words, in 0 ... 1."""
        return self.wrong / max(1, self.letters), self.wrong_words / max(1, self.words)


def held_out(folder: Path, count: int, seed: int, voice=held_out_voice):
    """Phrases: samples, text, and whether its words are drawn at random."""
    espeak, rng = Espeak(folder), np.random.default_rng((SEED, 99, seed))
    for _ in range(count):
        at_random = copy.deepcopy(rng).random() < words.AT_RANDOM
        text = words.phrase(rng)
        yield np.pad(espeak.say(text, voice(rng)).samples * 0.3, 3200), text, at_random


def errors(model, folder: Path, count: int, decibels: float | None, seed: int = 1, voice=held_out_voice) -> tuple[Errors, Errors]:
    """Over all phrases, and over those of words at random alone; `decibels` of signal to noise, or no noise."""
    model.eval()
    every, random, noise = Errors(), Errors(), np.random.default_rng((SEED, 98, seed))
    for samples, text, at_random in held_out(folder, count, seed, voice):
        heard = transcribe(model, samples if decibels is None else rooms.at_ratio(noise, samples, decibels))
        every.add(heard, text)
        if at_random:
            random.add(heard, text)
    return every, random


def known_voice(variants: int):
    """One of those that were trained on, in place of a held-out one."""
    return lambda rng: training_voice(rng, variants)


@torch.no_grad()
def distances(model: Wav2Vec2ForCTC, folder: Path, count: int) -> tuple[list[float], float]:
    """Mean attention distance of every layer in ms; and what it would be were every frame looked at alike."""
    model.eval()
    totals, even = np.zeros(model.config.num_hidden_layers), 0.0
    for samples, _, _ in held_out(folder, count, 3):
        maps = model(inputs(samples), output_attentions=True).attentions
        places = torch.arange(maps[0].shape[-1])
        apart = (places[:, None] - places).abs() * STEP
        totals += [float((one[0] * apart).sum(-1).mean()) for one in maps]
        even += float(apart.float().mean())
    return [float(total) / count for total in totals], even / count
