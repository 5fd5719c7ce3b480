"""Knocking: on a wooden door, on metal, on a window, with a door that slams."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, click, convolved, count_of, modes, put, tail


def rapped(draw: Draw, count: int, blow) -> np.ndarray:
    """Groups of two to six blows, the first and last often stronger, then a wait for someone to open."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    at = draw.between(0.1, 2)
    every, number = draw.ratio(0.11, 0.4), draw.whole(2, 6)
    while at < count / RATE:
        for i in range(number):
            put(out, blow(), count_of(at + i * every * rng.uniform(0.93, 1.07)), rng.uniform(0.6, 1))
        at += number * every + draw.ratio(0.7, 4)
    return convolved(out, tail(rng, draw.ratio(0.15, 1.2), draw.between(-20, -2), 3000))


def wooden(draw: Draw, count: int) -> np.ndarray:
    hertz, decay = draw.ratio(85, 380), draw.ratio(0.012, 0.05)
    ratios = np.array([1, 1.6, 2.3, 3.4, 4.7, 6.5]) * draw.rng.uniform(0.93, 1.07, 6)

    def blow():
        sound = modes(0.3, hertz * ratios, decay * ratios**-0.6, ratios**-0.8 * draw.rng.uniform(0.5, 1.2, 6), draw.rng)
        put(sound, click(draw.rng, 0.003, 400, draw.ratio(1500, 5000)), 0, draw.between(0.1, 0.6))
        return sound

    return rapped(draw, count, blow)


def metal(draw: Draw, count: int) -> np.ndarray:
    """A gate, a pipe, a locker: it rings for some tenths of a second."""
    hertz = draw.ratio(180, 700) * np.cumsum(np.append(1, draw.rng.uniform(0.25, 0.9, 8)))
    decay = draw.ratio(0.05, 0.25)

    def blow():
        levels = draw.rng.uniform(0.2, 1, 9) * (hertz / hertz[0]) ** -0.3
        sound = modes(6 * decay, hertz, decay * (hertz / hertz[0]) ** -0.5, levels, draw.rng)
        put(sound, click(draw.rng, 0.002, 900, 6000), 0, draw.between(0.2, 0.9))
        return sound

    return rapped(draw, count, blow)


def pane(draw: Draw, count: int) -> np.ndarray:
    """Knuckles or a coin on glass: short, bright, a slight rattle after."""
    hertz, decay = draw.ratio(500, 2000), draw.ratio(0.004, 0.02)

    def blow():
        sound = modes(0.2, hertz * np.array([1, 1.45, 2.1, 2.9]), np.full(4, decay), [1, 0.8, 0.6, 0.4], draw.rng)
        put(sound, click(draw.rng, 0.001, 2000, 7500), 0, draw.between(0.2, 1))
        put(sound, click(draw.rng, 0.003, 800, 4000), count_of(draw.ratio(0.015, 0.06)), draw.between(0, 0.25))
        return sound

    return rapped(draw, count, blow)


def slam(draw: Draw, count: int) -> np.ndarray:
    """Latch, bang, rattle; and perhaps knocks before."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    at = draw.between(0.2, 3)
    while at < count / RATE:
        for later in np.cumsum(rng.uniform(0.02, 0.1, 3)):
            put(out, click(rng, 0.002, 900, 6000), count_of(at - 0.05 + later), rng.uniform(0.03, 0.2))
        bang = modes(0.6, draw.ratio(45, 130) * np.array([1, 1.8, 3.1, 5.2]), [0.09, 0.06, 0.04, 0.02], [1, 0.8, 0.5, 0.3], rng)
        put(bang, click(rng, draw.ratio(0.01, 0.04), 80, draw.ratio(1200, 4000)), 0, draw.between(0.5, 1.5))
        put(out, bang, count_of(at + 0.1))
        at += draw.ratio(2.5, 7)
    return convolved(out, tail(rng, draw.ratio(0.3, 1.8), draw.between(-12, 2), 2500))


VARIANTS = [wooden, metal, pane, slam]
