"""What a course folder says: its configuration, its gradebook, and who has handed in what."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbgrader.api import Assignment, Gradebook, MissingEntry, Notebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from traitlets.config import Config

from seqmodels.grading import extensions
from seqmodels.grading.execute import ExecuteToTheEnd
from seqmodels.grading.sandbox import outer
from seqmodels.grading.sandbox.manager import SandboxedKernelManager
from seqmodels.grading.sheet import Unusable

_LONGEST_REASON = 200  # letters
DATABASE_PATIENCE = 120  # seconds; SQLite lets one process write at a time


class WrongUse(Exception):
    """What was asked for cannot be done, and what to do about it."""


def load(folder: Path, assignment: str) -> tuple[CourseDirectory, Config, list[Path]]:
    """The course in a folder, as nbgrader's commands see it, its configuration, and the files that say it.

    The folder becomes the current one.

    Raises:
      WrongUse: there is no course in the folder.
    """
    if not (folder / "nbgrader_config.py").is_file():
        raise WrongUse(f"There is no nbgrader_config.py in {folder}: go to the course folder, or name it by --course.")
    os.chdir(folder)
    _find_alembic()
    # All files that nbgrader autograde reads, the user's own among them.
    app = NbGrader(raise_config_file_errors=True)
    app.load_config_file()
    config = app.config
    config.CourseDirectory.assignment_id = assignment
    coursedir = CourseDirectory(config=config)
    config.CourseDirectory.db_url = coursedir.db_url = _patient(coursedir.db_url)
    return coursedir, config, [Path(file) for file in app.loaded_config_files]


def _find_alembic() -> None:
    """Let nbgrader find the program alembic, which lies beside this Python."""
    own, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if own not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([own, path])


def _patient(address: str) -> str:
    """The address of the gradebook, with SQLite told to wait longer than 5 seconds for another process."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise WrongUse(f"c.CourseDirectory.db_url in nbgrader_config.py names no gradebook: {error}") from error
    if url.get_backend_name() == "sqlite" and "timeout" not in url.query:
        url = url.update_query_dict({"timeout": str(DATABASE_PATIENCE)})
    return url.render_as_string(hide_password=False)


def is_sqlite(coursedir: CourseDirectory) -> bool:
    return make_url(coursedir.db_url).get_backend_name() == "sqlite"


@contextlib.contextmanager
def opened(coursedir: CourseDirectory) -> Iterator[Gradebook]:
    """The course's gradebook."""
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        yield gradebook


def released(coursedir: CourseDirectory) -> Path:
    """The folder of the assignment as it was handed out."""
    return Path(coursedir.format_path(coursedir.release_directory, ".", coursedir.assignment_id))


def source(coursedir: CourseDirectory) -> Path:
    """The folder of the teacher's own version of the assignment."""
    return Path(coursedir.format_path(coursedir.source_directory, ".", coursedir.assignment_id))


def graded(coursedir: CourseDirectory, student: str) -> Path:
    """The folder of a student's graded notebooks."""
    return Path(coursedir.format_path(coursedir.autograded_directory, student, coursedir.assignment_id))


def handed_in(coursedir: CourseDirectory, student: str) -> Path:
    """The folder that a student has handed in."""
    return Path(coursedir.format_path(coursedir.submitted_directory, student, coursedir.assignment_id))


def unfinished(coursedir: CourseDirectory) -> Path:
    """The folder for what is being graded: on the same disk as the graded notebooks, out of nbgrader's sight."""
    return Path(coursedir.root, coursedir.autograded_directory, ".unfinished")


def students(coursedir: CourseDirectory) -> list[str]:
    """Everybody who has handed the assignment in, in alphabetical order, but those whom nbgrader is to leave out."""
    folders = Path(coursedir.root).glob(
        str(handed_in(coursedir, "*").relative_to(coursedir.root)),
    )
    left_out = coursedir.student_id_exclude.split(",")
    return sorted({folder.parent.name for folder in folders if folder.is_dir()}.difference(left_out))


def check(coursedir: CourseDirectory) -> None:
    """Find out before anything is graded what would go wrong with every submission.

    Raises:
      WrongUse: the assignment was not generated, or it has been changed since.
    """
    name = coursedir.assignment_id
    generate = f"run nbgrader generate_assignment {name} --force, and then this again."
    if not any(released(coursedir).glob("*.ipynb")):
        raise WrongUse(f"There is no notebook in {released(coursedir)}: {generate}")
    try:
        extensions.read(coursedir)
    except Unusable as error:
        raise WrongUse(f"{extensions.FILE}: {error}") from error
    with opened(coursedir) as gradebook:
        try:
            assignment = gradebook.find_assignment(name)
        except MissingEntry:
            raise WrongUse(f"The gradebook holds no assignment {name}: {generate}") from None
        if stale := _stale(coursedir, assignment):
            raise WrongUse(f"These cells in {source(coursedir)} are not those in the gradebook: {stale}: {generate}")


def time_limit(coursedir: CourseDirectory, config: Config) -> float:
    """Seconds for one submission, of all its notebooks, by the clock that its kernels' waiting does not count in."""
    notebooks = len(list(released(coursedir).glob("*.ipynb")))
    return notebooks * ExecuteToTheEnd(config=config).total_timeout


def check_sandbox(config: Config) -> None:
    """Find out whether code of students can be walled in on this machine.

    Raises:
      WrongUse: it cannot, and nobody has said that it need not.
    """
    if SandboxedKernelManager(config=config).sandbox:
        try:
            outer.require()
        except outer.SandboxMissing as error:
            raise WrongUse(str(error)) from error


def _stale(coursedir: CourseDirectory, assignment: Assignment) -> str:
    """The cells that the teacher has changed without telling the gradebook, which would go on with the old ones.

    They are those that students do not write, and the points of all. Solutions are no part of a grading.
    """
    in_gradebook = {notebook.name: _fixed(notebook) for notebook in assignment.notebooks}
    names = []
    for path in sorted(source(coursedir).glob("*.ipynb")):
        try:
            cells = nbformat.read(path, as_version=4).cells
        except ValueError as error:
            raise WrongUse(f"{path} is not a notebook: {str(error)[:_LONGEST_REASON]}") from error
        own = {
            cell.metadata.nbgrader.grade_id: (
                cell.source if is_locked(cell) else None,
                float(cell.metadata.nbgrader.points) if is_grade(cell) or is_task(cell) else None,
            )
            for cell in cells
            if is_grade(cell) or is_task(cell) or is_solution(cell) or is_locked(cell)
        }
        known = in_gradebook.get(path.stem, {})
        names += [name for name in {**own, **known} if own.get(name) != known.get(name)]
    return ", ".join(names)


def _fixed(notebook: Notebook) -> dict[str, tuple[str | None, float | None]]:
    """Of each cell of a notebook in the gradebook its source, if no student writes it, and its points, if it has any."""
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    return {cell.name: (cell.source if cell.locked else None, points.get(cell.name)) for cell in notebook.source_cells}


def tests(notebook: Notebook) -> dict[str, float]:
    """Points of each test of a notebook, as the gradebook has them, in the order of the assignment."""
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    return _in_order(notebook, {name: most for name, most in points.items() if name not in _written(notebook)})


def questions(notebook: Notebook) -> dict[str, float]:
    """Points of each written answer of a notebook, as the gradebook has them, in the order of the assignment."""
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    return _in_order(notebook, {name: most for name, most in points.items() if name in _written(notebook)})


def _written(notebook: Notebook) -> set[str]:
    return {cell.name for cell in (*notebook.solution_cells, *notebook.task_cells)}


def _in_order(notebook: Notebook, points: dict[str, float]) -> dict[str, float]:
    return {cell.name: points[cell.name] for cell in notebook.source_cells if cell.name in points}
