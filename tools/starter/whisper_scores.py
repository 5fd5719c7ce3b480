"""How well whisper-starter writes down what held-out voices say, and how well its attention tells when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.utils import logging

import words
from espeak import Espeak, held_out_voice
from wav2vec2_scores import distance
from whisper_tokens import Vocabulary
from whisper_windows import FRAME, FRAMES, RATE, Noises, Window, arrange, place_sound, speak

BATCH = 8
# phrases in a window of 30 s, and where the first begins: None is anywhere
REGIMES = {"start": ((1, 1), 0.3), "anywhere": ((1, 1), None), "several": ((4, 5), None)}


def draw(regime: str, count: int, folder: Path, seed: int) -> list[Window]:
    """Windows of held-out voices, 30 dB above noise that ends half a second after the last word; zeros from there."""
    (fewest, most), start = REGIMES[regime]
    espeak, noises = Espeak(folder), Noises(seed, 4)
    made = []
    for i in range(count):
        rng = np.random.default_rng((seed, 99, i))
        phrases = [speak(espeak, words.phrase(rng), held_out_voice(rng)) for _ in range(rng.integers(fewest, most + 1))]
        window = arrange(rng, phrases, FRAMES, start)
        last = np.flatnonzero(window.samples)[-1]
        end = min(len(window.samples), last + RATE // 2)
        loud = np.sqrt(np.mean(window.samples[window.samples != 0] ** 2))
        window.samples[:end] += loud * 10 ** (-30 / 20) * noises.draw(rng, end)
        window.samples *= 0.3 / np.abs(window.samples).max()
        made.append(window)
    return made


def features(windows: list[Window]) -> torch.Tensor:
    extractor = WhisperFeatureExtractor()
    return extractor([w.samples for w in windows], sampling_rate=RATE, return_tensors="pt").input_features


def transcribe(model: WhisperForConditionalGeneration, known: Vocabulary, windows: list[Window], times: bool):
    """Ids that greedy search finds, without the prompt and the end; and the times of theirs, by Hugging Face's own means."""
    model.eval()
    logging.set_verbosity_error()
    batch = 1 if times else BATCH  # in a batch, what fills up shorter rows would take part in the time warping
    for i in range(0, len(windows), batch):
        part = windows[i : i + batch]
        with torch.no_grad():
            made = model.generate(
                features(part), language="en", task="transcribe", return_token_timestamps=times, return_dict_in_generate=True,
            )  # fmt: skip
        sequences = made["sequences"].tolist()
        stamps = made["token_timestamps"].tolist() if times else [[]] * len(part)
        for ids, at in zip(sequences, stamps):
            spoken = [(i, id) for i, id in enumerate(ids) if id < known.special["endoftext"]]
            yield [id for _, id in spoken], [at[i] for i, _ in spoken] if times else []


def score(model, known: Vocabulary, regime: str, count: int, folder: Path, *, seed: int = 1, times: bool = False) -> dict:
    """Word error rate; with `times`, the onset errors of windows that were written down without a mistake, in ms, the first
    word of each aside: dynamic time warping always begins at 0 s."""
    windows = draw(regime, count, folder, seed)
    wrong = all_words = 0
    errors: list[float] = []
    for window, (ids, at) in zip(windows, transcribe(model, known, windows, times)):
        right = [known.word(word) for word in window.words]
        wrong += distance(ids, right)
        all_words += len(right)
        if times and ids == right:
            pairs = list(zip(at, window.spans))[1:]
            errors += [1000 * abs(stamp - span[0] * FRAME) for stamp, span in pairs if span[0] >= 0]
    said = {"WER": round(wrong / all_words, 4), "words": all_words}
    if errors:
        said |= {"onset ms": round(float(np.median(errors))), "within 50 ms": round(float(np.mean(np.array(errors) <= 50)), 3)}
        said["onsets"] = len(errors)
    return said


def looks(model, known: Vocabulary, regime: str, count: int, folder: Path, *, seed: int = 1) -> dict:
    """Where the mean of the alignment heads looks while it reads each word of what was really said, with no warping of time: the
    share of words in which its peak lies, and the median error in ms of the frame where it first rises to half of that peak.
    The first word of every window is left aside as in `score`."""
    inside, errors = [], []
    for window in draw(regime, count, folder, seed):
        ids = [*known.prompt("transcribe"), *(known.word(word) for word in window.words)]
        with torch.no_grad():
            crosses = model(
                input_features=features([window]), decoder_input_ids=torch.tensor([ids]), output_attentions=True, use_cache=False
            ).cross_attentions
        weights = torch.stack([crosses[layer][0, head] for layer, head in model.generation_config.alignment_heads]).mean(0).numpy()
        for row, (first, last) in list(zip(weights[-len(window.words) :], window.spans))[1:]:
            if first < 0:
                continue
            peak = int(row.argmax())
            low = np.flatnonzero(row[:peak] < row[peak] / 2)
            inside.append(first <= peak < last)
            errors.append(1000 * FRAME * abs((low[-1] + 1 if len(low) else 0) - first))
    return {"inside": float(np.mean(inside)), "onset ms": round(float(np.median(errors))), "words": len(errors)}


def named(model, known: Vocabulary, count: int, regime: str, seed: int = 4) -> float:
    """Share of sounds alone, of parameters held out inside the trained ranges or outside them, that get their name."""
    windows = [place_sound(np.random.default_rng((seed, i)), FRAMES, regime) for i in range(count)]
    heard = [ids for ids, _ in transcribe(model, known, windows, False)]
    return round(float(np.mean([ids == [known.sounds[window.sound]] for ids, window in zip(heard, windows)])), 3)


def distances(model: WhisperForConditionalGeneration, folder: Path, count: int = 8) -> tuple[list[float], float]:
    """Mean attention distance of every encoder layer in ms, between frames of sound alone; and what it would be were every
    one of them looked at alike."""
    totals, even = np.zeros(model.config.encoder_layers), 0.0
    for window in draw("several", count, folder, 3):
        end = int(np.flatnonzero(window.samples)[-1] / RATE / FRAME)
        with torch.no_grad():
            maps = model.model.encoder(features([window]), output_attentions=True).attentions
        places = torch.arange(end)
        apart = (places[:, None] - places).abs() * (1000 * FRAME)
        even += float(apart.mean())
        for i, one in enumerate(maps):
            one = one[0, :, :end, :end]
            totals[i] += float((one * apart).sum() / one.sum())
    return [float(total) / count for total in totals], even / count
