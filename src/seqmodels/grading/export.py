"""Marks for a spreadsheet or a learning platform: ``nbgrader export`` with this course's configuration.

nbgrader's own exporter writes fields without quotation marks, passes on a cell that a spreadsheet takes
for a formula, and gives a total where marks are still to come. This one keeps its columns, in their
order, and adds three: the student's number on the learning platform, whether the work is marked, and what is not.
"""

import csv
import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin

from seqmodels.grading import groups, report
from seqmodels.grading.sheet import Unusable

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
    *("lms_user_id", "status", "pending"),
)

# The values of the column "status".
MISSING = "missing"  # nothing was handed in: the score is 0
NOT_GRADED = "not graded"  # handed in, but the autograder has not run, or not to its end: there is no score
PENDING = "pending"  # a person has still to mark the cells named in "pending": there is no score
SET_ASIDE = "set aside"  # nothing in it could be graded, and nobody has decided what follows: there is no score
GRADED = "graded"

# A spreadsheet may run a cell that begins with one of these.
_FORMULA_START = re.compile(r"\s*[=+\-@＝＋－＠]")
# Where some spreadsheets begin a new cell.
_SEPARATORS = re.compile(r"[;\t\r\n]+")


class MarksExport(ExportPlugin):
    """One line for each assignment and student, in a CSV file that is quoted where it has to be.

    ``score`` is empty until everything is marked, so that no half of a total is taken for the whole;
    ``raw_score`` holds the points so far. Members of a group get the marks of who has handed in for them (groups.py).
    """

    _members: Mapping[tuple[str, str], str] = MappingProxyType({})

    def export(self, gradebook: Gradebook) -> None:
        coursedir = CourseDirectory(parent=self)
        try:
            self._members = groups.read(coursedir, gradebook)
        except Unusable as error:
            self._fail(f"{groups.FILE}: {error}", error)
        self.write(gradebook)

    def _fail(self, reason: str, cause: Exception) -> NoReturn:
        self.log.error(reason)
        raise SystemExit(1) from cause

    def write(self, gradebook: Gradebook) -> None:
        """Write the file."""
        assignments = wanted(gradebook.assignments, "name", self.assignment, "assignment")
        students = wanted(gradebook.students, "id", self.student, "student")
        # All rows before the file is opened: an error leaves the last good file.
        rows = [_text(self.row(gradebook, assignment, student)) for assignment in assignments for student in students]
        target = Path(self.to or "grades.csv")
        with target.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        open_rows = sum(row["status"] in (NOT_GRADED, PENDING, SET_ASIDE) for row in rows)
        self.log.info("%s holds %d lines", target, len(rows))
        if open_rows:
            self.log.warning("%d of the %d lines in %s have no score yet: see 'status'", open_rows, len(rows), target)

    def row(self, gradebook: Gradebook, assignment: Assignment, student: Student) -> dict:
        """What is told of an assignment and a student, by the name of the column; numbers are numbers."""
        about = {
            "assignment": assignment.name,
            "duedate": assignment.duedate,
            "student_id": student.id,
            "last_name": student.last_name,
            "first_name": student.first_name,
            "email": student.email,
            "max_score": assignment.max_score,
            "lms_user_id": student.lms_user_id,
        }
        by = self._members.get((assignment.name, student.id), student.id)
        try:
            submission = gradebook.find_submission(assignment.name, by)
        except MissingEntry:
            return about | self._without_submission(assignment, by)
        status, pending = _progress(submission)
        if status == GRADED and self._is_set_aside(submission):
            status = SET_ASIDE
        penalty = submission.late_submission_penalty or 0.0
        return about | {
            "duedate": submission.duedate,  # with the student's own extension
            "timestamp": submission.timestamp,
            "raw_score": submission.score,
            "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty) if status == GRADED else None,
            "status": status,
            "pending": " ".join(pending),
        }

    def _is_set_aside(self, submission: SubmittedAssignment) -> bool:
        """Whether the points are those of a blank notebook that was graded in the place of one that cannot be read.

        A mark that a person has given to it says that the matter is settled.
        """
        if any(grade.manual_score is not None for notebook in submission.notebooks for grade in notebook.grades):
            return False
        coursedir = CourseDirectory(parent=self)
        folder = coursedir.format_path(coursedir.autograded_directory, submission.student.id, submission.name)
        return report.is_set_aside(Path(folder))

    def _without_submission(self, assignment: Assignment, student: str) -> dict:
        coursedir = CourseDirectory(parent=self)
        submitted = coursedir.format_path(coursedir.submitted_directory, student, assignment.name)
        if Path(submitted).exists():
            return {"status": NOT_GRADED}
        return {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0, "status": MISSING}


def wanted(entries: list, key: str, names: list[str], what: str) -> list:
    """The entries of these names, or all of them if none is named.

    Raises:
      MissingEntry: the gradebook has no entry of a name.
    """
    known = {getattr(entry, key): entry for entry in entries}
    for name in names:
        if str(name) not in known:
            raise MissingEntry(f"The gradebook has no {what} '{name}'. It has: {', '.join(known) or 'none'}")
    return [known[str(name)] for name in names] or entries


def _progress(submission: SubmittedAssignment) -> tuple[str, list[str]]:
    """The status of a submission, and the cells that have no final mark yet."""
    pending, tests = [], 0
    for notebook in submission.notebooks:
        by_hand = {cell.name for cell in (*notebook.notebook.solution_cells, *notebook.notebook.task_cells)}
        for grade in notebook.grades:
            # An interrupted autograder leaves cells with no mark of either kind.
            if grade.needs_manual_grade or (grade.auto_score is None and grade.manual_score is None):
                pending.append(grade.name)
                tests += grade.name not in by_hand and grade.auto_score is None
    if tests:
        return NOT_GRADED, sorted(pending)
    return (PENDING, sorted(pending)) if pending else (GRADED, [])


def _text(row: dict) -> dict[str, str]:
    """A row as it is written: nothing in a field of text that a spreadsheet would run."""
    return {name: _harmless(value) if isinstance(value, str) else _plain(value) for name, value in row.items()}


def _plain(value) -> str:
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"  # which the gradebook means, without saying so
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    text = _SEPARATORS.sub(" ", text).strip()
    return f"'{text}" if _FORMULA_START.match(text) else text
