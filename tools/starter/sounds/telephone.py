"""Telephones: the old bell, the electronic warble, the tone in the receiver, dialling, a mobile's tune."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, convolved, count_of, filtered, harmonic, modes, pulse, put, regular, sine, tail

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)


def cadence(draw: Draw, count: int, sound: np.ndarray, on: float, off: float, double: bool) -> np.ndarray:
    """Rings and rests; British telephones ring twice."""
    gate, at = np.zeros(count, np.float32), draw.between(0, 1)
    while at < count / RATE:
        for part in ((0, 0.4), (0.6, 0.4)) if double else ((0, 1),):
            put(gate, pulse(count_of(on * part[1]), 0.004, 0.02), count_of(at + on * part[0]))
        at += on + off
    return sound * np.minimum(gate, 1)


def bell(draw: Draw, count: int) -> np.ndarray:
    """A clapper between two gongs, twenty times a second; the last stroke rings on."""
    rng, base = draw.rng, draw.ratio(850, 1900)
    ratios = np.array([1, 1.52, 2.35, 3.4, 4.3])
    decay = draw.ratio(0.12, 0.7)
    gongs = [
        modes(4 * decay, base * r * ratios, decay * ratios**-0.7, [1, 0.7, 0.6, 0.4, 0.3], rng)
        for r in (1, draw.ratio(1.05, 1.35))
    ]
    gate = cadence(draw, count, np.ones(count), draw.ratio(0.9, 2.2), draw.ratio(1, 4), draw.chance(0.4))
    out = np.zeros(count, np.float32)
    for i, place in enumerate(regular(rng, count, 1 / draw.ratio(17, 32), 0.02)):
        if gate[place] > 0.5:
            put(out, gongs[i % 2], int(place), rng.uniform(0.7, 1))
    return convolved(out, tail(rng, draw.ratio(0.15, 0.8), draw.between(-20, -5)))


def warble(draw: Draw, count: int) -> np.ndarray:
    """Two tones in turn, ten to twenty-five times a second."""
    low = draw.ratio(650, 1700)
    high = np.arange(count) / RATE * draw.ratio(9, 26) % 1 < 0.5
    hertz = np.where(high, low * draw.ratio(1.15, 1.5), low)
    sound = harmonic(hertz, np.arange(1, 9) ** -draw.between(0.7, 2))
    sound = cadence(draw, count, sound, draw.ratio(0.6, 2), draw.ratio(0.5, 3.5), draw.chance(0.3))
    return convolved(sound, tail(draw.rng, draw.ratio(0.1, 0.7), draw.between(-22, -6)))


def ringing(draw: Draw, count: int) -> np.ndarray:
    """What the caller hears: 440 + 480 Hz for two seconds in six, or 425 Hz, or engaged."""
    first, second = draw.ratio(380, 460), draw.ratio(465, 630)
    sound = sine(first, count) + draw.pick((0, 1, 1)) * sine(second, count, 0.3)
    on, off = (0.5, 0.5) if draw.chance(0.3) else (draw.ratio(0.8, 2.2), draw.ratio(1.5, 4))
    sound = cadence(draw, count, sound, on, off, draw.chance(0.25))
    return np.tanh(draw.ratio(0.3, 2) * filtered(sound, lambda f: band(f, 250, 3600)))


def dialling(draw: Draw, count: int) -> np.ndarray:
    """Pairs of tones for the digits, after the dial tone."""
    rng, out = draw.rng, np.zeros(count, np.float32)
    length, every = draw.ratio(0.06, 0.2), draw.ratio(0.14, 0.5)
    at = draw.between(0.1, 2)
    if draw.chance(0.5):
        tone = sine(350, count_of(at)) + sine(440, count_of(at))
        put(out, 0.6 * tone * pulse(len(tone), 0.01, 0.01), 0)
    while at < count / RATE:
        for _ in range(int(rng.integers(4, 12))):
            n = count_of(min(length, 0.8 * every))
            digit = sine(float(rng.choice(ROWS)), n) + sine(float(rng.choice(COLUMNS)), n)
            put(out, digit * pulse(n, 0.003, 0.003), count_of(at))
            at += every * rng.uniform(0.85, 1.2)
        at += draw.ratio(0.6, 3)
    return np.tanh(draw.ratio(0.5, 2) * out)


def tune(draw: Draw, count: int) -> np.ndarray:
    """A mobile telephone: a short melody of plain waves, again and again, quicker than any bell."""
    rng, base, beat = draw.rng, draw.ratio(700, 1500), draw.ratio(0.09, 0.22)
    steps = rng.choice((0, 2, 4, 5, 7, 9, 11, 12), int(rng.integers(4, 13)))
    levels, out = np.arange(1, 8) ** -draw.between(0.6, 2.5), np.zeros(count, np.float32)
    at = draw.between(0, 1)
    while at < count / RATE:
        for step in steps:
            n = count_of(beat * 0.92)
            put(
                out,
                harmonic(np.full(n, base * 2 ** (step / 12)), levels) * pulse(n, 0.004, draw.pick((0.01, 0.06))),
                count_of(at),
            )
            at += beat * (2 if rng.random() < 0.15 else 1)
        at += draw.pick((0, 0.3, 1.2))
    return filtered(out, lambda f: band(f, draw.ratio(400, 800), 6500))


VARIANTS = [bell, warble, ringing, dialling, tune]
