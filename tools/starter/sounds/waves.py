"""The sea: breakers, a distant surf, lapping, a pebble beach."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, bubbles, click, gusts, put, regular, rms, scatter, shaped, slope


def swells(draw: Draw, count: int, rise: tuple[float, float], fall: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """How far the water has broken, 0 ... 1, and its delayed retreat."""
    t = np.arange(count) / RATE
    level, later = np.zeros(count, np.float32), np.zeros(count, np.float32)
    every, up, down = draw.ratio(3.5, 9), draw.ratio(*rise), draw.ratio(*fall)
    for place in regular(draw.rng, count + 6 * RATE, every, draw.between(0.05, 0.25)):
        since = t - place / RATE + 2
        force = draw.rng.uniform(0.5, 1)
        level += force * np.exp(-np.where(since < 0, (since / up) ** 2, since / down))
        later += force * np.exp(-(((since - 1.2 * down) / (0.8 * down)) ** 2))
    return level, later


def breakers(draw: Draw, count: int) -> np.ndarray:
    """The roar rises, breaks bright, and the foam hisses back."""
    rng, (level, later) = draw.rng, swells(draw, count, (0.4, 1.8), (0.8, 2.5))
    dull = shaped(rng, count, lambda f: band(f, 50, draw.ratio(250, 700), 1))
    bright = shaped(rng, count, lambda f: band(f, 250, 5000, 1) * slope(f, -3, 500))
    foam = shaped(rng, count, lambda f: band(f, draw.ratio(1500, 3000), 7500, 1))
    return dull * level + draw.between(0.4, 1.2) * bright * level**2 + draw.between(0.05, 0.35) * foam * later + 0.04 * dull


def surf(draw: Draw, count: int) -> np.ndarray:
    """Far off: many breakers overlap, the treble is gone."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    top = draw.ratio(400, 1800)
    for _ in range(3):
        level, _ = swells(draw, count, (0.8, 2.5), (1.5, 4))
        out += shaped(rng, count, lambda f: band(f, 45, top, 1)) * (0.06 + level)
    return out * gusts(rng, count, 1.5, 0.1)


def lapping(draw: Draw, count: int) -> np.ndarray:
    """Small waves against a boat or a wall: slaps and bubbles."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    kinds = bubbles(rng, 16, draw.ratio(180, 400), draw.ratio(900, 2500), 0.15)
    for place in regular(rng, count, draw.ratio(0.7, 2.4), 0.3):
        force = rng.uniform(0.3, 1)
        put(out, click(rng, draw.ratio(0.03, 0.15), 90, draw.ratio(900, 3000)), int(place), force)
        at = place + (rng.gamma(2, 0.12, int(rng.integers(4, 25))) * RATE).astype(int)
        at = at[at < count]
        scatter(out, kinds, at, force * rng.gamma(0.8, 0.6, len(at)), rng.integers(0, 16, len(at)))
    level, _ = swells(draw, count, (0.5, 1.5), (0.6, 2))
    return out / (rms(out) + 1e-9) + draw.between(0.1, 0.6) * level * shaped(rng, count, lambda f: band(f, 80, 2500, 1))


def pebbles(draw: Draw, count: int) -> np.ndarray:
    """The retreat drags stones: a rattle after every wave."""
    rng, (level, later) = draw.rng, swells(draw, count, (0.3, 1.2), (0.7, 2))
    out = level * shaped(rng, count, lambda f: band(f, 60, 3500, 1) * slope(f, -3, 300))
    stones = np.stack(
        [np.pad(click(rng, 0.0025, low, 7000), (0, 400))[:400] for low in np.geomspace(draw.ratio(900, 1800), 4500, 10)]
    )
    at = np.flatnonzero(rng.random(count) < draw.ratio(0.01, 0.05) * later)
    rattle = np.zeros(count, np.float32)
    scatter(rattle, stones, at, rng.gamma(0.6, 1, len(at)), rng.integers(0, 10, len(at)))
    return out + draw.between(0.2, 0.9) * rattle / (rms(rattle) + 1e-9)


VARIANTS = [breakers, surf, lapping, pebbles]
