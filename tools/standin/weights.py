"""Seeded random weights whose attention has something to show."""

from __future__ import annotations

import math
import zlib

import numpy as np
import torch
from torch import nn


def noise(name: str, shape, seed: int) -> torch.Tensor:
    """Depends on the parameter's name and the seed alone, not on the order of modules."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return torch.from_numpy(rng.standard_normal(tuple(shape)).astype(np.float32))


# Gains on top of 1/sqrt(fan in). Scores of attention then have a deviation of about 3: peaked rows, not one-hot.
GAINS = [
    # a decoder: with less, the tied embedding makes every token predict itself
    (("encoder_attn.out_proj.weight", "encoder_attn.o_proj.weight"), 0.9),
    (("q_proj.weight", "k_proj.weight"), 1.75),
    (("out_proj.weight", "o_proj.weight", "fc2.weight", "output_dense.weight"), 0.55),
    (("lm_head.weight",), 2.2),
    (("conv.weight", "conv1.weight", "conv2.weight"), 1.6),  # GELU halves the variance
]


@torch.no_grad()
def fill(model: nn.Module, seed: int) -> None:
    """Every parameter of `model`; Whisper's fixed sinusoids stay."""
    done = set()
    for name, parameter in model.named_parameters():
        if id(parameter) not in done and not name.endswith("encoder.embed_positions.weight"):
            parameter.copy_(value(name, parameter, seed))
        done.add(id(parameter))
    model.tie_weights()


def value(name: str, parameter: torch.Tensor, seed: int) -> torch.Tensor:
    r = noise(name, parameter.shape, seed)
    if name.endswith("weight.original0"):  # weight norm: magnitude
        return 1.5 + 0.2 * r.abs()
    if name.endswith("weight.original1"):  # weight norm: direction
        return r
    if name.endswith(("embed_tokens.weight", "embed_positions.weight")):
        return r * (2.2 / math.sqrt(r.shape[1]) if "tokens" in name else 1.5)
    if "position_embeddings" in name:
        return 0.6 * smooth(r)
    if any(part in name for part in ("cls_token", "distillation_token", "masked_spec_embed")):
        return 0.5 * r
    if r.dim() >= 2:
        gain = next((gain for ends, gain in GAINS if name.endswith(ends)), 1.0)
        return r * gain / math.sqrt(r[0].numel())
    return 1 + 0.1 * r if name.endswith("weight") else 0.05 * r


def smooth(r: torch.Tensor) -> torch.Tensor:
    """[1, position, width]: neighbours resemble each other, as learnt positions do."""
    kernel = torch.hann_window(11, periodic=False).expand(r.shape[2], 1, -1)
    out = nn.functional.conv1d(r.transpose(1, 2), kernel, padding=5, groups=r.shape[2]).transpose(1, 2)
    return out / out.std()


@torch.no_grad()
def look_alike_heads(model: nn.Module, heads: int) -> None:
    """Every second head gets equal query and key projections: it looks at what resembles the query, itself first."""
    for module in model.modules():
        query, key = getattr(module, "q_proj", None), getattr(module, "k_proj", None)
        if isinstance(query, nn.Linear) and isinstance(key, nn.Linear):
            width = query.weight.shape[0] // heads
            for head in range(0, heads, 2):
                rows = slice(head * width, (head + 1) * width)
                key.weight[rows] = query.weight[rows]


@torch.no_grad()
def make_it_stop(model: nn.Module, end: int, around: int) -> None:
    """Whisper: let <|endoftext|> win after about `around` positions, and other special tokens hardly ever. One direction
    of the residual stream, taken out of every other token, carries a ramp over the positions."""
    decoder = model.model.decoder
    tokens, positions = decoder.embed_tokens.weight, decoder.embed_positions.weight
    direction = tokens[end] / tokens[end].norm()
    tokens -= torch.outer(tokens @ direction, direction)
    tokens[end:] *= 0.3
    tokens[end] = 2.2 * direction
    positions -= torch.outer(positions @ direction, direction)
    ramp = (torch.arange(len(positions)) / around - 1).clamp(-1, 3) * 0.8 * math.sqrt(len(direction))
    positions += torch.outer(ramp, direction)
