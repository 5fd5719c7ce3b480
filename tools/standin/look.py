"""What PyTorch's eager attention gives, under Otoscope's tap names."""

from __future__ import annotations

import numpy as np
import torch
from transformers.modeling_outputs import BaseModelOutput

from . import attention
from .families import BuiltModel

Arrays = dict[str, np.ndarray]


def features(built: BuiltModel, clip: np.ndarray) -> torch.Tensor:
    return next(iter(built.extractor(clip, sampling_rate=16_000, return_tensors="pt").values()))


@torch.no_grad()
def encoder(built: BuiltModel, clip: np.ndarray) -> Arrays:
    """Features, hidden states and attention of the encoder; logits and, for CTC, tokens where there is a head."""
    attention.use(built.model, "eager")
    taken = features(built, clip)
    model = built.model.model.encoder if built.family == "whisper" else built.model
    out = model(taken, output_hidden_states=True, output_attentions=True)
    arrays = {"features": taken, **stacked("encoder", out.hidden_states, out.attentions)}
    if getattr(out, "logits", None) is not None:
        arrays["logits"] = out.logits
        if built.family == "wav2vec2":
            arrays["tokens"] = out.logits.argmax(-1)
    return plain(arrays)


@torch.no_grad()
def decoder(built: BuiltModel, clip: np.ndarray, ids: list[int]) -> Arrays:
    """One pass over the whole sequence `ids`, prompt included."""
    attention.use(built.model, "eager")
    states = built.model.model.encoder(features(built, clip)).last_hidden_state
    out = built.model(
        encoder_outputs=BaseModelOutput(states), decoder_input_ids=torch.tensor([ids]), use_cache=False,
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
        taken, do_sample=False, num_beams=1, task="transcribe", return_dict_in_generate=True, output_scores=True, **options
    )
    leads = [float(torch.diff(-score[0].topk(2).values)) for score in out.scores]
    return out.sequences[0].tolist(), min(leads)


@torch.no_grad()
def language_lead(built: BuiltModel, clip: np.ndarray) -> float:
    """By how much the detected language leads the next, where there is one."""
    languages = list(built.model.generation_config.lang_to_id.values())
    if len(languages) == 1:
        return float("inf")
    states = built.model.model.encoder(features(built, clip)).last_hidden_state
    start = torch.tensor([[built.model.generation_config.decoder_start_token_id]])
    logits = built.model(encoder_outputs=BaseModelOutput(states), decoder_input_ids=start).logits[0, -1]
    top = logits[languages].topk(2).values
    return float(top[0] - top[1])


def stacked(side: str, hidden, weights) -> dict[str, torch.Tensor]:
    return {f"{side}.hidden.{i}": x for i, x in enumerate(hidden)} | {
        f"{side}.attention.{i}": x for i, x in enumerate(weights)
    }


def plain(arrays: dict[str, torch.Tensor]) -> Arrays:
    return {name: array[0].numpy() for name, array in arrays.items()}


def parameters(built: BuiltModel) -> dict[str, int]:
    """By part, as `inspect` counts them: what the exported graph holds (no mask embedding, weight norm folded)."""
    counts = {"total": 0, "encoder": 0, "decoder": 0, "head": 0}
    for name, parameter in built.model.named_parameters():
        if "masked_spec_embed" in name or name.endswith("weight.original0"):
            continue
        part = "head" if name.startswith(("lm_head", "classifier")) else "decoder" if ".decoder." in name else "encoder"
        for key in (part, "total"):
            counts[key] += parameter.numel()
    return counts
