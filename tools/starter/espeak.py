"""espeak-ng in this process: text in; sound at 16 kHz and the place of every word out."""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

RATE = 16_000
ACCENTS = ["en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"]
# espeak's own voices that no training ever hears; the trained ones are made up by `write_variants`
HELD_OUT = ["m1", "m3", "m7", "f1", "f3", "f5", "Annie", "Andy", "Denis", "Mario", "Steph", "klatt3"]


class Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))
SYNCHRONOUS, WORD, PHONEME, PARAMETER = 2, 1, 7, {"rate": 1, "pitch": 3, "range": 4}


@dataclass
class Voice:
    accent: str
    variant: str
    rate: int  # words per minute
    pitch: int  # 0 ... 100
    range: int  # 0 ... 100


@dataclass
class Speech:
    samples: np.ndarray  # float32 at 16 kHz unless asked otherwise, largest magnitude 1
    # start of every word in seconds; None where espeak merged two words into one
    onsets: list[float] | None
    # name and start of every phoneme; names that begin with _ are pauses
    phonemes: list[tuple[str, float]]


def write_variants(folder: Path, count: int, seed: int) -> Path:
    """A copy of espeak's data with `count` random variants `s0`, `s1` ... of formants, voicing, breath and pitch."""
    source = find_data()
    data = folder / "espeak-ng-data"
    if not data.exists():
        shutil.copytree(source, data)
        # the library lists no more than 350 voices, those of all languages among them
        for file in [*(data / "lang").rglob("*"), *(data / "voices/mb").glob("*")]:
            if file.is_file() and not file.name.startswith("en"):
                file.unlink()
    rng = np.random.default_rng(seed)
    for i in range(count):
        (data / "voices/!v" / f"s{i}").write_text(variant(rng, f"s{i}"))
    return folder


def variant(rng: np.random.Generator, name: str) -> str:
    """The lines of a voice file (espeak-ng docs/voices.md); formant: frequency, height, width in per cent."""
    size = np.exp(rng.normal(0, 0.09))  # a longer or shorter vocal tract moves all formants
    low = int(np.clip(np.exp(rng.normal(np.log(115), 0.35)), 55, 260))
    lines = ["language variant", f"name {name}", f"pitch {low} {int(low * rng.uniform(1.2, 2.1))}"]
    if rng.random() < 0.12:
        lines.append(f"klatt {rng.integers(1, 5)}")
    for formant in range(9):
        place = 100 * size * np.exp(rng.normal(0, 0.04))
        lines.append(f"formant {formant} {place:.0f} {100 * np.exp(rng.normal(0, 0.3)):.0f} {rng.uniform(80, 160):.0f}")
    if rng.random() < 0.3:
        lines.append("breath " + " ".join(str(n) for n in rng.integers(0, 12, 8)))
    if rng.random() < 0.3:
        lines.append(f"roughness {rng.integers(0, 6)}")
    if rng.random() < 0.5:
        lines.append(f"flutter {rng.integers(0, 12)}")
    lines.append(f"voicing {rng.integers(60, 140)}")
    lines.append(f"consonants {rng.integers(70, 140)} {rng.integers(70, 140)}")
    lines.append(f"intonation {rng.integers(1, 5)}")
    return "\n".join(lines) + "\n"


def find_data() -> Path:
    for place in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/share", "/usr/local/share"):
        if (Path(place) / "espeak-ng-data").is_dir():
            return Path(place) / "espeak-ng-data"
    raise SystemExit("espeak-ng's data is not here: install the package espeak-ng")


class Espeak:
    """One per process: the library keeps its state in globals."""

    def __init__(self, folder: Path | None = None):
        self.library = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
        path = str(folder).encode() if folder else None
        self.rate = self.library.espeak_Initialize(SYNCHRONOUS, 0, path, 1)  # 1: phonemes are events
        if self.rate <= 0:
            raise SystemExit("espeak-ng does not start")
        self.callback = CALLBACK(self.hear)
        self.library.espeak_SetSynthCallback(self.callback)

    def hear(self, samples, count, events) -> int:
        if count > 0:
            self.blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        i = 0
        while events[i].type:
            if events[i].type == WORD:
                self.words.append(events[i].sample / self.rate)
            elif events[i].type == PHONEME:
                self.phonemes.append((events[i].id.decode(errors="replace"), events[i].sample / self.rate))
            i += 1
        return 0

    def say(self, text: str, voice: Voice, rate: int = RATE) -> Speech:
        name = f"{voice.accent}+{voice.variant}".encode()
        if self.library.espeak_SetVoiceByName(name) != 0:
            raise ValueError(f"espeak-ng has no voice {name.decode()}")
        for parameter, number in PARAMETER.items():
            self.library.espeak_SetParameter(number, getattr(voice, parameter), 0)
        self.blocks, self.words, self.phonemes = [], [], []
        bytes_ = text.encode() + b"\0"
        self.library.espeak_Synth(bytes_, len(bytes_), 0, 1, 0, 1, None, None)
        whole = np.concatenate(self.blocks).astype(np.float32) if self.blocks else np.zeros(1, np.float32)
        common = math.gcd(rate, self.rate)
        samples = resample_poly(whole, rate // common, self.rate // common).astype(np.float32)
        peak = np.abs(samples).max()
        onsets = self.words if len(self.words) == len(text.split()) else None
        return Speech(samples / peak if peak > 0 else samples, onsets, self.phonemes)


def training_voice(rng: np.random.Generator, variants: int) -> Voice:
    return Voice(
        str(rng.choice(ACCENTS)), f"s{rng.integers(variants)}", int(rng.integers(120, 215)), int(rng.integers(25, 80)),
        int(rng.integers(20, 85)),
    )  # fmt: skip


def held_out_voice(rng: np.random.Generator) -> Voice:
    return Voice(
        str(rng.choice(ACCENTS)), str(rng.choice(HELD_OUT)), int(rng.integers(130, 205)), int(rng.integers(30, 70)),
        int(rng.integers(30, 70)),
    )  # fmt: skip
