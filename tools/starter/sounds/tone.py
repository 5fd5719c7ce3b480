"""Plain tones: a sine, a chord of sines, a sweep, a synthesiser's waves, a shaking voice without words."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, count_of, harmonic, pulse, put, sine


def steady(draw: Draw, count: int) -> np.ndarray:
    return sine(draw.ratio(100, 6500), count) * (
        1 + draw.pick((0, 0, 0.4)) * np.sin(2 * np.pi * draw.ratio(0.5, 8) * np.arange(count) / RATE)
    )


def chord(draw: Draw, count: int) -> np.ndarray:
    base = draw.ratio(110, 900)
    ratios = draw.pick(((1, 1.5), (1, 1.25, 1.5), (1, 2), (1, 1.2, 1.5, 2), (1, draw.ratio(1.02, 2.8))))
    return sum(draw.rng.uniform(0.4, 1) * sine(base * r, count, draw.rng.random()) for r in ratios)


def sweep(draw: Draw, count: int) -> np.ndarray:
    """Up or down, once or over and over, slower than any siren."""
    low, octaves, every = draw.ratio(90, 600), draw.ratio(1.5, 4), draw.ratio(4.5, 14)
    phase = np.arange(count) / RATE / every + draw.rng.random()
    course = phase % 1 if draw.chance(0.7) else np.abs(2 * (phase % 1) - 1)
    return sine(np.minimum(low * 2 ** (octaves * (1 - course if draw.chance(0.5) else course)), 7600))


def waves(draw: Draw, count: int) -> np.ndarray:
    """Square and saw, steady."""
    number = np.arange(1, 60)
    levels = draw.pick((1 / number, (number % 2) / number, (number % 2) / number**2))
    return harmonic(np.full(count, draw.ratio(80, 1500)), levels)


def theremin(draw: Draw, count: int) -> np.ndarray:
    """Long notes with vibrato, gliding from one to the next."""
    rng, hertz = draw.rng, np.zeros(count)
    at, base = 0, draw.ratio(220, 1100)
    while at < count:
        length = count_of(draw.ratio(0.7, 3))
        hertz[at : at + length] = base * 2 ** (rng.integers(-7, 8) / 12)
        at += length
    glide = count_of(draw.ratio(0.04, 0.4))
    hertz = np.convolve(
        np.pad(np.log(hertz[::32]), glide // 32 + 1, "edge"), np.ones(glide // 32 + 1) / (glide // 32 + 1), "same"
    )
    hertz = np.exp(np.interp(np.arange(count), 32 * np.arange(len(hertz)) - glide - 32, hertz))
    vibrato = 1 + draw.between(0, 0.02) * np.sin(2 * np.pi * draw.ratio(4, 7.5) * np.arange(count) / RATE)
    out = np.zeros(count, np.float32)
    put(out, harmonic(hertz * vibrato, [1, draw.between(0, 0.4), draw.between(0, 0.2)]), 0)
    return out * pulse(count, 0.1, 0.1)


VARIANTS = [steady, chord, sweep, waves, theremin]
