"""Writes tests/golden/spectrogram.json: windows by scipy, spectrograms by librosa (both needed: pip install librosa)."""

import json
from pathlib import Path

import librosa
import numpy as np
from scipy.signal import get_window

SIZE, HOP, SAMPLES = 256, 64, 1000
WINDOWS = {"hann": "hann", "hamming": "hamming", "blackman": "blackman", "kaiser": ("kaiser", 14)}

n = np.arange(SAMPLES)
# a chirp, float32 as recordings are
sound = (0.5 * np.sin(2 * np.pi * (0.01 * n + 0.0002 * n * n))).astype(np.float32)


def decibels(window):
    """Frames are centred, zero beyond the sound; 0 dB is a sine of amplitude 1."""
    weights = get_window(WINDOWS[window], SIZE, fftbins=True)
    spectrum = librosa.stft(
        sound.astype(np.float64), n_fft=SIZE, hop_length=HOP, window=weights, center=True, pad_mode="constant", dtype=np.complex128
    )
    power = np.abs(spectrum / (weights.sum() / 2)) ** 2
    return np.maximum(-120, 10 * np.log10(np.maximum(power, 1e-30)))


golden = {
    "made with": f"librosa {librosa.__version__}, numpy {np.__version__}",
    "tolerance": 1e-4,
    "size": SIZE,
    "hop": HOP,
    "samples": SAMPLES,
    "frames": [0, 7, 15],
    "windows": {name: get_window(spec, 16, fftbins=True).round(9).tolist() for name, spec in WINDOWS.items()},
    "decibels": {name: decibels(name)[:, [0, 7, 15]].T.round(5).tolist() for name in WINDOWS},
}
path = Path(__file__).parent.parent / "tests" / "golden" / "spectrogram.json"
path.write_text(json.dumps(golden) + "\n")
print(path, path.stat().st_size)
