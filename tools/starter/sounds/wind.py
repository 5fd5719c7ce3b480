"""Wind: gusts, wind in trees, whistling gaps, howling, a buffeted microphone."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, cycles, gusts, poisson, rms, scatter, shaped, slope, slow


def course(draw: Draw, count: int) -> np.ndarray:
    """Wind speed around 1: slow swells and quicker gusts upon them."""
    long = gusts(draw.rng, count, draw.ratio(0.08, 0.3), draw.between(0.25, 0.7))
    return long * gusts(draw.rng, count, draw.ratio(0.6, 2.5), draw.between(0.1, 0.35))


def blow(draw: Draw, count: int) -> np.ndarray:
    """Turbulence: the faster the air, the louder and the brighter."""
    rng, speed = draw.rng, course(draw, count)
    low, dark, light = draw.ratio(20, 90), draw.ratio(90, 350), draw.ratio(500, 2200)
    dull = shaped(rng, count, lambda f: band(f, low, dark, 1))
    bright = shaped(rng, count, lambda f: band(f, 150, light, 1))
    return dull * speed**1.5 + draw.between(0.1, 0.6) * bright * speed**3


def trees(draw: Draw, count: int) -> np.ndarray:
    """Leaves: a rustle above a kilohertz that follows the gusts late, made of countless small touches."""
    rng, speed = draw.rng, course(draw, count)
    low, high = draw.ratio(400, 1500), draw.ratio(3000, 7500)
    rustle = shaped(rng, count, lambda f: band(f, low, high, 1) * slope(f, draw.between(-5, -1), low))
    out = rustle * np.roll(speed, int(0.2 * RATE)) ** 2
    touches = rng.standard_normal((12, 96)).astype(np.float32) * np.hanning(96)
    at = poisson(rng, count, draw.ratio(40, 400), speed**3)
    grains = np.zeros(count, np.float32)
    scatter(grains, touches, at, rng.gamma(0.6, 1, len(at)), rng.integers(0, 12, len(at)))
    out += draw.between(0.05, 0.35) * grains / (rms(grains) + 1e-6)
    return out + draw.between(0.1, 0.8) * shaped(rng, count, lambda f: band(f, 25, 200, 1)) * speed


def narrow(draw: Draw, hertz: np.ndarray, width: float) -> np.ndarray:
    """Noise `width` hertz wide around a moving centre."""
    phase = 2 * np.pi * cycles(hertz)
    return slow(draw.rng, len(hertz), width) * np.cos(phase) + slow(draw.rng, len(hertz), width) * np.sin(phase)


def whistle(draw: Draw, count: int) -> np.ndarray:
    """Wires and edges: Strouhal's tone follows the speed."""
    speed = course(draw, count)
    out = draw.between(0.15, 0.6) * blow(draw, count)
    for _ in range(draw.whole(1, 3)):
        hertz = np.clip(draw.ratio(350, 1600) * speed**0.7, 60, 7000)
        out += narrow(draw, hertz, draw.ratio(8, 60)) * np.maximum(speed - draw.between(0.4, 0.9), 0) ** 1.5
    return out


def howl(draw: Draw, count: int) -> np.ndarray:
    """A gap under a door, a chimney: resonances stay, what excites them comes and goes; their pitch bends a little."""
    speed = course(draw, count)
    out = draw.between(0.1, 0.5) * blow(draw, count)
    lowest = draw.ratio(140, 600)
    for number in range(1, draw.whole(2, 4) + 1):
        hertz = lowest * number * draw.between(0.97, 1.03) * speed ** draw.between(0.1, 0.35)
        out += narrow(draw, np.minimum(hertz, 7000), draw.ratio(5, 35)) * speed**2 / number
    return out


def buffet(draw: Draw, count: int) -> np.ndarray:
    """No wind shield: thumps far below 200 Hz that drive the microphone to its limits."""
    rng, speed = draw.rng, course(draw, count)
    corner = draw.ratio(35, 140)
    thumps = shaped(rng, count, lambda f: band(f, 12, corner, 1.5)) * gusts(rng, count, draw.ratio(2, 7), draw.between(0.5, 1))
    hiss = shaped(rng, count, lambda f: band(f, 100, draw.ratio(900, 4000), 1))
    return np.tanh(draw.ratio(0.4, 2) * thumps * speed) + draw.between(0.03, 0.3) * hiss * speed**2


VARIANTS = [blow, trees, whistle, howl, buffet]
