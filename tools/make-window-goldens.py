#!/usr/bin/env python3
"""Write tests/golden/windows.json: a sound of 62 s heard by wav2vec2-starter in three windows, joined by numpy.

Each window's logits and last hidden state come from onnxruntime on the stock file. Of each, the steps whose centres lie in what the window shows are
kept; their rows under another are one sequence. `characters`: [text, start, end, probability] of its greedy CTC, the probability being
the mean over the symbol's steps of the mean over its run within the window; `hidden`: every 4999th value of [step, width].
"""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import soundfile as sf

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "resources/models/wav2vec2-starter"
RATE, SECONDS, EVERY = 16_000, 62, 4999
WINDOWS = [((0.0, 21.667), (0.0, 20.667)), ((19.667, 42.333), (20.667, 41.333)), ((40.333, 62.0), (41.333, 62.0))]


def sound() -> np.ndarray:
    """voice.wav over and over, at 16 kHz by taking the nearest sample before."""
    voice, rate = sf.read(ROOT / "resources/recordings/voice.wav", dtype="int16")
    at = np.arange(RATE * SECONDS) * rate // RATE
    return voice[at % len(voice)].astype(np.float32) / 32768


def stem(config: dict) -> tuple[int, int]:
    """Samples from one step to the next, and those that a step sees."""
    hop, width = 1, 1
    for kernel, stride in zip(config["conv_kernel"], config["conv_stride"], strict=True):
        width += (kernel - 1) * hop
        hop *= stride
    return hop, width


def hidden_name(model: onnx.ModelProto) -> str:
    """What enters the last norm, as Hugging Face has it: the first operand of the last Sub, which takes the mean away."""
    return [node for node in model.graph.node if node.op_type == "Sub"][-1].input[0]


def main() -> None:
    model = onnx.load(MODEL / "onnx/model.onnx")
    name = hidden_name(model)
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    vocabulary = json.loads((MODEL / "vocab.json").read_text())
    texts = {i: " " if text == "|" else text for text, i in vocabulary.items()}
    config = json.loads((MODEL / "config.json").read_text())
    blank, (hop, width) = config["pad_token_id"], stem(config)
    heard, rows, states = sound(), [], []
    for (start, end), (first, last) in WINDOWS:
        clip = heard[round(start * RATE) : round(end * RATE)]
        clip = (clip - clip.mean()) / np.sqrt(clip.var() + 1e-7)
        logits, hidden = (out[0] for out in session.run(["logits", name], {"input_values": clip[None]}))
        centres = start + (np.arange(len(logits)) * hop + (width - 1) / 2) / RATE
        best = logits.argmax(1)
        scores = np.exp(logits - logits.max(1, keepdims=True))
        scores = (scores / scores.sum(1, keepdims=True))[np.arange(len(best)), best]
        means = np.concatenate([np.full(len(run), scores[run].mean()) for run in runs(best)])
        kept = (centres >= first if first > start else True) & (centres < last if last < end else True)
        kept = np.broadcast_to(kept, centres.shape)
        rows += zip(best[kept].tolist(), centres[kept].tolist(), means[kept].tolist(), strict=True)
        states.append(hidden[kept])
    half = hop / RATE / 2
    characters = []
    for run in runs([best for best, _, _ in rows]):
        if rows[run[0]][0] != blank:
            chance = float(np.mean([rows[i][2] for i in run]))
            characters.append([texts[rows[run[0]][0]], rows[run[0]][1] - half, rows[run[-1]][1] + half, chance])
    joined = np.concatenate(states)
    golden = {
        "text": "".join(text for text, *_ in characters).strip(),
        "characters": [[text, *(round(value, 6) for value in rest)] for text, *rest in characters],
        "hidden": {"shape": list(joined.shape), "every": EVERY, "values": np.round(joined.ravel()[::EVERY].astype(float), 6).tolist()},
    }
    (ROOT / "tests/golden/windows.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(golden["text"], joined.shape, len(characters))


def runs(values) -> list[list[int]]:
    return [list(group) for _, group in groupby(range(len(values)), key=lambda i: values[i])]


if __name__ == "__main__":
    main()
