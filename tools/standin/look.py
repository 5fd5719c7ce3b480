"""What PyTorch's eager attention gives, under Otoscope's tap names."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from transformers.models.moonshine.modeling_moonshine import MoonshineEncoderModelOutput as Encoded

from . import attention
from .families import BuiltModel

Arrays = dict[str, np.ndarray]


def features(built: BuiltModel, clip: np.ndarray) -> torch.Tensor:
    return prepared(built, clip)[built.model.main_input_name]


def prepared(built: BuiltModel, clip: np.ndarray) -> dict[str, torch.Tensor]:
    """All that the extractor gives: the mask too where it makes one."""
    return dict(built.extractor(clip, sampling_rate=16_000, return_tensors="pt"))


@contextmanager
def every_head(kept: list[torch.Tensor]):
    """WavLM's attention goes through a function of PyTorch that gives the mean over heads: `kept` gets each head's own."""
    original = nn.functional.multi_head_attention_forward

    def forward(*arguments, **options):
        out, heads = original(*arguments, **options, average_attn_weights=False)
        kept.append(heads)
        return out, heads.mean(1)

    nn.functional.multi_head_attention_forward = forward
    try:
        yield
    finally:
        nn.functional.multi_head_attention_forward = original


@torch.no_grad()
def encoder(built: BuiltModel, clip: np.ndarray) -> Arrays:
    """Features, hidden states and attention of the encoder; logits and, for CTC, tokens where there is a head."""
    attention.use(built.model, "eager")
    model = built.model.model.encoder if built.decodes else built.model
    heads: list[torch.Tensor] = []
    with every_head(heads):
        out = model(**prepared(built, clip), output_hidden_states=True, output_attentions=True)
    arrays = {"features": shown(built, clip), **stacked("encoder", out.hidden_states, heads or out.attentions)}
    if getattr(out, "logits", None) is not None:
        arrays["logits"] = out.logits
        if hasattr(built.model, "lm_head"):
            arrays["tokens"] = out.logits.argmax(-1)
    return plain(arrays)


def shown(built: BuiltModel, clip: np.ndarray) -> torch.Tensor:
    """A row a frame, also where the graph takes two in one; a picture without its channel."""
    taken = features(built, clip)
    if taken.dim() == 4:
        return taken[:, 0]
    return taken.reshape(1, -1, built.extractor.num_mel_bins) if hasattr(built.extractor, "stride") else taken


@torch.no_grad()
def decoder(built: BuiltModel, clip: np.ndarray, ids: list[int]) -> Arrays:
    """One pass over the whole sequence `ids`, prompt included."""
    attention.use(built.model, "eager")
    states = built.model.model.encoder(features(built, clip)).last_hidden_state
    out = built.model(
        encoder_outputs=Encoded(states), decoder_input_ids=torch.tensor([ids]), use_cache=False,
        output_hidden_states=True, output_attentions=True,
    )  # fmt: skip
    arrays = stacked("decoder", out.decoder_hidden_states, out.decoder_attentions)
    arrays |= {f"cross.attention.{i}": weights for i, weights in enumerate(out.cross_attentions)}
    return plain({**arrays, "logits": out.logits, "tokens": torch.tensor([ids])})


@torch.no_grad()
def generate(built: BuiltModel, clip: np.ndarray, **options) -> tuple[list[int], float]:
    """Greedy as Hugging Face does it, suppression and all: the sequence, and the least lead of a chosen token."""
    attention.use(built.model, "eager")
    taken = features(built, clip)
    out = built.model.generate(
        taken, do_sample=False, num_beams=1, return_dict_in_generate=True, output_scores=True, **options
    )
    leads = [float(torch.diff(-score[0].topk(2).values)) for score in out.scores]
    return out.sequences[0].tolist(), min(leads)


@torch.no_grad()
def language_lead(built: BuiltModel, clip: np.ndarray) -> float:
    """By how much the detected language leads the next, where there is one."""
    languages = list(getattr(built.model.generation_config, "lang_to_id", {}).values())
    if len(languages) < 2:
        return float("inf")
    states = built.model.model.encoder(features(built, clip)).last_hidden_state
    start = torch.tensor([[built.model.generation_config.decoder_start_token_id]])
    logits = built.model(encoder_outputs=Encoded(states), decoder_input_ids=start).logits[0, -1]
    top = logits[languages].topk(2).values
    return float(top[0] - top[1])


def stacked(side: str, hidden, weights) -> dict[str, torch.Tensor]:
    return {f"{side}.hidden.{i}": x for i, x in enumerate(hidden)} | {
        f"{side}.attention.{i}": x for i, x in enumerate(weights)
    }


def plain(arrays: dict[str, torch.Tensor]) -> Arrays:
    return {name: array[0].numpy() for name, array in arrays.items()}


# what stands on the hidden states, beside lm_head and classifier
HEADS = ("lm_head", "classifier", "projector", "adapter", "upsample")


def parameters(built: BuiltModel) -> dict[str, int]:
    """By part, as `inspect` counts them: what the exported graph holds. There is no mask embedding and no unused positional
    convolution (Conformer), weight norm and batch norm are folded, and a Conformer's rotary frequencies are constants like any other."""
    counts = {"total": 0, "encoder": 0, "decoder": 0, "head": 0}
    conformer = any("conv_module" in name for name, _ in built.model.named_parameters())
    rotary = [(name, buffer) for name, buffer in built.model.named_buffers() if conformer and name.endswith("inv_freq")]
    for name, parameter in [*built.model.named_parameters(), *rotary]:
        folded = name.endswith(("weight.original0", "batch_norm.weight"))
        if "masked_spec_embed" in name or folded or (conformer and "pos_conv_embed" in name):
            continue
        words = name.split(".")
        part = "head" if any(word in HEADS for word in words) else "decoder" if "decoder" in words else "encoder"
        for key in (part, "total"):
            counts[key] += parameter.numel()
    return counts
