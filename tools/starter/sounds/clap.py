"""Hands: single claps, a group in rhythm, applause, slow claps in a hall."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, click, convolved, count_of, gusts, poisson, put, regular, scatter, shaped, tail


def hands(draw: Draw, low: float, high: float) -> np.ndarray:
    """Air shut in by two palms: a burst with one broad resonance, sometimes doubled within milliseconds."""
    centre = np.exp(draw.rng.uniform(np.log(low), np.log(high)))
    out = np.zeros(count_of(0.06), np.float32)
    put(out, click(draw.rng, draw.rng.uniform(0.002, 0.009), centre * 0.75, centre * 1.6), 0)
    put(out, click(draw.rng, 0.0012, 2500, 7500), 0, draw.rng.uniform(0.1, 0.5))
    put(out, click(draw.rng, 0.003, centre * 0.5, centre * 2), int(draw.rng.integers(40, 160)), draw.rng.uniform(0, 0.5))
    return out / np.max(np.abs(out))


def single(draw: Draw, count: int) -> np.ndarray:
    """One person: a few, irregular or in time."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    centre = draw.ratio(700, 2200)
    for place in regular(rng, count, draw.ratio(0.22, 0.9), draw.between(0.02, 0.2)):
        put(out, hands(draw, centre * 0.85, centre * 1.2), int(place), rng.uniform(0.5, 1))
    return convolved(out, tail(rng, draw.ratio(0.1, 0.9), draw.between(-20, -4)))


def rhythm(draw: Draw, count: int) -> np.ndarray:
    """A crowd in time: every beat smeared over some tens of milliseconds."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    kinds = np.stack([hands(draw, 650, 2400) for _ in range(14)])
    spread_, people = draw.ratio(0.01, 0.045), draw.whole(4, 24)
    for place in regular(rng, count, draw.ratio(0.28, 0.7), 0.02):
        at = place + (np.abs(rng.standard_normal(people)) * spread_ * RATE).astype(int)
        at = at[at < count]
        scatter(out, kinds, at, rng.uniform(0.3, 1, len(at)), rng.integers(0, 14, len(at)))
    return convolved(out, tail(rng, draw.ratio(0.3, 1.5), draw.between(-14, 0)))


def applause(draw: Draw, count: int) -> np.ndarray:
    """Everyone at a pace of his own, dozens a second; it swells and thins out."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    kinds = np.stack([hands(draw, 700, 2600) for _ in range(24)])
    at = poisson(rng, count, draw.ratio(30, 400), gusts(rng, count, draw.ratio(0.1, 0.5), draw.between(0.2, 0.6)))
    scatter(out, kinds, at, rng.gamma(1, 0.6, len(at)), rng.integers(0, 24, len(at)))
    crowd = shaped(rng, count, lambda f: band(f, 500, 3500, 1)) * draw.between(0, 0.25) * np.std(out)
    return convolved(out + crowd, tail(rng, draw.ratio(0.5, 2), draw.between(-12, 2)))


def hall(draw: Draw, count: int) -> np.ndarray:
    """Slow single claps and a long answer of the room."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    for place in regular(rng, count, draw.ratio(0.9, 2.6), draw.between(0.05, 0.3)):
        put(out, hands(draw, 600, 2000), int(place), rng.uniform(0.5, 1))
    return convolved(out, tail(rng, draw.ratio(1, 3.5), draw.between(-6, 6), draw.ratio(2000, 6000)))


VARIANTS = [single, rhythm, applause, hall]
