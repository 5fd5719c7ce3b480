"""Church bells: tolling, a peal, a clock that strikes, bells far away."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, click, convolved, count_of, filtered, modes, put, regular, tail

# minor-third bell: hum, prime, tierce, quint, nominal, tenth, eleventh, twelfth, upper octave ...
PARTIALS = np.array([0.5, 1, 1.2, 1.5, 2, 2.5, 2.66, 3, 4, 5.3, 6.7])
DECAYS = np.array([1, 0.55, 0.5, 0.3, 0.35, 0.2, 0.18, 0.2, 0.12, 0.08, 0.06])
LEVELS = np.array([0.5, 0.7, 0.9, 0.35, 1, 0.3, 0.3, 0.5, 0.35, 0.25, 0.2])


def bell(draw: Draw, tone: float, seconds: float) -> np.ndarray:
    """`tone` is the prime; partials are cast a little off and in pairs that beat (warble)."""
    rng = draw.rng
    hertz = tone * PARTIALS * (1 + draw.between(0.001, 0.012) * rng.standard_normal(11))
    if draw.chance(0.25):
        hertz[2] *= 1.25 / 1.2  # the major-third bells of some carillons
    levels = LEVELS * rng.uniform(0.4, 1.4, 11) * hertz ** draw.between(-0.3, 0.3)
    beat, decays = rng.uniform(0.1, 1.6, 11), seconds * DECAYS * rng.uniform(0.7, 1.3, 11)
    both = modes(min(3.5 * seconds, 8), [*hertz, *(hertz + beat)], [*decays, *decays], [*levels, *(0.5 * levels)], rng)
    put(both, click(rng, draw.ratio(0.003, 0.012), 600, 6000), 0, draw.between(0.1, 0.8) * np.max(np.abs(both)))
    return both / np.max(np.abs(both))


def toll(draw: Draw, count: int) -> np.ndarray:
    """One large bell, swung: slow strokes, clapper on alternate sides."""
    sound = bell(draw, draw.ratio(140, 500), draw.ratio(1.8, 6))
    out = np.zeros(count, np.float32)
    for i, place in enumerate(regular(draw.rng, count, draw.ratio(1.1, 3.8), 0.02)):
        put(out, sound, int(place), draw.rng.uniform(0.8, 1) * (1 if i % 2 else 0.85))
    return spread(draw, out)


def peal(draw: Draw, count: int) -> np.ndarray:
    """Several bells, one after the other down the scale, then in changed orders."""
    rng = draw.rng
    steps = 2.0 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12])[-draw.whole(3, 7) :] / 12)
    tone = draw.ratio(240, 650)
    sounds = [bell(draw, tone * step, draw.ratio(0.8, 2.5)) for step in steps[::-1]]
    out = np.zeros(count, np.float32)
    order = list(range(len(sounds)))
    for i, place in enumerate(regular(rng, count, draw.ratio(0.18, 0.55), 0.03)):
        if i % len(sounds) == 0 and i:
            swap = int(rng.integers(0, len(order) - 1))
            order[swap], order[swap + 1] = order[swap + 1], order[swap]
        put(out, sounds[order[i % len(sounds)]], int(place), rng.uniform(0.7, 1))
    return spread(draw, out)


def hours(draw: Draw, count: int) -> np.ndarray:
    """A tower clock: quarters on two small bells, then the hour on a great one, struck by a hammer."""
    small = [bell(draw, tone, draw.ratio(0.8, 2.5)) for tone in draw.ratio(400, 900) * np.array([1, 0.75])]
    great, out = bell(draw, draw.ratio(180, 420), draw.ratio(2, 5)), np.zeros(count, np.float32)
    at = draw.between(0.1, 0.8)
    for _ in range(int(draw.rng.integers(0, 4))):
        for i, sound in enumerate(small):
            put(out, sound, count_of(at + i * draw.between(0.4, 0.8)), 0.7)
        at += draw.between(1.2, 2)
    while at < count / RATE:
        put(out, great, count_of(at))
        at += draw.between(1.4, 2.8)
    return spread(draw, out)


def far(draw: Draw, count: int) -> np.ndarray:
    """Over roofs and fields: the treble gone, blurred by echoes."""
    near = draw.pick((toll, peal))(draw, count)
    top = draw.ratio(700, 2500)
    return filtered(
        convolved(near, tail(draw.rng, draw.ratio(1, 3.5), draw.between(-2, 8), top)), lambda f: band(f, 120, top, 1)
    )


def spread(draw: Draw, sound: np.ndarray) -> np.ndarray:
    return convolved(sound, tail(draw.rng, draw.ratio(0.4, 2.5), draw.between(-18, -3), 3500))


VARIANTS = [toll, peal, hours, far]
