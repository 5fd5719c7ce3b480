"""What a microphone hears: one to three sounds, cut, levelled, put in a room, recorded; and the bank they are cut from."""

from __future__ import annotations

import zlib

import numpy as np
import sounds
from scipy import fft
from sounds.draw import Draw
from sounds.parts import RATE, band, filtered, hertz_of, pulse, slope

CLIP = 164_080  # samples of 1024 frames: 10.255 s
BLOCK = 1024  # samples over which loudness is taken
# classes that were learnt late in trials, or that matter most to be right, come more often
WEIGHTS = {"Clock tick": 1.6, "Rain": 1.6, "Cricket": 1.3, "Tone": 1.4, "Knock": 1.3, "Telephone": 1.2, "Wind": 1.2}
WEIGHTS |= {"Thunder": 1.3, "Wind chime": 1.3, "Stream": 1.2, "Silence": 0.0}  # silence has scenes of its own
# in training alone: what is most often taken for something else
HARD = {"Ocean waves": 1.6, "Train": 1.6, "Noise": 1.5, "Clapping": 1.5, "Knock": 1.3, "Engine": 1.3, "Alarm beep": 1.5, "Wind": 1.5}
HARD |= {"Wind chime": 1.3}
SILENT = 0.05
# which share of a training's clips and scenes is of extremes, and how wide the ends of the ranges are: beyond them lies what the
# outside scenes are made of
EXTREMES = (0.85, 0.1)
# what is often heard together
COMPANIONS = {
    "Thunder": ("Rain", "Rain", "Rain", "Wind"), "Rain": ("Thunder", "Wind"), "Wind": ("Rain", "Wind chime", "Thunder"),
    "Wind chime": ("Wind", "Bird"), "Bird": ("Stream", "Wind", "Cricket"), "Church bell": ("Bird", "Engine"),
    "Ocean waves": ("Wind", "Bird"), "Cricket": ("Fire", "Bird"), "Siren": ("Engine",), "Footsteps": ("Knock", "Speech"),
}  # fmt: skip


class Bank:
    """Clips of a class, numbered from 0; a number always means the same sound. They are made when first asked for."""

    def __init__(self, seed: int, regime: str, disguise=None):
        """`disguise(rng, clip)` is what training does to a clip."""
        self.seed, self.regime, self.disguise = seed, regime, disguise
        self.clips: dict[tuple[str, int], np.ndarray] = {}

    def clip(self, label: str, number: int) -> np.ndarray:
        if (label, number) not in self.clips:
            rng = np.random.default_rng((self.seed, zlib.crc32(label.encode()), number))
            made = sounds.make(label, drawing(rng, self.regime), CLIP)
            if self.disguise:
                made = self.disguise(rng, made)
            # half precision keeps what is quiet next to what is loud
            self.clips[label, number] = (made * 1024).astype(np.float16)
        return self.clips[label, number].astype(np.float32) / 1024

    def forget_before(self, number: int) -> None:
        self.clips = {key: clip for key, clip in self.clips.items() if key[1] >= number}


def drawing(rng: np.random.Generator, regime: str) -> Draw:
    share, width = EXTREMES
    return Draw(rng, regime, width if regime == "train" and rng.random() < share else 0)


def disguised(rng: np.random.Generator, clip: np.ndarray) -> np.ndarray:
    """The same sound at another speed, with what is soft nearer to what is loud or further from it, in another colour: what the
    ranges of a generator leave out, without a look beyond them. Its largest magnitude stays."""
    peak = np.max(np.abs(clip))
    if rng.random() < 0.75:
        clip = played(clip, np.exp(rng.uniform(-0.6, 0.6)))
    if rng.random() < 0.4:
        clip = clip * swelling(clip, rng.uniform(-0.4, 0.8))
    if rng.random() < 0.5:
        decibels = np.cumsum(rng.normal(0, 3, 9)) + rng.normal(0, 4, 9) + rng.uniform(-2, 2) * np.arange(9)
        clip = filtered(clip, lambda hertz: response(hertz, decibels - decibels.mean()))
    return clip * (peak / (np.max(np.abs(clip)) + 1e-9))


def swelling(clip: np.ndarray, power: float) -> np.ndarray:
    """The loudness around every sample as a share of the greatest, to this power."""
    blocks = np.sqrt(np.mean(clip[: len(clip) // BLOCK * BLOCK].reshape(-1, BLOCK) ** 2, axis=1)) + 1e-5
    smooth = np.convolve(np.pad(blocks, 1, "edge"), np.full(3, 1 / 3), "valid")
    places = BLOCK * (np.arange(len(smooth)) + 0.5)
    return np.interp(np.arange(len(clip)), places, (smooth / smooth.max()) ** power).astype(np.float32)


def response(hertz: np.ndarray, decibels: np.ndarray) -> np.ndarray:
    """A smooth curve through nine places, less than an octave from each other."""
    places = np.log(np.geomspace(50, 8000, 9))
    return 10 ** (np.interp(np.log(np.maximum(hertz, 50)), places, decibels) / 20)


def played(clip: np.ndarray, speed: float) -> np.ndarray:
    """Faster and higher, or slower and lower, as a tape, from the start again where it runs out; what highs are lost between
    samples are no matter."""
    places = np.arange(len(clip)) * speed
    whole = places.astype(np.int32)
    part = (places - whole).astype(np.float32)
    return clip[whole % len(clip)] * (1 - part) + clip[(whole + 1) % len(clip)] * part


def labels_of(rng: np.random.Generator, regime: str) -> list[str]:
    """The first is the loudest."""
    if rng.random() < SILENT:
        return ["Silence"]
    harder = HARD if regime == "train" else {}
    weights = np.array([WEIGHTS.get(label, 1.0) * harder.get(label, 1.0) for label in sounds.LABELS])
    chosen: list[str] = []
    for _ in range(rng.choice((1, 2, 3), p=(0.5, 0.35, 0.15))):
        label = str(rng.choice(sounds.LABELS, p=weights / weights.sum()))
        if chosen and chosen[0] in COMPANIONS and rng.random() < 0.4:
            label = str(rng.choice(COMPANIONS[chosen[0]]))
        if label not in chosen:
            chosen.append(label)
    return chosen


def loudness(sound: np.ndarray) -> tuple[np.ndarray, float]:
    """Of every block, and one figure half way (in decibels) between the loudest block and the whole."""
    whole = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)
    blocks = np.sqrt(np.mean(whole * whole, axis=1))
    return blocks, float(np.sqrt(blocks.max() * np.sqrt(np.mean(blocks**2)))) + 1e-9


def excerpt(draw: Draw, clip: np.ndarray, count: int) -> np.ndarray:
    """`count` samples in which the sound is surely heard; often it begins late or ends early."""
    rng = draw.rng
    blocks, _ = loudness(clip)
    anchor = BLOCK * int(np.searchsorted(np.cumsum(blocks) / (blocks.sum() + 1e-12), rng.random()))
    start = int(np.clip(anchor - rng.uniform(0.1, 0.9) * count, 0, len(clip) - count))
    cut = clip[start : start + count].copy()
    if rng.random() < 0.4:
        anchor = min(max(anchor - start, 0), count)
        begin = int(rng.uniform(0, max(anchor - 0.5 * RATE, 0)))
        end = int(rng.uniform(min(anchor + 0.8 * RATE, count), count))
        active = np.zeros(count, np.float32)
        active[begin:end] = pulse(end - begin, rng.uniform(0.01, 0.6), rng.uniform(0.05, 1)) if end - begin > 8 else 0
        cut *= active
    return cut


def mixed(draw: Draw, labels: list[str], count: int, clip_of) -> tuple[np.ndarray, list[np.ndarray]]:
    out, loud = np.zeros(count, np.float32), []
    for i, label in enumerate(labels):
        cut = excerpt(draw, clip_of(label), count)
        blocks, level = loudness(cut)
        loud.append(blocks > 0.1 * level)
        out += cut * (10 ** (-(0 if i == 0 else draw.rng.uniform(0, 13)) / 20) / level)
    return out, loud


def recorded(draw: Draw, sound: np.ndarray) -> np.ndarray:
    """Room, microphone and noise floor in one pass through the frequency domain; then the recorder's level."""
    rng, count = draw.rng, len(sound)
    size = fft.next_fast_len(count + RATE, real=True)
    hertz = hertz_of(size)
    spectrum = fft.rfft(sound, size)
    if rng.random() < 0.4:
        length = int(RATE * draw.ratio(0.1, 0.9))
        tail = rng.standard_normal(length, dtype=np.float32) * 10 ** (-3 * np.arange(length, dtype=np.float32) / length)
        tail *= 10 ** (-draw.between(2, 22) / 20) / np.sqrt(np.sum(tail**2))
        tail[: int(rng.integers(16, 320))] = 0
        tail[0] = 1
        spectrum *= fft.rfft(tail, size)
    if rng.random() < 0.75:
        spectrum *= microphone(draw, hertz)
    floor = rng.standard_normal((len(hertz), 2), dtype=np.float32).view(np.complex64)[:, 0] * slope(
        hertz, draw.between(-5, 0), 60
    )
    floor[0] = 0
    distance = rng.random()  # a field recorder in the wind, a quiet room, a studio
    below = draw.between(18, 45) if distance < 0.65 else rng.uniform(45, 80) if distance < 0.9 else 110
    level = loudness(sound)[1] * 10 ** (-below / 20)
    spectrum += floor * (level * size / np.sqrt(2 * np.sum(np.abs(floor) ** 2)))
    out = fft.irfft(spectrum, size)[:count]
    out /= np.max(np.abs(out)) + 1e-9
    if rng.random() < 0.15:  # an overdriven input
        drive = rng.uniform(1.5, 8)
        out = np.tanh(drive * out) / np.tanh(drive)
    out *= 10 ** (-(rng.uniform(0.2, 14) if rng.random() < 0.5 else rng.uniform(14, 42)) / 20)
    return np.round(out * 32768) / 32768 if rng.random() < 0.5 else out


def microphone(draw: Draw, hertz: np.ndarray) -> np.ndarray:
    """A smooth response within some decibels, and the limits of telephones, codecs and cheap capsules."""
    out = response(hertz, draw.rng.normal(0, draw.between(1, 6), 9))
    if draw.chance(0.35):
        out *= band(hertz, draw.ratio(25, 300), draw.ratio(2500, 7000), draw.pick((1, 2, 4)))
    return out.astype(np.float32)


def scene(rng: np.random.Generator, regime: str, count: int, clip_of) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """`count` samples, and of every sound in them its name and the blocks in which it is no softer than 20 dB below its own
    loudness; `clip_of(label)` gives a clip of at least that length."""
    labels, draw = labels_of(rng, regime), drawing(rng, regime)
    if labels == ["Silence"]:
        return excerpt(draw, clip_of("Silence"), count), {"Silence": np.ones(count // BLOCK, bool)}
    out, loud = mixed(draw, labels, count, clip_of)
    return recorded(draw, out).astype(np.float32), dict(zip(labels, loud))
