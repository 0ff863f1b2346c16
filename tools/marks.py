"""Measure the marks of submissions whose kept marks are not those of today: make marks.

    python tools/marks.py    grade what has changed since tests/submissions/marks.json was written, and write it again

What a run of the tests has measured already is taken over. A submission that does not get what it deserves is not
written: the tests say what it got.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.grading import measured  # noqa: E402 - the course's folder is on no path of its own


def main() -> int:
    before = measured.take_in()
    print(f"{len(before)} submissions are to be graded, half a minute each.")
    if not before:
        return 0
    tests = ["tests/grading/test_marks.py", "-k", "test_marks and not measured"]
    environment = os.environ | {"SUBMISSIONS": measured.CHANGED}
    code = subprocess.run([sys.executable, "-m", "pytest", *tests], cwd=ROOT, env=environment, check=False).returncode
    left = measured.take_in()
    print(f"{measured.FILE.relative_to(ROOT)} holds the marks of {len(before) - len(left)} more submissions.")
    if left:
        print(f"*** Not measured as deserved: {', '.join(left)}", file=sys.stderr)
    return 1 if left else code


if __name__ == "__main__":
    sys.exit(main())
