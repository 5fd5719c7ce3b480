"""Speech by espeak-ng: one voice, a talk of two, a whisper, a murmur of many, a voice on the telephone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import words
from espeak import Espeak, Voice, held_out_voice, training_voice
from scipy.signal import fftconvolve, istft, stft

from .draw import Draw
from .parts import RATE, band, convolved, count_of, filtered, put, rms, shaped, tail

VOICES = 200  # as wav2vec2.py: the folder is shared
espeak: Espeak | None = None
folder: Path | None = None  # with espeak's data and the training voices; set before the first call


def voice(draw: Draw) -> Voice:
    """Held-out voices in both held-out regimes; outside them also slower, faster, lower, higher than ever heard."""
    if draw.regime == "train":
        return training_voice(draw.rng, VOICES)
    one = held_out_voice(draw.rng)
    if draw.regime == "outside":
        one.rate, one.pitch = draw.pick((105, 112, 225, 240)), draw.pick((15, 20, 85, 92))
    return one


def said(draw: Draw, who: Voice) -> np.ndarray:
    global espeak
    espeak = espeak or Espeak(folder)
    return espeak.say(words.phrase(draw.rng), who, RATE).samples


def talk(draw: Draw, count: int, voices: list[Voice], pause: tuple[float, float]) -> np.ndarray:
    out, at, turn = np.zeros(count, np.float32), draw.between(0, 1.2), 0
    while count_of(at) < count:
        phrase = said(draw, voices[turn % len(voices)])
        put(out, phrase, count_of(at), draw.rng.uniform(0.6, 1))
        at += len(phrase) / RATE + draw.ratio(*pause)
        turn += draw.chance(0.6)
    return out


def one(draw: Draw, count: int) -> np.ndarray:
    return talk(draw, count, [voice(draw)], (0.1, 1.5))


def two(draw: Draw, count: int) -> np.ndarray:
    near = talk(draw, count, [voice(draw), voice(draw)], (0.08, 0.8))
    return convolved(near, tail(draw.rng, draw.ratio(0.2, 0.9), draw.between(-15, 0)))


def murmur(draw: Draw, count: int) -> np.ndarray:
    """A café: several talk at once, behind one another."""
    out = sum(draw.rng.uniform(0.3, 1) * talk(draw, count, [voice(draw)], (0.1, 0.5)) for _ in range(draw.whole(3, 5)))
    return convolved(out, tail(draw.rng, draw.ratio(0.3, 1.2), draw.between(-6, 4)))


def whisper(draw: Draw, count: int) -> np.ndarray:
    """Breath in place of the voice: noise under the short-time spectrum of speech, its harmonics smoothed away."""
    source = talk(draw, count, [voice(draw)], (0.1, 1.2))
    form = dict(nperseg=320, noverlap=240)
    level = np.abs(stft(source, **form)[2])
    width = draw.whole(3, 6)
    level = fftconvolve(level, np.ones((width, 1)) / width, "same")
    tilt = np.maximum(np.arange(161) * 50 / draw.ratio(300, 900), 0.1)[:, None] ** 0.5  # no voice, less bass
    breath = stft(shaped(draw.rng, count, np.ones_like), **form)[2]
    return np.pad(istft(breath * np.maximum(level, 0) * np.minimum(tilt, 1), **form)[1], (0, 400))[:count]


def telephone(draw: Draw, count: int) -> np.ndarray:
    """A narrow band, a little overdriven: radio, loudspeaker, announcement."""
    source = talk(draw, count, [voice(draw)], (0.1, 1))
    low, high = draw.ratio(200, 500), draw.ratio(2200, 4200)
    thin = filtered(source, lambda f: band(f, low, high, 3))
    out = np.tanh(draw.ratio(0.5, 4) * thin / (3 * rms(thin) + 1e-6))
    return convolved(out, tail(draw.rng, draw.ratio(0.2, 1.8), draw.between(-18, 0)))


VARIANTS = [one, two, murmur, whisper, telephone]
