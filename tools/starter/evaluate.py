#!/usr/bin/env python3
"""Measure shipped starter models, from their folders alone, and print the tables of their model cards.

    evaluate.py MODELS                      every *-starter folder in MODELS; or MODELS is one itself
    evaluate.py MODELS --recordings DIR     the labels of recordings of sounds as well
    evaluate.py MODELS --speech DIR         and of people: NAME.wav with what is said in NAME.txt, or else in its name
    evaluate.py MODELS --results DIR        keep the tables in DIR/MODEL.md, for card.py
"""

from __future__ import annotations

import argparse
import hashlib
import math
import tempfile
from pathlib import Path

import numpy as np
import torch

import ast_scores
import recordings
import scenes
import sounds
import training
import wav2vec2_scores
import whisper_scores
import whisper_tokens
from espeak import write_variants
from shipped import load
from sounds import speech
from whisper_windows import Window

VOICES, SEED = 200, 20  # of the voices that wav2vec2-starter was trained on
SHOWN = 10  # recordings of people in a table
FAMILIES = ("ast", "wav2vec2", "whisper")


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])


def share(x: float) -> str:
    return "–" if math.isnan(x) else f"{100 * x:.1f} %"


def figure(x: float) -> str:
    return "–" if math.isnan(x) else f"{x:.3f}"


def reach(distances: list[float], even: float) -> str:
    """Of attention, by layer."""
    head = ["layer", *map(str, range(len(distances))), "were it even"]
    return table(head, [["mean attention distance", *(f"{x:.0f} ms" for x in (*distances, even))]])


def of_ast(model, options: argparse.Namespace) -> list[str]:
    kinds = {"inside": ("inside", scenes.CLIP), "outside": ("outside", scenes.CLIP), "inside, 5 s": ("inside", 80_000)}
    found = [ast_scores.score(model, ast_scores.held_out(regime, options.scenes, 2, samples)) for regime, samples in kinds.values()]
    rows = [[label, *(figure(one.precisions[i]) for one in found)] for i, label in enumerate(sounds.LABELS)]
    rows.append(["**mean**", *(f"**{figure(np.nanmean(one.precisions))}**" for one in found)])
    rows.append(["first label right, one sound alone", *(share(one.first) for one in found)])
    rows.append(["scenes with one sound alone", *(str(one.alone) for one in found)])
    weak = lambda one: ", ".join(sounds.LABELS[i] for i in np.argsort(one.precisions)[:5])
    parts = [
        f"Average precision over {options.scenes:,} scenes of one to three sounds each:", table(["class", *kinds], rows),
        f"Weakest inside: {weak(found[0])}; outside: {weak(found[1])}.",
        "How far attention reaches in time, between patches of sound:", reach(*ast_scores.distances(model, ast_scores.held_out("inside", 16, 2))),
    ]  # fmt: skip
    for folder in options.recordings:
        said = lambda path: ", ".join(f"{label} {chance:.2f}" for label, chance in ast_scores.hear(model, path))
        rows = [[path.name, said(path)] for path in recordings.files(folder)]
        parts += [f"Real sounds, {recordings.source(folder)}:", table(["recording", "first five labels"], rows)]
    return parts


def of_wav2vec2(model, options: argparse.Namespace) -> list[str]:
    folder, rows = options.voices, []

    def row(voices: str, noise: str, errors: wav2vec2_scores.Errors) -> list[str]:
        return [voices, noise, str(errors.phrases), *map(share, errors.rates)]

    for decibels in (None, 20, 15, 10):
        every, random = wav2vec2_scores.errors(model, folder, options.phrases, decibels, seed=2)
        rows.append(row("held out", "none" if decibels is None else f"{decibels} dB below the voice", every))
        if decibels is None:
            at_random = random
    rows.append(row("held out, words at random alone", "none", at_random))
    known = wav2vec2_scores.known_voice(VOICES)
    rows.append(row("of the training", "none", wav2vec2_scores.errors(model, folder, options.phrases, None, 2, known)[0]))
    parts = [
        f"Of the phrases of held-out voices {share(at_random.phrases / options.phrases)} are words drawn at random, the others digits "
        "and sentences from the grammar of the training:",
        table(["voices", "noise", "phrases", "CER", "WER"], rows),
        "How far attention reaches:", reach(*wav2vec2_scores.distances(model, folder, 16)),
    ]  # fmt: skip
    return parts + people(options, lambda sound: wav2vec2_scores.transcribe(model, sound))


def of_whisper(model, options: argparse.Namespace) -> list[str]:
    known, count, folder = whisper_tokens.vocabulary(), options.windows, options.voices
    names = {"start": "a phrase at the start", "anywhere": "a phrase anywhere", "several": "four or five phrases"}
    rows = []
    for regime, name in names.items():
        found = whisper_scores.score(model, known, regime, count, folder, seed=2, times=regime != "anywhere")
        onsets = [f"{found['onset ms']} ms", share(found["within 50 ms"]), str(found["onsets"])] if "onsets" in found else ["", "", ""]
        rows.append([name, str(count), str(found["words"]), share(found["WER"]), *onsets])
    seen = [whisper_scores.looks(model, known, regime, count, folder, seed=2) for regime in names]
    looked = [
        [name, str(one["words"]), share(one["inside"]), f"{one['onset ms']} ms"] for name, one in zip(names.values(), seen)
    ]  # fmt: skip
    named = [[regime, share(whisper_scores.named(model, known, count, regime))] for regime in ("inside", "outside")]
    words = {id: token.removeprefix(whisper_tokens.SPACE) for token, id in known.vocab.items()}
    write = lambda sound: next(whisper_scores.transcribe(model, known, [Window(sound)], False))[0]
    return [
        "Windows of 30 s; the error of onsets is the median over words of windows written down without a mistake, the first of each aside, by "
        "Hugging Face's dynamic time warping:",
        table(["said", "windows", "words", "WER", "onset error", "within 50 ms", "onsets"], rows),
        "Where the alignment heads look, without warping, while they read each word of what was said; the onset is where they rise to half of their peak:",
        table(["said", "words", "peak in the word", "onset error"], looked),
        f"Sounds alone that get their name, of {count} each:", table(["held-out parameters", "named"], named),
        "How far the encoder's attention reaches:",
        reach(*whisper_scores.distances(model, folder, min(count, 8))),
        *people(options, lambda sound: " ".join(words[id] for id in write(sound))),
    ]  # fmt: skip


def people(options: argparse.Namespace, write) -> list[str]:
    """Of recordings of people: what `write` makes of the sound, and some of it in full."""
    parts, quiet = [], np.zeros(3200, np.float32)
    for folder in options.speech:
        errors, rows = wav2vec2_scores.Errors(), []
        for path in recordings.files(folder):
            said, heard = recordings.text(path), write(np.concatenate([quiet, recordings.read(path), quiet]))
            errors.add(heard, said)
            rows.append([path.name, said, heard])
        cer, wer = errors.rates
        parts += [
            f"Real speech, {recordings.source(folder)}: CER {share(cer)}, WER {share(wer)} over {errors.phrases} recordings, such as",
            table(["recording", "said", "heard"], [rows[i] for i in np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).astype(int)]),
        ]  # fmt: skip
    return parts


def trained(model, work: Path, family: str) -> list[str]:
    """How long the training took, where its checkpoints are at hand: one, or one a round, whose mean the model is. A teacher that
    learnt before has one of its own; one that learnt beside the model is in the model's."""
    checkpoints = [path for path in (work / f"{family}.pt", *sorted(work.glob(f"{family}-[0-9].pt"))) if path.exists()]
    if not checkpoints:
        return []
    rounds, teachers = ([training.read(path) for path in paths] for paths in (checkpoints, sorted(work.glob(f"{family}-teacher.pt"))))
    learnt = {name.removeprefix("whisper.").removeprefix("transformer."): value for name, value in training.mean_of(rounds).items()}
    for name, value in model.named_parameters():
        if name in learnt and "masked_spec_embed" not in name and not torch.allclose(value, learnt[name], rtol=1e-3, atol=1e-4):
            raise SystemExit(f"the checkpoints in {work} are not what the model was written from: {name} differs")
    steps, minutes = sum(one["step"] for one in rounds), sum(one["seconds"] for one in rounds + teachers) / 60
    after = "".join(f", after {one['step']:,} of its teacher alone," for one in teachers)
    return [f"Trained for {steps:,} steps{after} in {minutes:.0f} minutes on {training.processor()}."]


def graphs(folder: Path) -> str:
    """Which files were measured; card.py compares it with those of the folder."""
    hashes = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted((folder / "onnx").glob("*.onnx"))]
    return f"<!-- measured: {', '.join(hashes)} -->"


def evaluate(folder: Path, options: argparse.Namespace) -> str:
    built = load(folder)
    learnt = trained(built.model, options.work, built.family) if options.work else []
    parts = {"ast": of_ast, "wav2vec2": of_wav2vec2, "whisper": of_whisper}[built.family](built.model, options)
    return "\n\n".join([graphs(folder), *learnt, *parts]) + "\n"


def starters(models: Path) -> list[Path]:
    return [models] if (models / "config.json").exists() else sorted(models.glob("*-starter"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path)
    parser.add_argument("--only", choices=FAMILIES)
    parser.add_argument("--scenes", type=int, default=1600, help="of either kind, for ast")
    parser.add_argument("--phrases", type=int, default=600, help="of either kind, for wav2vec2")
    parser.add_argument("--windows", type=int, default=200, help="of either kind, for whisper")
    parser.add_argument("--recordings", type=Path, action="append", default=[], help="a folder with recordings of sounds")
    parser.add_argument("--speech", type=Path, action="append", default=[], help="a folder with recordings of people")
    parser.add_argument("--work", type=Path, help="of a training, whose checkpoint says how long it took")
    parser.add_argument("--results", type=Path, help="keep the tables here as well")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as temporary:
        # not where a training may be reading its own
        options.voices = speech.folder = write_variants(Path(temporary), VOICES, SEED)
        for folder in starters(options.models):
            if options.only and not folder.name.startswith(options.only):
                continue
            text = evaluate(folder, options)
            print(f"# {folder.name}\n\n{text}", flush=True)
            if options.results:
                options.results.mkdir(parents=True, exist_ok=True)
                (options.results / f"{folder.name}.md").write_text(text)


if __name__ == "__main__":
    main()
