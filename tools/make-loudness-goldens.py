#!/usr/bin/env python3
"""Write tests/golden/loudness.json: integrated loudness of known sounds after ITU-R BS.1770-5, annex 1.

Straight from the Recommendation with numpy and scipy: the filters of its tables 1 and 2 at 48 kHz. For other rates they are taken back to the
analogue filters they are bilinear transforms of, and transformed anew so that the frequency they are about (De Man, AES 145, 2018) stays in its place.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

ROOT = Path(__file__).resolve().parent.parent
# numerator and denominator in powers of 1/z, and the frequency in Hz
SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585], 1681.974450955533)
HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621], 38.13547087602444)


def moved(coefficients: list[float], hertz: float, rate: float) -> np.ndarray:
    """A quadratic in 1/z at 48 kHz, as one at `rate`: s = (1 - 1/z) / (1 + 1/z) / tan(pi hertz / rate) both ways."""
    c0, c1, c2 = coefficients
    old, new = 1 / np.tan(np.pi * hertz / 48_000), 1 / np.tan(np.pi * hertz / rate)
    # times (1 + s/old)^2, in powers of s
    s0, s1, s2 = c0 + c1 + c2, 2 * (c0 - c2) / old, (c0 - c1 + c2) / old**2
    return np.array([s0 + s1 * new + s2 * new**2, 2 * (s0 - s2 * new**2), s0 - s1 * new + s2 * new**2])


def weighted(channel: np.ndarray, rate: int) -> np.ndarray:
    for (b, a, hertz), is_shelf in ((SHELF, True), (HIGH_PASS, False)):
        if rate != 48_000:
            below = moved(a, hertz, rate)
            above = moved(b, hertz, rate) / below[0] if is_shelf else np.array(b)
            b, a = above, below / below[0]
        channel = lfilter(b, a, channel)
    return channel


def integrated(channels: np.ndarray, rate: int) -> float | None:
    heard = np.stack([weighted(channel, rate) for channel in channels])
    edges = np.round(np.arange(0, heard.shape[1] / rate * 10 + 1) * rate / 10).astype(int)
    edges = edges[edges <= heard.shape[1]]
    powers = np.array([(heard[:, edges[i] : edges[i + 4]] ** 2).mean(1).sum() for i in range(len(edges) - 4)])
    loudness = lambda power: -0.691 + 10 * np.log10(power)  # noqa: E731
    with np.errstate(divide="ignore"):
        audible = powers[loudness(powers) > -70]
        if len(audible) == 0:
            return None
        gate = loudness(audible.mean()) - 10
        return float(loudness(audible[loudness(audible) > gate].mean()))


def sine(rate: int, seconds: float, hertz: float, amplitude: float) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def steps(rate: int) -> np.ndarray:
    """Loud, soft and silent in turn, so that both gates are met; a second channel of another pitch."""
    parts = [(1.5, 0.5), (2.0, 0.02), (1.0, 0.0), (1.25, 0.1)]
    make = lambda hertz, share: np.concatenate([sine(rate, s, hertz, a * share) for s, a in parts])  # noqa: E731
    return np.stack([make(440, 1.0), make(3000, 0.7)])


SOUNDS = {
    "997 Hz at full scale, one channel": lambda rate: sine(rate, 2, 997, 1.0)[None],
    "60 Hz at -20 dB": lambda rate: sine(rate, 2, 60, 0.1)[None],
    "loud, soft, silent": steps,
    "too soft to be counted": lambda rate: sine(rate, 2, 997, 1e-4)[None],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/loudness.json")
    out = parser.parse_args().out
    found = [
        {"sound": name, "rate": rate, "lufs": integrated(make(rate), rate)}
        for name, make in SOUNDS.items()
        for rate in (8_000, 11_025, 16_000, 44_100, 48_000, 96_000)
    ]
    out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
