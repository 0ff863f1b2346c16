"""``python -m seqmodels.grading.similarity ASSIGNMENT``: the answers of a class, for a program that finds copied work.

Each student gets a file with the code of the answers, and one with their text. What was handed out is left out of it, so
that only what students wrote can be alike. The answers are those of the graded notebooks, in which each stands in its
place whatever the file was called. Nothing of it is run.
"""

import argparse
import ast
import shutil
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_solution

from seqmodels.grading import report
from seqmodels.grading.runner import course
from seqmodels.grading.runner.course import WrongUse

FOLDER = "similarity"
_ADDED = "added-"  # how the ids of cells begin that a student has added (rebuild.py)
_WITH_BODY = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m seqmodels.grading.similarity",
        description="Write the answers of a class into files, for a program that finds copied work. Grade them before.",
    )
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="the assignment's name")
    options = parser.parse_args(arguments)
    try:
        coursedir, _, _ = course.load(Path.cwd(), options.assignment)
        target = Path(FOLDER, options.assignment)
        students, missing = export(coursedir, target)
    except WrongUse as error:
        print(f"make similarity: {error}", file=sys.stderr)
        return 2
    print(f"{target} holds the answers of {len(students)} students, their code and their text.")
    if missing:
        print(f"Left out, as they are not graded: {'; '.join(missing)}")
    return 0


def export(coursedir: CourseDirectory, target: Path) -> tuple[list[str], list[str]]:
    """Write the files of everybody into a folder, in the place of those of an earlier time.

    Returns:
      The students who are in it, and those who are not, as their work is not graded.

    Raises:
      WrongUse: nobody is graded.
    """
    handed_out = [nbformat.read(path, as_version=4) for path in sorted(course.released(coursedir).glob("*.ipynb"))]
    found, missing = {}, []
    for student in course.students(coursedir):
        paths = [path for path in sorted(course.graded(coursedir, student).glob("*.ipynb")) if report.is_finished(path)]
        if paths:
            found[student] = [nbformat.read(path, as_version=4) for path in paths]
        else:
            missing.append(student)
    if not found:
        raise WrongUse(f"Nobody's work is graded: run make grade ASSIGNMENT={coursedir.assignment_id} before.")
    for kind in ("code", "text"):
        shutil.rmtree(target / kind, ignore_errors=True)
        (target / kind).mkdir(parents=True)
    for student, notebooks in found.items():
        (target / "code" / f"{student}.py").write_text(code(notebooks, handed_out), encoding="utf-8", errors="replace")
        (target / "text" / f"{student}.txt").write_text(text(notebooks, handed_out), encoding="utf-8", errors="replace")
    # What has to stay in the code of everybody, as the first lines of functions, for programs that can take it out.
    common = target / "handed_out" / "handed_out.py"
    common.parent.mkdir(exist_ok=True)
    common.write_text(_joined(_cells(handed_out, "code")), encoding="utf-8")
    return list(found), missing


def code(notebooks: Iterable[NotebookNode], handed_out: Iterable[NotebookNode]) -> str:
    """The code that a student has written, as a Python file."""
    given = [cell.source for notebook in handed_out for cell in notebook.cells if cell.cell_type == "code"]
    return _joined((name, own_code(source, given)) for name, source in _cells(notebooks, "code"))


def text(notebooks: Iterable[NotebookNode], handed_out: Iterable[NotebookNode]) -> str:
    """The text that a student has written."""
    given = {line.strip() for notebook in handed_out for cell in notebook.cells for line in cell.source.splitlines()}
    lines = [line for _, source in _cells(notebooks, "markdown") for line in source.splitlines()]
    return "".join(f"{line}\n" for line in lines if line.strip() not in given | {""})


def _cells(notebooks: Iterable[NotebookNode], kind: str) -> list[tuple[str, str]]:
    """Name and source of the answers, and of the cells that a student has added."""
    return [
        (cell.metadata.get("nbgrader", {}).get("grade_id", "added"), cell.source)
        for notebook in notebooks
        for cell in notebook.cells
        if cell.cell_type == kind and (is_solution(cell) or cell.get("id", "").startswith(_ADDED))
    ]


def _joined(cells: Iterable[tuple[str, str]]) -> str:
    return "\n\n".join(f"# %% {name}\n{source}\n" for name, source in cells if source.strip())


def own_code(source: str, given: Iterable[str]) -> str:
    """What is a student's own in a cell; Python in any case, or else a comment.

    Args:
      source: the cell.
      given: the code cells that were handed out.
    """
    given = list(given)
    lines = _without_commands(source).splitlines()
    known = {line.strip() for cell in given for line in cell.splitlines()}
    tree = _parsed("\n".join(lines))
    if tree is None:
        return "\n".join(f"# {line}" for line in lines if line.strip() and line.strip() not in known)
    trees = [_parsed(_without_commands(cell)) for cell in given]
    try:
        out = _given_lines(tree.body, [statement for one in trees if one is not None for statement in one.body])
    except RecursionError:
        out = set()
    kept = [
        line
        for number, line in enumerate(lines, start=1)
        if number not in out and line.strip() and not (line.strip().startswith("#") and line.strip() in known)
    ]
    # A text may hold what looks like a comment.
    return "\n".join(lines if _parsed("\n".join(kept)) is None else kept)


def _without_commands(source: str) -> str:
    """A cell with the commands of IPython made comments."""
    whole = source.lstrip().startswith("%%")
    return "\n".join(
        f"# {line}" if whole or line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()
    )


def _parsed(source: str) -> ast.Module | None:
    """The tree of a program; None if it is none, or one that takes too much to read."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _given_lines(own: list[ast.stmt], given: list[ast.stmt]) -> set[int]:
    """The numbers of the lines of those statements that were handed out, in functions and classes of one name too."""
    dumps = {ast.dump(statement) for statement in given}
    bodies = {statement.name: statement.body for statement in given if isinstance(statement, _WITH_BODY)}
    out: set[int] = set()
    stay: set[int] = set()
    for statement in own:
        if ast.dump(statement) in dumps:
            out |= _lines(statement)
        elif isinstance(statement, _WITH_BODY) and statement.name in bodies:
            # Something has to stay in it.
            out |= _given_lines(statement.body, bodies[statement.name]) - _lines(statement.body[-1])
        else:
            stay |= _lines(statement)
    return out - stay


def _lines(statement: ast.stmt) -> set[int]:
    return set(range(statement.lineno, statement.end_lineno + 1))


if __name__ == "__main__":
    sys.exit(main())
