#!/usr/bin/env python3
"""Write resources/recordings: a thunderstorm and a wind chime worked out from physics, and a phrase spoken by espeak-ng."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf

ROOT = Path(__file__).resolve().parent.parent
SOUND = 343.0  # m/s
PHRASE = "Listen: the thunder rolls over the hills, and the chimes answer it in the wind."


def shaped_noise(rng, count: int, rate: int, response) -> np.ndarray:
    """White noise times `response(Hz)`, unit variance."""
    spectrum = np.fft.rfft(rng.standard_normal(count)) * response(np.fft.rfftfreq(count, 1 / rate))
    out = np.fft.irfft(spectrum, count)
    return out / out.std()


def low_pass(x: np.ndarray, rate: int, corner: float, order: int = 2) -> np.ndarray:
    """Zero phase, Butterworth in magnitude."""
    hertz = np.fft.rfftfreq(len(x), 1 / rate)
    return np.fft.irfft(np.fft.rfft(x) / np.sqrt(1 + (hertz / corner) ** (2 * order)), len(x))


def convolve(x: np.ndarray, response: np.ndarray) -> np.ndarray:
    size = len(x) + len(response)
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(response, size), size)[: len(x)]


def lightning(rng, distance: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """A jagged channel with branches: middles and vectors of its segments, in metres; the listener is at the origin."""
    points, vectors = [], []

    def grow(start, heading, steps, branch):
        at = start
        for i in range(steps):
            if i % 45 == 0:  # long straight reaches seen from the side are what claps
                heading = heading + 0.9 * rng.standard_normal(3)
            heading = heading + 0.28 * rng.standard_normal(3) + np.array([0, 0, -0.09])
            heading /= np.linalg.norm(heading)
            step = heading * rng.uniform(4, 14)
            points.append(at + step / 2)
            vectors.append(step)
            at = at + step
            if at[2] < 0:
                return
            if branch and rng.random() < 0.02:
                grow(at, heading + 0.9 * rng.standard_normal(3), int(rng.integers(30, 110)), False)

    grow(np.array([distance, 0.15 * distance, height]), np.array([-0.35, 0.0, -1.0]), 900, True)
    return np.array(points), np.array(vectors)


def thunder_clap(rng, rate: int, count: int, at: float, distance: float, height: float) -> np.ndarray:
    """Every segment sends an N-wave, strongest sideways to itself; air takes the treble of what comes from far away."""
    points, vectors = lightning(rng, distance, height)
    away = np.linalg.norm(points, axis=1)
    along = np.abs(np.sum(points * vectors, axis=1)) / away
    strength = np.sqrt(np.maximum(np.sum(vectors**2, axis=1) - along**2, 0)) / away
    strength *= rng.gamma(0.3, 1.0, len(away))
    # air takes the treble: sources are sorted into shells of equal distance, each with its own low pass
    shells = np.minimum(((away - away.min()) / 150).astype(int), 24)
    out = np.zeros(count)
    for shell in np.unique(shells):
        train = np.zeros(count)
        for i in np.flatnonzero(shells == shell):
            for stroke, gain in ((0.0, 1.0), (0.071, 0.55), (0.164, 0.4)):
                place = int((at + stroke + (away[i] - away.min()) / SOUND) * rate)
                if place < count:
                    train[place] += gain * strength[i] * rng.choice((1, 1, 1, -0.6))
        pulse = np.linspace(1, -1, int(0.0045 * rate))
        out += low_pass(convolve(train, pulse), rate, 4200 * np.exp(-shell / 7) + 130, 1)
    return out


def thunder(rng) -> tuple[np.ndarray, int]:
    rate, seconds = 32_000, 14.0
    count = int(rate * seconds)
    near = thunder_clap(rng, rate, count, 1.3, 700, 2400)
    far = thunder_clap(rng, rate, count, 7.4, 2600, 3200)
    dry = near / np.abs(near).max() + 0.3 * far / np.abs(far).max()
    # hills and clouds: a long dark tail
    t = np.arange(int(4.5 * rate)) / rate
    tail = shaped_noise(rng, len(t), rate, lambda f: 1 / (1 + (f / 170) ** 2)) * np.exp(-t / 0.8) * (1 - np.exp(-t / 0.2))
    wet = dry + 0.32 * convolve(dry, tail / np.sqrt(np.sum(tail**2)))
    wet = wet / np.abs(wet).max()
    rain = shaped_noise(rng, count, rate, lambda f: (f / 900) ** 0.5 / (1 + (f / 3200) ** 2))
    drops = np.zeros(count)
    for place in rng.integers(0, count - 400, 500):
        drops[place : place + 160] += rng.exponential(0.006) * np.hanning(160) * rng.standard_normal(160)
    swell = 1 + 0.35 * np.sin(2 * np.pi * (0.11 * np.arange(count) / rate + 0.3))
    return np.tanh(1.1 * wet) + 0.0045 * swell * rain + drops, rate


# Free bar: f_n = f_1 × (β_n / β_1)²
BAR = np.array([1.0, 2.756, 5.404, 8.933, 13.345])


def strike(rng, rate: int, hertz: float, force: float) -> np.ndarray:
    """One tube: five bending modes, each a close pair that beats; the higher, the shorter."""
    t = np.arange(int(rate * 5)) / rate
    out = np.zeros(len(t))
    for mode, ratio in enumerate(BAR):
        frequency = hertz * ratio
        if frequency > 0.47 * rate:
            break
        level = force ** (1 + 0.25 * mode) / (1 + 1.1 * mode) * rng.uniform(0.6, 1.2)
        decay = 0.7 / (1 + 0.6 * mode) * (700 / hertz) ** 0.35
        beat = rng.uniform(0.4, 1.6)
        pair = np.sin(2 * np.pi * frequency * t) + 0.6 * np.sin(2 * np.pi * (frequency + beat) * t + rng.uniform(0, 6))
        out += level * pair * np.exp(-t / decay)
    knock = rng.standard_normal(int(0.012 * rate)) * np.hanning(int(0.024 * rate))[int(0.012 * rate) :]
    out[: len(knock)] += 0.25 * force * knock
    return out * (1 - np.exp(-t / 0.0007))


def chimes(rng) -> tuple[np.ndarray, int]:
    rate, seconds = 24_000, 10.0
    count = int(rate * seconds)
    tubes = 523.25 * 2 ** (np.array([0, 2, 4, 7, 9, 12]) / 12) * (1 + 0.003 * rng.standard_normal(6))
    out = np.zeros((count, 2))
    at, previous = 0.55, -1
    while at < seconds - 0.6:
        gust = 0.5 + 0.5 * np.sin(2 * np.pi * at / 4.3 - 0.6)  # the wind comes and goes
        tube = int(rng.choice([i for i in range(6) if i != previous]))
        sound = strike(rng, rate, tubes[tube], 0.25 + 0.75 * gust * rng.uniform(0.5, 1))
        place, side = int(at * rate), 0.2 + 0.6 * tube / 5
        stretch = slice(place, min(count, place + len(sound)))
        for channel, gain in enumerate((np.cos(side * np.pi / 2), np.sin(side * np.pi / 2))):
            out[stretch, channel] += gain * sound[: stretch.stop - place]
        at, previous = at + rng.exponential(0.3 + 0.7 * (1 - gust)) + 0.06, tube
    out *= 0.7 / np.abs(out).max()
    t = np.arange(count) / rate
    for channel in range(2):
        wind = shaped_noise(rng, count, rate, lambda f: 1 / (1 + (f / 260) ** 1.6))
        out[:, channel] += 0.006 * (0.6 + 0.4 * np.sin(2 * np.pi * t / 4.3 - 0.6)) * wind
    return out, rate


def voice(rng) -> tuple[np.ndarray, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phrase.wav"
        subprocess.run(["espeak-ng", "-v", "en-gb", "-s", "150", "-w", str(path), PHRASE], check=True)
        speech, rate = sf.read(path)
    loud = np.flatnonzero(np.abs(speech) > 0.01)
    speech = 0.8 * speech[loud[0] : loud[-1]] / np.abs(speech).max()
    quiet = np.zeros(int(0.4 * rate))
    out = np.concatenate([quiet, speech, quiet])
    return out + 0.0004 * rng.standard_normal(len(out)), rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "resources/recordings")
    out = parser.parse_args().out
    if not shutil.which("espeak-ng"):
        sys.exit("espeak-ng is not installed: it speaks the phrase (Debian: apt-get install espeak-ng)")
    out.mkdir(parents=True, exist_ok=True)
    for seed, make in ((11, thunder), (12, chimes), (13, voice)):
        rng = np.random.default_rng(seed)
        sound, rate = make(rng)
        sound = sound * min(1, 0.92 / np.abs(sound).max())
        edge = np.linspace(0, 1, rate // 20).reshape(-1, *[1] * (sound.ndim - 1))
        sound[: len(edge)] *= edge
        sound[-len(edge) :] *= edge[::-1]
        dither = (rng.random(sound.shape) - rng.random(sound.shape)) / 32768
        path = out / f"{make.__name__}.wav"
        sf.write(path, sound + dither, rate, subtype="PCM_16")
        print(f"{path}: {len(sound) / rate:.2f} s, {rate} Hz, {path.stat().st_size:,} bytes")
        assert path.stat().st_size <= 1_000_000


if __name__ == "__main__":
    main()
