"""The forms of attention that exports on the hub have: sdpa, eager, and the batched matrix product of older ones."""

from __future__ import annotations

import torch
from torch import nn
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS


def bmm(module, query, key, value, attention_mask=None, scaling=None, dropout=0.0, **_):
    """transformers before 4.48: queries scaled first, batch and heads merged, weights of rank 3."""
    batch, heads, rows, width = query.shape
    merged = lambda x: x.reshape(batch * heads, -1, width)
    scores = torch.bmm(merged(query * (width**-0.5 if scaling is None else scaling)), merged(key).transpose(1, 2))
    if attention_mask is not None:
        scores = (scores.view(batch, heads, rows, -1) + attention_mask).view(batch * heads, rows, -1)
    weights = nn.functional.softmax(scores, dim=-1)
    out = torch.bmm(weights, merged(value)).view(batch, heads, rows, width).transpose(1, 2).contiguous()
    return out, weights.view(batch, heads, rows, -1)


ALL_ATTENTION_FUNCTIONS.register("bmm", bmm)
ALL_MASK_ATTENTION_FUNCTIONS.register("bmm", eager_mask)


def use(model: nn.Module, form: str) -> None:
    for module in model.modules():
        if hasattr(module, "config"):
            module.config._attn_implementation = form
