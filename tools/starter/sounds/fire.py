"""Fire: a camp fire, embers, a blaze, wet wood."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import band, click, count_of, gusts, poisson, put, rms, scatter, shaped


def crackle(draw: Draw, count: int, per_second: float, low: float, high: float) -> np.ndarray:
    """Pops of steam: clicks of one to eight milliseconds, loudness over three orders of magnitude, in bouts."""
    rng, length = draw.rng, count_of(0.03)
    kinds = np.zeros((24, length), np.float32)
    for kind in kinds:
        lower = np.exp(rng.uniform(np.log(low), np.log(high / 2)))
        pop = click(rng, rng.uniform(0.0004, 0.004), lower, min(3 * lower, 7600))
        kind[: min(length, len(pop))] = pop[:length]
    at = poisson(rng, count, per_second, gusts(rng, count, draw.ratio(1, 5), draw.between(0.8, 1.6)))
    out = np.zeros(count, np.float32)
    scatter(out, kinds, at, np.exp(draw.between(0.8, 1.5) * rng.standard_normal(len(at))), rng.integers(0, 24, len(at)))
    return out / (rms(out) + 1e-9)


def roar(draw: Draw, count: int, corner: float) -> np.ndarray:
    """Flames flicker eight to fifteen times a second."""
    noise = shaped(draw.rng, count, lambda f: band(f, 30, corner, 1))
    return noise * gusts(draw.rng, count, draw.ratio(5, 14), draw.between(0.3, 0.7)) * gusts(draw.rng, count, 0.6, 0.3)


def camp(draw: Draw, count: int) -> np.ndarray:
    return crackle(draw, count, draw.ratio(12, 70), 700, 6000) + draw.between(0.1, 0.7) * roar(
        draw, count, draw.ratio(150, 700)
    )


def embers(draw: Draw, count: int) -> np.ndarray:
    """Hardly any flame: single pops, some of them doubled."""
    out = crackle(draw, count, draw.ratio(2.5, 14), draw.ratio(400, 1500), 7000)
    return out + draw.between(0.01, 0.1) * roar(draw, count, 400)


def blaze(draw: Draw, count: int) -> np.ndarray:
    out = roar(draw, count, draw.ratio(200, 900)) + draw.between(0.1, 0.4) * roar(draw, count, draw.ratio(2500, 6000))
    for place in poisson(draw.rng, count, draw.ratio(0.1, 0.8)):
        put(out, click(draw.rng, 0.05, 60, 1500), int(place), draw.rng.uniform(1, 4))  # a log shifts
    return out + draw.between(0.3, 1) * crackle(draw, count, draw.ratio(30, 160), 500, 6000)


def wet(draw: Draw, count: int) -> np.ndarray:
    """Steam hisses out in puffs between the pops."""
    rng, low = draw.rng, draw.ratio(1500, 4000)
    puffs = np.maximum(gusts(rng, count, draw.ratio(0.4, 2), 1) - draw.between(0.7, 1.4), 0)
    whine = shaped(rng, count, lambda f: band(f, low, low * 1.6, 3)) * np.minimum(puffs, 3)
    return crackle(draw, count, draw.ratio(8, 50), 700, 6500) + draw.between(0.15, 0.6) * whine + 0.15 * roar(draw, count, 300)


VARIANTS = [camp, embers, blaze, wet]
