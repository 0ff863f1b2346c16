"""Add the seconds of this run of the tests to those of the weeks before: python tools/history.py FOLDER

FOLDER holds what the last weekly run kept, if anything, and gets what the next one will read.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "seconds.csv"


def add(report: Path, folder: Path) -> int:
    """Write the rows of a report behind those in the folder; returns how many rows there are then, without headings.

    Raises:
        ValueError: the two have other columns.
    """
    heading, *rows = report.read_text(encoding="utf-8").splitlines()
    history = folder / NAME
    before = history.read_text(encoding="utf-8").splitlines() if history.is_file() else [heading]
    if before[0] != heading:
        raise ValueError(f"{history} has the columns {before[0]}, and {report} has {heading}")
    # The same report twice counts once.
    lines = [*before, *(row for row in rows if row not in set(before))]
    folder.mkdir(parents=True, exist_ok=True)
    history.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines) - 1


if __name__ == "__main__":
    print(f"{add(ROOT / '_build' / 'reports' / NAME, Path(sys.argv[1]))} rows")
