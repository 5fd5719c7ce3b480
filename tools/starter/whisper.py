#!/usr/bin/env python3
"""Train whisper-starter: phrases spoken by espeak-ng anywhere in 30 s, written down; other sounds named in brackets.

What is hard is not the words but where they are. Trained on phrases at the start of a window, a Whisper of this size learns
them in half an hour of two cores and is lost (two words of three wrong) when one begins elsewhere or several follow each
other. Windows of 30 s cost twenty times what one of 2.56 s does and are mostly silence. So:

1. Local from the start. Whisper's positions are fixed sines and cosines; most heads of the encoder begin as ones that look
   0 to 25 frames away by them, at every place alike (whisper_student.look_nearby). Training keeps what holds everywhere.
2. Short windows lie anywhere in the 30 s from the first step on: their rows of positions start at random ones. That is free,
   and all 1,500 places have been heard before the first long window. Half of all phrases are learnt so.
3. Long windows come thinned first: convolved whole, then only blocks of frames near speech and some others go through the
   layers. Attention has no use for the order of what it is given beside the positions, so this is a 30 s window with less
   silence, for half of the price. At last whole ones, every other step, so that silence in bulk is met too.
4. The encoder is told phonemes (after half its layers), words and their beginnings frame by frame; that does not wait for the
   decoder to look at the right place. The decoder is told where to look: heads of the layer before the last at the word it
   just read, heads of the last at the word it shall say. Three layers, so that one layer finds candidates of the word just
   read by its sound, the next picks among them by where the tokens before were, the last hops on. Phrases of which espeak
   merges two words are left out of this.
5. One word in twelve that the decoder reads is wrong on purpose: it has to go on from the place, not from the word.
6. Half of all phrases are words at random, so that nothing is guessed from what people tend to say.
7. Sounds come last, in a round of their own: one window in ten was enough to tell them from speech, not from each other.

Seeds are fixed and each batch depends on its step alone, but for the flutter of espeak's voices, which goes on from phrase to
phrase; a run that was stopped goes on from the last checkpoint.

    whisper.py --work FOLDER                train, or go on from FOLDER/whisper-1.pt or whisper-2.pt
    whisper.py --work FOLDER --out MODEL    write the model as a folder of the hub, for evaluate.py and card.py
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import WhisperFeatureExtractor

import training
import whisper_scores as scores
import whisper_tokens as tokens
from espeak import write_variants
from whisper_halves import keep_halves, round_to_halves
from whisper_student import Student, build
from whisper_windows import FRAMES, Stage, Windows

sys.path.append(str(Path(__file__).resolve().parents[1]))
from standin import attention, export
from standin.families import save_configs

SEED, VARIANTS, LIMIT = 21, 200, 15_000_000
SHORT = Stage("short", 128, 24, (1, 1))
PAIR = Stage("pair", 256, 16, (1, 2))
THIN = Stage("thin", FRAMES, 8, (1, 4), thin=True)
FULL = Stage("full", FRAMES, 6, (1, 7))
NAMES = Stage("names", 384, 14, (1, 2), sounds=0.7, mixed=0.4)


@dataclass
class Course:
    """How many steps each stage takes, one after the other; the last takes turns with the one before."""

    stages: list[tuple[Stage, int]]

    @property
    def steps(self) -> int:
        return sum(count for _, count in self.stages)

    def stage(self, step: int) -> Stage:
        for i, (stage, count) in enumerate(self.stages):
            if step < count:
                last = i == len(self.stages) - 1
                return self.stages[i - 1][0] if last and step % 2 else stage
            step -= count
        return self.stages[-1][0]


@dataclass
class Round:
    course: Course
    rate: float
    warmup: int


ROUNDS = (
    Round(Course([(SHORT, 900), (PAIR, 1300), (THIN, 500), (FULL, 850)]), 1.2e-3, 200),
    Round(Course([(NAMES, 400), (replace(FULL, sounds=0.3, mixed=0.4), 200)]), 5e-4, 30),
)
TRIAL = (
    Round(Course([(replace(stage, batch=n), steps) for stage, n, steps in ((SHORT, 2, 60), (PAIR, 2, 40), (THIN, 1, 20), (FULL, 1, 20))]), 1.2e-3, 14),
    Round(Course([(replace(NAMES, batch=2), 20), (replace(FULL, batch=1), 20)]), 5e-4, 4),
)  # fmt: skip


def checkpoint(folder: Path, number: int) -> Path:
    return folder / f"whisper-{number}.pt"


def rounds_of(folder: Path) -> list[Path]:
    """The model is the mean of both: it keeps several phrases apart as the first does, and names sounds nearly as well as the second."""
    return [checkpoint(folder, number) for number, _ in enumerate(ROUNDS, 1)]


def train(student: Student, number: int, of: Round, known: tokens.Vocabulary, folder: Path, *, every: int, count: int) -> None:
    course, seed = of.course, SEED + 100 * (number - 1)  # no window of one round comes again in another
    plan = training.Plan(steps=course.steps, rate=of.rate, warmup=of.warmup)
    windows = Windows(folder, known, course.stage, seed=seed, variants=VARIANTS)

    def said(step: int) -> str:
        stage = course.stage(step - 1)
        parts = f"{stage.name}: " + " ".join(f"{name} {loss:.2f}" for name, loss in student.losses.items())
        if stage.frames < FRAMES:  # it is lost in 30 s as yet
            return parts
        rates = {regime: scores.score(student.whisper, known, regime, count, folder)["WER"] for regime in scores.REGIMES}
        named = scores.named(student.whisper, known, 2 * count, "inside", seed=1)
        return f"{parts}  WER " + " ".join(f"{k} {100 * v:.0f} %" for k, v in rates.items()) + f"  named {100 * named:.0f} %"

    training.train(
        student, plan, windows, lambda batch, _: student.loss(batch), checkpoint(folder, number), evaluate=said, every=every
    )  # fmt: skip


def measure(student: Student, known: tokens.Vocabulary, folder: Path) -> None:
    """Prints what a step of each stage costs here, and how long the course would take; evaluation takes some minutes more."""
    total = 0.0
    stages = [(of.course, stage) for of in ROUNDS for stage, _ in of.course.stages]
    for course, stage in stages:
        windows = Windows(folder, known, lambda step, stage=stage: stage, seed=SEED, variants=VARIANTS)
        batches = [windows(step) for step in range(4)]
        began = time.monotonic()
        for step in range(4, 8):
            windows(step)
        drawn = (time.monotonic() - began) / 4
        student.loss(batches[0]).backward()
        began = time.monotonic()
        for batch in batches[1:]:
            student.loss(batch).backward()
        learnt = (time.monotonic() - began) / 3
        count = sum(course.stage(step) == stage for step in range(course.steps))
        total += count * learnt
        print(f"{stage.name}: {count} steps of {learnt:.2f} s, {stage.batch / learnt:.1f} windows/s; {drawn:.2f} s to draw a batch")
    print(f"{total / 60:.0f} minutes, were batches drawn for nothing")


def save(model, known: tokens.Vocabulary, folder: Path) -> None:
    """As the hub lays it out. Weights are stored as halves, since three graphs in floats would take 24 MB."""
    shutil.rmtree(folder, ignore_errors=True)
    note = f"a starter: small, trained on synthesised voices and sounds; expect little of real speech (seed {SEED})"
    save_configs(model, WhisperFeatureExtractor(), folder, {"alignment_rows": "read", "licence": "CC0-1.0", "note": note})
    model.generation_config.save_pretrained(folder)
    tokens.save(known, folder)
    attention.use(model, "sdpa")
    export.whisper(model.eval(), folder / "onnx", 14)
    for path in sorted((folder / "onnx").glob("*.onnx")):
        keep_halves(path)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size:,} bytes")
    assert size <= LIMIT, f"{folder} is larger than {LIMIT} bytes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="a folder for voices and checkpoints")
    parser.add_argument("--out", type=Path, help="write the model here, as a folder of the hub")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--trial", action="store_true", help="some hundred tiny steps: to see that everything runs")
    parser.add_argument("--measure", action="store_true", help="time a few steps of each stage and stop")
    arguments = parser.parse_args()
    training.set_up(arguments.threads)
    folder, known = write_variants(arguments.work, VARIANTS, SEED), tokens.vocabulary()
    student = Student(build(known, SEED))
    print(f"{sum(p.numel() for p in student.whisper.parameters()):,} parameters, {len(known)} tokens")
    if arguments.measure:
        return measure(student, known, folder)
    if arguments.out:
        student.load_state_dict(training.mean_of([training.read(path) for path in rounds_of(folder)]))
        round_to_halves(student.whisper)
        return save(student.whisper, known, arguments.out)
    rounds, every, count = (TRIAL, 50, 2) if arguments.trial else (ROUNDS, 450, 16)
    for number, of in enumerate(rounds, 1):
        print(f"round {number} of {len(rounds)}")
        train(student, number, of, known, folder, every=every, count=count)


if __name__ == "__main__":
    main()
