"""Wind chimes: thin and heavy metal tubes, plates, glass and shells, bamboo, a row of small bars. The wind decides who strikes when."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, click, count_of, gusts, modes, poisson, put, shaped

TUBE = np.array([1, 2.756, 5.404, 8.933, 13.345])  # free bar: (2 n + 1)² / 3.011²
SCALES = [(0, 2, 4, 7, 9, 12), (0, 3, 5, 7, 10, 12), (0, 4, 7, 11, 14), (0, 2, 5, 7, 9), (0, 1, 5, 7, 8)]


def struck(draw: Draw, count: int, sounds: list[np.ndarray], per_second: float, *, wind: float) -> np.ndarray:
    """Gusts swing the clapper: strikes come in bouts, the harder the gust the stronger, often two or three at once."""
    rng = draw.rng
    speed = np.minimum(gusts(rng, count, draw.ratio(0.15, 0.7), draw.between(0.4, 1.1)), 3)
    out = np.zeros(count, np.float32)
    at = poisson(rng, count, per_second, speed**1.5)
    if len(at) < 2:
        at = np.sort(rng.integers(0, count // 2, 3))
    for place in at:
        which, force = int(rng.integers(len(sounds))), min(speed[place], 2.5) * rng.gamma(2, 0.4)
        put(out, sounds[which], int(place), force)
        if rng.random() < 0.35:
            later = int(place + rng.uniform(0.02, 0.14) * RATE)
            put(out, sounds[(which + int(rng.integers(1, 3))) % len(sounds)], later, force * rng.uniform(0.3, 0.9))
    air = shaped(rng, count, lambda f: band(f, 30, draw.ratio(150, 900), 1)) * speed
    return out / (np.max(np.abs(out)) + 1e-9) + wind * air


def partials(draw: Draw, hertz: np.ndarray, decay: float, fall: float, brightness: float) -> np.ndarray:
    """One body: every mode a close pair that beats; decays shorten with frequency as (f / f₁)^-fall."""
    rng = draw.rng
    hertz = hertz[hertz < max(0.475 * RATE, 1.01 * hertz[0])]
    decays = np.maximum(decay * (hertz / hertz[0]) ** -fall, 0.004)
    levels = np.exp(-brightness * np.arange(len(hertz))) * rng.uniform(0.4, 1.3, len(hertz))
    beat = rng.uniform(0.3, 2.5, len(hertz))
    both = np.concatenate([hertz, hertz + beat])
    sound = modes(min(6 * decay, 5), both, np.tile(decays, 2), np.concatenate([levels, 0.6 * levels]), rng)
    knock = click(rng, 0.0015, 1500, 7500)
    put(sound, knock, 0, draw.between(0.02, 0.3))
    sound[:16] *= np.linspace(0, 1, 16)
    return sound / (np.max(np.abs(sound)) + 1e-9)


def tubes(draw: Draw, count: int) -> np.ndarray:
    lowest, decay, bright = draw.ratio(280, 1100), draw.ratio(0.4, 2.2), draw.between(0.2, 1)
    detune = draw.between(0, 0.02)
    places = lowest * 2 ** (np.array(draw.pick(SCALES)) / 12) * (1 + detune * draw.rng.standard_normal())
    sounds = [
        partials(draw, f * TUBE * (1 + detune * draw.rng.standard_normal(5)), decay, draw.between(0.4, 0.9), bright)
        for f in places
    ]
    return struck(draw, count, sounds, draw.ratio(0.6, 5), wind=draw.between(0, 0.03))


def heavy(draw: Draw, count: int) -> np.ndarray:
    """Thick tubes hit by something hard, near by: low modes ring for seconds, those above four kilohertz for tenths of one,
    and each contact is a crack, often with a bounce. Bending and ring modes lie between each other without a series."""
    rng, lowest, ring = draw.rng, draw.ratio(350, 1000), draw.ratio(0.8, 4)
    fall, hardness = draw.between(0.7, 1.6), draw.ratio(0.15, 1.4)
    bodies = []
    for _ in range(draw.whole(4, 8)):
        first = lowest * rng.uniform(1, 2.2)
        bent = first * TUBE[:4] ** draw.between(0.75, 1)  # shear and turning inertia draw the series together
        rings = np.exp(rng.uniform(np.log(1.5 * first), np.log(7600), int(rng.integers(4, 11))))
        body = partials(draw, np.sort(np.concatenate([bent, rings])), ring * rng.uniform(0.6, 1.3), fall, draw.between(-0.05, 0.25))
        put(body, click(rng, draw.ratio(0.001, 0.004), 1000, 7900), 0, hardness)
        bodies.append(body / np.max(np.abs(body)))
    return struck(draw, count, bodies, draw.ratio(0.5, 4), wind=draw.between(0, 0.004))


def plates(draw: Draw, count: int) -> np.ndarray:
    """Flat metal: a crowded series, m² + n² of a plate with free edges, a little off."""
    rng = draw.rng
    grid = np.sort((np.arange(1, 6)[:, None] ** 2 + np.arange(1, 6) ** 2 * draw.between(0.6, 1.4)).ravel())
    lowest, decay = draw.ratio(500, 2000), draw.ratio(0.25, 1.6)
    sounds = []
    for _ in range(draw.whole(3, 7)):
        hertz = lowest * rng.uniform(1, 2) * grid[:10] / grid[0] * (1 + 0.04 * rng.standard_normal(10))
        sounds.append(partials(draw, np.sort(hertz), decay, draw.between(0.2, 0.7), draw.between(0.05, 0.4)))
    return struck(draw, count, sounds, draw.ratio(1, 8), wind=draw.between(0, 0.03))


def glass(draw: Draw, count: int) -> np.ndarray:
    """Glass and shells: no series at all, a few clear partials between one and six kilohertz, many light touches."""
    rng, decay = draw.rng, draw.ratio(0.08, 1.2)
    low, high = draw.ratio(1000, 2200), draw.ratio(3500, 6500)
    sounds = []
    for _ in range(draw.whole(5, 11)):
        hertz = np.sort(np.exp(rng.uniform(np.log(low), np.log(high), int(rng.integers(1, 5)))))
        sounds.append(partials(draw, hertz, decay * rng.uniform(0.5, 1.5), draw.between(0.1, 0.8), draw.between(0, 0.6)))
    return struck(draw, count, sounds, draw.ratio(2, 16), wind=draw.between(0, 0.04))


def bamboo(draw: Draw, count: int) -> np.ndarray:
    """Hollow wood: dull knocks of 20 to 90 ms, pitched, in clattering bouts."""
    rng, lowest, decay = draw.rng, draw.ratio(260, 800), draw.ratio(0.015, 0.06)
    sounds = []
    for _ in range(draw.whole(4, 8)):
        hertz = lowest * rng.uniform(1, 2.6) * np.array([1, 2.4, 4.1]) * (1 + 0.05 * rng.standard_normal(3))
        sounds.append(partials(draw, hertz, decay * rng.uniform(0.6, 1.5), draw.between(0.3, 0.8), draw.between(0.5, 1.4)))
    return struck(draw, count, sounds, draw.ratio(2, 12), wind=draw.between(0, 0.03))


def bars(draw: Draw, count: int) -> np.ndarray:
    """A long row of thin bars: someone or the wind runs through them from low to high or back."""
    rng, number = draw.rng, draw.whole(12, 28)
    lowest, span, decay = draw.ratio(900, 2400), draw.ratio(1.8, 3), draw.ratio(0.4, 2)
    sounds = [
        partials(draw, np.array([f, 2.756 * f * (1 + 0.01 * rng.standard_normal())]), decay, 0.7, draw.between(0.6, 1.4))
        for f in lowest * span ** (np.arange(number) / number)
    ]
    out = np.zeros(count, np.float32)
    at = draw.between(0.1, 2)
    while at < count / RATE:
        order = sounds if rng.random() < 0.5 else sounds[::-1]
        pace, force = draw.ratio(0.015, 0.09), rng.uniform(0.4, 1)
        for i, sound in enumerate(order):
            put(out, sound, count_of(at + i * pace * rng.uniform(0.8, 1.2)), force * rng.uniform(0.5, 1))
        at += number * pace + rng.exponential(draw.ratio(0.4, 2.5))
    return out / (np.max(np.abs(out)) + 1e-9) + draw.between(0, 0.02) * shaped(rng, count, lambda f: band(f, 30, 400, 1))


VARIANTS = [tubes, heavy, plates, glass, bamboo, bars]
