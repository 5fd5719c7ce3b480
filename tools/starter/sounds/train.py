"""Trains: wheels over joints, a steam engine, a horn, brakes, a train that rushes by."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, click, convolved, count_of, gusts, harmonic, modes, pulse, put, shaped, slope, slow, tail


def rumble(draw: Draw, count: int, top: float) -> np.ndarray:
    return shaped(draw.rng, count, lambda f: band(f, 28, top, 1) * slope(f, -2, 150)) * gusts(draw.rng, count, 1, 0.1)


def joints(draw: Draw, count: int, axle: float, car: float, bright: float) -> np.ndarray:
    """Da-dum, da-dum: two axles of a bogie, then those of the next car."""
    rng, out, at = draw.rng, np.zeros(count, np.float32), -car * draw.rng.random()
    blow = modes(0.35, draw.ratio(60, 190) * np.array([1, 1.9, 3.3, 6]), [0.06, 0.04, 0.025, 0.012], [1, 0.7, 0.5, 0.35], rng)
    put(blow, click(rng, 0.01, 300, bright), 0, draw.between(0.2, 0.9))
    while at < count / RATE:
        for later in (0, axle, 0.42 * car, 0.42 * car + axle):
            if at + later > 0:
                put(out, blow, count_of(at + later), rng.uniform(0.6, 1))
        at += car
    return out


def wheels(draw: Draw, count: int) -> np.ndarray:
    car = draw.ratio(0.8, 2.4)
    sound = joints(draw, count, car * draw.between(0.09, 0.16), car, draw.ratio(1500, 5000))
    return sound + draw.between(0.1, 0.6) * rumble(draw, count, draw.ratio(200, 1200))


def steam(draw: Draw, count: int) -> np.ndarray:
    """Four chuffs a turn, one of them heavier; it gathers speed."""
    rng, t = draw.rng, np.arange(count) / RATE
    phase = np.cumsum(draw.ratio(2, 9) * (1 + draw.between(-0.03, 0.08) * t)) / RATE
    accent = np.array([1, 0.75, 0.85, 0.7])[(phase % 4).astype(int)]
    puff = np.exp(-(phase % 1) * draw.between(2.5, 6)) * (1 - np.exp(-(phase % 1) * 40)) * accent
    low, high = draw.ratio(90, 350), draw.ratio(1200, 5000)
    sound = shaped(rng, count, lambda f: band(f, low, high, 1)) * puff + 0.25 * rumble(draw, count, 400)
    if draw.chance(0.35):
        put(sound, 1.5 * blast(draw, draw.ratio(0.6, 2)), count_of(draw.between(0.5, 7)))
    return sound


def blast(draw: Draw, seconds: float) -> np.ndarray:
    """A chord of air horns or whistles with breath in it."""
    count, base = count_of(seconds), draw.ratio(240, 650)
    bend = 1 - 0.06 * np.exp(-np.arange(count) / RATE / 0.08)
    ratios = draw.pick(((1, 1.19, 1.5), (1, 1.26, 1.5, 1.68), (1, 1.12, 1.33, 1.68, 2), (1, 1.26)))
    levels = np.arange(1, 20) ** -draw.between(0.6, 1.8)
    sound = sum(harmonic(base * r * bend * (1 + 0.003 * draw.rng.standard_normal()), levels, draw.rng) for r in ratios)
    air = shaped(draw.rng, count, lambda f: band(f, base, 5000, 1))
    return (sound / np.std(sound) + draw.between(0.02, 0.3) * air) * pulse(count, 0.06, 0.15)


def horn(draw: Draw, count: int) -> np.ndarray:
    """Long, long, short, long before a crossing, from afar or near; the train under it."""
    out, at = np.zeros(count, np.float32), draw.between(0, 1.5)
    while at < count / RATE:
        length = draw.ratio(0.4, 2.6)
        put(out, blast(draw, length), count_of(at))
        at += length + draw.ratio(0.3, 1.5)
    out = convolved(out, tail(draw.rng, draw.ratio(0.8, 3.5), draw.between(-12, 2), 2500))
    return out + draw.between(0.1, 1) * rumble(draw, count, draw.ratio(200, 800))


def braking(draw: Draw, count: int) -> np.ndarray:
    """Into the station: squeals of several high tones over the rumble, slower joints."""
    rng, t = draw.rng, np.linspace(0, 1, count)
    out = rumble(draw, count, draw.ratio(200, 700)) * (1.1 - t)
    for _ in range(draw.whole(2, 4)):
        hertz = draw.ratio(1500, 5500) * (1 + 0.006 * slow(rng, count, 5) - 0.03 * t)
        out += (
            harmonic(hertz, [1, 0.3, 0.15]) * np.maximum(slow(rng, count, draw.ratio(0.4, 2)) + 0.2, 0) * draw.between(0.2, 1)
        )
    return out + 0.8 * joints(draw, count, 0.25, draw.ratio(1.8, 3.5), 2500)


def rush(draw: Draw, count: int) -> np.ndarray:
    """From a platform: it comes, roars with every car, and is gone."""
    t = np.arange(count) / RATE
    start, length = draw.between(0.5, 4), draw.ratio(2, 7)
    near = 1 / (1 + np.exp(-(t - start) / draw.ratio(0.1, 0.6))) / (1 + np.exp((t - start - length) / draw.ratio(0.2, 0.9)))
    car = draw.ratio(0.35, 0.9)
    roar = shaped(draw.rng, count, lambda f: band(f, 50, 4500, 1) * slope(f, -3.5, draw.ratio(200, 700)))
    beat = 1 + 0.35 * np.sin(2 * np.pi * t / car)
    return (roar * beat + draw.between(0.3, 1.2) * joints(draw, count, 0.1 * car, car, 5000)) * (0.03 + near)


VARIANTS = [wheels, steam, horn, braking, rush]
