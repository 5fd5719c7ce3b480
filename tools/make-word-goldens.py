#!/usr/bin/env python3
"""Write tests/golden/words.json: word times of the small Whisper's two runs, and tokens grouped into words, by transformers itself.

`times.<seconds>.<run>`: of the alignment heads' cross-attention, `matrix` [row, step] as it is warped, and the times that
`_extract_token_timestamps` gives; `written` from the row of the last token of the prompt on, as openai-whisper has it, `read` from the
row of the first token on. `words`: what `_combine_tokens_into_words` makes of ids.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from standin import look
from transformers import WhisperTokenizer
from transformers.models.whisper import generation_whisper
from transformers.models.whisper.tokenization_whisper import _combine_tokens_into_words

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "tests/golden/words.json"
PROMPT = 4
TEXTS = [
    " bata meki sutobu", " (bata) \"meki\" sutobu!", " bata, meki? – sutobu ...", " 'bata' it's", "¡bata! ¿meki? “sutobu”", "bata\nmeki",
    " bät ⟨meki⟩ 你好，世界。", " こんにちは、bata。", " \U0001f9ed bata\U0001f9ed", "", " ", " bata. . meki", "[bata] {meki}",
]  # fmt: skip


def times(built, samples: np.ndarray, ids: list[int], prompt: int) -> dict:
    """The rows before `prompt` are left out, and the row of the end token, as generation has them."""
    weights = look.decoder(built, samples, ids)
    layers = range(built.model.config.decoder_layers)
    crosses = tuple(torch.tensor(weights[f"cross.attention.{i}"])[None, :, :-1] for i in layers)
    made = type("Made", (dict,), {"__getattr__": dict.__getitem__})(cross_attentions=[crosses], sequences=torch.tensor([ids]))
    frames = -(-len(samples) // 160)
    kept: list[np.ndarray] = []
    warp = generation_whisper._dynamic_time_warping
    generation_whisper._dynamic_time_warping = lambda matrix: kept.append(-matrix) or warp(matrix)
    try:
        found = built.model._extract_token_timestamps(
            made, built.model.generation_config.alignment_heads, num_frames=frames, num_input_ids=prompt
        )
    finally:
        generation_whisper._dynamic_time_warping = warp
    return {"matrix": np.round(kept[0], 6).tolist(), "times": np.round(found[0].tolist(), 4).tolist()}


def main() -> None:
    base = import_module("make-goldens")
    built = base.small_models()["whisper"]
    sound = (base.clip() / 32768).astype(np.float32)
    special = built.vocabulary.special
    runs = {}
    for seconds in (2, 1.41):
        samples = sound[: round(seconds * base.RATE)]
        ids, _ = look.generate(built, samples, language="en", task="transcribe")
        assert ids[-1] == special["endoftext"]
        runs[str(seconds)] = {"ids": ids, "read": times(built, samples, ids, PROMPT), "written": times(built, samples, ids, PROMPT - 1)}
    folder = ROOT / "tests/golden/models/whisper-sdpa-17"
    tokenizer = WhisperTokenizer.from_pretrained(folder)
    words = []
    for text in TEXTS:
        ids = tokenizer(text, add_special_tokens=False).input_ids
        for language in ("english", "chinese"):
            found, _, places = _combine_tokens_into_words(tokenizer, ids, language)
            words.append({"ids": ids, "spaces": language == "english", "words": found, "places": places})
    OUT.write_text(json.dumps({"times": runs, "words": words}, ensure_ascii=False) + "\n")
    print(f"{OUT}: {OUT.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
