"""Feedback that shows a student the marks and the messages of the tests, but not the hidden tests.

nbgrader's own feedback page prints the tests in full, hidden lines and tracebacks included, and
passes HTML from a student's notebook through as it is. ``nbgrader_config.py`` puts
``HideTests`` among the preprocessors of ``GenerateFeedback``, and what rendering.py has among the
filters of the page.
"""

from collections.abc import Sequence

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests
from traitlets import List

from seqmodels.grading.leaks import FEWEST_LETTERS, HIDDEN_TEST, Secret, leaked, secrets
from seqmodels.grading.room import PICTURES, Room, shortened

_SHOWN = ("text/plain", *PICTURES)
_REPLACEMENT = "[a line of a hidden test]"
_LONGEST = 2000  # letters of the message of a failed test, which may hold whatever a student's function has returned


class HideTests(ClearHiddenTests):
    """Take the hidden tests out of an autograded notebook, and every output but text and pictures.

    Of a test cell stays what the student was given, and the message of the error that ended it. Any
    line of output anywhere that repeats a line of a hidden test is replaced.
    """

    # The page's exporter sets this on every preprocessor; nbgrader's base class does not let it.
    display_data_priority = List(["image/png", "image/jpeg", "text/plain"]).tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        self._kept = secrets(tests_of(notebook), [HIDDEN_TEST])
        # Nothing that the student's own cells print takes the room of what the tests say.
        self._rooms = {is_test: Room() for is_test in (True, False)}
        return super().preprocess(notebook, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        # Tags and the like end up in the page's own markup.
        cell.metadata = NotebookNode(nbgrader=cell.metadata.nbgrader) if "nbgrader" in cell.metadata else NotebookNode()
        cell.source = shortened(cell.source)
        if cell.cell_type != "code":
            return cell, resources
        is_test = _is_test(cell)
        if is_test:
            # Only here: in an answer cell the markers are a student's own words.
            cell, resources = super().preprocess_cell(cell, resources, index)
        cell.outputs = self._rooms[is_test].outputs(map(_plain, cell.outputs))
        for output in cell.outputs:
            self._hide_lines(output, is_test)
        return cell, resources

    def _hide_lines(self, output: NotebookNode, is_test: bool) -> None:
        if output.output_type == "stream":
            output.text = without_secrets(self._kept, output.text)
        elif output.output_type == "error":
            output.evalue = without_secrets(self._kept, output.evalue)
            message = f"{output.ename}: {output.evalue}".removesuffix(": ")
            if len(message) > _LONGEST:
                message = f"{message[: _LONGEST - 1]}…"
            output.traceback = [message if is_test else without_secrets(self._kept, "\n".join(output.traceback))]
        elif "text/plain" in output.data:
            output.data["text/plain"] = without_secrets(self._kept, output.data["text/plain"])


def without_secrets(kept: Sequence[Secret], text: str) -> str:
    """A text with each line replaced that gives away a line of a hidden test."""
    return "\n".join(_REPLACEMENT if _gives_away(kept, line) else line for line in text.split("\n"))


def _gives_away(kept: Sequence[Secret], line: str) -> bool:
    # No secret is that short, and there may be many such lines.
    return len(line) >= FEWEST_LETTERS and bool(leaked(kept, strip_ansi(line)))


def tests_of(notebook: NotebookNode) -> NotebookNode:
    """A notebook of the test cells of another one."""
    return NotebookNode(cells=[cell for cell in notebook.cells if _is_test(cell)])


def _plain(output: NotebookNode) -> NotebookNode:
    """An output without anything that the page would take for markup."""
    if output.output_type in ("display_data", "execute_result"):
        output.data = NotebookNode({kind: data for kind, data in output.data.items() if kind in _SHOWN})
    return output


def _is_test(cell: NotebookNode) -> bool:
    return utils.is_grade(cell) and not utils.is_solution(cell)
