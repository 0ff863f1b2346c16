"""What the feedback page takes out, form by form; test_marks.py and test_round.py search real pages."""

import copy
import re

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_output
from traitlets.config import PyFileConfigLoader

from seqmodels.grading.feedback import HideTests, safe_markdown
from seqmodels.grading.leaks import HIDDEN_TEST, leaked, secrets
from tests.grading import tiny
from tests.grading.course import ROOT

SECRET = "secret_question_3 = [3, -4, 5]"
TRACEBACK = [
    "Traceback (most recent call last)",
    f"\x1b[0;32m----> 4 {SECRET}\x1b[0m",
    "AssertionError: A sum is wrong.",
]
SCRIPT = "<script>alert(1)</script>"
PIXEL = "iVBORw0KGgo="
# What Formgrader tells its page about a submission.
FORMGRADER = {
    **dict.fromkeys(("submission_id", "base_url", "student", "last_name", "first_name", "notebook_path"), "x"),
    **{"assignment_id": tiny.NAME, "notebook_id": tiny.NAME, "index": 0, "total": 1},
}


def _cells(answer_outputs=(), test_outputs=()):
    """The answer and the test number 3 of the tiny assignment, after the hidden tests have ended its run."""
    answer, test = copy.deepcopy(tiny.notebook().cells[7:9])
    answer.outputs, test.outputs = list(answer_outputs), list(test_outputs)
    notebook = tiny.notebook()
    notebook.cells = [answer, test]
    shown, _ = HideTests().preprocess(notebook, {})
    return shown.cells


def test_hidden_lines_leave_the_test_and_the_others_stay():
    _, test = _cells()
    assert test.source == (
        'answer = add_3([1, 2])\nassert len(answer) == 2, "The answer has as many values as the question."'
    )


def test_traceback_of_a_test_is_its_message():
    _, test = _cells(
        test_outputs=[new_output("error", ename="AssertionError", evalue="A sum is wrong.", traceback=TRACEBACK)]
    )
    assert test.outputs[0].traceback == ["AssertionError: A sum is wrong."]


def test_traceback_of_an_answer_stays_but_for_hidden_lines():
    answer, _ = _cells([new_output("error", ename="ValueError", evalue="mine", traceback=TRACEBACK)])
    assert answer.outputs[0].traceback == [
        "Traceback (most recent call last)\n[a line of a hidden test]\nAssertionError: A sum is wrong."
    ]


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stdout", text=f"printed\n{SECRET}\n"),
        new_output("execute_result", data={"text/plain": repr(["", SECRET])}),
        new_output("display_data", data={"text/html": f"<b>{SECRET}</b>", "image/svg+xml": SECRET}),
        new_output("error", ename="ValueError", evalue=SECRET, traceback=[SECRET]),
    ],
    ids=lambda output: output.output_type,
)
@pytest.mark.parametrize("where", ["answer_outputs", "test_outputs"])
def test_no_output_repeats_a_hidden_line(where, output):
    kept = secrets(tiny.notebook(), [HIDDEN_TEST])
    assert leaked(kept, str(output)), "the output does give it away to begin with"
    assert not leaked(kept, str(_cells(**{where: [copy.deepcopy(output)]})))


def test_nothing_but_text_and_pictures_is_shown():
    data = {
        "text/plain": "text",
        "text/html": SCRIPT,
        "text/latex": SCRIPT,
        "image/png": PIXEL,
        "image/jpeg": f'">{SCRIPT}',
    }
    answer, _ = _cells([new_output("display_data", data=data, metadata={"width": f'">{SCRIPT}'})])
    assert answer.outputs[0].data == {"text/plain": "text", "image/png": PIXEL}
    assert answer.outputs[0].metadata == {}


def test_tags_of_cells_are_not_shown():
    notebook = tiny.notebook()
    notebook.cells = [new_code_cell("1", metadata={"tags": [f'">{SCRIPT}']})]
    shown, _ = HideTests().preprocess(notebook, {})
    assert shown.cells[0].metadata == {}


def test_markers_in_an_answer_are_a_students_own_words():
    notebook = tiny.notebook()
    notebook.cells[7].source = "### BEGIN HIDDEN TESTS\nadd_3 = None"
    shown, _ = HideTests().preprocess(notebook, {})
    assert shown.cells[7].source == "### BEGIN HIDDEN TESTS\nadd_3 = None"


def test_markdown_keeps_its_form():
    page = safe_markdown("# Why\n\n> quoted **words**, $a < b$\n\n```python\na < b\n```\n\n| x |\n|---|\n| 1 |\n")
    for part in ("<h1", "<blockquote>", "<strong>words</strong>", "$a &lt; b$", "<pre>", "<table>", "<td>1</td>"):
        assert part in page


@pytest.mark.parametrize(
    "hostile",
    [
        SCRIPT,
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](https://example.org/counts-readers.png)",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "<iframe src='https://example.org'></iframe>",
        "<a href='#' onclick='alert(1)' style='color:red'>x</a>",
    ],
)
def test_markdown_runs_and_fetches_nothing(hostile):
    page = safe_markdown(hostile)
    for part in (
        "<script",
        "<iframe",
        ' onerror="',
        ' onclick="',
        " style=",
        '"javascript:',
        'src="https:',
        'href="data:',
    ):
        assert part not in page


def test_picture_in_markdown_stays():
    assert f'src="data:image/png;base64,{PIXEL}"' in safe_markdown(f"![a plot](data:image/png;base64,{PIXEL})")


LONG = {
    "lines": "0\n" * 1_000_000,
    "quotes": "> - # `\n" * 20_000,
    "brackets": "[" * 3000 + "![" * 3000 + "*_" * 3000 + "<" * 3000 + "$" * 3001,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_text_is_shown_as_it_was_typed_and_cut(text):
    page = safe_markdown(f"# Why {SCRIPT}\n{text}")
    assert page.startswith("<pre># Why &lt;script&gt;") and page.endswith("</pre>")
    assert len(page) < 80_000


def test_long_cells_and_outputs_are_cut():
    line = "0\n" * 1_000_000
    answer, test = _cells(
        [new_output("stream", name="stdout", text=line), new_output("error", ename="A", evalue="", traceback=[line])],
        [new_output("error", ename="AssertionError", evalue=line)],
    )
    assert answer.outputs[0].text.endswith("\n[1,950,000 more letters are not shown]")
    assert len(answer.outputs[1].traceback[0]) < 60_000
    assert len(test.outputs[0].traceback[0]) == 2000
    notebook = tiny.notebook()
    notebook.cells[7].source = line
    shown, _ = HideTests().preprocess(notebook, {})
    assert shown.cells[7].source.endswith("\n[1,950,000 more letters are not shown]")


def test_formgrader_cuts_long_code():
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    config.HTMLExporter.template_name = "formgrade"
    notebook = tiny.notebook()
    notebook.cells = [new_code_cell("0\n" * 1_000_000), new_code_cell("short = 1")]
    html, _ = HTMLExporter(config=config).from_notebook_node(notebook, resources=FORMGRADER)
    assert "[the rest is not shown]" in re.sub("<[^<>]*>", "", html) and ">short</span>" in html
    assert html.count("\n") < 40_000


def test_nbgrader_uses_it():
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    assert HideTests in config.GenerateFeedback.preprocessors
    assert config.HTMLExporter.filters["markdown2html"] == "seqmodels.grading.feedback.safe_markdown"
