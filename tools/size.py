"""Refuse files over 500 kB, which would stay in the history for ever: python tools/size.py PATH..."""

import sys
from pathlib import Path

LIMIT = 500_000

large = [path for path in map(Path, sys.argv[1:]) if path.stat().st_size > LIMIT]
for path in large:
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB, over the limit of {LIMIT // 1000} kB", file=sys.stderr)
sys.exit(bool(large))
