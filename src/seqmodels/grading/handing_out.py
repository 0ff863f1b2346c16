"""The last step of ``nbgrader generate_assignment``: nothing of a solution stays beside the text of its cell.

nbgrader clears texts and outputs. Pictures that are attached to a model answer, alternative texts of its figures and the
state of its widgets would go out to students.
"""

from collections.abc import Container

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor

from seqmodels.grading.attachments import names_shown

_OF_NOTEBOOK = ("kernelspec", "language_info")
_OF_CELL = ("deletable", "editable", "nbgrader", "tags")


class ClearBeside(NbGraderPreprocessor):
    """Of cells with solutions or hidden tests keep the metadata that they need, and of all cells the pictures shown."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        notebook.metadata = _only(notebook.metadata, _OF_NOTEBOOK)
        return super().preprocess(notebook, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if utils.is_solution(cell) or utils.is_grade(cell) or utils.is_task(cell):
            cell.metadata = _only(cell.metadata, _OF_CELL)
        if "attachments" in cell:
            cell.attachments = _only(cell.attachments, names_shown(cell.source, cell.attachments))
            if not cell.attachments:
                del cell["attachments"]
        return cell, resources


def _only(metadata: NotebookNode, names: Container[str]) -> NotebookNode:
    return NotebookNode({name: value for name, value in metadata.items() if name in names})
