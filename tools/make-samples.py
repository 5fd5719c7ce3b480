#!/usr/bin/env python3
"""Write resources/recordings from the starters' own generators, with parameters and voices that no training draws."""

from __future__ import annotations

import argparse
import functools
import os
import sys
from pathlib import Path

import numpy as np
import soundfile as sf

ROOT = Path(__file__).resolve().parent.parent
os.environ["STARTER_RATE"] = "24000"  # before the generators are imported: made at this rate, not resampled to it
sys.path.insert(0, str(ROOT / "tools/starter"))
import sounds
from espeak import Espeak, Voice
from sounds.draw import Draw
from sounds.parts import RATE, count_of, pulse, put, shaped, slope

SEED = 2026
PEAK = 10 ** (-3 / 20)
PHRASE = "listen to the thunder over the mountain please"
BELL_PHRASE = "hello my friend listen to the old bell"
# of espeak.HELD_OUT
NEAR_VOICE, SCENE_VOICE = Voice("en-us", "f3", 130, 50, 50), Voice("en-us", "m7", 135, 50, 50)


def clip(label: str, variant: int, number: int, seconds: float) -> np.ndarray:
    """The variant's place in its module's VARIANTS; `number` seeds it. Largest magnitude 1."""
    return sounds.make(label, Draw(np.random.default_rng((SEED, number)), "inside"), count_of(seconds), variant)


def faded(sound: np.ndarray, attack: float, release: float) -> np.ndarray:
    return sound * pulse(len(sound), attack, release)


espeak = functools.cache(Espeak)


def said(text: str, voice: Voice, rate: int, at: float) -> np.ndarray:
    """Prints also when the words begin in a recording where this begins at `at` seconds."""
    speech = espeak().say(text, voice, rate)
    print(" ", ", ".join(f"{word} {at + onset:.2f}" for word, onset in zip(text.split(), speech.onsets)))
    return speech.samples


def mixed(seconds: float, *parts: tuple[float, float, np.ndarray]) -> np.ndarray:
    """Each part: where it begins in seconds, its gain, itself; on the faint noise of a recorder."""
    rng = np.random.default_rng(SEED)
    out = 0.0004 * shaped(rng, count_of(seconds), lambda f: slope(f, -2))
    for at, gain, sound in parts:
        put(out, sound, count_of(at), gain)
    return out


def thunder() -> tuple[np.ndarray, int]:
    """A stroke near by, one beyond the hills, rain all the time."""
    near, far = clip("Thunder", 0, 9, 9), clip("Thunder", 0, 12, 8)
    hiss, leaves = clip("Rain", 0, 1, 14), clip("Rain", 1, 3, 14)
    strokes = (0.6, 1, faded(near, 0.01, 4)), (6, 0.35, faded(far, 0.3, 3))
    return mixed(14, *strokes, (0, 0.05, hiss), (0, 0.04, leaves)), RATE


def chimes() -> tuple[np.ndarray, int]:
    """Two chimes before two microphones, plates on the left and tubes on the right, with the wind around them."""
    plates, tubes = clip("Wind chime", 1, 14, 10), clip("Wind chime", 0, 9, 10)
    sides = [(0.9, 0.25, 5), (0.45, 0.5, 6)]
    channels = [mixed(10, (0, a, plates), (0, b, tubes), (0, 0.012, clip("Wind", 0, n, 10))) for a, b, n in sides]
    return np.stack(channels, axis=1), RATE


def voice() -> tuple[np.ndarray, int]:
    rate, before = 22_050, 0.5  # espeak-ng's own rate
    speech = np.pad(said(PHRASE, NEAR_VOICE, rate, before), int(before * rate))
    return speech + 0.0004 * np.random.default_rng(SEED).standard_normal(len(speech)), rate


def scene() -> tuple[np.ndarray, int]:
    """A bell tolls, somebody speaks while it rings out, a dog and a bird answer, rain falls on a roof."""
    bell, dog, bird = clip("Church bell", 0, 1, 9), clip("Dog bark", 0, 3, 4), clip("Bird", 0, 3, 5)
    rain, speech = clip("Rain", 2, 1, 7), said(BELL_PHRASE, SCENE_VOICE, RATE, 8)
    return mixed(
        20.5, (0, 0.6, faded(bell, 0.005, 1.5)), (8, 0.9, speech), (10.8, 0.7, faded(dog, 0.01, 0.4)),
        (12.2, 0.35, faded(bird, 0.01, 1)), (13.5, 0.5, faded(rain, 1.5, 0.1)),
    ), RATE  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "resources/recordings")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for make in (thunder, chimes, voice, scene):
        print(make.__name__)
        sound, rate = make()
        sound = (sound.T * pulse(len(sound), 0.15, 0.15 if make is voice else 0.8)).T
        sound *= PEAK / np.abs(sound).max()
        rng = np.random.default_rng(SEED)
        dither = (rng.random(sound.shape) - rng.random(sound.shape)) / 32768
        path = out / f"{make.__name__}.wav"
        sf.write(path, sound + dither, rate, subtype="PCM_16")
        print(f"  {path}: {len(sound) / rate:.2f} s, {rate} Hz, {path.stat().st_size:,} bytes")
        assert path.stat().st_size <= 1_000_000


if __name__ == "__main__":
    main()
