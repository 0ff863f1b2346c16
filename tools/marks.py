"""Grade what has changed since it was last graded, and note that it was: make marks.

    python tools/marks.py    of the submissions in tests/submissions those whose marks are not those of today, and all
                             tests of the grader that come by turns, if they or the grader have changed

Of the submissions, what a run of the tests has measured already is taken over. One that does not get what it deserves
is not written into tests/submissions/marks.json, and a suite with a failing test not into tests/grading/kept.json: the
tests say what was wrong.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import machine  # noqa: E402 - the course's folder is on no path of its own
from tests.grading import kept, measured  # noqa: E402


def main() -> int:
    if lacking := machine.missing().get("sandbox"):
        print(f"*** There is no sandbox, in which submissions are graded. {lacking.remedy}", file=sys.stderr)
        return 1
    codes = [grade_submissions()]
    for suite in kept.SUITES:
        if complaint := kept.complaint(suite):
            print(complaint)
            # What a hostile neighbour has slowed down gets a second try, without the others.
            if (code := _pytest(*kept.SUITES[suite].tests)) == pytest.ExitCode.TESTS_FAILED:
                code = _pytest(*kept.SUITES[suite].tests, "--last-failed")
            codes.append(code)
            if code == 0:
                kept.keep(suite)
    return max(codes)


def grade_submissions() -> int:
    before = measured.take_in()
    print(f"{len(before)} submissions are to be graded, half a minute each.")
    if not before:
        return 0
    code = _pytest("tests/grading/test_marks.py", "-k", "test_marks and not measured")
    left = measured.take_in()
    print(f"{measured.FILE.relative_to(ROOT)} holds the marks of {len(before) - len(left)} more submissions.")
    if left:
        print(f"*** Not measured as deserved: {', '.join(left)}", file=sys.stderr)
    return 1 if left else code


def _pytest(*arguments: str) -> int:
    environment = os.environ | {"SUBMISSIONS": measured.CHANGED}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
