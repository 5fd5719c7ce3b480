#!/usr/bin/env python3
"""Write tests/golden/regions.json: the events that docs/regions.md defines, by numpy in float64, of two sounds at 16 kHz.

`made` is computed here and in tests/signal/events.test.ts alike: clicks, tones that end at once or fade, and noise from one congruential generator.
`clip` is tests/golden/clip.wav. Each is {sensitivity: [[start, end] in seconds, ...]}.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RATE, SIZE, HOP, BLOCK = 16_000, 800, 160, 16
LEAST = 0.01


def made() -> np.ndarray:
    samples = np.zeros(8 * RATE)
    t = np.arange(len(samples)) / RATE
    for at in (0.5, 1.2345):
        samples[round(at * RATE)] = 0.9
    for start, end, hertz, decay in ((2.0, 2.4, 700, 0.0), (3.1, 4.6, 1500, 6.0), (5.0, 5.2, 300, 0.0), (5.3, 5.6, 900, 0.0), (7.5, 9.0, 440, 0.0)):
        inside = (t >= start) & (t < end)
        samples[inside] += 0.4 * np.exp(-decay * (t[inside] - start)) * np.sin(2 * np.pi * hertz * t[inside])
    seed = 3
    for i in range(len(samples)):
        seed = (seed * 1_103_515_245 + 12_345) % 2**31
        samples[i] += 0.001 * (seed / 2**30 - 1)
    return samples.astype(np.float32).astype(np.float64)


def events(samples: np.ndarray, sensitivity: float) -> list[list[float]]:
    count = -(-len(samples) // HOP)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
    padded = np.concatenate([np.zeros(SIZE // 2 + HOP), samples, np.zeros(SIZE + HOP)])
    frames = np.array([padded[c - SIZE // 2 : c + SIZE // 2] for c in SIZE // 2 + HOP * np.arange(count + 1)])
    flux = np.maximum(0, np.diff(np.abs(np.fft.rfft(frames * window)), axis=0)).sum(1)
    level = 10 * np.log10((frames[1:] ** 2).mean(1) + 1e-12)
    f = (flux - flux.mean()) / flux.std()
    delta, decaying, onsets = 0.5 * 4 ** (1 - 2 * sensitivity), f[0], []
    steep = np.diff(np.concatenate([np.zeros(SIZE), samples, np.zeros(SIZE + HOP)]), prepend=0) ** 2
    energy = steep[SIZE - BLOCK :][: (len(steep) - SIZE + BLOCK) // BLOCK * BLOCK].reshape(-1, BLOCK).sum(1)
    rise = np.diff(energy)  # of block b: how much louder than the one before it
    for n, value in enumerate(f):
        near, around = f[max(0, n - 3) : n + 4], f[max(0, n - 9) : n + 4]
        rises = n < 6 or level[n - 2 : n + 3].max() >= level[n - 6] + 1
        if rises and value >= near.max() and value >= around.mean() + delta and value >= decaying:
            first = max(0, (n * HOP - SIZE // 2) // BLOCK)
            last = min(count * HOP // BLOCK, (n * HOP + SIZE // 2) // BLOCK)
            onsets.append((n, BLOCK * (first + int(np.argmax(rise[first:last])))))
        decaying = max(value, 0.9 * decaying + 0.1 * value)
    kept = [one for i, one in enumerate(onsets) if one[1] > max([o[1] for o in onsets[:i]], default=-1)]
    floor = np.floor((np.sort(level)[-(-count // 10) - 1] + 120) * 2) / 2 - 120
    found = []
    for i, (_, at) in enumerate(kept):
        following = kept[i + 1][1] if i + 1 < len(kept) else None
        until = count if following is None else (following - SIZE // 2) // HOP + 1
        whole = count * HOP if following is None else following
        first, seen = max(0, (at - SIZE // 2) // HOP + 1), (at + SIZE // 2) // HOP
        peaks = np.maximum.accumulate(level[first:until])
        fallen = [m for m in range(max(first, seen + 1), until) if level[m] < max(peaks[m - first] - 20, (peaks[m - first] + floor) / 2)]
        end = min(whole, max(at + HOP, fallen[0] * HOP - SIZE // 2)) if fallen else whole
        if end - at >= max(1, LEAST * RATE):
            found.append([at / RATE, end / RATE])
    return found


def main() -> None:
    with wave.open(str(ROOT / "tests/golden/clip.wav")) as file:
        clip = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_768
    goldens = {
        name: {str(s): events(samples, s) for s in (0.2, 0.5, 0.8)} for name, samples in (("made", made()), ("clip", clip))
    }
    path = ROOT / "tests/golden/regions.json"
    path.write_text(json.dumps({"least": LEAST, **goldens}, separators=(",", ":")) + "\n")
    print(f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
