#!/usr/bin/env python3
"""Write README.md, a model card of the hub, into every starter folder: cards/MODEL.md with what evaluate.py found.

    card.py MODELS     results are those of evaluate.py MODELS --results results
"""

from __future__ import annotations

import argparse
from pathlib import Path
from string import Template

from evaluate import graphs, starters
from shipped import load

HERE = Path(__file__).resolve().parent


def card(folder: Path, results: Path) -> str:
    found = (results / f"{folder.name}.md").read_text()
    if not found.startswith(graphs(folder)):
        raise SystemExit(f"{folder.name}: its results are of other graphs; run evaluate.py first")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.name != "README.md" and path.is_file())
    count = sum(parameter.numel() for parameter in load(folder).model.parameters())
    text = Template((HERE / "cards" / f"{folder.name}.md").read_text())
    return text.substitute(results=found.strip(), parameters=f"{count:,}", megabytes=f"{size / 1e6:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path)
    parser.add_argument("--results", type=Path, default=HERE / "results")
    arguments = parser.parse_args()
    for folder in starters(arguments.models):
        if (HERE / "cards" / f"{folder.name}.md").exists():
            (folder / "README.md").write_text(card(folder, arguments.results))
            print(folder / "README.md")


if __name__ == "__main__":
    main()
