"""The people of the pages in a temporary folder: their repositories, terminals and homes.

The programs are those of this environment, and nothing is installed. The small assignment ``tiny`` stands for the
example of the pages.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.grading import tiny
from tests.grading.course import ROOT, Course
from tests.grading.pages import Shell, sections

# Targets of make that cannot be run inside a test: make is asked whether it could.
NOT_MADE = {
    "book": "takes minutes; tests/book looks at the book that 'make test' has built",
    "test": "runs this very test",
    "lab": "does not end by itself; test_browser_round.py works in JupyterLab",
}
# Commands that cannot be run inside a test, and what is run instead.
NOT_RUN = {
    "sh start.sh": "true  # installs for minutes; test_tools_bundle.py unpacks the archive and starts it",
    ".venv/bin/nbdiff-web main chapters/recurrence/lstm.ipynb": "test -x .venv/bin/nbdiff-web  # opens a browser",
}
EXAMPLE = "seven_day_forecast"


def _is_other_assignment(name: str) -> bool:
    """The example is enough; every other one would be released again and again."""
    parts = Path(name).parts
    return parts[0] in ("solutions", "assignments") and parts[1] != EXAMPLE


class World:
    """What the commands of the pages find, and where they work.

    Attributes:
      course: the teacher's private copy, the exchange, and what nbgrader needs.
      upstream: the repository of the course itself, as its files are now.
      desk: the folder in which the student works.
      downloads: where the teacher's browser puts files.
      shells: the terminals of "teacher", "student" and "contributor".
      written: what stands for the names and placeholders of the pages.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.course = Course(folder)
        self.upstream = folder / "upstream"
        self.desk = folder / "desk"
        self.desk.mkdir()
        self.downloads = folder / "downloads"
        self._write_programs()
        self._make_upstream()
        for name in ("private", "public"):
            self._git(folder, "init", "--quiet", "--bare", folder / f"{name}.git")
        self.course.folder = folder / "work" / "course"
        self.course.folder.parent.mkdir()
        self.shells = {
            "teacher": self._shell("teacher", self.course.folder.parent),
            "student": self._shell("student", self.desk),
            "contributor": self._shell("contributor", self.upstream),
        }
        self.written = {
            EXAMPLE: tiny.NAME,
            "/srv/exchange": str(self.course.exchange),
            "<your downloads>": str(self.downloads),
            "<address of this course>": str(self.upstream),
            "<address of your private repository>": str(folder / "private.git"),
            "<address of your public repository>": str(folder / "public.git"),
            "<address of Dan's repository>": str(folder / "repository"),
        }

    def run(self, page: str, heading: str, who: str) -> str:
        """Do what a section says, and return what its commands print."""
        shell, printed = self.shells[who], []
        for block in sections(ROOT / page)[heading]:
            if block.commands:
                printed.append(shell.run(self._as_run(block.text)))
            else:
                (shell.folder / block.name).write_text(self._as_run(block.text), encoding="utf-8")
        return "".join(printed)

    def _as_run(self, text: str) -> str:
        """A block with what stands for its placeholders, and what is run in place of what cannot be."""
        text = "".join(NOT_RUN.get(line, line) + "\n" for line in text.splitlines())
        for old, new in self.written.items():
            text = text.replace(old, new)
        assert "<" not in text, f"the test does not know what stands for a placeholder in: {text}"
        return text

    def _shell(self, name: str, start: Path) -> Shell:
        # The student works where nbgrader is installed already; the others switch the environment on, or name it.
        programs = Path(sys.executable).parent
        environment = {
            name: value
            for name, value in self.course.environment().items()
            if name not in ("NBGRADER_EXCHANGE", "VIRTUAL_ENV")
        }
        path = [part for part in environment["PATH"].split(os.pathsep) if name == "student" or Path(part) != programs]
        # Nothing may be installed into the environment that the tests run in.
        environment |= {"PATH": os.pathsep.join([str(self.folder / "bin"), *path]), "PIP_NO_INDEX": "1", "CI": ""}
        return Shell(self.folder / "shells" / name, start, environment)

    def _write_programs(self) -> None:
        """A make that does not install: the environment of the tests is taken for the one that it would make."""
        make = self.folder / "bin" / "make"
        make.parent.mkdir()
        real = shutil.which("make")
        assert real is not None, "make is not installed"
        make.write_text(
            "#!/bin/sh\nset -e\n"
            f"if ! [ -e .venv ]; then mkdir .venv; ln -s '{sys.prefix}'/* .venv/; fi\n"
            "touch .venv/.installed .venv/.data\n"
            f'case "$1" in {"|".join(NOT_MADE)}) echo "could make $1"; exec {real} --dry-run "$@" >/dev/null;; esac\n'
            f'exec {real} "$@"\n'
        )
        make.chmod(0o755)

    def _make_upstream(self) -> None:
        """A repository with the files of this one as they are now, committed or not, and the small assignment."""
        (Path(self.course.environment()["HOME"]) / ".gitconfig").write_text(
            "[user]\nname = Tea\nemail = tea@example.org\n[init]\ndefaultBranch = main\n"
        )
        listed = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        for name in subprocess.check_output(listed, text=True).split("\0"):
            if name and (ROOT / name).is_file() and not _is_other_assignment(name):
                (self.upstream / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.upstream / name)
        tiny.write(self.upstream)
        self._git(self.upstream, "init", "--quiet")
        self.commit_upstream("The course")

    def make_repository(self, folder: Path) -> None:
        """A repository of the files in a folder."""
        self._git(folder, "init", "--quiet")
        self._git(folder, "add", "--all")
        self._git(folder, "commit", "--quiet", "--message", "My work")

    def commit_upstream(self, message: str) -> None:
        self._git(self.upstream, "add", "--all")
        self._git(self.upstream, "commit", "--quiet", "--message", message)

    def _git(self, folder: Path, *arguments: str | Path) -> str:
        done = subprocess.run(
            ["git", "-C", folder, *arguments],
            env=self.course.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def files_of(self, repository: str) -> list[str]:
        """The files of the last commit of a bare repository."""
        return self._git(self.folder / f"{repository}.git", "ls-tree", "-r", "--name-only", "main").splitlines()

    def submitted(self, student: str) -> Path:
        return self.course.folder / "submitted" / student / tiny.NAME / f"{tiny.NAME}.ipynb"
