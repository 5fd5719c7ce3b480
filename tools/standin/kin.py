"""Wav2Vec2's kin, very small: one builder for all whose library classes take the same settings."""

from __future__ import annotations

import transformers

from . import tokens, weights
from .families import BuiltModel

STABLE = {"do_stable_layer_norm": True, "feat_extract_norm": "layer", "conv_bias": True}
SQUEEZED = {"conv_dim": (8,) * 13}  # SEW's stem is longer
# golden: the library's prefix, what is special in its config, the head
KIN: dict[str, tuple[str, dict, str]] = {
    "wav2vec2-adapter": ("Wav2Vec2", {"add_adapter": True, "num_adapter_layers": 2}, "CTC"),
    "hubert": ("Hubert", {}, "CTC"),
    "hubert-mask": ("Hubert", STABLE, "SequenceClassification"),
    "wavlm": ("WavLM", {}, "CTC"),
    "wavlm-stable": ("WavLM", {**STABLE, "num_hidden_layers": 3}, "CTC"),
    "data2vec-audio": ("Data2VecAudio", {"num_conv_pos_embeddings": 5, "conv_pos_kernel_size": 19}, "CTC"),
    "unispeech": ("UniSpeech", {}, "CTC"),
    "unispeech-sat": ("UniSpeechSat", {}, "CTC"),
    "sew": ("SEW", SQUEEZED, "CTC"),
    "conformer-relative": ("Wav2Vec2Conformer", {"position_embeddings_type": "relative", "max_source_positions": 200}, "CTC"),
    "conformer-rotary": ("Wav2Vec2Conformer", {"position_embeddings_type": "rotary"}, "CTC"),
    "bert": ("Wav2Vec2Bert", {"feature_projection_input_dim": 160}, "CTC"),
    "bert-adapter": ("Wav2Vec2Bert", {"feature_projection_input_dim": 160, "add_adapter": True}, "CTC"),
}
LABELS = ["neutral", "happy", "angry", "sad"]
# one export is enough of what another's kin have in both
ONCE = {
    "hubert": ("sdpa", 14), "unispeech": ("eager", 17), "unispeech-sat": ("sdpa", 14), "data2vec-audio": ("eager", 17),
    "wavlm-stable": ("eager", 17), "bert-adapter": ("sdpa", 14),
}  # fmt: skip
# attention of their own, which was never written as a batched product
OWN = ("wavlm", "wavlm-stable", "conformer-relative", "conformer-rotary", "bert", "bert-adapter")
# graphs that take a mask beside the sound
MASKED = ("hubert-mask", "bert", "bert-adapter")


def build(name: str, seed: int) -> BuiltModel:
    prefix, special, head = KIN[name]
    settings = {
        "vocab_size": len(tokens.LETTERS), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 32, "conv_dim": (8,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4,
        "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "architectures": [f"{prefix}For{head}"],
    }  # fmt: skip
    config = getattr(transformers, f"{prefix}Config")(**{**settings, **special})
    if head == "SequenceClassification":
        config.classifier_proj_size = 8
        config.id2label, config.label2id = dict(enumerate(LABELS)), {label: i for i, label in enumerate(LABELS)}
    model = getattr(transformers, f"{prefix}For{head}")(config).eval()
    weights.fill(model, seed)
    if hasattr(model, "lm_head"):
        model.lm_head.bias.data[0] += 2.0
        model.lm_head.bias.data[1:4] -= 9.0
        if name == "sew":  # a stem of thirteen convolutions leaves more of float32's rounding
            model.lm_head.weight.data *= 0.5
    if prefix == "Wav2Vec2Bert":
        extractor = transformers.SeamlessM4TFeatureExtractor(padding_value=1.0)
    else:
        extractor = transformers.Wav2Vec2FeatureExtractor(return_attention_mask=name in MASKED)
    return BuiltModel("masked" if name in MASKED else "wav2vec2", model, extractor, seed)
