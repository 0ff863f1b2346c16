"""nbgrader autograde, which takes submissions in before it grades them, and reports in the end.

nbgrader has no setting for this. Its pre_convert_hook comes when everybody without a notebook of the
right name has been passed over already, and cannot keep it from following links. The classes of the
converters are fixed too, so install() puts these in the place of nbgrader's own, for the commands and for
Formgrader.
"""

import glob
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generateassignmentapp
import nbgrader.apps.generatefeedbackapp
from nbgrader import converters
from nbgrader.api import Gradebook
from nbgrader.converters import NbGraderException
from nbgrader.coursedir import CourseDirectory

from seqmodels.grading import extensions, marked, report, timestamps
from seqmodels.grading.files import refusal
from seqmodels.grading.intake import take_in
from seqmodels.grading.messages import quoted
from seqmodels.grading.revision import GenerateAssignment
from seqmodels.grading.sheet import Unusable


class _AnyName:
    """A converter that finds the notebooks of "Ada [Group 1]" too, whose name is a pattern for nbgrader."""

    def init_notebooks(self) -> None:
        folders = glob.glob(self._format_source(self.coursedir.assignment_id, self.coursedir.student_id))
        found = {folder: glob.glob(f"{glob.escape(folder)}/{self.coursedir.notebook_id}.ipynb") for folder in folders}
        for folder in (folder for folder, paths in found.items() if not paths):
            self.log.warning("There is no notebook in %s", folder)
        self.assignments, self.notebooks = {folder: paths for folder, paths in found.items() if paths}, []
        if not self.assignments:
            super().init_notebooks()  # which says so, and what may have been meant


class GenerateFeedback(_AnyName, converters.GenerateFeedback):
    """The pages of everybody. It is configured as c.GenerateFeedback."""


class Autograde(_AnyName, converters.Autograde):
    """Autograde that misses no submission. It is configured as c.Autograde.

    Attributes:
      marked_before: for marked.py, by student, what grounds_in() has found in the graded notebooks of before.
    """

    marked_before: Mapping[str, dict[str, dict[str, str]]] = {}
    _earlier: Path | None = None

    def start(self) -> None:
        if not self.config.Execute.get("enabled", True):
            # What a student has stored as output would be taken for the points, or nothing for full marks.
            self._fail("This course grades notebooks by running them: leave out --no-execute.")
        handed_in = self._folders(self.coursedir.student_id)
        if not handed_in:
            super().start()  # which says so, and what may have been meant
            return
        try:
            extensions.read(self.coursedir)
        except Unusable as error:
            self._fail(f"{extensions.FILE}: {error}")
        self._forget_unfinished(handed_in)
        try:
            self.grade(handed_in)
        finally:
            write_report(self.coursedir)

    def grade(self, handed_in: list[Path], earlier: Path | None = None) -> None:
        """Grade what lies in these folders, those of students who have handed the assignment in.

        Args:
          handed_in: the folders.
          earlier: where the graded notebooks of before are, if not where the new ones will be; for one student only.
        """
        self._earlier = earlier
        submitted = self.coursedir.submitted_directory
        with tempfile.TemporaryDirectory(prefix="seqmodels-intake-") as scratch:
            for folder in handed_in:
                if why := refusal(folder.parent.name):
                    self.log.error("%s: %s", quoted(folder.parent.name), why)
                else:
                    self._take_in(folder, Path(scratch))
            self.coursedir.submitted_directory = scratch
            try:
                super().start()
            finally:
                self.coursedir.submitted_directory = submitted

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        # The next step takes the graded notebooks of before away.
        folder = self._earlier or Path(self._format_dest(assignment_id, student_id))
        self.marked_before = {student_id: marked.grounds_in(folder)}
        return super().init_destination(assignment_id, student_id)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        super().init_assignment(assignment_id, student_id)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            if timestamps.handed_in(Path(self._format_source(assignment_id, student_id))) is None:
                # nbgrader would let the time of an earlier submission count.
                gradebook.update_or_create_submission(assignment_id, student_id, timestamp=None)
            extensions.apply(self.coursedir, gradebook, student_id)

    def _forget_unfinished(self, handed_in: list[Path]) -> None:
        """Let what a broken-off run has left be graded again; nbgrader would pass over it, with no points."""
        for folder in handed_in:
            graded = self._graded(folder)
            notebooks = list(graded.glob("*.ipynb"))
            if graded.is_dir() and not (notebooks and all(map(report.is_finished, notebooks))):
                self.log.warning("%s was graded only in part before, and is graded again", folder)
                shutil.rmtree(graded)

    def _take_in(self, folder: Path, scratch: Path) -> None:
        assignment, student = folder.name, folder.parent.name
        release = Path(self.coursedir.format_path(self.coursedir.release_directory, ".", assignment))
        if not any(release.glob("*.ipynb")):
            self._fail(f"There is no notebook in {release}: run nbgrader generate_assignment {assignment}.")
        self.log.info("Taking in %s", folder)
        target = Path(self.coursedir.format_path(str(scratch), student, assignment))
        try:
            take_in(folder, release, target)
        except (OSError, ValueError) as error:
            # The others are graded all the same; the report will say that this one is not. Half a notebook
            # would be graded, or fail once more.
            shutil.rmtree(target, ignore_errors=True)
            self.log.error("%s cannot be taken in: %s", folder, error)

    def _fail(self, reason: str) -> NoReturn:
        self.log.error(reason)  # the command itself says nothing of it
        raise NbGraderException(reason)

    def _folders(self, student: str) -> list[Path]:
        return _folders(self.coursedir, student)

    def _graded(self, folder: Path) -> Path:
        return _graded(self.coursedir, folder)


def write_report(coursedir: CourseDirectory, failures: Mapping[str, str] | None = None, more: str = "") -> None:
    """Write the teacher's table of all submissions of the assignment beside the graded notebooks.

    Args:
      coursedir: the course, with the assignment that is graded.
      failures: why a submission is not graded, by the student's name, as far as that is known.
      more: what is to be shown below the table, as it is.
    """
    folders = _folders(coursedir, "*")
    assignment = coursedir.assignment_id
    found = report.collect({folder: _graded(coursedir, folder) for folder in folders}, failures or {})
    path = Path(coursedir.root, coursedir.autograded_directory, f"{assignment}.md")
    path.parent.mkdir(exist_ok=True)
    below = f"\n## The last run of make grade\n\n```text\n{more}\n```\n" if more else ""
    path.write_text(report.table(assignment, found, len(folders)) + below, encoding="utf-8")
    if found:
        coursedir.log.warning("%s of %s submissions need a look: see %s", len(found), len(folders), path)


def _folders(coursedir: CourseDirectory, student: str) -> list[Path]:
    """What students have handed in: one folder each."""
    pattern = Path(coursedir.format_path(coursedir.submitted_directory, student, coursedir.assignment_id))
    root = Path(coursedir.root)
    return sorted(path for path in root.glob(str(pattern.relative_to(root))) if path.is_dir())


def _graded(coursedir: CourseDirectory, folder: Path) -> Path:
    """Where the graded notebooks of a folder are that a student has handed in."""
    return Path(coursedir.format_path(coursedir.autograded_directory, folder.parent.name, folder.name))


def install() -> None:
    """Let nbgrader's commands and Formgrader work with these classes."""
    nbgrader.apps.autogradeapp.Autograde = Autograde
    nbgrader.apps.api.Autograde = Autograde
    nbgrader.apps.generateassignmentapp.GenerateAssignment = GenerateAssignment
    nbgrader.apps.api.GenerateAssignment = GenerateAssignment
    nbgrader.apps.generatefeedbackapp.GenerateFeedback = GenerateFeedback
    nbgrader.apps.api.GenerateFeedback = GenerateFeedback
    nbgrader.apps.api.NbGraderAPI.get_submitted_timestamp = _submitted_timestamp


def _submitted_timestamp(api, assignment_id, student_id):
    """In the place of nbgrader's own, with which one bad timestamp.txt closes Formgrader's list to everybody."""
    folder = api.coursedir.format_path(api.coursedir.submitted_directory, student_id, assignment_id)
    return timestamps.handed_in(Path(folder))
