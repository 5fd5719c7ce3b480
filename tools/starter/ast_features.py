"""What AST is given: Kaldi's log-mel bands, as ASTFeatureExtractor's but many times as fast; and the labels of a scene."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scenes
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


def targets(labels: Iterable[str]) -> np.ndarray:
    return np.isin(sounds.LABELS, list(labels)).astype(np.float32)


def columns_of(heard: dict[str, np.ndarray], frames: int) -> np.ndarray:
    """Which sounds of a scene (`scenes.scene`) are heard about the middle of every column of patches. [column, label]"""
    middles = ((np.arange(frames // PATCH) + 0.5) * PATCH * 160 + 120).astype(int) // scenes.BLOCK
    out = np.zeros((len(middles), len(sounds.LABELS)), np.float32)
    for label, blocks in heard.items():
        near = np.convolve(blocks, np.ones(3), "same") > 0
        inside = middles < len(near)
        out[inside, sounds.LABELS.index(label)] = near[middles[inside]]
    return out
