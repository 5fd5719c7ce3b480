"""Sirens: wail, yelp, two tones, the slow rotor of civil defence; some drive past."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, convolved, filtered, harmonic, tail


def passing(draw: Draw, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Doppler factor and level of a vehicle; or one that stands still."""
    if draw.chance(0.5):
        return np.ones(count), np.ones(count)
    t = np.arange(count) / RATE - draw.between(2, 8)
    speed, aside = draw.between(8, 28), draw.ratio(12, 60)
    away = np.sqrt((speed * t) ** 2 + aside**2)
    return 343 / (343 + speed * speed * t / away), np.minimum(aside / away * 2, 1)


def horn(draw: Draw, hertz: np.ndarray, level: np.ndarray) -> np.ndarray:
    """An overdriven loudspeaker horn between houses."""
    factor, near = passing(draw, len(hertz))
    sound = harmonic(hertz * factor, np.arange(1, 12) ** -draw.between(0.7, 2.2), draw.rng) * level * near
    low, high = draw.ratio(300, 700), draw.ratio(2500, 6000)
    street = tail(draw.rng, draw.ratio(0.3, 2), draw.between(-15, 0), 3000)
    return convolved(filtered(sound, lambda f: band(f, low, high, 1)), street)


def wail(draw: Draw, count: int) -> np.ndarray:
    phase = np.arange(count) / RATE / draw.ratio(2.2, 6.5) + draw.rng.random()
    course = 0.5 - 0.5 * np.cos(2 * np.pi * (phase % 1) ** draw.ratio(0.6, 1.2))
    low = draw.ratio(420, 750)
    return horn(draw, low * draw.ratio(1.8, 2.8) ** course, np.ones(count))


def yelp(draw: Draw, count: int) -> np.ndarray:
    phase = np.arange(count) / RATE * draw.ratio(2.4, 6) + draw.rng.random()
    course = np.abs(2 * (phase % 1) - 1) if draw.chance(0.5) else phase % 1
    return horn(draw, draw.ratio(500, 850) * draw.ratio(1.6, 2.4) ** course, np.ones(count))


def two_tone(draw: Draw, count: int) -> np.ndarray:
    """Nee-naw: 440 and 585 Hz in Germany, other pairs elsewhere."""
    every, low = draw.ratio(0.3, 0.85), draw.ratio(360, 620)
    high = np.arange(count) / RATE / every % 2 < 1
    return horn(draw, np.where(high, low * draw.ratio(1.2, 1.5), low), np.ones(count))


def rotor(draw: Draw, count: int) -> np.ndarray:
    """It spins up in seconds, holds, and runs down."""
    t = np.arange(count) / RATE
    period, up = draw.ratio(5, 14), draw.ratio(0.8, 2.5)
    on = (t + draw.between(0, 6)) % period < period * draw.between(0.45, 0.7)
    speed, state = np.zeros(count // 160 + 1), 0.0
    for i in range(len(speed)):
        state += (float(on[min(160 * i, count - 1)]) - state) * 0.01 / up
        speed[i] = state
    speed = np.interp(np.arange(count), np.arange(len(speed)) * 160, speed)
    return horn(draw, 60 + draw.ratio(320, 700) * speed, speed**1.5)


VARIANTS = [wail, yelp, two_tone, rotor]
