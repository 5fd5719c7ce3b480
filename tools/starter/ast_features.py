"""What AST is given: Kaldi's log-mel bands, as ASTFeatureExtractor's but many times as fast; and the labels of a scene."""

from __future__ import annotations

import numpy as np
import sounds
from scipy import fft
from scipy.sparse import csr_array
from transformers import ASTFeatureExtractor
from transformers.audio_utils import mel_filter_bank, window_function

BANDS, FRAMES, PATCH = 128, 1024, 16
EXTRACTOR = ASTFeatureExtractor()
# [band, bin]; every bin is in two bands at most, and a sparse product leaves the other core alone
MELS = csr_array(mel_filter_bank(257, BANDS, 20, 8000, 16_000, None, "kaldi", triangularize_in_mel_space=True).T)
WINDOW = window_function(400, "hann", periodic=False)


def features(samples: np.ndarray, frames: int) -> np.ndarray:
    """ASTFeatureExtractor's, all frames at once; what is missing is 0 before the normalisation. [frame, band]"""
    out = np.zeros((frames, BANDS), np.float32)
    count = min(frames, (len(samples) - 400) // 160 + 1)
    if count > 0:
        cut = np.lib.stride_tricks.sliding_window_view(samples, 400)[: 160 * count : 160].astype(np.float64)
        cut -= cut.mean(axis=1, keepdims=True)
        cut[:, 1:] -= 0.97 * cut[:, :-1]
        cut[:, 0] *= 0.03
        bins = fft.rfft(cut * WINDOW, 512)
        power = MELS @ (bins.real**2 + bins.imag**2).T
        out[:count] = np.log(np.maximum(power.T, 1.192092955078125e-07))
    return (out - EXTRACTOR.mean) / (2 * EXTRACTOR.std)


def stretched(values: np.ndarray, frames: int) -> np.ndarray:
    """The same in more or fewer frames, as if it were slower or faster. [frame, band]"""
    return blended(values, (np.arange(frames) + 0.5) * len(values) / frames - 0.5)


def transposed(rng: np.random.Generator, values: np.ndarray, factor: float) -> np.ndarray:
    """Every frequency times `factor`; above what was heard stands the noise of the highest bands. [frame, band]"""
    mel = lambda hertz: 1127 * np.log1p(hertz / 700)
    low, high = mel(20), mel(8000)
    width = (high - low) / (BANDS + 1)
    hertz = 700 * np.expm1((low + width * np.arange(1, BANDS + 1)) / 1127)
    bands = (mel(hertz / factor) - low) / width - 1
    out = blended(values.T, bands).T
    beyond = bands > BANDS - 1
    noise = rng.standard_normal((len(values), np.count_nonzero(beyond)), dtype=np.float32)
    out[:, beyond] = values[:, -12:].mean(axis=1, keepdims=True) + 0.15 * noise
    return out


def blended(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows between rows, linearly; beyond the ends, those at the ends."""
    places = np.clip(places, 0, len(rows) - 1)
    before = np.minimum(places.astype(int), len(rows) - 2)
    share = (places - before).astype(np.float32)[:, None]
    return rows[before] * (1 - share) + rows[before + 1] * share


def targets(labels: list[str]) -> np.ndarray:
    return np.isin(sounds.LABELS, labels).astype(np.float32)
