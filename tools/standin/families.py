"""One builder per family: a model with random weights and the folder that goes with it, as the hub lays it out."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

from torch import nn
from transformers import (
    ASTConfig,
    ASTFeatureExtractor,
    ASTForAudioClassification,
    GenerationConfig,
    MoonshineConfig,
    MoonshineForConditionalGeneration,
    ViTConfig,
    ViTForImageClassification,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

from . import attention, export, fused, merge, tokens, weights

LANGUAGES = ["en", "zh", "de", "es", "fr", "ja"]
SOUNDS = ["Speech", "Music", "Thunder", "Thunderstorm", "Rain", "Wind", "Wind chime", "Chime", "Bell", "Water", "Bird"]
SOUNDS += ["Dog", "Engine", "Silence"]


def save_configs(model: nn.Module, extractor, folder: Path, about: dict) -> None:
    """What every family's folder has beside its graphs; `about` is Otoscope's own file."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    preprocessor = extractor.to_dict()
    for key in ("mel_filters", "window"):  # written only where torchaudio is missing
        preprocessor.pop(key, None)
    tokens.write_json(folder / "preprocessor_config.json", preprocessor)
    tokens.write_json(folder / "otoscope.json", about)


@dataclass
class BuiltModel:
    family: str
    model: nn.Module
    extractor: object
    seed: int | None  # None: the weights are not random
    vocabulary: tokens.Vocabulary | None = None
    mapping: dict | None = None  # what `models import --input` writes of it, where Otoscope knows no such family

    @property
    def decodes(self) -> bool:
        """Whether a decoder writes its text."""
        return self.model.config.is_encoder_decoder

    def save_configs(self, folder: Path) -> None:
        about = {"untrained": True, "licence": "CC0-1.0", "note": f"random weights, seed {self.seed}; it has heard nothing"}
        save_configs(self.model, self.extractor, folder, {**about, **(self.mapping or {})})
        if hasattr(self.model, "lm_head"):
            tokens.save_letters(folder)
        if self.decodes:
            self.model.generation_config.save_pretrained(folder)
        if self.vocabulary:
            tokens.save_vocabulary(self.vocabulary, folder)
        elif self.decodes:
            tokens.save_pieces(folder)

    def save_graphs(self, folder: Path, form: str, opset: int) -> None:
        if form == "dynamo":
            attention.use(self.model, "sdpa")
            return export.dynamo(copy.deepcopy(self.model), folder, opset)
        if form == "merged":
            self.save_graphs(folder, "sdpa", opset)
            return merge.merge_decoders(folder)
        model = copy.deepcopy(self.model)  # rotary positions are remembered for a length, and would be traced as constants
        attention.use(model, "divided" if form == "fused" else form)
        getattr(export, self.family)(model, folder, opset)
        if form == "fused":
            fused.fuse(folder, self.family, model.config)


def wav2vec2(seed: int, *, width: int, layers: int, heads: int, stem: int, stable: bool = False) -> BuiltModel:
    config = Wav2Vec2Config(
        vocab_size=len(tokens.LETTERS), hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=2 * width, conv_dim=(stem,) * 7, do_stable_layer_norm=stable, conv_bias=stable,
        feat_extract_norm="layer" if stable else "group", num_conv_pos_embeddings=64 if stable else 128,
        num_conv_pos_embedding_groups=16 if width % 16 == 0 else 4, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        architectures=["Wav2Vec2ForCTC"],
    )  # fmt: skip
    model = Wav2Vec2ForCTC(config).eval()
    weights.fill(model, seed)
    weights.look_alike_heads(model, heads)
    model.lm_head.bias.data[0] += 2.0  # blanks between the letters and no control signs, as a trained head gives
    model.lm_head.bias.data[1:4] -= 9.0
    return BuiltModel("wav2vec2", model, Wav2Vec2FeatureExtractor(return_attention_mask=stable), seed)


def bare(built: BuiltModel) -> BuiltModel:
    """The same Wav2Vec2 without its CTC head."""
    model = copy.deepcopy(built.model.wav2vec2)
    model.config.architectures = ["Wav2Vec2Model"]
    return BuiltModel("wav2vec2", model, built.extractor, built.seed)


def whisper(
    seed: int, *, width: int, layers: tuple[int, int], heads: tuple[int, int], consonants: str, bands: int = 80,
    seconds: int = 30, length: int = 448, stops: int = 20,
) -> BuiltModel:  # fmt: skip
    """`layers` and `heads` of encoder and decoder; generation ends after about `stops` positions."""
    words = tokens.vocabulary(consonants, "aeiou", LANGUAGES)
    end, begin = words.special["endoftext"], words.special["startoftranscript"]
    config = WhisperConfig(
        vocab_size=len(words), num_mel_bins=bands, d_model=width, encoder_layers=layers[0], decoder_layers=layers[1],
        encoder_attention_heads=heads[0], decoder_attention_heads=heads[1], encoder_ffn_dim=2 * width,
        decoder_ffn_dim=2 * width, max_source_positions=50 * seconds, max_target_positions=length,
        bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=begin, suppress_tokens=None,
        begin_suppress_tokens=None, architectures=["WhisperForConditionalGeneration"],
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config).eval()
    weights.fill(model, seed)
    weights.look_alike_heads(model.model.encoder, heads[0])
    weights.make_it_stop(model, end, stops)
    last = layers[1] - 1
    model.generation_config = tokens.generation(words, LANGUAGES, [[last, 0], [last, heads[1] - 1]], length)
    extractor = WhisperFeatureExtractor(feature_size=bands, chunk_length=seconds)
    return BuiltModel("whisper", model, extractor, seed, words)


def moonshine(seed: int, *, width: int, layers: int, heads: int) -> BuiltModel:
    config = MoonshineConfig(
        vocab_size=len(tokens.PIECES), hidden_size=width, intermediate_size=2 * width, encoder_num_hidden_layers=layers,
        decoder_num_hidden_layers=layers, encoder_num_attention_heads=heads, decoder_num_attention_heads=heads,
        max_position_embeddings=64, architectures=["MoonshineForConditionalGeneration"],
    )  # fmt: skip
    model = MoonshineForConditionalGeneration(config).eval()
    weights.fill(model, seed)
    model.generation_config = GenerationConfig(decoder_start_token_id=1, bos_token_id=1, eos_token_id=2, max_length=12)
    extractor = Wav2Vec2FeatureExtractor(do_normalize=False, return_attention_mask=True)
    return BuiltModel("moonshine", model, extractor, seed)


def ast(seed: int, *, width: int, layers: int, heads: int, frames: int = 1024, bands: int = 128) -> BuiltModel:
    config = ASTConfig(
        hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=2 * width,
        max_length=frames, num_mel_bins=bands, architectures=["ASTForAudioClassification"],
        problem_type="multi_label_classification",
    )  # fmt: skip
    config.id2label = dict(enumerate(SOUNDS))
    config.label2id = {label: i for i, label in enumerate(SOUNDS)}
    model = ASTForAudioClassification(config).eval()
    weights.fill(model, seed)
    weights.look_alike_heads(model, heads)
    model.classifier.dense.bias.data -= 1.5  # most labels do not apply to most sounds
    return BuiltModel("ast", model, ASTFeatureExtractor(max_length=frames, num_mel_bins=bands), seed)


COMMANDS = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]


def commands(seed: int, *, width: int, layers: int, heads: int) -> BuiltModel:
    """AST as for Speech Commands: a second of sound, one label of a few, means and deviations of its own."""
    built = ast(seed, width=width, layers=layers, heads=heads, frames=128)
    config = built.model.config
    config.problem_type = None
    config.id2label = dict(enumerate(COMMANDS))
    config.label2id = {label: i for i, label in enumerate(COMMANDS)}
    model = ASTForAudioClassification(config).eval()
    weights.fill(model, seed)
    extractor = ASTFeatureExtractor(max_length=128, mean=-6.845978, std=5.5654526)
    return BuiltModel("ast", model, extractor, seed)


class Pictures:
    """AST's filter bank as a picture of one channel, the lowest band its first row."""

    def __init__(self, bank: ASTFeatureExtractor):
        self.bank = bank

    def __call__(self, clip, **options) -> dict:
        return {"pixel_values": self.bank(clip, **options)["input_values"].transpose(1, 2).unsqueeze(1)}

    def to_dict(self) -> dict:
        return self.bank.to_dict()


def vit(seed: int, *, width: int, layers: int, heads: int, bands: int, frames: int, patch: int = 16) -> BuiltModel:
    """A plain vision transformer on a spectrogram."""
    config = ViTConfig(
        hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=2 * width,
        image_size=(bands, frames), patch_size=patch, num_channels=1, architectures=["ViTForImageClassification"],
    )  # fmt: skip
    config.id2label = dict(enumerate(SOUNDS[:5]))
    config.label2id = {label: i for i, label in enumerate(SOUNDS[:5])}
    model = ViTForImageClassification(config).eval()
    weights.fill(model, seed)
    along = {"kernel": patch, "stride": patch, "dilation": 1, "before": 0, "after": 0}
    rows = {"first": 0, "step": patch, "size": patch}
    mapping = {
        "config": {
            "model_type": "filter-bank", "input": "pixel_values", "architectures": ["ForSequenceClassification"],
            "logits": "logits", "num_labels": 5, "num_hidden_layers": layers, "num_attention_heads": heads, "hidden_size": width,
            "do_stable_layer_norm": True,
            "stem": {"convolutions": [along], "patches": {"bands": bands // patch, "special": 1, "mel": rows}},
        },
        "preprocessor": {"sampling_rate": 16000, "num_mel_bins": bands, "max_length": frames, "axes": ["mel", "frame"]},
    }  # fmt: skip
    return BuiltModel("vit", model, Pictures(ASTFeatureExtractor(max_length=frames, num_mel_bins=bands)), seed, mapping=mapping)


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
