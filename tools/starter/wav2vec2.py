#!/usr/bin/env python3
"""Train wav2vec2-starter: characters from the raw waveform, by CTC, on phrases spoken by espeak-ng.

    wav2vec2.py --work FOLDER                train, or go on from FOLDER/wav2vec2.pt
    wav2vec2.py --work FOLDER --out MODEL    write the model as a folder of the hub, for evaluate.py and card.py
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

import rooms
import training
import words
from espeak import Espeak, training_voice, write_variants
from wav2vec2_scores import SEED, errors, normalised

sys.path.append(str(Path(__file__).resolve().parents[1]))
from standin import attention, export, tokens
from standin.families import save_configs

VARIANTS = 200
LETTERS = tokens.LETTERS
IDS = {letter: i for i, letter in enumerate(LETTERS)}
PLAN = training.Plan(steps=4_200, rate=1.2e-3, flat=0.4)
PER_BATCH, PER_DRAW = 20, 4
ROUND = 4000  # samples


def build() -> Wav2Vec2ForCTC:
    torch.manual_seed(SEED)
    config = Wav2Vec2Config(
        vocab_size=len(LETTERS), hidden_size=192, num_hidden_layers=5, num_attention_heads=4, intermediate_size=768,
        conv_dim=(96, 128, 128), conv_kernel=(160, 8, 4), conv_stride=(20, 8, 2), conv_bias=True,
        feat_extract_norm="layer", do_stable_layer_norm=True, num_conv_pos_embeddings=32, num_conv_pos_embedding_groups=8,
        hidden_dropout=0, attention_dropout=0, activation_dropout=0, feat_proj_dropout=0, final_dropout=0, layerdrop=0,
        apply_spec_augment=False, pad_token_id=0, bos_token_id=1, eos_token_id=2, architectures=["Wav2Vec2ForCTC"], ctc_loss_reduction="mean", ctc_zero_infinity=True,
    )  # fmt: skip
    model = Wav2Vec2ForCTC(config)
    first = model.wav2vec2.feature_extractor.conv_layers[0].conv
    first.weight.data = gabor(96, 160)
    first.bias.data.zero_()
    attention.use(model, training.ATTENTION)
    return model


def gabor(channels: int, length: int) -> torch.Tensor:
    """Windowed sine and cosine pairs, evenly spaced in mel from 80 to 7600 Hz: a spectrum to begin with, then trained. [out, 1, length]"""
    mel = lambda hertz: 2595 * math.log10(1 + hertz / 700)
    places = np.linspace(mel(80), mel(7600), channels // 2)
    hertz = 700 * (10 ** (places / 2595) - 1)
    time = (np.arange(length) - (length - 1) / 2) / 16_000
    phase = 2 * np.pi * hertz[:, None] * time
    pairs = np.concatenate([np.cos(phase), np.sin(phase)]) * np.hanning(length)
    return torch.tensor(pairs / np.linalg.norm(pairs, axis=1, keepdims=True), dtype=torch.float32)[:, None]


class Phrases:
    """Batches of spoken phrases; the step alone decides what is in them."""

    def __init__(self, folder: Path, plan: training.Plan):
        self.folder, self.plan, self.espeak = folder, plan, None
        self.drawn: tuple[int, list] = (-1, [])

    def __call__(self, step: int) -> dict[str, torch.Tensor]:
        draw, part = divmod(step, PER_DRAW)
        if self.drawn[0] != draw:
            self.drawn = (draw, self.draw(draw))
        return collate(self.drawn[1][part])

    def draw(self, draw: int) -> list[list[tuple[np.ndarray, str]]]:
        """Enough for several batches, sorted into batches of like length."""
        self.espeak = self.espeak or Espeak(self.folder)
        rng = np.random.default_rng((SEED, draw))
        short = draw * PER_DRAW < 0.08 * self.plan.steps  # alignments are found on short phrases first
        made = []
        for _ in range(PER_BATCH * PER_DRAW):
            text = " ".join(words.phrase(rng).split()[: 2 if short else 99])
            samples, _ = rooms.recorded(rng, self.espeak.say(text, training_voice(rng, VARIANTS)).samples)
            made.append((normalised(samples), text))
        made.sort(key=lambda one: len(one[0]))
        batches = [made[i : i + PER_BATCH] for i in range(0, len(made), PER_BATCH)]
        return [batches[i] for i in rng.permutation(len(batches))]


def collate(batch: list[tuple[np.ndarray, str]]) -> dict[str, torch.Tensor]:
    # few lengths: kernels are prepared anew for each
    length = -(-max(len(samples) for samples, _ in batch) // ROUND) * ROUND
    texts = [[IDS[c] for c in text.upper().replace(" ", "|")] for _, text in batch]
    longest = max(map(len, texts))
    return {
        "input_values": torch.tensor(np.stack([np.pad(s, (0, length - len(s))) for s, _ in batch]), dtype=torch.float32),
        "attention_mask": torch.tensor([[1] * len(s) + [0] * (length - len(s)) for s, _ in batch]),
        "labels": torch.tensor([t + [-100] * (longest - len(t)) for t in texts]),
    }


def save(model: Wav2Vec2ForCTC, folder: Path) -> None:
    """As the hub lays it out."""
    shutil.rmtree(folder, ignore_errors=True)
    note = f"a starter: small, trained on synthesised voices; expect little of real speech (seed {SEED})"
    extractor = Wav2Vec2FeatureExtractor(return_attention_mask=True)
    save_configs(model.eval(), extractor, folder, {"licence": "CC0-1.0", "note": note})
    tokens.save_letters(folder)
    attention.use(model, "sdpa")
    export.wav2vec2(model, folder / "onnx", 14)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="a folder for voices and checkpoints")
    parser.add_argument("--out", type=Path, help="write the model here, as a folder of the hub")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    training.set_up(arguments.threads)
    folder = write_variants(arguments.work, VARIANTS, SEED)
    model, checkpoint = build(), arguments.work / "wav2vec2.pt"
    if arguments.out:
        model.load_state_dict(training.read(checkpoint)["model"])
        return save(model, arguments.out)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")

    def said(step: int) -> str:
        cer, wer = errors(model, folder, 100, None)[0].rates
        return f"clean CER {100 * cer:.1f} % WER {100 * wer:.1f} %"

    training.train(
        model, PLAN, Phrases(folder, PLAN), lambda batch, _: model(**batch).loss, checkpoint,
        evaluate=said, every=500,
    )  # fmt: skip


if __name__ == "__main__":
    main()
