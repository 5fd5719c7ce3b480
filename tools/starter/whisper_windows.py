"""What whisper-starter is trained on: stretches of sound, what is said in them and where."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from transformers import WhisperFeatureExtractor

import rooms
import scenes
import sounds
import words
from espeak import Espeak, Voice, training_voice
from sounds.draw import Draw
from whisper_tokens import SOUNDS, Vocabulary

RATE, FRAME, FRAMES = 16_000, 0.02, 1500  # a frame is one state of the encoder
BLOCK = 20  # frames that a thinned window keeps or leaves out together
PHONEMES = 97  # classes that names of phonemes are hashed to; 0 is no speech
UNKNOWN = -100  # cross_entropy's
WORDS = {word: i for i, word in enumerate(words.VOCABULARY, 1)}  # classes of frames; 0 is no word


@dataclass
class Spoken:
    """A phrase: where its words and phonemes begin, in seconds from its first sample."""

    samples: np.ndarray
    words: list[str]
    onsets: list[float] | None
    phonemes: list[tuple[str, float]]
    end: float


@dataclass
class Window:
    samples: np.ndarray
    words: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)  # frames of every word, or (-1, -1) where they are not known
    sound: str | None = None
    word_frames: np.ndarray | None = None
    phoneme_frames: np.ndarray | None = None


def speak(espeak: Espeak, text: str, voice: Voice) -> Spoken:
    said = espeak.say(text, voice)
    end = next((at for name, at in reversed(said.phonemes) if not name.startswith("_")), 0.0)
    end = next((at for name, at in said.phonemes if at > end), len(said.samples) / RATE)
    return Spoken(said.samples, text.split(), said.onsets, said.phonemes, end)


def place(window: Window, spoken: Spoken, start: float, loudness: float = 1.0) -> None:
    """Adds a phrase to a window: its sound, and its labels frame by frame."""
    first = int(start * RATE)
    part = window.samples[first : first + len(spoken.samples)]
    part += loudness * spoken.samples[: len(part)]
    frame = lambda seconds: int(round((start + seconds) / FRAME))
    spoken_frames = slice(frame(0), frame(spoken.end))
    for (name, at), (_, until) in zip(spoken.phonemes, [*spoken.phonemes[1:], ("", spoken.end)]):
        window.phoneme_frames[frame(at) : frame(until)] = phoneme(name)
    window.words += spoken.words
    if spoken.onsets is None:
        window.word_frames[spoken_frames] = UNKNOWN
        window.spans += [(-1, -1)] * len(spoken.words)
        return
    ends = [*spoken.onsets[1:], spoken.end]
    for word, at, until in zip(spoken.words, spoken.onsets, ends):
        window.word_frames[frame(at) : frame(until)] = WORDS[word]
        window.spans.append((frame(at), max(frame(until), frame(at) + 1)))


def phoneme(name: str) -> int:
    """Accents have sets of their own, so names are hashed; a few that share a class do no harm to a helper."""
    return 0 if name.startswith("_") else 1 + zlib.crc32(name.encode()) % (PHONEMES - 1)


def empty(frames: int) -> Window:
    return Window(
        np.zeros(int(frames * FRAME * RATE), np.float32),
        word_frames=np.zeros(frames, np.int64), phoneme_frames=np.zeros(frames, np.int64),
    )  # fmt: skip


def arrange(rng: np.random.Generator, phrases: list[Spoken], frames: int, start: float | None = None) -> Window:
    """Phrases with pauses of 0.1 to 4 s, as many as fit, the first anywhere they leave room for, or at `start`."""
    window, seconds = empty(frames), frames * FRAME
    pauses = [rng.uniform(0.1, 4 if rng.random() < 0.5 else 1) for _ in phrases]
    while len(phrases) > 1 and sum(p.end for p in phrases) + sum(pauses[1 : len(phrases)]) > seconds - 0.2:
        phrases = phrases[:-1]
    room = seconds - 0.1 - sum(p.end for p in phrases) - sum(pauses[1 : len(phrases)])
    at = rng.uniform(0, max(room, 0.01)) if start is None else start
    for i, spoken in enumerate(phrases):
        at += pauses[i] if i else 0
        place(window, spoken, at, 10 ** (rng.uniform(-5, 0) / 20))
        at += spoken.end
    return window


class Noises:
    """Stretches of a few long noises: half a minute made afresh for every window would cost more than learning it."""

    def __init__(self, seed: int, count: int = 16, seconds: int = 40):
        rng = np.random.default_rng((seed, 5))
        self.made = [rooms.noise(rng, seconds * RATE).astype(np.float32) for _ in range(count)]

    def draw(self, rng: np.random.Generator, length: int) -> np.ndarray:
        made = self.made[rng.integers(len(self.made))]
        first = int(rng.integers(len(made) - length + 1))
        return made[first : first + length]


class Mel:
    """WhisperFeatureExtractor's log-mel bands, of windows of any length and without its detours through numpy."""

    def __init__(self):
        self.filters = torch.tensor(WhisperFeatureExtractor().mel_filters, dtype=torch.float32).T
        self.hann = torch.hann_window(400)

    def __call__(self, samples: np.ndarray) -> torch.Tensor:
        """[80, 2 frames]"""
        power = torch.stft(torch.from_numpy(samples), 400, 160, window=self.hann, return_complex=True)[:, :-1].abs() ** 2
        bands = (self.filters @ power).clamp(min=1e-10).log10()
        return (torch.maximum(bands, bands.max() - 8) + 4) / 4


def place_sound(rng: np.random.Generator, frames: int, regime: str = "train") -> Window:
    """A window with nothing but 1.5 to 12 s of a sound that is no speech."""
    window, name = empty(frames), str(rng.choice(list(SOUNDS)))
    count = int(rng.uniform(1.5, min(12, frames * FRAME)) * RATE)
    start = int(rng.integers(len(window.samples) - count + 1)) if rng.random() < 0.5 else 0
    window.samples[start : start + count] = sounds.make(SOUNDS[name], scenes.drawing(rng, regime), count)
    window.sound = name
    return window


@dataclass
class Stage:
    name: str
    frames: int
    batch: int
    phrases: tuple[int, int]  # fewest and most in a window
    thin: bool = False  # leave most of the frames out in which nothing is said
    sounds: float = 0.1  # share of windows in which nobody speaks
    mixed: float = 0.0  # share of these with a softer sound under the one that is named


class Windows:
    """Batches; the step alone decides what is in them."""

    def __init__(self, folder: Path, known: Vocabulary, stage_of, *, seed: int, variants: int):
        self.folder, self.known, self.stage_of = folder, known, stage_of
        self.seed, self.variants, self.espeak = seed, variants, None

    def __call__(self, step: int) -> dict[str, torch.Tensor]:
        if self.espeak is None:  # in the worker's process
            self.espeak, self.noises, self.mel = Espeak(self.folder), Noises(self.seed), Mel()
        rng = np.random.default_rng((self.seed, step))
        stage = self.stage_of(step)
        return collate(rng, self.known, stage, self.mel, [self.draw(rng, stage) for _ in range(stage.batch)])

    def draw(self, rng: np.random.Generator, stage: Stage) -> Window:
        """Speech, or a sound; over another sound now and then; in noise, or in none."""
        alone = rng.random() < stage.sounds
        window = place_sound(rng, stage.frames) if alone else self.speech(rng, stage)
        if window.sound == "silence":
            return window
        end = len(window.samples)
        last = np.flatnonzero(window.samples)[-1] + 1 if window.samples.any() else end
        if rng.random() < 0.5:  # the recording is over and the rest is padding
            end = min(end, last + int(rng.uniform(0.02, 1.5) * RATE))
        loud = np.sqrt(np.mean(window.samples[:last] ** 2) * last / max(1, np.count_nonzero(window.samples))) + 1e-5
        under = stage.mixed if alone else 0.15
        if under and rng.random() < under:
            self.add_background(rng, window, loud, end)
        if rng.random() < 0.9:
            ratio = rng.uniform(8, 45)
            window.samples[:end] += loud * 10 ** (-ratio / 20) * self.noises.draw(rng, end)
        window.samples *= 10 ** (rng.uniform(-34, -1) / 20) / (np.abs(window.samples).max() + 1e-9)
        return window

    def speech(self, rng: np.random.Generator, stage: Stage) -> Window:
        fewest, most = stage.phrases
        count = int(rng.integers(fewest, most + 1))
        first = rng.uniform(0, 0.6) if rng.random() < 0.2 else None
        return arrange(rng, [self.phrase(rng, stage) for _ in range(count)], stage.frames, first)

    def phrase(self, rng: np.random.Generator, stage: Stage) -> Spoken:
        text, voice = words.phrase(rng), training_voice(rng, self.variants)
        room = stage.frames * FRAME - 0.7
        while True:
            spoken = speak(self.espeak, text, voice)
            if spoken.end < room:
                break
            text = text.rsplit(" ", 1)[0]
        if rng.random() < 0.4:
            spoken.samples = rooms.room(rng, np.pad(spoken.samples, (0, 3200)))
        if rng.random() < 0.6:
            spoken.samples = rooms.microphone(rng, spoken.samples)
        spoken.samples = (spoken.samples / (np.abs(spoken.samples).max() + 1e-9)).astype(np.float32)
        return spoken

    def add_background(self, rng: np.random.Generator, window: Window, loud: float, end: int) -> None:
        """A sound 8 to 25 dB below what is written down."""
        count = min(end, int(rng.uniform(1.5, 8) * RATE))
        samples = sounds.make(str(rng.choice([label for label in sounds.LABELS if label not in ("Speech", "Silence")])), Draw(rng), count)
        start = int(rng.integers(end - count + 1))
        window.samples[start : start + count] += loud * 10 ** (-rng.uniform(8, 25) / 20) * samples / (samples.std() + 1e-6)


def kept(rng: np.random.Generator, stage: Stage, windows: list[Window]) -> np.ndarray:
    """Frames the encoder is shown: [window, frame]. Thinned windows keep whole blocks: all speech, its surroundings, and
    of the rest as many drawn at random as make all windows equally long."""
    if not stage.thin:
        return np.tile(np.arange(stage.frames), (len(windows), 1))
    blocks = stage.frames // BLOCK
    spoken = [np.convolve(w.phoneme_frames != 0, np.ones(BLOCK), "same") > 0 for w in windows]
    needed = [one.reshape(blocks, BLOCK).any(axis=1) for one in spoken]
    count = min(blocks, max(24, max(int(one.sum()) for one in needed) + 6))
    rows = []
    for one in needed:
        others = rng.permutation(np.flatnonzero(~one))[: count - int(one.sum())]
        chosen = np.sort(np.concatenate([np.flatnonzero(one), others]))
        rows.append((chosen[:, None] * BLOCK + np.arange(BLOCK)).reshape(-1))
    return np.stack(rows)


def collate(rng, known: Vocabulary, stage: Stage, mel: Mel, windows: list[Window]) -> dict[str, torch.Tensor]:
    """`inputs` and `targets`: what the decoder reads and shall say. `heard` and `next`: frames of the word that it just read
    and of the word that it shall say. `places`: rows of the encoder's positions; short windows come from anywhere."""
    keep = kept(rng, stage, windows)
    shift = rng.integers(FRAMES - stage.frames + 1, size=(len(windows), 1))
    rows = [transcript(rng, known, window) for window in windows]
    longest = max(len(row[0]) for row in rows)
    end = known.special["endoftext"]
    fill = [end, UNKNOWN, (-1, -1), (-1, -1)]
    inputs, targets, heard, following = (
        torch.tensor([row[i] + [fill[i]] * (longest - len(row[i])) for row in rows]) for i in range(4)
    )
    frames = lambda name: torch.tensor(np.take_along_axis(np.stack([getattr(w, name) for w in windows]), keep, 1))
    return {
        "features": torch.stack([mel(w.samples) for w in windows]), "kept": torch.tensor(keep),
        "places": torch.tensor(keep + shift), "inputs": inputs, "targets": targets, "heard": heard, "next": following,
        "words": frames("word_frames"), "phonemes": frames("phoneme_frames"),
    }  # fmt: skip


def transcript(rng: np.random.Generator, known: Vocabulary, window: Window) -> tuple[list, list, list, list]:
    """One word in twelve that the decoder reads is a wrong one: so it learns to go on from where it was, after a mistake too."""
    prompt = known.prompt("translate" if rng.random() < 0.1 else "transcribe")
    ids = [known.sounds[window.sound]] if window.sound else [known.word(word) for word in window.words]
    spans = [(-1, -1)] if window.sound else window.spans
    wrong = rng.random(len(ids)) < 1 / 12
    read = [known.word(str(rng.choice(words.VOCABULARY))) if bad else id for bad, id in zip(wrong, ids)]
    speech = known.special["nospeech" if window.sound else "en"]
    targets = [speech, UNKNOWN, UNKNOWN, *ids, known.special["endoftext"]]
    none = [(-1, -1)]
    return [*prompt, *read], targets, none * 4 + spans, none * 3 + spans + none
