"""Recordings of a folder, and what is said in them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

ENDINGS = {".wav", ".flac", ".ogg", ".oga", ".mp3"}


def read(path: Path) -> np.ndarray:
    """Mono at 16 kHz."""
    sound, rate = soundfile.read(path, always_2d=True, dtype="float32")
    common = math.gcd(rate, 16_000)
    return resample_poly(sound.mean(axis=1), 16_000 // common, rate // common).astype(np.float32)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


def source(folder: Path) -> str:
    """Where they are from, and by which licence: the folder's source.txt, or its name."""
    about = folder / "source.txt"
    return about.read_text().strip() if about.exists() else folder.name


def text(path: Path) -> str:
    """What is said, in small letters: in the .txt beside it, or else its name, "Front_Center.wav"."""
    beside = path.with_suffix(".txt")
    said = beside.read_text() if beside.exists() else path.stem
    return " ".join(re.findall(r"[a-z']+", said.lower()))
