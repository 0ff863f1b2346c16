"""Feedback that shows a student the marks and the messages of the tests, but not the hidden tests.

nbgrader's own feedback page prints the tests in full, hidden lines and tracebacks included, and
passes HTML from a student's notebook through as it is. ``nbgrader_config.py`` puts
``HideTests`` among the preprocessors of ``GenerateFeedback`` and ``safe_markdown`` among the
filters of the page.
"""

import base64
import binascii
import html
from collections.abc import Sequence

import bleach
from nbconvert.filters import markdown2html, strip_ansi
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests
from traitlets import List

from seqmodels.grading.leaks import HIDDEN_TEST, Secret, leaked, secrets

_PICTURES = ("image/png", "image/jpeg")
_REPLACEMENT = "[a line of a hidden test]"
_LONGEST = 2000  # letters of the message of a failed test, which may hold whatever a student's function has returned
# No honest cell comes near these, and what is longer takes minutes and gigabytes to be coloured and set.
_LONGEST_MARKDOWN = 10_000  # letters; what is longer is shown as it was typed
_LONGEST_SHOWN = 50_000

# What Markdown needs; no script, no style, no form, no frame.
_TAGS = {
    *bleach.ALLOWED_TAGS,
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "span", "div", "sub", "sup", "del", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class HideTests(ClearHiddenTests):
    """Take the hidden tests out of an autograded notebook, and every output but text and pictures.

    Of a test cell stays what the student was given, and the message of the error that ended it. Any
    line of output anywhere that repeats a line of a hidden test is replaced.
    """

    # The page's exporter sets this on every preprocessor; nbgrader's base class does not let it.
    display_data_priority = List(["image/png", "image/jpeg", "text/plain"]).tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        self._kept = secrets(tests_of(notebook), [HIDDEN_TEST])
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
        cell.outputs = [_plain(output) for output in cell.outputs]
        for output in cell.outputs:
            self._hide_lines(output, is_test)
        return cell, resources

    def _hide_lines(self, output: NotebookNode, is_test: bool) -> None:
        if output.output_type == "stream":
            output.text = without_secrets(self._kept, shortened(output.text))
        elif output.output_type == "error":
            output.evalue = without_secrets(self._kept, output.evalue)
            message = f"{output.ename}: {output.evalue}".removesuffix(": ")
            if len(message) > _LONGEST:
                message = f"{message[: _LONGEST - 1]}…"
            traceback = shortened("\n".join(output.traceback))
            output.traceback = [message] if is_test else [without_secrets(self._kept, traceback)]
        elif "text/plain" in output.data:
            output.data["text/plain"] = without_secrets(self._kept, shortened(output.data["text/plain"]))


def without_secrets(kept: Sequence[Secret], text: str) -> str:
    """A text with each line replaced that gives away a line of a hidden test."""
    lines = text.split("\n")
    return "\n".join(_REPLACEMENT if leaked(kept, strip_ansi(line)) else line for line in lines)


def tests_of(notebook: NotebookNode) -> NotebookNode:
    """A notebook of the test cells of another one."""
    return NotebookNode(cells=[cell for cell in notebook.cells if _is_test(cell)])


def shortened(text: str) -> str:
    """What is shown of a text on a page; its beginning, if it is longer than anybody would read."""
    left_out = len(text) - _LONGEST_SHOWN
    return text if left_out <= 0 else f"{text[:_LONGEST_SHOWN]}\n[{left_out:,} more letters are not shown]"


def safe_markdown(source: str) -> str:
    """Markdown as HTML, with any other HTML in it shown as text."""
    if len(source) > _LONGEST_MARKDOWN:
        return f"<pre>{html.escape(shortened(source))}</pre>"
    return bleach.clean(
        markdown2html(source),
        tags=_TAGS,
        attributes=_is_allowed,
        protocols=["http", "https", "mailto", "data"],
    )


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":
        return value.startswith(tuple(f"data:{kind};base64," for kind in _PICTURES))
    if tag == "a" and name == "href":
        return not value.lower().startswith("data:")
    return name in ("alt", "class", "id", "title", "colspan", "rowspan")


def _plain(output: NotebookNode) -> NotebookNode:
    """An output without anything that the page would take for markup."""
    if output.output_type in ("display_data", "execute_result"):
        output.metadata = NotebookNode()
        data = output.data
        output.data = NotebookNode(
            {
                kind: data[kind]
                for kind in ("text/plain", *_PICTURES)
                if kind in data and (kind == "text/plain" or _is_base64(data[kind]))
            }
        )
    return output


def _is_base64(data: str) -> bool:
    try:
        base64.b64decode(data.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_test(cell: NotebookNode) -> bool:
    return utils.is_grade(cell) and not utils.is_solution(cell)
