"""Silence: digital, a converter's last bits, an amplifier's breath, a quiet room. Levels are absolute and stay as they are."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import harmonic, shaped, slope


def digital(draw: Draw, count: int) -> np.ndarray:
    return np.zeros(count, np.float32)


def dither(draw: Draw, count: int) -> np.ndarray:
    return np.round(draw.between(0.3, 1.2) * draw.rng.standard_normal(count)).astype(np.float32) / 32768


def breath(draw: Draw, count: int) -> np.ndarray:
    return 10 ** (draw.between(-90, -68) / 20) * shaped(draw.rng, count, lambda f: slope(f, draw.between(-4, 0), 60))


def room(draw: Draw, count: int) -> np.ndarray:
    """Rumble far below, and a trace of the mains."""
    out = breath(draw, count) + 10 ** (draw.between(-80, -64) / 20) * shaped(draw.rng, count, lambda f: slope(f, -7, 30))
    line = harmonic(np.full(count, float(draw.pick((50, 60, 100)))), [1, 0.5, 0.4], draw.rng)
    return out + 10 ** (draw.between(-100, -78) / 20) * line


VARIANTS = [digital, dither, breath, room]
