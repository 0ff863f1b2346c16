"""The cells that the small assignments of the tests are made of, in nbgrader's format."""

from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode


def notebook(cells: Iterable[NotebookNode]) -> NotebookNode:
    """The source of an assignment."""
    found = nbformat.v4.new_notebook(cells=list(cells))
    found.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return found


def write(course: Path, name: str, source: NotebookNode) -> Path:
    """Write a source notebook into a course folder and return its path."""
    path = course / "solutions" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(source, path)
    return path


def text(name: str, source: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=name, metadata={"nbgrader": _meta(name, locked=True)})


def given(name: str, source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": _meta(name, locked=True)})


def answer(name: str, source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": _meta(name, solution=True)})


def test(name: str, source: str, points: int = 10) -> NotebookNode:
    """A test cell; its name is that of what it tests, with "test_" before it."""
    meta = _meta(f"test_{name}", grade=True, locked=True, points=points)
    return nbformat.v4.new_code_cell(source, id=f"test_{name}", metadata={"nbgrader": meta})


def written(name: str, source: str, points: int = 10) -> NotebookNode:
    meta = _meta(name, grade=True, solution=True, points=points)
    return nbformat.v4.new_markdown_cell(source, id=name, metadata={"nbgrader": meta})


def _meta(name: str, *, grade=False, solution=False, locked=False, points=None) -> dict:
    meta = {
        "grade_id": name,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        "schema_version": 3,
    }
    return meta if points is None else meta | {"points": points}
