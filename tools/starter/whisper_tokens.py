"""whisper-starter's vocabulary: one token a word, one a sound, Whisper's special tokens by name, bytes for everything else.

No timestamps: 1,501 of them beside 256 bytes and the pieces the words are merged from are more than 2,000, and as rows that
no training touches they would be a sixth of the files. Times come from the alignment heads.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken
from transformers import GenerationConfig, WhisperTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

import sounds
import words

SPACE = "Ġ"
# in Whisper's order
SPECIAL = ["endoftext", "startoftranscript", "en", "translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
# what a window without speech is called
SOUNDS = {label.lower(): label for label in sounds.LABELS if label != "Speech"}
SPELLINGS = {"grey": "gray", "harbour": "harbor", "colour": "color"}
LENGTH = 128  # of the decoder: eight phrases of eight words, and half as much again to come before them


@dataclass
class Vocabulary:
    """Bytes, pieces and words, sounds, special tokens."""

    vocab: dict[str, int]
    merges: list[tuple[str, str]]
    sounds: dict[str, int]  # "thunder" -> id of "[thunder]"
    special: dict[str, int]

    def __len__(self) -> int:
        return len(self.vocab) + len(self.special)

    def word(self, word: str) -> int:
        return self.vocab[SPACE + word]

    def prompt(self, task: str) -> list[int]:
        return [self.special[name] for name in ("startoftranscript", "en", task, "notimestamps")]


def vocabulary() -> Vocabulary:
    vocab = {letter: i for i, letter in enumerate(bytes_to_unicode().values())}
    merges = merge_words([SPACE + word for word in words.VOCABULARY])
    for left, right in merges:
        vocab[left + right] = len(vocab)
    for sound in SOUNDS:
        vocab[f"[{sound}]"] = len(vocab)
    special = {name: len(vocab) + i for i, name in enumerate(SPECIAL)}
    made = Vocabulary(vocab, merges, {sound: vocab[f"[{sound}]"] for sound in SOUNDS}, special)
    assert len(made) <= 2000, len(made)
    return made


def merge_words(spelled: list[str]) -> list[tuple[str, str]]:
    """Byte-pair merges, the most frequent pair first, until each of these is one token."""
    pieces, merges = [list(word) for word in spelled], []
    while any(len(parts) > 1 for parts in pieces):
        pairs = Counter(pair for parts in pieces for pair in zip(parts, parts[1:]))
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        pieces = [join(parts, best) for parts in pieces]
    return merges


def join(parts: list[str], pair: tuple[str, str]) -> list[str]:
    out, i = [], 0
    while i < len(parts):
        both = tuple(parts[i : i + 2]) == pair
        out.append("".join(pair) if both else parts[i])
        i += 2 if both else 1
    return out


def tokenizer(known: Vocabulary) -> WhisperTokenizer:
    """Names of sounds are tokens that text is searched for, since brackets would split them, but not special ones: they are read."""
    made = WhisperTokenizer(vocab=known.vocab, merges=known.merges, model_max_length=LENGTH)
    made.add_tokens([AddedToken(f"[{sound}]", special=False, normalized=False) for sound in known.sounds])
    made.add_special_tokens({"additional_special_tokens": [f"<|{name}|>" for name in list(known.special)[1:]]})
    made.set_prefix_tokens()  # again: what tokenizer.json puts around a text was set before there were special tokens
    for name, id in known.special.items():
        assert made.convert_tokens_to_ids(f"<|{name}|>") == id, name
    return made


def save(known: Vocabulary, folder: Path) -> None:
    """tokenizer.json and the files of older repositories."""
    made = tokenizer(known)
    made.save_pretrained(folder)
    write_json(folder / "vocab.json", known.vocab)
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in known.merges))
    write_json(folder / "added_tokens.json", {f"<|{name}|>": id for name, id in known.special.items()})
    write_json(folder / "normalizer.json", SPELLINGS)
    end = "<|endoftext|>"
    others = [f"<|{name}|>" for name in list(known.special)[1:]]
    write_json(
        folder / "special_tokens_map.json",
        {"bos_token": end, "eos_token": end, "unk_token": end, "pad_token": end, "additional_special_tokens": others},
    )


def generation(known: Vocabulary, alignment_heads: list[list[int]]) -> GenerationConfig:
    """As Whisper's. Suppressed is what no transcript of the training holds: bytes, pieces of words, control tokens."""
    said = {known.word(word) for word in words.VOCABULARY} | set(known.sounds.values())
    end = known.special["endoftext"]
    return GenerationConfig(
        alignment_heads=alignment_heads, begin_suppress_tokens=[known.vocab[SPACE], end],
        decoder_start_token_id=known.special["startoftranscript"], bos_token_id=end, eos_token_id=end, pad_token_id=end,
        is_multilingual=True, lang_to_id={"<|en|>": known.special["en"]},
        task_to_id={task: known.special[task] for task in ("transcribe", "translate")},
        no_timestamps_token_id=known.special["notimestamps"], prev_sot_token_id=known.special["startofprev"],
        suppress_tokens=[id for id in range(len(known)) if id not in said and id != end],
        max_length=LENGTH, max_initial_timestamp_index=50, return_timestamps=False,
    )  # fmt: skip


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
