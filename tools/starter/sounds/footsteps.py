"""Footsteps: shoes on wood, heels on stone, gravel, snow and leaves."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, click, convolved, count_of, modes, poisson, put, regular, scatter, shaped, tail


def walk(draw: Draw, count: int, step) -> np.ndarray:
    """A gait: even intervals, left and right differ a little; sometimes running, sometimes with a stop."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    every = draw.ratio(0.42, 0.75) if draw.chance(0.8) else draw.ratio(0.27, 0.38)
    feet = [step(), step()]
    rest = rng.uniform(0.2, 0.8) * count if draw.chance(0.25) else count
    for i, place in enumerate(regular(rng, count, every, draw.between(0.015, 0.06))):
        if not rest < place < rest + 1.5 * RATE:
            put(out, feet[i % 2] if draw.chance(0.5) else step(), int(place), rng.uniform(0.6, 1))
    return convolved(out, tail(rng, draw.ratio(0.12, 1.3), draw.between(-24, -4)))


def thud(draw: Draw, hertz: float, decay: float) -> np.ndarray:
    return modes(0.25, hertz * np.array([1, 1.7, 2.9, 4.6]), decay * np.array([1, 0.7, 0.5, 0.3]), [1, 0.6, 0.4, 0.2], draw.rng)


def wood(draw: Draw, count: int) -> np.ndarray:
    """A hollow floor: heel, then ball of the foot."""
    hertz, decay, apart = draw.ratio(65, 190), draw.ratio(0.015, 0.05), draw.ratio(0.04, 0.13)

    def step():
        out = np.zeros(count_of(0.5), np.float32)
        for at, gain in ((0, 1), (apart, draw.between(0.3, 0.8))):
            put(out, thud(draw, hertz * draw.rng.uniform(0.9, 1.1), decay), count_of(at), gain)
            put(out, click(draw.rng, 0.004, 500, draw.ratio(1800, 5000)), count_of(at), gain * draw.between(0.1, 0.5))
        return out

    return walk(draw, count, step)


def heels(draw: Draw, count: int) -> np.ndarray:
    """Stone or tiles: a hard click, a soft second one, and a hall around."""
    centre, short, apart = draw.ratio(1000, 2800), draw.ratio(0.002, 0.007), draw.ratio(0.05, 0.12)

    def step():
        out = np.zeros(count_of(0.3), np.float32)
        put(out, click(draw.rng, short, centre * 0.6, centre * 1.8), 0, 1)
        put(out, thud(draw, draw.ratio(140, 350), 0.008), 0, draw.between(0.1, 0.6))
        put(out, click(draw.rng, 2 * short, 400, 3000), count_of(apart), draw.between(0.05, 0.35))
        return out

    return walk(draw, count, step)


def gravel(draw: Draw, count: int) -> np.ndarray:
    """Stones grind: a cloud of clicks under heel and toe."""
    low, grains = draw.ratio(700, 2200), draw.ratio(350, 1500)
    length = count_of(draw.ratio(0.16, 0.34))
    kinds = np.stack([np.pad(click(draw.rng, 0.0015, low * r, 7500), (0, 256))[:256] for r in np.geomspace(0.7, 2.2, 12)])

    def step():
        rng, t = draw.rng, np.linspace(0, 1, length)
        out = np.zeros(length + 256, np.float32)
        press = np.exp(-(((t - 0.15) / 0.12) ** 2)) + draw.between(0.4, 1) * np.exp(-(((t - 0.6) / 0.18) ** 2))
        at = poisson(rng, length, grains, press + 1e-3)
        scatter(out, kinds, at, rng.gamma(0.6, 1, len(at)), rng.integers(0, 12, len(at)))
        return out / (np.max(np.abs(out)) + 1e-9) + np.pad(0.15 * click(rng, 0.02, 60, 300), (0, len(out)))[: len(out)]

    return walk(draw, count, step)


def soft(draw: Draw, count: int) -> np.ndarray:
    """Snow crunches low, dry leaves rustle high: one pressed burst a step."""
    low, high, rate = draw.ratio(250, 1500), draw.ratio(2500, 7000), draw.ratio(30, 140)
    length = count_of(draw.ratio(0.15, 0.4))

    def step():
        t = np.linspace(0, 1, length)
        creak = 1 + draw.between(0.3, 1) * np.sign(np.sin(2 * np.pi * rate * length / RATE * t**1.3))
        press = np.sin(np.pi * t**0.7) ** 1.5 + 0.4 * np.exp(-(((t - 0.8) / 0.1) ** 2))
        return shaped(draw.rng, length, lambda f: band(f, low, high, 1)) * press * creak

    return walk(draw, count, step)


VARIANTS = [wood, heels, gravel, soft]
