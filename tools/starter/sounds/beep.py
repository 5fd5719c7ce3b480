"""Alarms that beep: an alarm clock, a smoke alarm, a lorry in reverse, a kitchen timer, a buzzer."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, convolved, count_of, harmonic, pulse, put, tail


def beeps(draw: Draw, count: int, hertz: float, levels, length: float, every: float, group: int, rest: float) -> np.ndarray:
    """`group` beeps, then a rest; one frequency, hard edges, a room around."""
    n = count_of(length)
    one = harmonic(np.full(n, hertz), levels) * pulse(n, 0.002, 0.005)
    out, at = np.zeros(count, np.float32), draw.between(0, 1)
    while at < count / RATE:
        for _ in range(group):
            put(out, one, count_of(at))
            at += every
        at += rest
    return convolved(out, tail(draw.rng, draw.ratio(0.1, 0.9), draw.between(-24, -4)))


def square(draw: Draw) -> np.ndarray:
    return np.arange(1, 10) ** -draw.between(0.6, 1.6) * (np.arange(1, 10) % 2)


def clock(draw: Draw, count: int) -> np.ndarray:
    length = draw.ratio(0.04, 0.1)
    return beeps(
        draw,
        count,
        draw.ratio(1800, 4100),
        square(draw),
        length,
        length * draw.ratio(1.5, 2.3),
        draw.whole(2, 5),
        draw.ratio(0.25, 0.7),
    )


def smoke(draw: Draw, count: int) -> np.ndarray:
    """Three long shrill ones and a rest."""
    length = draw.ratio(0.3, 0.6)
    return beeps(draw, count, draw.ratio(2700, 3600), square(draw), length, length * 2, 3, draw.ratio(0.7, 1.6))


def lorry(draw: Draw, count: int) -> np.ndarray:
    length = draw.ratio(0.25, 0.6)
    return beeps(
        draw,
        count,
        draw.ratio(900, 1700),
        np.arange(1, 6) ** -draw.between(1, 2.5),
        length,
        length * draw.ratio(1.7, 2.2),
        1,
        0,
    )


def timer(draw: Draw, count: int) -> np.ndarray:
    """Microwaves, tills, hospital monitors: single plain tones far apart."""
    length = draw.ratio(0.07, 0.45)
    return beeps(
        draw,
        count,
        draw.ratio(700, 2800),
        [1, draw.between(0, 0.2)],
        length,
        length + draw.ratio(0.5, 1.8),
        draw.whole(1, 4),
        draw.ratio(0.2, 2),
    )


def buzzer(draw: Draw, count: int) -> np.ndarray:
    """A low rattle rich in overtones, in blasts."""
    length = draw.ratio(0.25, 1.3)
    return beeps(
        draw,
        count,
        draw.ratio(110, 420),
        np.arange(1, 40) ** -draw.between(0.2, 0.7),
        length,
        length * draw.ratio(1.3, 2.2),
        1,
        0,
    )


VARIANTS = [clock, smoke, lorry, timer, buzzer]
