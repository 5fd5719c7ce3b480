"""Clocks: a wall clock, a grandfather clock, a watch, a metronome."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, click, convolved, count_of, modes, put, regular, tail


def tick(draw: Draw, lowest: float, highest: float, decay: float) -> np.ndarray:
    """An escapement: two to four knocks within twenty milliseconds, each rings the case."""
    rng, out = draw.rng, np.zeros(count_of(0.12 + 6 * decay), np.float32)
    hertz = np.exp(rng.uniform(np.log(lowest), np.log(highest), 5))
    for at in np.cumsum(np.append(0, rng.uniform(0.002, 0.009, draw.whole(1, 3)))):
        gain = rng.uniform(0.4, 1)
        put(out, modes(6 * decay, hertz, decay * rng.uniform(0.5, 1.4, 5), rng.uniform(0.3, 1, 5), rng), count_of(at), gain)
        put(out, click(rng, 0.0008, lowest, 7600), count_of(at), gain * draw.between(0.3, 1.2))
    return out


def going(draw: Draw, count: int, every: float, tick_: np.ndarray, tock: np.ndarray, limp: float) -> np.ndarray:
    """Tick and tock in turn; no clock stands quite level."""
    out = np.zeros(count, np.float32)
    for i, place in enumerate(regular(draw.rng, count, every, 0.002)):
        put(out, tock if i % 2 else tick_, int(place + (i % 2) * limp * every * RATE), draw.rng.uniform(0.92, 1))
    return convolved(out, tail(draw.rng, draw.ratio(0.1, 0.7), draw.between(-26, -8)))


def wall(draw: Draw, count: int) -> np.ndarray:
    lowest = draw.ratio(1200, 2600)
    one = tick(draw, lowest, 6500, draw.ratio(0.0015, 0.006))
    other = tick(draw, lowest, 6500, 0.003) if draw.chance(0.4) else one
    return going(draw, count, draw.pick((1.0, 1.0, 0.5)) * draw.between(0.98, 1.02), one, other, 0)


def grandfather(draw: Draw, count: int) -> np.ndarray:
    """A wooden case: low and hollow."""
    lowest = draw.ratio(160, 480)
    tick_, tock = (tick(draw, lowest * r, draw.ratio(1400, 3500), draw.ratio(0.008, 0.03)) for r in (1.15, 1))
    return going(draw, count, draw.ratio(0.55, 1.15), tick_, tock, draw.between(-0.06, 0.06))


def watch(draw: Draw, count: int) -> np.ndarray:
    """Five or six a second, tiny and bright; or an old alarm clock, four, tinny."""
    lowest = draw.ratio(1800, 4000)
    tick_, tock = (tick(draw, lowest, 7500, draw.ratio(0.001, 0.004)) for _ in range(2))
    return going(draw, count, draw.ratio(0.15, 0.3), tick_, tock, draw.between(-0.04, 0.04))


def metronome(draw: Draw, count: int) -> np.ndarray:
    """A wooden block, each beat the same, some accented."""
    rng, lowest = draw.rng, draw.ratio(700, 2200)
    beat = modes(0.12, lowest * np.array([1, 1.9, 2.7]), draw.ratio(0.006, 0.02) * np.array([1, 0.6, 0.4]), [1, 0.5, 0.3], rng)
    put(beat, click(rng, 0.001, 1500, 7000), 0, draw.between(0.2, 1))
    return going(draw, count, draw.ratio(0.3, 1.1), beat, beat * draw.between(0.5, 1), 0)


VARIANTS = [wall, grandfather, watch, metronome]
