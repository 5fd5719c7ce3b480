"""Running water: a trickle, a brook, rapids, gurgling."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import band, bubbles, gusts, poisson, rms, scatter, shaped, slope


def bubbling(draw: Draw, count: int, per_second: float, low: float, high: float, burst: float) -> np.ndarray:
    """Bubbles of chance in bouts; the sum is of unit variance."""
    rng = draw.rng
    kinds = bubbles(rng, 32, low, high, draw.between(0, 0.25))
    at = poisson(rng, count, per_second, gusts(rng, count, draw.ratio(1, 6), burst))
    out = np.zeros(count, np.float32)
    scatter(out, kinds, at, rng.gamma(0.8, 1, len(at)), rng.integers(0, 32, len(at)))
    return out / (rms(out) + 1e-9)


def rush(draw: Draw, count: int, low: float, high: float) -> np.ndarray:
    return shaped(draw.rng, count, lambda f: band(f, low, high, 1) * slope(f, -3, low))


def trickle(draw: Draw, count: int) -> np.ndarray:
    out = bubbling(draw, count, draw.ratio(8, 50), draw.ratio(350, 900), draw.ratio(1800, 4500), draw.between(0.3, 1))
    return out + draw.between(0.01, 0.12) * rush(draw, count, 300, 5000)


def brook(draw: Draw, count: int) -> np.ndarray:
    out = bubbling(draw, count, draw.ratio(60, 350), draw.ratio(250, 600), draw.ratio(1500, 4000), draw.between(0.2, 0.7))
    return out + draw.between(0.1, 0.6) * rush(draw, count, draw.ratio(200, 700), draw.ratio(2500, 7000))


def rapids(draw: Draw, count: int) -> np.ndarray:
    """Every band of the noise has its own life."""
    edges, out = np.geomspace(draw.ratio(120, 350), 6500, 7), np.zeros(count, np.float32)
    for low, high in zip(edges, edges[1:]):
        out += shaped(draw.rng, count, lambda f: band(f, low, high, 2)) * gusts(
            draw.rng, count, draw.ratio(2, 9), draw.between(0.25, 0.7)
        )
    falling = draw.ratio(0.3, 1)
    return out * falling + draw.between(0.2, 1) * bubbling(draw, count, draw.ratio(100, 400), 250, draw.ratio(1200, 3500), 0.5)


def gurgle(draw: Draw, count: int) -> np.ndarray:
    """Large bubbles in groups, as from a drain or a poured bottle."""
    out = bubbling(draw, count, draw.ratio(6, 30), draw.ratio(150, 320), draw.ratio(450, 1200), draw.between(0.6, 1.3))
    out += draw.between(0.1, 0.6) * bubbling(draw, count, draw.ratio(30, 150), 600, draw.ratio(2000, 4000), 0.8)
    return out + draw.between(0.02, 0.2) * rush(draw, count, 300, 4000) * gusts(draw.rng, count, 2, 0.5)


VARIANTS = [trickle, brook, rapids, gurgle]
