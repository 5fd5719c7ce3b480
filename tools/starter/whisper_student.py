"""whisper-starter and the helpers that teach it: where to look is given at the start, what to hear is told frame by frame."""

from __future__ import annotations

import math
import sys
from copy import deepcopy
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, gelu
from transformers import WhisperConfig, WhisperForConditionalGeneration

from training import ATTENTION
from whisper_tokens import LENGTH, Vocabulary, generation
from whisper_windows import FRAMES, PHONEMES, UNKNOWN, WORDS

sys.path.append(str(Path(__file__).resolve().parents[1]))
from standin import attention as forms

WIDTH, HEADS, LAYERS = 192, 4, (4, 3)
GUIDED = 2  # heads of each guided layer
# per encoder layer: frames that its local heads look back, at and ahead; and the first of 24 frequencies they see by
LOCAL = [((-5, -2, 2, 5), 4), ((-8, 0, 8), 8), ((-15, 0, 15), 14), ((-30, 30), 20)]
PEAK = 1.35  # weight of a position in queries and keys: nearly all attention then falls within a third of a second of the peak


def build(known: Vocabulary, seed: int) -> WhisperForConditionalGeneration:
    torch.manual_seed(seed)
    end = known.special["endoftext"]
    config = WhisperConfig(
        vocab_size=len(known), d_model=WIDTH, encoder_layers=LAYERS[0], decoder_layers=LAYERS[1],
        encoder_attention_heads=HEADS, decoder_attention_heads=HEADS, encoder_ffn_dim=4 * WIDTH,
        decoder_ffn_dim=4 * WIDTH, max_source_positions=FRAMES, max_target_positions=LENGTH, dropout=0,
        bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=known.special["startoftranscript"],
        suppress_tokens=None, begin_suppress_tokens=None, architectures=["WhisperForConditionalGeneration"],
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    look_nearby(model.model.encoder)
    # the heads that look at the word just read: Hugging Face times a token by the query that reads it
    model.generation_config = generation(known, [[LAYERS[1] - 2, head] for head in range(GUIDED)])
    return model


@torch.no_grad()
def look_nearby(encoder: nn.Module) -> None:
    """Starts most heads as local ones. Positions are sines and cosines, so a query that picks pairs of them and a key
    that picks the same, turned by w times d, score the sum of cos(w (i - j + d)): a peak d frames away, at every place
    alike. What is learnt at one place of the 30 s then holds at all of them."""
    width, half = WIDTH // HEADS, WIDTH // 2
    slowness = torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half))
    for layer, (offsets, first) in zip(encoder.layers, LOCAL):
        query, key = layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight
        for head, offset in enumerate(offsets):
            for pair, row in enumerate(range(head * width, (head + 1) * width, 2)):
                place = first + 2 * pair
                sine, cosine = place, half + place
                turn = slowness[place] * offset
                query[row, sine] += PEAK
                query[row + 1, cosine] += PEAK
                key[row, sine] += PEAK * torch.cos(turn)
                key[row, cosine] -= PEAK * torch.sin(turn)
                key[row + 1, cosine] += PEAK * torch.cos(turn)
                key[row + 1, sine] += PEAK * torch.sin(turn)


class Student(nn.Module):
    """The model with two heads on its encoder that are thrown away: phonemes after half of the layers, words at the end."""

    def __init__(self, model: WhisperForConditionalGeneration):
        super().__init__()
        self.whisper = model
        self.phonemes = nn.Linear(WIDTH, PHONEMES)
        self.words = nn.Linear(WIDTH, 1 + len(WORDS) + 1)  # none, each word, and whether a word begins here
        self.losses: dict[str, float] = {}
        forms.use(model, "plain")
        # the decoder is asked for its weights, the encoder is not: it gets a config of its own
        config = deepcopy(model.config)
        for module in model.model.encoder.modules():
            if hasattr(module, "config"):
                module.config = config
        forms.use(model.model.encoder, ATTENTION)

    def encode(self, features: torch.Tensor, kept: torch.Tensor, places: torch.Tensor):
        """WhisperEncoder's forward on some frames of a window of any length. Also the states after half of the layers."""
        encoder = self.whisper.model.encoder
        x = gelu(encoder.conv2(gelu(encoder.conv1(features)))).transpose(1, 2)
        if kept.shape[1] < x.shape[1]:
            x = x.gather(1, kept[..., None].expand(-1, -1, x.shape[2]))
        x = x + encoder.embed_positions.weight[places]
        middle = None
        for i, layer in enumerate(encoder.layers):
            middle = x if i == LAYERS[0] // 2 else middle
            x = layer(x, None)
        return encoder.layer_norm(x), middle

    def loss(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        states, middle = self.encode(batch["features"], batch["kept"], batch["places"])
        decoded = self.whisper.model.decoder(
            input_ids=batch["inputs"], encoder_hidden_states=states, output_attentions=True, use_cache=False
        )
        logits = self.whisper.proj_out(decoded.last_hidden_state).float()
        crosses, kept = decoded.cross_attentions, batch["kept"]
        words = self.words(states).float()
        parts = {
            "tokens": cross_entropy(logits.flatten(0, 1), batch["targets"].flatten(), ignore_index=UNKNOWN),
            "words": frames_loss(words[..., :-1], batch["words"]),
            "onsets": onsets_loss(words[..., -1], batch["words"]),
            "phonemes": frames_loss(self.phonemes(middle).float(), batch["phonemes"]),
            "heard": guidance(crosses[-2], batch["heard"], kept),
            "next": guidance(crosses[-1], batch["next"], kept),
        }
        self.losses = {name: part.item() for name, part in parts.items()}
        return sum(SHARES[name] * part for name, part in parts.items())


SHARES = {"tokens": 1.0, "words": 0.5, "onsets": 0.3, "phonemes": 0.5, "heard": 0.2, "next": 0.2}


def frames_loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Frames without speech count a fifth."""
    weight = torch.where(classes == 0, 0.2, 1.0) * (classes != UNKNOWN)
    each = cross_entropy(logits.flatten(0, 1), classes.flatten(), ignore_index=UNKNOWN, reduction="none")
    return (each * weight.flatten()).sum() / weight.sum().clamp(min=1)


def onsets_loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Whether another word begins within a frame. (A word that follows itself is not seen; it is rare.)"""
    begins = (classes > 0) & (classes != classes.roll(1, 1))
    near = (begins | begins.roll(1, 1) | begins.roll(-1, 1)).float()
    known = classes != UNKNOWN
    return binary_cross_entropy_with_logits(logits[known], near[known], pos_weight=torch.tensor(4.0))


def guidance(attention: torch.Tensor, spans: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """How far the first heads are from looking evenly at all frames of a span and nowhere else: a divergence in nats."""
    inside = (kept[:, None] >= spans[..., :1]) & (kept[:, None] < spans[..., 1:])
    count = inside.sum(-1)
    logs = attention[:, :GUIDED].float().clamp(min=1e-7).log().mean(1)
    apart = -(logs * inside).sum(-1) / count.clamp(min=1) - count.clamp(min=1).log()
    return apart[count > 0].mean() if (count > 0).any() else apart.sum() * 0
