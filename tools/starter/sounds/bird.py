"""Birds: chirps, trills, whistled phrases, warbles, cooing, caws."""

from __future__ import annotations

import numpy as np

from .draw import Draw
from .parts import RATE, band, convolved, count_of, filtered, harmonic, pulse, put, shaped, sine, slow, tail


def syllable(seconds: float, start: float, end: float, bend: float = 0, overtone: float = 0) -> np.ndarray:
    """A whistle from `start` to `end` hertz, bent in the middle by `bend` octaves."""
    t = np.linspace(0, 1, count_of(seconds))
    hertz = np.clip(start * (end / start) ** t * 2 ** (bend * np.sin(np.pi * t)), 150, 7600)
    sound = sine(hertz)
    if overtone:
        sound = sound + overtone * np.where(hertz < 3800, np.sin(4 * np.pi * np.cumsum(hertz) / RATE), 0)
    return (sound * np.sin(np.pi * t) ** 0.7).astype(np.float32)


def sung(draw: Draw, count: int, phrase, pause: tuple[float, float]) -> np.ndarray:
    """One to three birds, each repeating its phrase with pauses, each at its own distance among trees."""
    rng = draw.rng
    out = np.zeros(count, np.float32)
    for bird in range(draw.pick((1, 1, 2, 3))):
        song, one = phrase(), np.zeros(count, np.float32)
        at = draw.between(0.05, 1.5)
        while at < count / RATE:
            put(one, song, count_of(at), rng.uniform(0.6, 1))
            at += len(song) / RATE + draw.ratio(*pause) * rng.uniform(0.8, 1.3)
            if rng.random() < 0.3:
                song = phrase()
        out += one * (1 if bird == 0 else rng.uniform(0.1, 0.7))
    return convolved(out, tail(rng, draw.ratio(0.1, 1.2), draw.between(-22, -5), 5000))


def joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(2, np.float32)


def gap(seconds: float) -> np.ndarray:
    return np.zeros(count_of(seconds), np.float32)


def chirps(draw: Draw, count: int) -> np.ndarray:
    """Sparrows: short falling or hooked syllables, alone or a few in a row."""

    def phrase():
        start, sweep, length = draw.ratio(2200, 6500), draw.between(-1.1, 0.6), draw.ratio(0.03, 0.16)
        one = syllable(length, start, start * 2**sweep, draw.between(-0.3, 0.4), draw.between(0, 0.3))
        return joined([part for _ in range(draw.whole(1, 5)) for part in (one, gap(draw.ratio(0.03, 0.25)))])

    return sung(draw, count, phrase, (0.2, 1.6))


def trills(draw: Draw, count: int) -> np.ndarray:
    """Canaries, wrens: one syllable, ten to thirty times a second."""

    def phrase():
        parts = []
        for _ in range(draw.whole(1, 3)):
            start, rate = draw.ratio(2300, 6000), draw.ratio(8, 32)
            one = syllable(0.7 / rate, start, start * 2 ** draw.between(-0.7, 0.5), draw.between(-0.2, 0.3))
            parts += [one, gap(0.3 / rate)] * int(np.clip(rate * draw.ratio(0.3, 1.4), 3, 60))
        return joined(parts)

    return sung(draw, count, phrase, (0.4, 2.5))


def whistles(draw: Draw, count: int) -> np.ndarray:
    """Blackbirds, orioles: pure, slow, almost a melody."""

    def phrase():
        base, parts = draw.ratio(1200, 3600), []
        for _ in range(draw.whole(2, 6)):
            start = base * 2 ** draw.rng.uniform(-0.5, 0.5)
            parts.append(
                syllable(draw.ratio(0.08, 0.45), start, start * 2 ** draw.between(-0.3, 0.3), draw.between(-0.15, 0.15), 0.08)
            )
            parts.append(gap(draw.ratio(0.02, 0.2)))
        return joined(parts)

    return sung(draw, count, phrase, (0.5, 3))


def warbles(draw: Draw, count: int) -> np.ndarray:
    """Larks: a long song whose pitch wanders and shakes without a stop."""

    def phrase():
        length = count_of(draw.ratio(0.8, 4))
        shake = 2 ** (draw.between(0.03, 0.25) * np.sin(2 * np.pi * draw.ratio(12, 55) * np.arange(length) / RATE))
        hertz = draw.ratio(2200, 4800) * 2 ** (draw.between(0.15, 0.5) * slow(draw.rng, length, draw.ratio(3, 9))) * shake
        level = np.clip(0.5 + slow(draw.rng, length, draw.ratio(4, 12)), 0, 1.5)
        return sine(np.clip(hertz, 900, 7500)) * level * pulse(length, 0.03, 0.05)

    return sung(draw, count, phrase, (0.4, 2.5))


def coos(draw: Draw, count: int) -> np.ndarray:
    """Doves, cuckoos, owls: soft hoots below a kilohertz in a set rhythm."""

    def phrase():
        base, parts, breath = draw.ratio(330, 900), [], draw.between(0.02, 0.12)
        for _ in range(draw.whole(2, 5)):
            length = count_of(draw.ratio(0.12, 0.6))
            t = np.linspace(0, 1, length)
            hertz = base * 2 ** (draw.between(-0.3, 0.3) + draw.between(0, 0.25) * np.sin(np.pi * t))
            hoot = harmonic(hertz, [1, draw.between(0.05, 0.35), 0.06, 0.02])
            hoot = hoot + breath * shaped(draw.rng, length, lambda f: band(f, 300, 1800))
            parts += [hoot * np.sin(np.pi * t) ** 0.8, gap(draw.ratio(0.05, 0.35))]
        return joined(parts)

    return sung(draw, count, phrase, (0.5, 2.5))


def caws(draw: Draw, count: int) -> np.ndarray:
    """Crows, gulls, jays: harsh, rich in overtones, a rough voice."""

    def phrase():
        base, parts = draw.ratio(320, 1300), []
        for _ in range(draw.whole(1, 4)):
            length = count_of(draw.ratio(0.15, 0.55))
            t = np.linspace(0, 1, length)
            rough = 1 + draw.between(0.01, 0.07) * slow(draw.rng, length, draw.ratio(60, 250))
            hertz = base * (1 + 0.2 * np.sin(np.pi * t) - draw.between(0, 0.3) * t) * rough
            parts += [
                harmonic(hertz, np.arange(1, 25) ** -0.5, draw.rng) * pulse(length, 0.03, 0.08),
                gap(draw.ratio(0.1, 0.5)),
            ]
        low = draw.ratio(800, 1600)
        return filtered(joined(parts), lambda f: band(f, low, low * 2.2, 1.5)) * 2

    return sung(draw, count, phrase, (0.4, 2.5))


VARIANTS = [chirps, trills, whistles, warbles, coos, caws]
