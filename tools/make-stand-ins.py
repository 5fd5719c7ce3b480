#!/usr/bin/env python3
"""Write resources/models/whisper-untrained: a small model with random weights, where there is no trained one yet."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from standin import families

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 3_000_000


def build(seed: int) -> dict[str, families.BuiltModel]:
    """Official strides, positions and inputs; widths and layers cut down."""
    return {
        "whisper-untrained": families.whisper(
            seed, width=48, layers=(3, 3), heads=(4, 4), consonants="bdfgjklmnprstvwz", stops=14
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "resources/models")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    for name, built in build(arguments.seed).items():
        folder = arguments.out / name
        shutil.rmtree(folder, ignore_errors=True)
        built.save_configs(folder)
        built.save_graphs(folder / "onnx", "sdpa", 14)
        size = families.folder_bytes(folder)
        print(f"{folder}: {size:,} bytes, {sum(p.numel() for p in built.model.parameters()):,} parameters")
        assert size <= LIMIT, f"{folder} is larger than {LIMIT} bytes"


if __name__ == "__main__":
    main()
