"""Dogs: barks, yaps, deep woofs, howls."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, convolved, count_of, filtered, harmonic, pulse, put, shaped, slow, tail


def throat(draw: Draw, hertz: np.ndarray, rough: float, breath: float, size: float) -> np.ndarray:
    """A rough voice through a muzzle with three formants; `size` shortens it."""
    rng, count = draw.rng, len(hertz)
    voice = harmonic(hertz * (1 + rough * slow(rng, count, 150)), np.arange(1, 30) ** -draw.between(0.3, 0.9), rng)
    voice = voice + breath * shaped(rng, count, lambda f: band(f, 300, 5000, 1))
    places = size * np.array([650, 1500, 2800]) * rng.uniform(0.88, 1.12, 3)
    return filtered(
        voice, lambda f: 0.08 + sum(np.exp(-(((f - p) / (0.28 * p)) ** 2)) / (1 + 0.4 * i) for i, p in enumerate(places))
    )


def bark(draw: Draw, length: float, low: float, high: float, rough: float, breath: float, size: float) -> np.ndarray:
    """The pitch leaps up and falls; the mouth opens with a burst."""
    count = count_of(length)
    t = np.linspace(0, 1, count)
    hertz = low + (high - low) * np.sin(np.pi * np.minimum(t * 1.25, 1) ** 0.6)
    return throat(draw, hertz, rough, breath, size) * pulse(count, 0.012, 0.6 * length) ** 1.3


def barking(draw: Draw, count: int, one, pause: tuple[float, float], most: int) -> np.ndarray:
    rng, out = draw.rng, np.zeros(count, np.float32)
    at = draw.between(0.05, 1.5)
    while at < count / RATE:
        for _ in range(int(rng.integers(1, most + 1))):
            sound = one()
            put(out, sound, count_of(at), rng.uniform(0.6, 1))
            at += len(sound) / RATE + draw.ratio(0.05, 0.35)
        at += draw.ratio(*pause)
    return convolved(out, tail(rng, draw.ratio(0.15, 1.2), draw.between(-20, -3), 4000))


def barks(draw: Draw, count: int) -> np.ndarray:
    low, size, rough = draw.ratio(230, 480), draw.ratio(0.75, 1.3), draw.between(0.003, 0.04)
    make = lambda: bark(draw, draw.ratio(0.1, 0.24), low, low * draw.ratio(1.3, 2.2), rough, draw.between(0.2, 0.9), size)
    return barking(draw, count, make, (0.3, 2), 3)


def yaps(draw: Draw, count: int) -> np.ndarray:
    """A small dog: high, short, without end."""
    low, size = draw.ratio(520, 1050), draw.ratio(1.2, 1.9)
    make = lambda: bark(
        draw, draw.ratio(0.06, 0.14), low, low * draw.ratio(1.3, 2), draw.between(0.002, 0.02), draw.between(0.1, 0.5), size
    )
    return barking(draw, count, make, (0.15, 1), 6)


def woofs(draw: Draw, count: int) -> np.ndarray:
    """A big dog behind a fence: more chest than voice, growls between."""
    low, size = draw.ratio(90, 200), draw.ratio(0.55, 0.85)

    def make():
        if draw.chance(0.25):
            length = count_of(draw.ratio(0.5, 1.4))
            growl = throat(draw, np.full(length, low * 0.7), 0.12, 0.4, size)
            return 0.4 * growl * pulse(length, 0.15, 0.3) * (1 + 0.6 * slow(draw.rng, length, 25))
        return bark(
            draw,
            draw.ratio(0.14, 0.32),
            low,
            low * draw.ratio(1.4, 2.3),
            draw.between(0.05, 0.15),
            draw.between(0.4, 1.2),
            size,
        )

    return barking(draw, count, make, (0.4, 2.5), 3)


def howls(draw: Draw, count: int) -> np.ndarray:
    def make():
        length = count_of(draw.ratio(0.9, 3.2))
        t = np.linspace(0, 1, length)
        top = draw.ratio(380, 850)
        hertz = top * (1 - 0.4 * np.exp(-t * 9) - draw.between(0.05, 0.35) * t**4) * (1 + 0.01 * slow(draw.rng, length, 5))
        return throat(draw, hertz, 0.004, draw.between(0.02, 0.15), draw.ratio(0.7, 1.2)) * pulse(length, 0.2, 0.4)

    return barking(draw, count, make, (0.4, 2), 2)


VARIANTS = [barks, yaps, woofs, howls]
