"""How long each notebook takes: kept in benchmarks/results/execution_times.json, and shown by execution_times.md.

tools/notebooks.py notes here what it executes, by `make run` or `make times`.
"""

import datetime
import importlib.metadata
import json
from itertools import groupby
from pathlib import Path

from hardware import described

ROOT = Path(__file__).resolve().parent.parent
PAGE = "execution_times.md"
RESULTS = Path("benchmarks", "results", "execution_times.json")
HEAD = """# How long the notebooks take

Seconds from the first cell to the last, TensorFlow's import among them, and without those for which other programs had the processors. Your machine will take longer, or less.
"""


def record(path: Path, cells: dict[str, float], root: Path = ROOT) -> None:
    """Keep what a notebook took, and write the page again.

    Args:
      path: the notebook.
      cells: the seconds of each code cell, by its id.
      root: the course's folder.
    """
    name = path.resolve().relative_to(root).as_posix()
    kept = results(root)
    slowest = max(cells, key=cells.get)
    kept[name] = {
        "seconds": round(sum(cells.values()), 1),
        "slowest": round(cells[slowest], 1),
        "slowest_cell": slowest,
        "cells": len(cells),
        "date": datetime.date.today().isoformat(),
        "machine": f"{described()}, TensorFlow {importlib.metadata.version('tensorflow')}",
    }
    kept = {name: kept[name] for name in sorted(kept) if (root / name).is_file()}
    file = root / RESULTS
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    (root / PAGE).write_text(page(root), encoding="utf-8")


def results(root: Path = ROOT) -> dict[str, dict]:
    """What each notebook took when it was last measured, by its path in the course's folder."""
    file = root / RESULTS
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def page(root: Path = ROOT) -> str:
    """The text of the page: a table for each machine, the notebooks in the order of the book, and then the solutions."""
    blocks = [HEAD]
    contents = (root / "_toc.yml").read_text(encoding="utf-8")
    rows = sorted(results(root).items(), key=lambda row: (row[1]["machine"], _place(contents, row[0]), row[0]))
    for machine, group in groupby(rows, key=lambda row: row[1]["machine"]):
        group = list(group)
        days = sorted({found["date"] for _, found in group})
        when = days[0] if len(days) == 1 else f"between {days[0]} and {days[-1]}"
        lines = ["| Notebook | Seconds | Of these in the longest cell | Cells with code |", "|---|--:|--:|--:|"]
        for name, found in group:
            lines.append(f"| {_title(name)} | {found['seconds']:.0f} | {found['slowest']:.0f} | {found['cells']} |")
        lines.append(f"| **{len(group)} notebooks** | **{sum(found['seconds'] for _, found in group):.0f}** | | |")
        blocks.append("\n".join([f"Measured {when} on `{machine}`.\n", *lines]) + "\n")
    return "\n".join(blocks)


def _place(contents: str, name: str) -> int:
    """Where a notebook stands in the table of contents; behind all of them if it does not."""
    place = contents.find(f"file: {name.removesuffix('.ipynb')}\n")
    return place if place >= 0 else len(contents)


def _title(name: str) -> str:
    if name.startswith("solutions/"):
        return f"solution of [](/handouts/{Path(name).stem}.md)"
    return f"[](/{name})"
