"""The leak check itself: it finds what is planted, in whatever form a student would receive it."""

import html
import json

import pytest
from nbconvert.filters import Highlight2HTML

from seqmodels.grading.leaks import HIDDEN_TEST, MARK_SCHEME, SOLUTION, Secret, leaked, secrets
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


def test_an_answer_cell_without_markers_is_a_secret_as_a_whole():
    notebook = tiny.notebook()
    notebook.cells[1].source = "def add_0(values):\n    return values + nothing_at_all"
    assert Secret(SOLUTION, "add_0", "return values + nothing_at_all") in secrets(notebook)


def test_a_line_that_everybody_sees_is_no_secret():
    notebook = tiny.notebook()
    notebook.cells[0].source += "\n\n    return [value + 3 for value in values]"
    assert Secret(SOLUTION, "add_3", "return [value + 3 for value in values]") not in secrets(notebook)
