"""What the generators are made of: shaped noise, ringing modes, wave tables, envelopes, instants."""

from __future__ import annotations

import os

import numpy as np
from scipy import fft
from scipy.signal import lfilter

# what the models hear; the sample recordings (make-samples.py) are made at a rate that none of them has
RATE = int(os.environ.get("STARTER_RATE", 16_000))
TOP = 0.48125 * RATE  # no partial above this


def count_of(seconds: float) -> int:
    return max(2, int(seconds * RATE))


def hertz_of(count: int) -> np.ndarray:
    return fft.rfftfreq(count, 1 / RATE).astype(np.float32)


def band(hertz: np.ndarray, low: float, high: float, order: float = 2) -> np.ndarray:
    """Butterworth in magnitude on both sides."""
    with np.errstate(divide="ignore"):
        return 1 / np.sqrt((1 + (low / np.maximum(hertz, 1)) ** (2 * order)) * (1 + (hertz / high) ** (2 * order)))


def slope(hertz: np.ndarray, decibels: float, corner: float = 100) -> np.ndarray:
    """`decibels` per octave above `corner`, flat below."""
    return np.maximum(hertz / corner, 1) ** np.float32(decibels / 6.02)


def shaped(rng: np.random.Generator, count: int, response) -> np.ndarray:
    """Gaussian noise with this magnitude `response(Hz)`, unit variance; made in the frequency domain."""
    size = fft.next_fast_len(count, real=True)
    hertz = hertz_of(size)
    spectrum = rng.standard_normal((len(hertz), 2), dtype=np.float32).view(np.complex64)[:, 0]
    spectrum = spectrum * response(hertz).astype(np.float32)
    spectrum[0] = 0
    out = fft.irfft(spectrum, size)[:count]
    return out / (np.sqrt(np.mean(out * out)) + 1e-12)


def filtered(sound: np.ndarray, response) -> np.ndarray:
    """`sound` times `response(Hz)`, zero phase; circular, so let the ends be quiet or not matter."""
    size = fft.next_fast_len(len(sound), real=True)
    spectrum = fft.rfft(sound.astype(np.float32), size)
    return fft.irfft(spectrum * response(hertz_of(size)).astype(np.float32), size)[: len(sound)]


def convolved(sound: np.ndarray, response: np.ndarray) -> np.ndarray:
    size = fft.next_fast_len(len(sound) + len(response), real=True)
    product = fft.rfft(sound.astype(np.float32), size) * fft.rfft(response.astype(np.float32), size)
    return fft.irfft(product, size)[: len(sound)]


def tail(rng: np.random.Generator, seconds: float, decibels: float, high: float = 4000) -> np.ndarray:
    """A room or a valley: the direct sound and a diffuse tail that falls by 60 dB in `seconds`."""
    count = count_of(seconds)
    out = shaped(rng, count, lambda f: band(f, 60, high, 1)) * 10 ** (-3 * np.arange(count) / count)
    out *= 10 ** (decibels / 20) / np.sqrt(np.sum(out**2))
    out[: count_of(0.004)] = 0
    out[0] = 1
    return out


def slow(rng: np.random.Generator, count: int, hertz: float) -> np.ndarray:
    """A smooth random course of unit variance that wanders about `hertz` times a second."""
    points = max(4, int(count / RATE * hertz * 2) + 3)
    knots = rng.standard_normal(points).astype(np.float32)
    fine = np.interp(np.linspace(0, points - 1, 16 * points), np.arange(points), knots)
    fine = np.convolve(fine, np.hanning(17) / np.hanning(17).sum(), "same")  # round the corners
    return np.interp(np.linspace(8, 16 * points - 9, count), np.arange(16 * points), fine / 0.75).astype(np.float32)


def gusts(rng: np.random.Generator, count: int, hertz: float, depth: float) -> np.ndarray:
    """A positive course around 1 for wind speeds and levels: log-normal, now and then nearly still."""
    return np.exp(depth * slow(rng, count, hertz)).astype(np.float32)


def ring(count: int, hertz: float, decay: float, level: float = 1, phase: float = 0) -> np.ndarray:
    """A struck mode: a sine that falls to 1/e in `decay` seconds, by its own difference equation."""
    if hertz >= TOP or count < 2:
        return np.zeros(max(count, 1), np.float32)
    w, r = 2 * np.pi * hertz / RATE, np.exp(-1 / (decay * RATE))
    impulse = np.zeros(count)
    impulse[0] = level
    return lfilter([np.sin(phase), r * np.sin(w - phase)], [1, -2 * r * np.cos(w), r * r], impulse).astype(np.float32)


def modes(seconds: float, hertz, decays, levels, rng: np.random.Generator | None = None) -> np.ndarray:
    """Several of them, in random phases where `rng` is given."""
    count = count_of(seconds)
    out = np.zeros(count, np.float32)
    for f, decay, level in zip(hertz, decays, levels):
        part = ring(min(count, count_of(7 * decay)), f, decay, level, rng.uniform(0, 6.28) if rng else 0)
        out[: len(part)] += part
    return out


def click(rng: np.random.Generator, seconds: float, low: float, high: float) -> np.ndarray:
    """A burst of noise in a band that dies away in `seconds`."""
    count = count_of(5 * seconds)
    burst = shaped(rng, max(count, 64), lambda f: band(f, low, high))[:count]
    return burst * np.exp(-np.arange(count) / (seconds * RATE)).astype(np.float32)


def put(out: np.ndarray, sound: np.ndarray, at: int, gain: float = 1) -> None:
    """Adds `sound` at sample `at`; what hangs over the end is lost."""
    if 0 <= at < len(out):
        stop = min(len(out), at + len(sound))
        out[at:stop] += gain * sound[: stop - at]


def scatter(out: np.ndarray, templates: np.ndarray, at: np.ndarray, gains: np.ndarray, which: np.ndarray) -> None:
    """Adds thousands of short sounds at once. templates: [kind, sample]"""
    room = len(out) + templates.shape[1]
    places = at[:, None] + np.arange(templates.shape[1])
    sums = np.bincount(places.ravel(), (gains[:, None] * templates[which]).ravel(), room)
    out += sums[: len(out)].astype(out.dtype)


def poisson(rng: np.random.Generator, count: int, per_second: float, shape: np.ndarray | None = None) -> np.ndarray:
    """Instants of chance in samples, sorted; more where `shape` is large."""
    number = rng.poisson(per_second * count / RATE)
    if shape is None:
        return np.sort(rng.integers(0, count, number))
    total = np.cumsum(shape[::64], dtype=float)
    return np.minimum(
        np.searchsorted(total, np.sort(rng.random(number)) * total[-1]) * 64 + rng.integers(0, 64, number), count - 1
    )


def regular(rng: np.random.Generator, count: int, every: float, jitter: float) -> np.ndarray:
    """Instants `every` seconds, each interval off by a share `jitter`; the first at random."""
    number = int(count / RATE / every) + 2
    steps = every * np.maximum(1 + jitter * rng.standard_normal(number), 0.2)
    at = (rng.uniform(0, min(every, 1.5)) + np.cumsum(steps) - steps[0]) * RATE
    return at[at < count].astype(int)


def sine(hertz: np.ndarray | float, count: int | None = None, phase: float = 0) -> np.ndarray:
    """A sine whose frequency follows `hertz`."""
    if count is not None:
        hertz = np.full(count, hertz)
    return np.sin(2 * np.pi * (cycles(hertz) + phase)).astype(np.float32)


def cycles(hertz: np.ndarray) -> np.ndarray:
    return np.cumsum(hertz, dtype=np.float64) / RATE % 1.0


def harmonic(hertz: np.ndarray, levels: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """A periodic sound that follows `hertz`; levels of partials 1, 2 ...; those beyond the band are left out."""
    levels = np.asarray(levels, float)[: max(1, int(TOP / max(float(np.max(hertz)), 1)))]
    phases = rng.uniform(0, 2 * np.pi, len(levels)) if rng else np.zeros(len(levels))
    spectrum = np.zeros(2049, complex)
    spectrum[1 : len(levels) + 1] = levels * np.exp(1j * (phases - np.pi / 2))
    table = np.fft.irfft(spectrum, 4096) * 2048
    table = np.append(table, table[:2]).astype(np.float32)
    place = (cycles(hertz) * 4096).astype(np.float32)
    index = place.astype(np.int32)
    return table[index] + (place - index) * (table[index + 1] - table[index])


def pulse(count: int, attack: float, release: float) -> np.ndarray:
    """An envelope that rises in `attack` and falls in `release` seconds, with raised cosines, and is flat between."""
    up, down = min(count_of(attack), count // 2), min(count_of(release), count - count // 2)
    out = np.ones(count, np.float32)
    out[:up] = 0.5 - 0.5 * np.cos(np.pi * np.arange(up) / up)
    out[count - down :] = 0.5 + 0.5 * np.cos(np.pi * (np.arange(down) + 1) / down)
    return out


def bubbles(rng: np.random.Generator, kinds: int, low: float, high: float, rise: float, damping: float = 1) -> np.ndarray:
    """Minnaert's bubbles: sines that rise a little while they die away; the smaller, the shorter. [kind, sample]"""
    count = count_of(0.09)
    t = np.arange(count) / RATE
    hertz = np.exp(rng.uniform(np.log(low), np.log(high), kinds))[:, None]
    decay = damping * (0.043 * hertz + 0.0014 * hertz**1.5)  # per second (van den Doel 2005)
    phase = hertz * (t + rise * decay * t * t / 2)
    fade = 1 - (np.arange(count) / count) ** 4
    return (np.sin(2 * np.pi * phase) * np.exp(-decay * t) * fade * (1 - np.exp(-t / 0.0008))).astype(np.float32)


def unit(sound: np.ndarray) -> np.ndarray:
    """Largest magnitude 1."""
    peak = float(np.max(np.abs(sound)))
    return sound / peak if peak > 0 else sound


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
