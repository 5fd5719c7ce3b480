"""Thunder: a lightning channel's N-waves, rolling bursts, a close crack, a distant rumble."""

from __future__ import annotations

import numpy as np
from scipy import fft

from .draw import Draw
from .parts import (
    RATE, band, click, convolved, count_of, gusts, hertz_of, put, shaped, slow, tail, unit,
)  # fmt: skip

SOUND = 343.0  # m/s


def channel(draw: Draw, count: int) -> np.ndarray:
    """The sum of N-waves from a jagged channel: what is seen from the side claps, what lies along the view rumbles."""
    rng = draw.rng
    out = np.zeros(count, np.float32)
    for stroke in range(1 + draw.chance(0.4)):
        put(out, flash(draw, count), count_of(draw.between(0.1, 2.5) + 4 * stroke), rng.uniform(0.4, 1))
    echo = tail(rng, draw.ratio(1.5, 6), draw.between(-4, 8), draw.ratio(120, 700))
    return np.tanh(draw.ratio(0.7, 4) * unit(convolved(out, echo)))


def flash(draw: Draw, count: int) -> np.ndarray:
    rng, steps = draw.rng, 700
    bends = np.repeat(rng.standard_normal((steps // 35, 3)) * draw.between(0.5, 1.2), 35, axis=0)
    heading = np.cumsum(0.2 * rng.standard_normal((steps, 3)), axis=0) * 0.3 + bends + [0, 0, -1]
    vectors = heading / np.linalg.norm(heading, axis=1, keepdims=True) * rng.uniform(4, 14, (steps, 1))
    distance = draw.ratio(250, 5000)
    points = np.cumsum(vectors, axis=0) + [distance, 0, draw.ratio(1800, 4500)]
    points[:, 2] = np.abs(points[:, 2]) + 5
    away = np.linalg.norm(points, axis=1)
    along = np.abs(np.sum(points * vectors, axis=1)) / away
    strength = np.sqrt(np.maximum(np.sum(vectors**2, axis=1) - along**2, 0)) / away * rng.gamma(0.35, 1, steps)
    delay = (away - away.min()) / SOUND
    size = fft.next_fast_len(count, real=True)
    hertz = hertz_of(size)
    spectrum = np.zeros(len(hertz), np.complex64)
    pulse = draw.ratio(0.002, 0.012)
    shells = np.minimum((away - away.min()) // 200, 7).astype(int)
    corner = draw.ratio(1500, 6000) * np.exp(-distance / 3500)
    strokes = [(0.0, 1.0)] + [(draw.between(0.04, 0.25), 0.6)] * draw.chance(0.6)
    for shell in np.unique(shells):  # air takes the treble of what comes from farther away
        train = np.zeros(size, np.float32)
        for later, gain in strokes:
            places = ((delay[shells == shell] + later) * RATE).astype(int)
            keep = places < size
            np.add.at(train, places[keep], gain * strength[shells == shell][keep] * rng.choice((1, 1, -0.6), keep.sum()))
        # the lengths differ with the current's strength; one for all would comb the spectrum
        wave = sum(n_wave(draw, rng.uniform(0.6, 1.7) * pulse) for _ in range(3))
        spectrum += (
            fft.rfft(train) * (1 / np.sqrt(1 + (hertz / (corner * np.exp(-shell / 3.5) + 90)) ** 2)) * fft.rfft(wave, size)
        )
    return unit(fft.irfft(spectrum, size)[:count])


def n_wave(draw: Draw, seconds: float) -> np.ndarray:
    """Up at once, down in a line, up at once; each a little later than the last, so that their edges do not add up."""
    out, length = np.zeros(count_of(0.06), np.float32), count_of(seconds)
    put(out, np.linspace(1, -1, length, dtype=np.float32), int(draw.rng.integers(0, 200)))
    return out


def rolling(draw: Draw, count: int) -> np.ndarray:
    """Low bursts that come back from hills: each a swell of brown noise, later ones darker and longer."""
    rng = draw.rng
    out = np.zeros(count, np.float32)
    at = draw.between(0.0, 2.0)
    for burst in range(draw.whole(3, 12)):
        rise, fall = draw.ratio(0.01, 0.25), draw.ratio(0.25, 1.8) * (1 + 0.1 * burst)
        length = min(count, count_of(8 * fall))
        t = np.arange(length) / RATE
        corner = draw.ratio(70, 500) / (1 + 0.12 * burst)
        noise = shaped(rng, length, lambda f: band(f, 22, corner, 1.2))
        put(
            out,
            noise * (1 - np.exp(-t / rise)) * np.exp(-t / fall) * np.linspace(1, 0, length),
            count_of(at),
            rng.gamma(1.2) * 0.85**burst,
        )
        at += rng.exponential(draw.ratio(0.25, 1.3))
    return np.tanh(draw.ratio(0.6, 3) * unit(out))


def crack(draw: Draw, count: int) -> np.ndarray:
    """Close by: tearing crackle, the bang, then a boom and the tail of the valley."""
    rng = draw.rng
    out = np.zeros(count, np.float32)
    at = count_of(draw.between(0.2, 3.5))
    tearing = count_of(draw.ratio(0.06, 0.6))
    for place in np.sort(rng.integers(0, tearing, draw.whole(8, 40))):
        put(out, click(rng, rng.uniform(0.002, 0.012), 150, 6500), at + int(place), rng.gamma(0.6) * (0.3 + place / tearing))
    put(out, click(rng, draw.ratio(0.04, 0.2), 40, draw.ratio(1500, 6000)), at + tearing, draw.between(1, 3))
    t = np.arange(count - at - tearing) / RATE
    boom = shaped(rng, max(len(t), 64), lambda f: band(f, 25, draw.ratio(120, 600), 1))[: len(t)]
    boom *= np.exp(-t / draw.ratio(0.8, 3)) * (1 - np.exp(-t / 0.03)) * gusts(rng, len(t), draw.ratio(1, 5), 0.6)
    put(out, boom, at + tearing, draw.between(0.4, 1.5))
    return np.tanh(draw.ratio(1, 6) * unit(convolved(out, tail(rng, draw.ratio(0.8, 4), draw.between(-8, 3), 900))))


def distant(draw: Draw, count: int) -> np.ndarray:
    """Beyond the horizon: no onset, nothing above a few hundred hertz, swells that come and go."""
    rng = draw.rng
    corner, lower = draw.ratio(50, 220), draw.ratio(18, 40)
    out = shaped(rng, count, lambda f: band(f, lower, corner, 1.3) + 0.02 * band(f, 60, 900, 1))
    out *= gusts(rng, count, draw.ratio(0.3, 1.5), draw.between(0.6, 1.3))
    centre, width = rng.uniform(0.2, 0.8) * count, draw.ratio(1.2, 5) * RATE
    out *= np.exp(-0.5 * ((np.arange(count) - centre) / width) ** 2)
    return out * np.exp(0.4 * slow(rng, count, 6))


VARIANTS = [channel, rolling, crack, distant]
