"""Rain: steady hiss, drops on leaves, on a roof, a gutter, rain heard indoors, the downpour of a storm."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import band, bubbles, click, count_of, filtered, gusts, modes, poisson, put, regular, rms, scatter, shaped, slope


def drops(draw: Draw, count: int, per_second: float, shortest: float, longest: float, low: float, high: float) -> np.ndarray:
    """Impacts of chance: short bursts of noise in bands of their own, few of them loud."""
    rng = draw.rng
    length = count_of(4 * longest)
    templates = np.zeros((24, length), np.float32)
    for kind in templates:
        lower = np.exp(rng.uniform(np.log(low), np.log(high * 0.6)))
        burst = click(
            rng, np.exp(rng.uniform(np.log(shortest), np.log(longest))), lower, min(lower * rng.uniform(1.5, 5), high)
        )
        kind[: min(length, len(burst))] = burst[:length]
    out = np.zeros(count, np.float32)
    at = poisson(rng, count, per_second)
    scatter(out, templates, at, rng.gamma(0.5, 1, len(at)) ** 1.3, rng.integers(0, 24, len(at)))
    return out / (rms(out) + 1e-9)


def bed(draw: Draw, count: int) -> np.ndarray:
    """A thousand drops a second and more are noise: a hump whose treble falls by what stands between."""
    corner, falling, low = draw.ratio(300, 4000), draw.between(-9, -1), draw.ratio(40, 400)
    noise = shaped(draw.rng, count, lambda f: band(f, low, 7900, 1) * slope(f, falling, corner))
    return noise * gusts(draw.rng, count, draw.ratio(0.2, 1.2), draw.between(0.03, 0.25))


def hiss(draw: Draw, count: int) -> np.ndarray:
    return bed(draw, count) + draw.between(0.05, 0.5) * drops(draw, count, draw.ratio(150, 900), 0.0008, 0.004, 800, 7500)


def leaves(draw: Draw, count: int) -> np.ndarray:
    """Single drops can be heard, soft and dull to bright, with little between them."""
    out = drops(draw, count, draw.ratio(15, 180), 0.0015, draw.ratio(0.003, 0.009), draw.ratio(250, 1200), 6500)
    return out + draw.between(0.05, 0.6) * bed(draw, count)


def roof(draw: Draw, count: int) -> np.ndarray:
    """Every drop sounds the plate it falls on: a few damped modes."""
    rng = draw.rng
    templates = np.zeros((16, count_of(0.07)), np.float32)
    lowest, decay = draw.ratio(140, 900), draw.ratio(0.004, 0.02)
    for kind in templates:
        hertz = lowest * np.sort(rng.uniform(1, 9, 6))
        sound = modes(0.07, hertz, 1.5 * decay * (lowest / hertz) ** 0.4, rng.uniform(0.2, 1, 6), rng)
        kind[: len(sound)] = sound
    out = np.zeros(count, np.float32)
    at = poisson(rng, count, draw.ratio(30, 500))
    scatter(out, templates, at, rng.gamma(0.5, 1, len(at)) ** 1.3, rng.integers(0, 16, len(at)))
    return out / (rms(out) + 1e-9) + draw.between(0.1, 0.8) * bed(draw, count)


def gutter(draw: Draw, count: int) -> np.ndarray:
    """Rain, and water that drips off the edge into a puddle: plinks of bubbles, nearly regular."""
    rng = draw.rng
    out = bed(draw, count) * draw.between(0.15, 0.6)
    plinks = bubbles(rng, 12, draw.ratio(350, 900), draw.ratio(1500, 4500), 0.1, draw.ratio(0.2, 0.8))
    for _ in range(draw.whole(1, 4)):
        at = regular(rng, count, draw.ratio(0.12, 1.1), draw.between(0.05, 0.3))
        which = rng.integers(0, 12, len(at)) if draw.chance(0.5) else np.full(len(at), rng.integers(12))
        scatter(out, plinks, at, rng.uniform(1, 5, len(at)), which)
        for place in at:
            put(out, click(rng, 0.002, 1500, 6000), int(place), rng.uniform(0, 0.8))
    return out


def indoors(draw: Draw, count: int) -> np.ndarray:
    """Through a window: brown, with taps on the pane."""
    rng = draw.rng
    corner, falling = draw.ratio(150, 900), draw.between(-10, -4)
    out = shaped(rng, count, lambda f: band(f, 40, 7000, 1) * slope(f, falling, corner))
    out *= gusts(rng, count, draw.ratio(0.2, 1), draw.between(0.05, 0.3))
    taps = drops(draw, count, draw.ratio(4, 60), 0.001, 0.006, 400, draw.ratio(1800, 5000))
    return out + draw.between(0.1, 0.9) * taps


def downpour(draw: Draw, count: int) -> np.ndarray:
    """A storm: two beds that swell with the gusts, splashes on top, and wind in the microphone below."""
    rng = draw.rng
    swell = gusts(rng, count, draw.ratio(0.15, 0.8), draw.between(0.15, 0.5))
    out = bed(draw, count) * swell + 0.6 * bed(draw, count)
    out += draw.between(0.05, 0.4) * drops(draw, count, draw.ratio(200, 700), 0.002, 0.01, 300, 4500)
    under = shaped(rng, count, lambda f: band(f, 20, 160, 1))
    return filtered(out, lambda f: slope(f, -2, 500)) + draw.between(0, 0.8) * under * gusts(rng, count, 0.7, 0.5)


VARIANTS = [hiss, leaves, roof, gutter, indoors, downpour]
