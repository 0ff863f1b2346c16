"""Courses in which a class has handed in the tiny assignment, and runs of the runner in them."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from nbformat import NotebookNode

from tests.grading import submissions, tiny
from tests.grading.course import Course
from tests.patience import PATIENCE_WITH_COMMANDS

ALL, SOME, NOTHING = "all", "some", "nothing"  # how much of the assignment a student has solved


class Run:
    """A run that has ended: its exit code, what it printed and its results, by the student's name."""

    def __init__(self, code: int, printed: str, file: Path):
        self.code, self.printed = code, printed
        self.json = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
        self.results = {found["student"]: found for found in self.json["submissions"]} if self.json else {}

    def statuses(self) -> dict[str, str]:
        return {student: found["status"] for student, found in self.results.items()}

    def points(self) -> dict[str, dict]:
        return {student: found["points"] for student, found in self.results.items()}

    def regraded(self) -> set[str]:
        return {student for student, found in self.results.items() if not found["unchanged"]}


class ClassCourse(Course):
    """A course with the runner beside nbgrader's commands."""

    python = sys.executable

    def released(self) -> NotebookNode:
        return self.notebook("assignments", tiny.NAME)

    def hand_in(self, student: str, solved: str = ALL) -> None:
        answers = submissions.reference_answers(self.notebook("solutions", tiny.NAME))
        if solved == SOME:
            answers["add_1"] = "def add_1(values):\n    return [value + 2 for value in values]"
        self.put_submission(
            student, tiny.NAME, submissions.filled_in(self.released(), {} if solved == NOTHING else answers)
        )

    def configure(self, text: str) -> None:
        """Add to nbgrader_config.py."""
        with open(self.folder / "nbgrader_config.py", "a", encoding="utf-8") as stream:
            stream.write(f"\n{text}\n")

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start the runner."""
        (self.folder / "results.json").unlink(missing_ok=True)
        return self.start_python("-m", "seqmodels.grading.runner", tiny.NAME, "--json", "results.json", *arguments)

    def start_python(self, *arguments: str) -> subprocess.Popen:
        """Start the runner's Python in the course folder."""
        return subprocess.Popen(
            [self.python, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ended(self, process: subprocess.Popen) -> Run:
        """Wait for a runner."""
        try:
            printed, _ = process.communicate(timeout=PATIENCE_WITH_COMMANDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Run(process.returncode, printed, self.folder / "results.json")

    def grade(self, *arguments: str, code: int = 0) -> Run:
        """Run the runner to its end.

        Raises:
          AssertionError: it ended with another code.
        """
        if "--workers" not in arguments:
            arguments = (*arguments, "--workers", "1")  # another one takes seconds to start
        run = self.ended(self.start(*arguments))
        assert run.code == code, f"ended with {run.code}:\n{run.printed}"
        return run

    def copy_to(self, folder: Path) -> "ClassCourse":
        """The same course once more."""
        copied = type(self)(folder)
        shutil.copytree(self.folder, copied.folder, dirs_exist_ok=True)
        return copied


def generated(folder: Path) -> ClassCourse:
    """A course whose assignment has been generated, and in which nobody has handed in."""
    course = ClassCourse(folder)
    tiny.write(course.folder)
    # Who meets a limit in these tests has met it, however busy the machine is.
    course.configure("c.ExecuteToTheEnd.busy = 1")
    course.nbgrader("generate_assignment", tiny.NAME)
    return course


def deserved(solved: str) -> dict[str, float | None]:
    """The automatic points of each cell that a student deserves who has solved this much."""
    points = submissions.tests(tiny.notebook())
    if solved == SOME:
        points["test_add_1"] = 0
    if solved == NOTHING:
        points = dict.fromkeys(points, 0)
    return points | dict.fromkeys(("why", "what_next"), 0 if solved == NOTHING else None)


@contextlib.contextmanager
def others(count: int, processor: int | None = None):
    """Processes that use the processors, or one of them, as much as they can."""
    begin = "" if processor is None else f"import os; os.sched_setaffinity(0, {{{processor}}})\n"
    command = [sys.executable, "-c", f"{begin}while True: pass"]
    started = [subprocess.Popen(command, start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for other in started:
            other.kill()
            other.wait()
