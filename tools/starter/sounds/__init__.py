"""Everyday sounds made from nothing: one module a class, several structurally different variants in each."""

from __future__ import annotations

import numpy as np

from . import (
    beep, bell, bird, chime, clap, clock, cricket, dog, engine, fire, footsteps, knock, noise, rain, silence, siren,
    speech, stream, telephone, thunder, tone, train, waves, wind,
)  # fmt: skip
from .draw import Draw

CLASSES = {
    "Speech": speech, "Bird": bird, "Dog bark": dog, "Cricket": cricket, "Thunder": thunder, "Rain": rain, "Wind": wind,
    "Stream": stream, "Ocean waves": waves, "Fire": fire, "Wind chime": chime, "Church bell": bell, "Telephone": telephone,
    "Alarm beep": beep, "Siren": siren, "Clock tick": clock, "Footsteps": footsteps, "Knock": knock, "Clapping": clap,
    "Engine": engine, "Train": train, "Tone": tone, "Noise": noise, "Silence": silence,
}  # fmt: skip
LABELS = list(CLASSES)


def make(label: str, draw: Draw, count: int, variant: int | None = None) -> np.ndarray:
    """`count` samples at 16 kHz; largest magnitude 1, except of silence, whose level is part of it."""
    variants = CLASSES[label].VARIANTS
    sound = (draw.pick(variants) if variant is None else variants[variant])(draw, count)
    sound = np.nan_to_num(np.asarray(sound, np.float32)[:count])
    peak = float(np.max(np.abs(sound)))
    return sound if label == "Silence" or peak == 0 else sound / peak
