"""The student's *Validate*, which takes a notebook as it is taken when it is marked.

nbgrader's own stops at a notebook with a cell that was copied, whose "metadata may be corrupted", and at one of another
editor, whose kernel is not there. Both are graded like any other.
"""

import sys
from collections import defaultdict

import nbgrader.validator
from jupyter_client.kernelspec import KernelSpecManager
from nbformat import NotebookNode
from nbgrader import utils

KERNEL = "python3"
# Where nbgrader has taken its own from: the command, and the button in JupyterLab.
_USERS = ("nbgrader.apps.validateapp", "nbgrader.server_extensions.validate_assignment.handlers")


class Validator(nbgrader.validator.Validator):
    """nbgrader's Validator. It is configured as c.Validator."""

    def _preprocess(self, notebook: NotebookNode) -> NotebookNode:
        keep_one_of_each(notebook)
        name = notebook.metadata.get("kernelspec", {}).get("name", KERNEL)
        if name not in KernelSpecManager(parent=self).find_kernel_specs():
            self.log.warning("There is no kernel %s here. The notebook is validated with %s.", name, KERNEL)
            notebook.metadata.kernelspec = NotebookNode(name=KERNEL, display_name="Python 3", language="python")
        return super()._preprocess(notebook)


def keep_one_of_each(notebook: NotebookNode) -> None:
    """Of the copies of a cell keep the one that counts: the last answer, or the test that nobody has changed.

    What a student has written into others stays as a cell of the student's own, as rebuild.py has it.
    """
    copies = defaultdict(list)
    for cell in notebook.cells:
        if name := cell.metadata.get("nbgrader", {}).get("grade_id"):
            copies[name].append(cell)
    unchanged = []
    for cells in copies.values():
        changed = [cell for cell in cells if _is_changed(cell)]
        given = [cell for cell in cells if not any(cell is other for other in changed)]
        best = (changed[-1:] or given[:1]) if utils.is_solution(cells[0]) else (given[:1] or changed[:1])
        unchanged += [cell for cell in given if cell is not best[0]]
        for cell in changed:
            if cell is not best[0]:
                del cell.metadata["nbgrader"]
    notebook.cells = [cell for cell in notebook.cells if not any(cell is other for other in unchanged)]


def install() -> None:
    """Let nbgrader's command and its button in JupyterLab work with this class."""
    for name in _USERS:
        if module := sys.modules.get(name):
            module.Validator = Validator


def _is_changed(cell: NotebookNode) -> bool:
    try:
        return utils.compute_checksum(cell) != cell.metadata.nbgrader.get("checksum")
    except KeyError:  # without points, or whatever else is not there
        return True
