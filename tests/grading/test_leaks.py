"""The leak check itself: it finds what is planted, in whatever form a student would receive it."""

import base64
import html
import json

import nbformat
import pytest
from nbconvert.filters import Highlight2HTML

from seqmodels.grading.leaks import (
    HIDDEN_TEST,
    MARK_SCHEME,
    SOLUTION,
    Secret,
    files_of_secrets,
    leaked,
    secrets,
    text_of,
)
from tests.grading import tiny

LINE = 'scaled = (window["boardings"] - mean) / spread if spread > 0 else "flat"'
KEPT = [Secret(SOLUTION, "scale", LINE)]

FORMS = {
    "plain": LINE,
    "indented": f"def scale(window):\n        {LINE}\n",
    "html": f"<pre>{html.escape(LINE)}</pre>",
    "highlighted": Highlight2HTML()(LINE),
    "attribute": f'<img alt="{html.escape(LINE)}">',
    "notebook": json.dumps({"cells": [{"source": [LINE]}]}),
    "script": json.dumps(LINE).replace(">", "\\u003e"),
    "coloured": 'scaled \x1b[38;5;241m=\x1b[39m (window["boardings"] \x1b[0;32m-\x1b[0m' + LINE.partition("-")[2],
    "wrapped": LINE.replace(" / ", " /\n    "),
}


@pytest.mark.parametrize("form", FORMS)
def test_planted_secret_is_found(form):
    assert leaked(KEPT, f"before {FORMS[form]} after") == KEPT


def test_other_text_is_clean():
    assert leaked(KEPT, 'scaled = (window["rain"] - mean) / spread') == []


def test_what_the_student_wrote_is_not_given_away():
    assert leaked(KEPT, LINE, known=f"    {LINE}") == []


def test_secrets_are_the_lines_between_the_markers():
    found = secrets(tiny.notebook())
    assert Secret(SOLUTION, "add_3", "return [value + 3 for value in values]") in found
    assert Secret(HIDDEN_TEST, "test_add_3", "secret_question_3 = [3, -4, 5]") in found
    assert Secret(SOLUTION, "why", "A model answer about why, which earns all the points.") in found
    assert not any(marker in secret.line for secret in found for marker in ("BEGIN", "END", "def add_3"))


def test_mark_scheme_is_a_secret():
    notebook = tiny.notebook()
    notebook.cells[0].source += "\n### BEGIN MARK SCHEME\nGive one point for each reason.\n### END MARK SCHEME"
    assert secrets(notebook, [MARK_SCHEME]) == [Secret(MARK_SCHEME, "title", "Give one point for each reason.")]


PICTURE, SHOWN = "iVBORw0KGgo" * 9, "R0lGODlhAQAB" * 9
LEFT = "The curve rises, and then it falls."


def _with_all_kinds():
    """An assignment in which everything that a solution can have besides its text is somewhere."""
    notebook = tiny.notebook()
    written = next(cell for cell in notebook.cells if cell.id == "why")
    written.source = "![given](attachment:given.png)\n" + written.source.replace(
        "A model", "![](attachment:curve.png) A model"
    )
    written.attachments = {"curve.png": {"image/png": PICTURE}, "given.png": {"image/png": SHOWN}}
    written.metadata.draft = {"words": [LEFT]}
    answer = next(cell for cell in notebook.cells if cell.id == "add_1")
    answer.metadata |= {
        "mystnb": {"image": {"alt": "A line from the lower left to the upper right"}},
        "tags": ["raises-exception"],
    }
    answer.outputs = [
        nbformat.v4.new_output("stream", text="The sum of all values is 123456\nok"),
        nbformat.v4.new_output(
            "display_data", data={"image/png": PICTURE[::-1], "text/plain": "<Figure size 640x480>"}
        ),
    ]
    return notebook


def test_what_lies_beside_the_text_of_a_solution_is_a_secret():
    found = [secret for secret in secrets(_with_all_kinds()) if secret not in secrets(tiny.notebook())]
    assert [(secret.cell, secret.name, secret.line) for secret in found if "model answer" not in secret.line] == [
        ("add_1", "among its outputs", PICTURE[::-1]),
        ("add_1", "", "A line from the lower left to the upper right"),
        ("add_1", "", "The sum of all values is 123456"),
        ("add_1", "", "<Figure size 640x480>"),
        ("why", "curve.png", PICTURE),
        ("why", "", LEFT),
    ]
    assert {secret.kind for secret in found} == {SOLUTION}
    assert "the picture curve.png" in "".join(map(str, found))
    assert PICTURE not in "".join(map(str, found))


def test_what_tests_print_is_no_secret_and_what_stands_beside_them_is():
    notebook = tiny.notebook()
    test = next(cell for cell in notebook.cells if cell.id == "test_add_1")
    test.outputs = [nbformat.v4.new_output("stream", text="passed:  the example of the task")]
    test.metadata |= {"draft": LEFT, "execution": {"iopub.execute_input": "2030-01-01T10:00:00.000000Z"}}
    new = [secret for secret in secrets(notebook) if secret not in secrets(tiny.notebook())]
    assert new == [Secret(HIDDEN_TEST, "test_add_1", LEFT)]


@pytest.mark.parametrize("lines", [0, 76])
def test_a_picture_is_found_in_notebooks_pages_and_files(lines):
    content = bytes(range(256))
    kept = [Secret(SOLUTION, "why", base64.b64encode(content).decode(), "curve.png")]
    written = base64.encodebytes(content).decode() if lines else kept[0].line
    assert leaked(kept, json.dumps({"attachments": {"curve.png": {"image/png": written}}})) == kept
    assert leaked(kept, f'<img src="data:image/png;base64,{kept[0].line}">') == kept
    assert leaked(kept, text_of(content)) == kept
    assert text_of("größe".encode()) == "größe"


def test_files_that_only_a_secret_names():
    notebook = tiny.notebook()
    for cell, line in (
        ("add_1", "plot('curve.png')"),
        ("add_2", "read('table.csv')"),
        ("test_add_3", "read('hidden.csv')"),
    ):
        cell = next(each for each in notebook.cells if each.id == cell)
        begin = "### BEGIN HIDDEN TESTS" if cell.id.startswith("test") else "### BEGIN SOLUTION"
        cell.source = cell.source.replace(begin, f"{begin}\n    {line}")
    notebook.cells[0].source += " Read table.csv, which is no curve.png.old."
    names = ["curve.png", "hidden.csv", "table.csv", "other.csv"]
    assert files_of_secrets(notebook, names) == ["curve.png", "hidden.csv"]


def test_an_answer_cell_without_markers_is_a_secret_as_a_whole():
    notebook = tiny.notebook()
    notebook.cells[1].source = "def add_0(values):\n    return values + nothing_at_all"
    assert Secret(SOLUTION, "add_0", "return values + nothing_at_all") in secrets(notebook)


def test_a_line_that_everybody_sees_is_no_secret():
    notebook = tiny.notebook()
    notebook.cells[0].source += "\n\n    return [value + 3 for value in values]"
    assert Secret(SOLUTION, "add_3", "return [value + 3 for value in values]") not in secrets(notebook)
