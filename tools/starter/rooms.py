"""What stands between a mouth and a microphone: silence around it, rooms, filters, levels and noise."""

from __future__ import annotations

import numpy as np
from scipy.signal import fftconvolve


def noise(rng: np.random.Generator, count: int) -> np.ndarray:
    """Unit variance, a power spectrum of 1/f^0 ... 1/f^2, and now and then swelling."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / 16_000), 40)
    shaped = np.fft.irfft(spectrum * hertz ** (-rng.uniform(0, 1)), count)
    if rng.random() < 0.3:
        shaped *= 1 + 0.7 * np.sin(2 * np.pi * (rng.uniform(0.2, 3) * np.arange(count) / 16_000 + rng.random()))
    return shaped / (shaped.std() + 1e-9)


def at_ratio(rng: np.random.Generator, samples: np.ndarray, decibels: float) -> np.ndarray:
    """`samples` with noise at this signal-to-noise ratio over the whole of them."""
    level = np.sqrt(np.mean(samples**2)) * 10 ** (-decibels / 20)
    return samples + level * noise(rng, len(samples))


def room(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """A direct path and a decaying tail: reverberation time 0.1 ... 0.5 s, tail -6 ... -22 dB."""
    seconds = rng.uniform(0.1, 0.5)
    length = int(16_000 * seconds)
    tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    tail *= 10 ** (-rng.uniform(6, 22) / 20) / np.sqrt(np.sum(tail**2))
    tail[: int(rng.integers(16, 320))] = 0
    tail[0] = 1
    return fftconvolve(samples, tail)[: len(samples)]


def microphone(rng: np.random.Generator, samples: np.ndarray) -> np.ndarray:
    """A smooth random frequency response within about 10 dB, and sometimes a band limit."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / 16_000)
    places = np.geomspace(60, 8000, 8)
    gain = np.interp(np.log(np.maximum(hertz, 60)), np.log(places), rng.normal(0, 4, 8))
    if rng.random() < 0.3:
        gain -= 12 * np.log2(np.maximum(hertz / rng.uniform(3000, 7000), 1))
    if rng.random() < 0.3:
        gain -= 12 * np.log2(np.maximum(rng.uniform(100, 350) / np.maximum(hertz, 30), 1))
    return np.fft.irfft(spectrum * 10 ** (gain / 20), len(samples))


def recorded(rng: np.random.Generator, samples: np.ndarray) -> tuple[np.ndarray, float]:
    """A training example: all of the above by chance. Also says by how many seconds the sound was moved."""
    before, after = rng.uniform(0.02, 0.6, 2)
    out = np.pad(samples, (int(before * 16_000), int(after * 16_000)))
    if rng.random() < 0.4:
        out = room(rng, out)
    if rng.random() < 0.6:
        out = microphone(rng, out)
    out = at_ratio(rng, out, rng.uniform(5, 40) if rng.random() < 0.8 else rng.uniform(40, 70))
    level = 10 ** (rng.uniform(-34, -3) / 20) / (np.abs(out).max() + 1e-9)
    return (out * level).astype(np.float32), before
