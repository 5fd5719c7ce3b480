"""Engines: idling, revving, a car's steady hum, a diesel, a propeller."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, count_of, cycles, filtered, gusts, harmonic, modes, scatter, shaped, slope, slow


def exhaust(draw: Draw, hertz: np.ndarray, cylinders: int, rough: float) -> np.ndarray:
    """One pulse per firing through the pipe; cylinders differ, so that the cycle's lower harmonics sound too."""
    rng = draw.rng
    levels = np.zeros(160)
    levels[cylinders - 1 :: cylinders] = (np.arange(1, 160 // cylinders + 1)) ** -draw.between(0.3, 1)
    levels += rough * rng.random(160) * np.arange(1, 161) ** -0.6
    levels *= np.cos(np.linspace(0, np.pi / 2, 160))  # no edge at the last one
    sound = harmonic(hertz, levels, rng)
    pipe, width = draw.ratio(60, 260) * np.array([1, 2.9, 5.2, 8.5]), draw.between(0.25, 0.6)
    gains = rng.uniform(0.5, 4, 4)
    return filtered(
        sound,
        lambda f: (0.25 + sum(g * np.exp(-(((f / p - 1) / width) ** 2)) for g, p in zip(gains, pipe))) * slope(f, -4, 700),
    )


def machine(draw: Draw, hertz: np.ndarray, cylinders: int, rough: float, hiss: float) -> np.ndarray:
    """With the noise of intake and road, louder at every firing."""
    sound = exhaust(draw, hertz, cylinders, rough)
    noise = shaped(draw.rng, len(hertz), lambda f: band(f, 80, draw.ratio(700, 4000), 1))
    beat = 1 + 0.6 * np.sin(2 * np.pi * cycles(hertz * cylinders))
    return sound / (np.std(sound) + 1e-9) + hiss * noise * beat


def idle(draw: Draw, count: int) -> np.ndarray:
    hertz = draw.ratio(5, 12) * (1 + 0.02 * slow(draw.rng, count, 2) + 0.01 * slow(draw.rng, count, 9))
    return machine(draw, hertz, draw.whole(2, 6), draw.between(0.2, 0.7), draw.between(0.05, 0.4))


def revving(draw: Draw, count: int) -> np.ndarray:
    """Someone plays with the throttle."""
    throttle = np.clip(np.abs(slow(draw.rng, count, draw.ratio(0.15, 0.7))), 0, 2.5)
    hertz = draw.ratio(8, 16) * (1 + draw.between(0.8, 2.2) * throttle)
    sound = machine(draw, hertz, draw.whole(1, 4), draw.between(0.1, 0.5), draw.between(0.1, 0.5))
    return sound * (0.5 + throttle)


def driving(draw: Draw, count: int) -> np.ndarray:
    """From inside a car or past it: a low hum and the tyres."""
    hertz = draw.ratio(18, 50) * (1 + 0.03 * slow(draw.rng, count, 0.3))
    low, high = draw.ratio(50, 150), draw.ratio(250, 1200)
    tyres = shaped(draw.rng, count, lambda f: band(f, low, high, 1))
    sound = machine(draw, hertz, draw.pick((2, 3)), draw.between(0.05, 0.3), 0.1) + draw.between(0.3, 1.5) * tyres
    if draw.chance(0.5):
        t = np.arange(count) / RATE - draw.between(2, 8)
        sound = sound / np.sqrt(1 + (t / draw.ratio(0.6, 2.5)) ** 2)
    return sound


def diesel(draw: Draw, count: int) -> np.ndarray:
    """Every combustion knocks on the block: a clatter of short modes around one to three kilohertz."""
    rng, per_second = draw.rng, draw.ratio(18, 55)
    hertz = np.full(count, per_second) * (1 + 0.02 * slow(rng, count, 3))
    at = np.flatnonzero(np.diff(cycles(hertz)) < 0)
    knocks = np.zeros((8, count_of(0.05)), np.float32)
    for knock in knocks:
        knock[:] = modes(
            0.05, draw.ratio(700, 2800) * rng.uniform(0.6, 1.6, 4), np.full(4, draw.ratio(0.002, 0.006)), np.ones(4), rng
        )[: len(knock)]
    clatter = np.zeros(count, np.float32)
    scatter(clatter, knocks, at, rng.uniform(0.5, 1.2, len(at)), rng.integers(0, 8, len(at)))
    body = machine(draw, hertz / 4, 4, draw.between(0.3, 0.8), draw.between(0.1, 0.5))
    return body + draw.between(0.4, 1.5) * clatter / (np.std(clatter) + 1e-9)


def propeller(draw: Draw, count: int) -> np.ndarray:
    """A light aircraft: blades of 60 to 120 Hz with a long comb of overtones, passing over."""
    t = np.arange(count) / RATE - draw.between(0, 10)
    pace = draw.ratio(1.5, 6)
    hertz = (
        draw.ratio(55, 125) * (1 - draw.between(0, 0.18) * t / np.sqrt(t**2 + pace**2)) * (1 + 0.003 * slow(draw.rng, count, 4))
    )
    sound = harmonic(hertz, np.arange(1, 60) ** -draw.between(0.5, 1.2) * np.linspace(1, 0, 59), draw.rng)
    sound *= (1 + 0.4 * slow(draw.rng, count, 3)) / np.sqrt(1 + (t / pace) ** 2)
    return sound + draw.between(0.05, 0.3) * shaped(draw.rng, count, lambda f: band(f, 80, 1500, 1)) * gusts(
        draw.rng, count, 2, 0.2
    )


VARIANTS = [idle, revving, driving, diesel, propeller]
