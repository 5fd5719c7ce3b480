"""Stand-in vocabularies: Wav2Vec2's 32 letters, and a byte-level BPE of syllables with Whisper's special tokens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from transformers import GenerationConfig, WhisperTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
SPACE = "Ġ"


def save_letters(folder: Path) -> None:
    """What facebook/wav2vec2-base-960h has."""
    write_json(folder / "vocab.json", {letter: i for i, letter in enumerate(LETTERS)})
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    write_json(folder / "special_tokens_map.json", special)
    write_json(
        folder / "tokenizer_config.json",
        {**special, "do_lower_case": False, "word_delimiter_token": "|", "tokenizer_class": "Wav2Vec2CTCTokenizer"},
    )


# as SentencePiece writes them: control tokens, bytes, syllables and their forms at a word's beginning
PIECES = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
PIECES += [f"{start}{c}{v}" for start in ("", "▁") for c in "bkmst" for v in "aeiou"]


def save_pieces(folder: Path) -> None:
    """What UsefulSensors/moonshine-tiny has."""
    special = [{"id": i, "content": PIECES[i], "special": True, "normalized": False} for i in range(3)]
    steps = [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]
    steps += [{"type": "Strip", "content": " ", "start": 1, "stop": 0}]
    flags = {"single_word": False, "lstrip": False, "rstrip": False}
    model = {"type": "BPE", "unk_token": "<unk>", "byte_fallback": True, "fuse_unk": True, "merges": []}
    tokenizer = {
        "version": "1.0", "added_tokens": [{**token, **flags} for token in special], "normalizer": None,
        "pre_tokenizer": None, "post_processor": None, "decoder": {"type": "Sequence", "decoders": steps},
        "model": {**model, "vocab": {piece: i for i, piece in enumerate(PIECES)}},
    }  # fmt: skip
    write_json(folder / "tokenizer.json", tokenizer)
    write_json(folder / "tokenizer_config.json", {"bos_token": "<s>", "eos_token": "</s>", "tokenizer_class": "LlamaTokenizer"})


@dataclass
class Vocabulary:
    """Bytes, syllables and their spaced forms, then special tokens in Whisper's order; no timestamps."""

    vocab: dict[str, int]
    merges: list[tuple[str, str]]
    special: dict[str, int]

    def __len__(self) -> int:
        return len(self.vocab) + len(self.special)


def vocabulary(consonants: str, vowels: str, languages: list[str]) -> Vocabulary:
    vocab = {letter: i for i, letter in enumerate(bytes_to_unicode().values())}
    merges = [(c, v) for c in consonants for v in vowels]
    merges += [(SPACE, c + v) for c, v in merges]
    for left, right in merges:
        vocab[left + right] = len(vocab)
    names = ["endoftext", "startoftranscript", *languages, "translate", "transcribe", "startoflm", "startofprev"]
    names += ["nospeech", "notimestamps"]
    return Vocabulary(vocab, merges, {name: len(vocab) + i for i, name in enumerate(names)})


def save_vocabulary(words: Vocabulary, folder: Path) -> None:
    """tokenizer.json and the files of older repositories."""
    tokenizer = WhisperTokenizer(vocab=words.vocab, merges=words.merges)
    tokenizer.add_special_tokens({"additional_special_tokens": [f"<|{name}|>" for name in list(words.special)[1:]]})
    for name, id in words.special.items():
        assert tokenizer.convert_tokens_to_ids(f"<|{name}|>") == id, name
    tokenizer.save_pretrained(folder)
    write_json(folder / "vocab.json", words.vocab)
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in words.merges))
    added = {f"<|{name}|>": id for name, id in words.special.items()}
    write_json(folder / "added_tokens.json", added)


def generation(words: Vocabulary, languages: list[str], alignment_heads: list[list[int]], length: int) -> GenerationConfig:
    """As Whisper's. Suppressed are, as there, signs that are no speech: every byte but the letters and the space."""
    speech = {SPACE, *"abcdefghijklmnopqrstuvwxyz"}
    single = [id for token, id in words.vocab.items() if len(token) == 1 and token not in speech]
    control = [words.special[n] for n in ("startoftranscript", "translate", "transcribe", "startoflm", "startofprev", "nospeech")]
    end = words.special["endoftext"]
    return GenerationConfig(
        alignment_heads=alignment_heads, begin_suppress_tokens=[words.vocab[SPACE], end],
        decoder_start_token_id=words.special["startoftranscript"], bos_token_id=end, eos_token_id=end, pad_token_id=end,
        is_multilingual=True, lang_to_id={f"<|{code}|>": words.special[code] for code in languages},
        task_to_id={task: words.special[task] for task in ("transcribe", "translate")},
        no_timestamps_token_id=words.special["notimestamps"], prev_sot_token_id=words.special["startofprev"],
        suppress_tokens=sorted(single + control), max_length=length, max_initial_timestamp_index=50,
        return_timestamps=False,
    )  # fmt: skip


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
