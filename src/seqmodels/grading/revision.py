"""nbgrader generate_assignment, for an assignment that is changed after work has been handed in.

nbgrader refuses to add or to remove a cell then, and has taken the student's version away before it says so. Here the
submissions that the gradebook knows get a place for the marks and comments of a new cell, and lose those of a cell that
is gone; but none that a person has given. If anything goes wrong, the student's version stays as it was.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import converters, preprocessors
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, MissingEntry, Notebook
from nbgrader.converters import NbGraderException
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import List


class SaveCells(preprocessors.SaveCells):
    """Write the cells of an assignment into the gradebook, whether or not there are submissions of it."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        with contextlib.suppress(MissingEntry):
            known = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
            if known.submissions:
                self._forget_cells(known)
                self._add_cells()
                _make_places(self.gradebook, known)
        # It finds the cells that it wants, and writes the text and the points of each.
        super()._create_notebook(nb)

    def _forget_cells(self, known: Notebook) -> None:
        kinds = [
            (known.grade_cells, self.new_grade_cells),
            (known.solution_cells, self.new_solution_cells),
            (known.task_cells, self.new_task_cells),
        ]
        database = self.gradebook.db
        for cell in (cell for cells, new in kinds for cell in cells if cell.name not in new):
            for entry in _entries(cell):
                database.delete(entry)
            database.delete(cell)
        for cell in known.source_cells:
            if cell.name not in self.new_source_cells:
                database.delete(cell)
        database.commit()

    def _add_cells(self) -> None:
        where = self.notebook_id, self.assignment_id
        for name, about in self.new_grade_cells.items():
            self.gradebook.update_or_create_grade_cell(name, *where, **about)
        for name, about in self.new_solution_cells.items():
            self.gradebook.update_or_create_solution_cell(name, *where, **about)
        for name, about in self.new_task_cells.items():
            self.gradebook.update_or_create_task_cell(name, *where, **about)
        for name, about in self.new_source_cells.items():
            self.gradebook.update_or_create_source_cell(name, *where, **about)


def _entries(cell: BaseCell) -> list[Grade | Comment]:
    """The marks of a cell and the comments on it, of all students; a cell may be of a kind that has but one of them."""
    return [*(cell.grades or ()), *(cell.comments or ())]


def _make_places(gradebook: Gradebook, known: Notebook) -> None:
    """Add the marks and comments that a submission lacks; also where an earlier try was broken off."""
    graded, commented = [*known.grade_cells, *known.task_cells], [*known.solution_cells, *known.task_cells]
    for submitted in known.submissions:
        marks, comments = ({one.cell_id for one in entries} for entries in (submitted.grades, submitted.comments))
        gradebook.db.add_all(Grade(cell_id=cell.id, notebook=submitted) for cell in graded if cell.id not in marks)
        gradebook.db.add_all(
            Comment(cell_id=cell.id, notebook=submitted) for cell in commented if cell.id not in comments
        )
    gradebook.db.commit()


class GenerateAssignment(converters.GenerateAssignment):
    """It is configured as c.GenerateAssignment."""

    preprocessors = List(
        [
            SaveCells if step is preprocessors.SaveCells else step
            for step in converters.GenerateAssignment.preprocessors.default()
        ]
    ).tag(config=True)

    def start(self) -> None:
        source, target = (
            Path(self.coursedir.format_path(folder, ".", self.coursedir.assignment_id))
            for folder in (self._input_directory, self._output_directory)
        )
        if not self.no_database and (lost := self._would_be_lost(sorted(source.glob("*.ipynb")))):
            reason = (
                f"Nothing was changed. These cells are not in {source} any more, and a person has given marks or written "
                f"comments there: {', '.join(lost)}. Put them back, with 0 points if they shall not count."
            )
            self.log.error(reason)  # the command itself says nothing of it
            raise NbGraderException(reason)
        with _kept(target):
            super().start()

    def _would_be_lost(self, sources: Iterable[Path]) -> list[str]:
        """The cells in the gradebook that are in no source notebook and hold what a person has written."""
        found = []
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            for path in sources:
                with contextlib.suppress(MissingEntry):
                    known = gradebook.find_notebook(path.stem, self.coursedir.assignment_id)
                    found += _with_work_of_a_person(known, nbformat.read(path, as_version=4))
        return found


def _with_work_of_a_person(known: Notebook, source: NotebookNode) -> list[str]:
    cells = [cell for cell in source.cells if "nbgrader" in cell.metadata]

    def gone(saved: Iterable[BaseCell], *kinds) -> list[BaseCell]:
        kept = {cell.metadata.nbgrader.grade_id for cell in cells if any(kind(cell) for kind in kinds)}
        return [cell for cell in saved if cell.name not in kept]

    lost = [
        *gone(known.grade_cells, is_grade),
        *gone(known.solution_cells, is_solution),
        *gone(known.task_cells, is_task),
    ]
    return sorted({cell.name for cell in lost if any(map(_is_of_a_person, _entries(cell)))})


def _is_of_a_person(entry: Grade | Comment) -> bool:
    if isinstance(entry, Comment):
        return bool(entry.manual_comment)
    return entry.manual_score is not None or bool(entry.extra_credit)


@contextlib.contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Put a folder back as it was if what is done meanwhile fails."""
    with tempfile.TemporaryDirectory(prefix="seqmodels-release-") as scratch:
        copy, is_done = Path(scratch, "copy"), False
        if folder.is_dir():
            shutil.copytree(folder, copy)
        try:
            yield
            is_done = True
        finally:
            if not is_done and copy.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(copy, folder)
