"""One submission, from what was handed in to the graded notebook in its place and the marks in the gradebook.

A broken-off grading leaves no graded notebook, so that it is begun anew by whoever comes next, this runner or nbgrader:

1. The old graded notebook is laid aside, and then the old automatic marks are taken out.
2. nbgrader grades into a folder out of its own sight, and writes the new marks.
3. The new graded notebook gets its key, and is put in its place in one step. The old one goes.

Marks that a person has given stay. The old notebook tells which of them are for something that has changed (marked.py).
"""

import dataclasses
import logging
import os
import re
import shutil
import time
import traceback
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from seqmodels.grading import messages, report
from seqmodels.grading.converter import Autograde
from seqmodels.grading.files import refusal
from seqmodels.grading.runner import course, keys, locks, results
from seqmodels.grading.runner.results import Result
from seqmodels.grading.sandbox.kernels import Template
from seqmodels.grading.sandbox.waiting import Clock

# A submission may take so many times course.time_limit: start, end and restarts, and half of one for a first try.
PATIENCE = 3
_LOCK_PATIENCE = 60  # seconds; who else may hold it is a worker of a run that was broken off, about to end
_ERROR = re.compile(r"^\w[\w.]*(?:: .*)?$", re.MULTILINE)  # the line of a traceback that names it
_ENDED = ("died", "unreadable")  # notes of a kernel that has ended, the student's and that of the tests
_LONGEST_REASON, _LONGEST_TRACEBACK = 3000, 1500  # letters


@dataclasses.dataclass(frozen=True)
class Job:
    """What a worker is told.

    Attributes:
      course: the course folder.
      assignment: the name of the assignment.
      student: the name of the student.
      environment: what the runner itself would grade with (keys.environment).
      force: whether to grade even if nothing has changed.
    """

    course: str
    assignment: str
    student: str
    environment: dict[str, str]
    force: bool = False


def grade(job: Job) -> Result:
    """Grade a submission. Whatever goes wrong is said in the result."""
    begun = time.monotonic()
    if why := refusal(job.student):
        return results.failed(job.student, why)
    try:
        coursedir, config, files = course.load(Path(job.course), job.assignment)
        if differences := _differences(job.environment, keys.environment(config, files)):
            return results.failed(job.student, f"This worker differs from the runner: {differences}.")
        lock = course.unfinished(coursedir) / job.student / f"{job.assignment}.lock"
        with locks.held(lock, _LOCK_PATIENCE):
            return _Unit(coursedir, config, job).result()
    except locks.Held as error:
        return results.failed(job.student, f"It is being graded by {error}.", time.monotonic() - begun)
    except (course.WrongUse, OSError, ValueError, SQLAlchemyError, NbGraderException) as error:
        # An error of any other kind ends this process, and is shown from there (worker.py).
        traceback.print_exc()
        return results.failed(job.student, _in_words(error), time.monotonic() - begun)


def unchanged(
    coursedir: CourseDirectory, gradebook: Gradebook, student: str, environment: dict[str, str]
) -> Result | None:
    """The result of an earlier run, if the submission need not be graded again.

    That the graded notebook says so is not enough: the gradebook may be another one since. What met a limit on a
    machine that was busy is graded again in any case.
    """
    folder = course.graded(coursedir, student)
    paths = [folder / f"{found.name}.ipynb" for found in gradebook.find_assignment(coursedir.assignment_id).notebooks]
    if not all(path.is_file() and report.is_finished(path) for path in paths):
        return None
    own = [nbformat.read(path, as_version=4).metadata[messages.KEY] for path in paths]
    today = keys.key(coursedir, gradebook, student, environment)
    if any(each.get("key") != today for each in own):
        return None
    try:
        result = results.read(student, folder, gradebook, coursedir.assignment_id)
    except MissingEntry:
        return None
    if any(each.get("points") != result.points for each in own):
        return None
    if any(note["key"] == results.BUSY for note in result.notes):
        return None
    return dataclasses.replace(result, unchanged=True)


class _Unit:
    def __init__(self, coursedir: CourseDirectory, config: Config, job: Job):
        self._coursedir, self._config, self._job = coursedir, config, job
        self._target = course.graded(coursedir, job.student)
        self._scratch = course.unfinished(coursedir) / job.student
        self._earlier = self._scratch / f"{job.assignment}.old"

    def result(self) -> Result:
        with course.opened(self._coursedir) as gradebook:
            asked = self._coursedir, gradebook, self._job.student, self._job.environment
            if not self._job.force and (result := unchanged(*asked)):
                return result
            key = keys.key(*asked)
        with Clock(Template.numbers) as clock:
            begun = clock.now()
            result = self._graded(key)
            spent = clock.now() - begun  # without what it has waited for a processor, as the limit counts
        has_ended = any(note["key"] in _ENDED for note in result.notes)
        if has_ended and spent < course.time_limit(self._coursedir, self._config) / 2:
            # Who has ended Python, the student's code or somebody else, nobody can tell: the system does so too, when
            # its memory is full. What happens twice is taken for the student's own.
            result = self._graded(key)
        return result

    def _graded(self, key: str) -> Result:
        begun = time.monotonic()
        self._clear()
        log = _Errors()
        logging.getLogger().addHandler(log)
        try:
            folder = self._autograde()
        except NbGraderException as error:
            self._clear()
            raise NbGraderException(log.text or str(error)) from error
        finally:
            logging.getLogger().removeHandler(log)
        with course.opened(self._coursedir) as gradebook:
            result = results.read(self._job.student, folder, gradebook, self._job.assignment)
        seconds = round(time.monotonic() - begun, 1)
        for path in folder.glob("*.ipynb"):
            _write_into(path, {"key": key, "points": result.points, "seconds": seconds})
        self._target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(folder, self._target)
        _remove(self._earlier)
        return dataclasses.replace(result, seconds=seconds)

    def _clear(self) -> None:
        """Take away what there is: the graded notebook first, for without it all the rest is done again."""
        _remove(self._scratch / self._job.assignment)
        if self._target.exists():
            _remove(self._earlier)
            os.rename(self._target, self._earlier)  # in one step
        with course.opened(self._coursedir) as gradebook:
            forget_marks(gradebook, self._job.assignment, self._job.student)

    def _autograde(self) -> Path:
        """Grade by nbgrader; returns the folder of the graded notebooks."""
        coursedir = CourseDirectory(config=self._config)
        coursedir.autograded_directory = str(course.unfinished(coursedir))
        Autograde(coursedir=coursedir, config=self._config).grade(
            [course.handed_in(coursedir, self._job.student)], self._earlier
        )
        folder = course.graded(coursedir, self._job.student)
        notebooks = list(folder.glob("*.ipynb"))
        if not notebooks or not all(map(report.is_finished, notebooks)):
            raise NbGraderException("nbgrader ended well, and left no graded notebook.")
        return folder


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def forget_marks(gradebook: Gradebook, assignment: str, student: str) -> None:
    """Take the automatic marks of a submission out of the gradebook, which keeps those that a person has given.

    Whether these are final is decided when the submission has been graded again (marked.py). Until then, its tests are not.
    """
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            grade.auto_score = None
            grade.needs_manual_grade = grade.needs_manual_grade or grade.manual_score is None
    gradebook.db.commit()


class _Errors(logging.Handler):
    """What nbgrader logs as errors: the exception that it raises in the end says no more than that there were some."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self._messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(record.getMessage().strip())

    @property
    def text(self) -> str:
        """What went wrong in a line, and where; without a traceback, all that was said."""
        tracebacks = [message for message in self._messages if message.startswith("Traceback")]
        if not tracebacks:
            return "\n".join(self._messages)
        error = _ERROR.findall(tracebacks[0])[-1]
        return "\n".join([error, *(text[-_LONGEST_TRACEBACK:] for text in tracebacks)])


def _in_words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "database is locked" in text:
        return (
            f"Another program kept the gradebook locked for {course.DATABASE_PATIENCE} seconds.\n"
            "Close what has it open, and grade again."
        )
    return text[:_LONGEST_REASON]


def _write_into(path: Path, own: dict) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata[messages.KEY].update(own)
    mode = path.stat().st_mode
    path.unlink()  # nbgrader has made it read-only
    nbformat.write(notebook, path)
    path.chmod(mode)


def _differences(mine: dict[str, str], theirs: dict[str, str]) -> str:
    return ", ".join(
        f"{name} is {theirs.get(name, 'missing')[:12]} and not {value[:12]}"
        for name, value in sorted(mine.items())
        if theirs.get(name) != value
    )
