"""Crickets, cicadas, katydids and a summer night full of them."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, count_of, gusts, put, regular, shaped, sine, slow


def stridulation(draw: Draw, pulses: int, rate: float, hertz: float) -> np.ndarray:
    """One chirp: `pulses` strokes of the wings, each a tone that swells and falls a little in pitch."""
    length = count_of(1 / rate)
    t = np.linspace(0, 1, length)
    stroke = sine(hertz * (1.02 - 0.04 * t)) * np.sin(np.pi * np.minimum(t / draw.between(0.5, 0.9), 1)) ** 1.2
    stroke = stroke + draw.between(0, 0.15) * np.where(2 * hertz < 7600, sine(np.full(length, 2.0 * hertz)), 0) * stroke
    return np.concatenate([stroke * level for level in np.linspace(draw.between(0.4, 0.9), 1, pulses)])


def chirper(draw: Draw, count: int) -> np.ndarray:
    """The field cricket: three to six pulses, then a rest."""
    hertz, out = draw.ratio(2400, 5800), np.zeros(count, np.float32)
    one = stridulation(draw, draw.whole(2, 6), draw.ratio(22, 70), hertz)
    every = max(draw.ratio(0.22, 1.2), 1.2 * len(one) / RATE)
    for place in regular(draw.rng, count, every, 0.04):
        put(out, one, int(place), draw.rng.uniform(0.85, 1))
    return out


def triller(draw: Draw, count: int) -> np.ndarray:
    """Tree crickets: pulses that go on without a rest."""
    rate, hertz = draw.ratio(28, 110), draw.ratio(2200, 6500)
    phase = np.arange(count) / RATE * rate * (1 + 0.01 * slow(draw.rng, count, 1)) % 1
    level = np.clip(np.sin(np.pi * phase / draw.between(0.5, 0.95)), 0, 1) ** 1.3
    return sine(hertz * (1 + 0.004 * slow(draw.rng, count, 3))) * level * gusts(draw.rng, count, 0.5, 0.15)


def cicada(draw: Draw, count: int) -> np.ndarray:
    """A rattling band of noise; it swells, holds, dies down."""
    rng, centre = draw.rng, draw.ratio(3200, 6500)
    noise = shaped(rng, count, lambda f: band(f, centre * 0.85, centre * draw.between(1.05, 1.4), 4))
    rattle = 1 + draw.between(0.5, 1) * np.sin(2 * np.pi * np.arange(count) / RATE * draw.ratio(35, 220))
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * (np.arange(count) / RATE * draw.ratio(0.08, 0.9) + rng.random()))
    return noise * rattle * swell ** draw.between(0.3, 2)


def katydid(draw: Draw, count: int) -> np.ndarray:
    """Rasps: bursts of many short clicks."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    low, rate = draw.ratio(2800, 5000), draw.ratio(60, 220)
    length = count_of(draw.ratio(0.06, 0.3))
    rasp = shaped(rng, length, lambda f: band(f, low, 7600, 3)) * (np.arange(length) / RATE * rate % 1 < 0.4)
    pair = draw.whole(1, 3)
    for place in regular(rng, count, max(draw.ratio(0.4, 1.8), 0.02 + pair * length / RATE * 1.4), 0.06):
        for i in range(pair):
            put(out, rasp, int(place + i * length * 1.3), rng.uniform(0.8, 1))
    return out


def night(draw: Draw, count: int) -> np.ndarray:
    makers = (chirper, chirper, triller, katydid, cicada)
    return sum(draw.rng.uniform(0.15, 1) * draw.pick(makers)(draw, count) for _ in range(draw.whole(2, 5)))


VARIANTS = [chirper, triller, cicada, katydid, night]
