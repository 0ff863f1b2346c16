"""What of a graded notebook has to stay as it is for a mark given by hand to stay final."""

import copy

import nbformat
import pytest
from nbformat import NotebookNode

from seqmodels.grading.marked import grounds, grounds_in
from seqmodels.grading.messages import mark_as_graded
from tests.grading import tiny

TESTS = {f"test_add_{number}" for number in range(8)}
CODE_BELOW, TEXT_BELOW = (
    nbformat.v4.new_code_cell("1", id="added-18-0"),
    nbformat.v4.new_markdown_cell("a", id="added-18-1"),
)


def _cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def _text(name: str):
    return lambda notebook: _cell(notebook, name).update(source="another")


def _points(name: str):
    return lambda notebook: _cell(notebook, name).metadata.nbgrader.update(points=9)


def _output(notebook: NotebookNode) -> None:
    _cell(notebook, "test_add_1").outputs = [nbformat.v4.new_output("stream", text="another")]


def _picture(notebook: NotebookNode) -> None:
    _cell(notebook, "why").attachments = {"a.png": {"image/png": "AAAA"}}


def _added(*cells: NotebookNode):
    def change(notebook: NotebookNode) -> None:
        place = notebook.cells.index(_cell(notebook, "why")) + 1
        notebook.cells[place:place] = cells

    return change


def _files(notebook: NotebookNode) -> None:
    notebook.metadata.seqmodels = {"files": "abc"}


def _notes(notebook: NotebookNode) -> None:
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("### About what you handed in", id="about"))
    notebook.metadata.seqmodels = {"notes": [{}], "seconds": 3}


@pytest.mark.parametrize(
    ("change", "concerned"),
    [
        (_text("why"), {"why"}),
        (_picture, {"why"}),
        (_points("why"), {"why"}),
        (_added(TEXT_BELOW), {"why", "what_next"}),
        (_added(CODE_BELOW), {"why", "what_next"} | TESTS),
        (_text("title"), set()),
        (_text("test_add_1"), {"test_add_1"}),
        (_points("test_add_1"), {"test_add_1"}),
        (_text("add_1"), TESTS),
        (_files, TESTS),
        (_output, set()),
        (_notes, set()),
    ],
)
def test_what_a_mark_was_given_for(change, concerned):
    before = tiny.notebook()
    after = copy.deepcopy(before)
    change(after)
    first, second = grounds(before), grounds(after)
    assert first.keys() == second.keys() == TESTS | {"why", "what_next"}
    assert {name for name in first if first[name] != second[name]} == concerned


def test_only_whole_notebooks_count(tmp_path):
    notebook = tiny.notebook()
    nbformat.write(notebook, tmp_path / "half.ipynb")
    mark_as_graded(notebook)
    nbformat.write(notebook, tmp_path / "whole.ipynb")
    (tmp_path / "torn.ipynb").write_text('{"cells": [')
    assert grounds_in(tmp_path) == {"whole": grounds(notebook)}
    assert grounds_in(tmp_path / "missing") == {}
