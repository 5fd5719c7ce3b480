"""Noise as such: coloured and steady, a fan, mains hum, a radio between stations, a crackling record."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, gusts, harmonic, poisson, shaped, slope


def coloured(draw: Draw, count: int) -> np.ndarray:
    """White, pink, brown and between; no swell at all."""
    falling = draw.between(-6.5, 1)
    return shaped(draw.rng, count, lambda f: slope(f, falling, 30))


def banded(draw: Draw, count: int) -> np.ndarray:
    """Steady hiss in a band with sharp edges, as of tape, vents, vacuum cleaners."""
    low = draw.ratio(80, 2500)
    return shaped(draw.rng, count, lambda f: band(f, low, low * draw.ratio(2, 12), draw.pick((2, 4))))


def fan(draw: Draw, count: int) -> np.ndarray:
    """Air, blades, and a motor's faint line."""
    t, blades = np.arange(count) / RATE, draw.ratio(12, 110)
    top = draw.ratio(500, 4000)
    air = shaped(draw.rng, count, lambda f: band(f, 50, top, 1) * slope(f, -2, 300))
    lines = harmonic(np.full(count, blades), np.arange(1, 12) ** -1.0, draw.rng)
    return air * (1 + draw.between(0.02, 0.3) * np.sin(2 * np.pi * blades * t / 3)) + draw.between(0.05, 0.6) * lines


def hum(draw: Draw, count: int) -> np.ndarray:
    """The mains: 50 or 60 Hz, odd harmonics strongest, a transformer's hiss."""
    number = np.arange(1, 40)
    levels = number ** -draw.between(0.5, 1.8) * (1 - number / 40) * np.where(number % 2, 1, draw.between(0.1, 1))
    base = draw.pick((50, 60, 100, 120)) * draw.between(0.99, 1.01)
    return harmonic(np.full(count, base), levels, draw.rng) + draw.between(0.02, 0.4) * coloured(draw, count)


def static(draw: Draw, count: int) -> np.ndarray:
    """Interference: hiss that steps and tears, with crackle."""
    rng = draw.rng
    falling = draw.between(-3, 1)
    out = shaped(rng, count, lambda f: slope(f, falling, 300)) * draw.between(0.2, 1)
    out *= np.clip(gusts(rng, count, draw.ratio(3, 25), draw.between(0.2, 0.9)), 0.05, 6)
    at = poisson(rng, count, draw.ratio(5, 250))
    np.add.at(out, at, (rng.standard_normal(len(at)) * draw.between(1, 9)).astype(out.dtype))
    return out


VARIANTS = [coloured, banded, fan, hum, static]
