"""Where every generator gets its parameters: one object, three regimes."""

from __future__ import annotations

import math
import zlib

import numpy as np

REGIMES = ("train", "inside", "outside")
GAP = 0.09  # width of each of the two stretches of a range that training never draws from, as a share of the range
MARGIN = (0.05, 0.20)  # how far `outside` lies beyond either end, as a share of the range
TOP = 7700  # Hz; nothing sounds above that at 16 kHz, and no duration or rate is as large a number


class Draw:
    """Parameters go through `between`, `ratio` and `whole`; `rng` is for chance inside one sound (noise, jitter, instants).
    `extreme`: all of them from the ends of their ranges of the training, where chance hardly ever puts them together; the width of
    either end as a share of the range, 0 for the whole of it."""

    def __init__(self, rng: np.random.Generator, regime: str = "train", extreme: float = 0):
        assert regime in REGIMES, regime
        assert not extreme or regime == "train"
        self.rng, self.regime, self.extreme = rng, regime, extreme

    def between(self, low: float, high: float) -> float:
        """Evenly; what cannot be negative in training stays so outside."""
        value = low + (high - low) * self.place(low, high)
        return value if low < 0 else max(value, 0.5 * low)

    def ratio(self, low: float, high: float) -> float:
        """Evenly in logarithms, for frequencies, durations and rates."""
        return low * math.exp(math.log(high / low) * self.place(low, high))

    def whole(self, low: int, high: int) -> int:
        """Counts are too few to hold some back inside; `outside` still goes beyond."""
        return max(1, round(self.between(low - 0.5, high + 0.5)))

    def pick(self, choices):
        return choices[int(self.rng.integers(len(choices)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def place(self, low: float, high: float) -> float:
        """0 ... 1 within the range; the gaps lie elsewhere in every range, but always in the same place of one range."""
        if self.regime == "outside":
            beyond = self.rng.uniform(*MARGIN)
            room = low <= 0 or high * (high / low) ** MARGIN[1] <= TOP
            return -beyond if self.rng.random() < 0.5 or not room else 1 + beyond
        first = 0.05 + 0.35 * (zlib.crc32(f"{low:.6g} {high:.6g}".encode()) % 1000) / 1000
        second = first + 0.48
        if self.regime == "inside":
            return self.pick((first, second)) + GAP * self.rng.random()
        u = self.rng.random()
        if self.extreme:
            u = 2 * self.extreme * u if u < 0.5 else 1 - 2 * self.extreme * (1 - u)
        u *= 1 - 2 * GAP
        u += GAP * (u > first)
        return u + GAP * (u > second)
