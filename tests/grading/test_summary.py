"""The table at the top of the feedback: right for tests with parts and without, and true whatever code has printed."""

import contextlib
import copy
import io
import re

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades
from traitlets.config import PyFileConfigLoader

from seqmodels.grading import notices
from seqmodels.grading.feedback import HideTests
from seqmodels.grading.leaks import HIDDEN_TEST, leaked, secrets
from seqmodels.grading.reading import Cell
from seqmodels.grading.rebuild import rebuilt
from seqmodels.grading.summary import LONGEST, Mark, Summarise, summarise
from tests.grading import tiny
from tests.grading.course import ROOT, Course, feedback_html
from tools.browser import refuse_outside

# The words of the page whose contrast with what is behind them is below 4.5, as WCAG reckons it.
FAINT = """() => {
  const light = rgb => rgb.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const behind = e => { for (; e; e = e.parentElement) {
    const found = colour(getComputedStyle(e).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found.slice(0, 3);
  } };
  return [...document.querySelectorAll("main *")].filter(e => [...e.childNodes].some(
    child => child.nodeType === 3 && child.data.trim() && !e.closest("mjx-container"))).filter(e => {
    const pair = [colour(getComputedStyle(e).color).slice(0, 3), behind(e)].map(light).sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05) < 4.5;
  }).map(e => e.outerHTML.slice(0, 200));
}"""
SCRIPT = "<script>document.title = 'owned'</script>"
PARTS = """marks = Marks(5)
with marks.part(3, "the shape (3 points)"):
    assert len(answer()) == 2, f"two numbers are wanted, not {answer()}"
### BEGIN HIDDEN TESTS
with marks.part(2, "the values"):
    assert answer() == [1, 2], "the second number is wrong"
### END HIDDEN TESTS
marks.total()"""


def _cell(kind, name, source, outputs=(), **meta):
    meta = {"grade_id": name, "grade": False, "solution": False, "locked": False, "task": False} | meta
    make = new_code_cell if kind == "code" else new_markdown_cell
    cell = make(source, id=name, metadata={"nbgrader": meta | {"schema_version": 3}})
    if outputs:
        cell.outputs = list(outputs)
    return cell


def _test(source, outputs, name="test_answer", points=5):
    return _cell("code", name, source, outputs, grade=True, locked=True, points=points)


def _written(name, source="## Question 1: why? (4 points)\n\nBecause.", **meta):
    return _cell("markdown", name, source, grade=True, solution=True, points=4, **meta)


def _heading(name, text):
    return _cell("markdown", name, text, locked=True)


def _run(source, answer, printed=""):
    """What a kernel would have stored below a test cell, and its points."""
    stdout, names = io.StringIO(), {"answer": answer}
    *lines, last = source.split("\n")
    with contextlib.redirect_stdout(stdout):
        exec("from seqmodels.marking import Marks\n" + "\n".join(lines), names)
        print(printed, end="")
        try:
            points = eval(last, names)
        except AssertionError as error:
            end, points = new_output("error", ename="AssertionError", evalue=str(error), traceback=["long"]), 0
        else:
            end = new_output("execute_result", data={"text/plain": repr(points)})
    return [new_output("stream", name="stdout", text=stdout.getvalue()), end], float(points)


def _automatic(points, most=5.0):
    return Mark(points, points, most, by_hand=False, pending=False)


def _rows(cells, marks, **more):
    (task,) = summarise(nbformat.v4.new_notebook(cells=cells), marks, {}, **more).tasks
    return [(row.what, row.result, row.message, row.got, row.most) for row in task.rows]


def _about(answer, printed=""):
    outputs, points = _run(PARTS, answer, printed)
    return _rows([_test(PARTS, outputs)], {"test_answer": _automatic(points)})


def test_parts_that_passed():
    assert _about(lambda: [1, 2]) == [("the shape", "passed", "", 3, 3), ("the values", "passed", "", 2, 2)]


def test_part_that_did_not_pass_says_what_is_wrong():
    assert _about(lambda: [1, 3]) == [
        ("the shape", "passed", "", 3, 3),
        ("the values", "not yet", "the second number is wrong", 0, 2),
    ]


def test_nothing_passed():
    assert _about(lambda: [1]) == [
        ("the shape", "not yet", "two numbers are wanted, not [1]", 0, 3),
        ("the values", "not yet", "the second number is wrong", 0, 2),
    ]


def test_unsolved_task_is_said_to_be_unsolved():
    def answer():
        raise NotImplementedError

    assert {row[2] for row in _about(answer)} == {"this task is not solved yet"}


@pytest.mark.parametrize(
    "printed",
    [
        "passed:  the values\n",
        "passed:  the shape (3 points)\npassed:  the values\n",
        "passed:  everything (100 points)\n",
        "not yet: the values: nobody could\n",
    ],
)
def test_what_code_prints_changes_no_points(printed):
    """The line for the whole cell stands in the place of parts that cannot be believed."""
    ((what, result, _, got, most),) = _about(lambda: [1, 3], printed)
    assert (what, result, got, most) == ("the test", "partly", 3.0, 5.0)


def test_lines_that_name_the_parts_and_contradict_the_points_are_not_believed():
    forged = [new_output("stream", name="stdout", text="passed:  the shape (3 points)\npassed:  the values\n")]
    assert _rows([_test(PARTS, forged)], {"test_answer": _automatic(0.0)}) == [("the test", "not yet", "", 0.0, 5.0)]


@pytest.mark.parametrize(
    ("outputs", "points", "row"),
    [
        ([], 5.0, ("the test", "passed", "")),
        ([new_output("execute_result", data={"text/plain": "4"})], 4.0, ("the test", "partly", "")),
        (
            [new_output("error", ename="AssertionError", evalue="A sum is wrong.")],
            0.0,
            ("the test", "not yet", "A sum is wrong."),
        ),
        ([new_output("error", ename="AssertionError", evalue="")], 0.0, ("the test", "not yet", "a check failed")),
        (
            [new_output("error", ename="NameError", evalue="name 'x'")],
            0.0,
            ("the test", "not yet", "NameError: name 'x'"),
        ),
        (
            [new_output("error", ename="PythonEnded", evalue="Python ended.")],
            0.0,
            ("the test", "not yet", "Python ended."),
        ),
        ([new_output("stream", name="stderr", text="one\nlast words\n")], 0.0, ("the test", "not yet", "last words")),
        ([], None, ("the test", "not graded yet", "")),
    ],
    ids=["passed", "partly", "failed", "wordless", "error", "stopped", "warning", "never run"],
)
def test_test_without_parts(outputs, points, row):
    mark = Mark(points, points or 0.0, 5.0, by_hand=False, pending=points is None)
    assert _rows([_test("answer()", outputs)], {"test_answer": mark}) == [(*row, points, 5.0)]


def test_answer_that_did_not_come_is_told_in_words():
    class AnswerError(Exception):
        """As the tests get it from the grader, in place of an answer."""

    def answer():
        raise AnswerError("your code took too long")

    assert [row[2] for row in _about(answer)] == ["your code took too long"] * 2


def test_test_that_stopped_between_its_parts_earned_nothing():
    """nbgrader gives no point to a cell that ends in an error, so no part may be shown as earned."""
    outputs = [
        new_output("stream", name="stdout", text="passed:  the shape (3 points)\n"),
        new_output("error", ename="RuntimeError", evalue="out of ideas"),
    ]
    assert _rows([_test(PARTS, outputs)], {"test_answer": _automatic(0.0)}) == [
        ("the test", "not yet", "RuntimeError: out of ideas", 0.0, 5.0)
    ]


@pytest.mark.parametrize("source", ["marks.part(3, f'the {shape}')", "%time marks.part(5, 'all')", "marks.part(*it)"])
def test_parts_without_fixed_names_are_one_line(source):
    printed = [new_output("stream", name="stdout", text="passed:  all\n")]
    assert _rows([_test(source, printed)], {"test_answer": _automatic(5.0)}) == [("the test", "passed", "", 5.0, 5.0)]


def test_mark_of_a_person_counts_for_the_whole_test():
    outputs, points = _run(PARTS, lambda: [1, 3])
    mark = Mark(points, 4.5, 5.0, by_hand=True, pending=False)
    assert _rows([_test(PARTS, outputs)], {"test_answer": mark}) == [
        ("the shape", "passed", "", None, None),
        ("the values", "not yet", "the second number is wrong", None, None),
        ("your teacher's mark", "marked", "", 4.5, 5.0),
    ]


@pytest.mark.parametrize(
    ("mark", "result", "got"),
    [
        (Mark(None, 0.0, 4.0, by_hand=False, pending=True), "still to be marked", None),
        (Mark(None, 2.5, 4.0, by_hand=True, pending=False), "marked", 2.5),
        (Mark(None, 2.5, 4.0, by_hand=True, pending=True), "to be looked at again", 2.5),
        (Mark(0.0, 0.0, 4.0, by_hand=False, pending=False), "not answered", 0.0),
    ],
    ids=["open", "marked", "again", "empty"],
)
def test_written_answer(mark, result, got):
    assert _rows([_written("why")], {"why": mark}) == [("your answer", result, "", got, 4.0)]


def test_points_by_task_and_in_all():
    cells = [
        _heading("title", "# The title\n\n## What you learn"),
        _heading("task", "## Task 1: `sums` (8 points)\n\n```\n## no heading\n```"),
        _cell("code", "answer", "answer = 1", solution=True),
        _test("one()", [], "test_one"),
        _test("two()", [], "test_two", 3),
        _written("why", "## A heading of the student's own"),
        _written("how", "## Question 2: how? (4 points)", comment="Say more."),
    ]
    marks = {
        "test_one": _automatic(2.0),
        "test_two": _automatic(3.0, 3.0),
        "why": Mark(None, 3.5, 4.0, by_hand=True, pending=False),
        "how": Mark(None, 0.0, 4.0, by_hand=False, pending=True),
    }
    found = summarise(nbformat.v4.new_notebook(cells=cells), marks, {"why": "## Question 1: why? (4 points)"}, late=1)
    assert [(task.name, task.got, task.most, task.pending) for task in found.tasks] == [
        ("Task 1: sums", 5.0, 8.0, 0),
        ("Question 1: why?", 3.5, 4.0, 0),
        ("Question 2: how?", 0.0, 4.0, 4.0),
    ]
    assert (found.got, found.most, found.pending, found.late) == (7.5, 16.0, 4.0, 1)
    assert [row.comment for task in found.tasks for row in task.rows] == [False, False, False, True]
    assert found.unmarked() == {"how"}


def test_no_more_is_taken_off_for_being_late_than_there_is():
    found = summarise(nbformat.v4.new_notebook(cells=[_test("", [])]), {"test_answer": _automatic(2.0)}, {}, late=9)
    assert found.got == 0


def test_heading_that_is_not_the_assignments_names_no_task():
    release = tiny.notebook()
    own = [Cell("code", release.cells[1].source, "add_0", "add_0"), Cell("markdown", "## Task 99: all the points")]
    built, _ = rebuilt(release, own)
    assert any("Task 99" in cell.source for cell in built.cells)
    built.cells.insert(0, new_markdown_cell("### About what you handed in", id=notices._CELL))
    marks = {
        cell.metadata.nbgrader.grade_id: _automatic(0.0)
        for cell in built.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    questions = {name: "In your own words." for name in ("why", "what_next")}
    names = [task.name for task in summarise(built, marks, questions).tasks]
    assert names == [*(f"add_{number}" for number in range(8)), "why", "what_next"]


def test_message_is_short_and_on_one_line():
    outputs = [new_output("error", ename="AssertionError", evalue=f"\x1b[31mgot\x1b[0m\n\u202e{'9' * 10**6}")]
    ((_, _, message, _, _),) = _rows([_test("", outputs)], {"test_answer": _automatic(0.0)})
    assert message.startswith("got 999") and message.endswith("9…")
    assert len(message) == LONGEST


def test_message_gives_no_hidden_line_away():
    test = copy.deepcopy(tiny.notebook().cells[8])
    line = "secret_question_3 = [3, -4, 5]"
    test.outputs = [new_output("error", ename="ValueError", evalue=f"first\n{line}")]
    name = test.metadata.nbgrader.grade_id
    ((_, _, message, _, _),) = _rows([test], {name: _automatic(0.0, 10.0)})
    assert message == "ValueError: first [a line of a hidden test]"


def test_nbgrader_uses_it():
    steps = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config().GenerateFeedback.preprocessors
    assert steps.index(GetGrades) < steps.index(Summarise) < steps.index(HideTests)


# The page.


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The tiny assignment, one test of it with parts, and one student's graded work in it."""
    made = Course(tmp_path_factory.mktemp("summary"))
    source = tiny.notebook()
    source.cells[2].source = PARTS.replace("Marks(5)", "Marks(10)").replace("part(3", "part(8")
    tiny.write(made.folder, source)
    made.nbgrader("generate_assignment", tiny.NAME)
    return made


def _graded(course):
    """The student's notebook as the autograder would have left it: one part wrong, one test failed, one answer open."""
    notebook, marks = course.notebook("solutions", tiny.NAME), {}
    for cell in notebook.cells:
        if cell.metadata.nbgrader.grade and cell.cell_type == "code":
            marks[cell.metadata.nbgrader.grade_id] = 10.0
    notebook.cells[2].outputs, marks["test_add_0"] = _run(notebook.cells[2].source, lambda: [1, SCRIPT])
    failed = new_output("error", ename=SCRIPT, evalue=f"{SCRIPT} is wrong", traceback=[SCRIPT])
    notebook.cells[4].outputs, marks["test_add_1"] = [failed], 0.0
    for name in ("why", "what_next"):
        cell = next(cell for cell in notebook.cells if cell.metadata.nbgrader.grade_id == name)
        cell.source = f"Because {SCRIPT}."
    return notebook, marks


@pytest.fixture(scope="module")
def page(course):
    """The feedback page of that student, made as nbgrader makes it."""
    notebook, marks = _graded(course)
    with course.gradebook() as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(tiny.NAME, "ada")
        for name, points in marks.items():
            grade = gradebook.find_grade(name, tiny.NAME, tiny.NAME, "ada")
            grade.auto_score, grade.needs_manual_grade = points, False
        for name in ("why", "what_next"):
            gradebook.find_grade(name, tiny.NAME, tiny.NAME, "ada").needs_manual_grade = True
        read = gradebook.find_grade("why", tiny.NAME, tiny.NAME, "ada")
        read.manual_score, read.needs_manual_grade = 7.5, False
        gradebook.find_comment("why", tiny.NAME, tiny.NAME, "ada").manual_comment = f"**Good.** {SCRIPT}"
        gradebook.db.commit()
        url = str(gradebook.engine.url)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    exporter = HTMLExporter(config=GenerateFeedback(config=config, coursedir=CourseDirectory(config=config)).config)
    for step in (GetGrades, Summarise, HideTests):
        exporter.register_preprocessor(step, enabled=True)
    asked = {"notebook": tiny.NAME, "assignment": tiny.NAME, "student": "ada", "db_url": url}
    html, _ = exporter.from_notebook_node(notebook, resources={"nbgrader": asked})
    path = course.folder / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


def _table(page):
    """The rows of the table, as words."""
    table = re.search(r'<table id="marks">.*?</table>', feedback_html(page), re.DOTALL)[0]
    return [
        [
            " ".join(re.sub("<[^<>]*>", "", field).split())
            for field in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]


ESCAPED = SCRIPT.replace("<", "&lt;").replace(">", "&gt;")


def test_table_on_the_page(page):
    rows = _table(page)
    assert rows[:6] == [
        ["Part", "Result", "Points"],
        ["add_0", "8 of 10"],
        ["the shape", "passed", "8 of 8"],
        ["the values", "not yet: the second number is wrong", "0 of 2"],
        ["add_1", "0 of 10"],
        ["the test", f"not yet: {ESCAPED}: {ESCAPED} is wrong", "0 of 10"],
    ]
    assert rows[6:8] == [["add_2", "10 of 10"], ["the test", "passed", "10 of 10"]]
    assert rows[-5:] == [
        ["why", "7.5 of 10"],
        ["your answer", "marked, with a comment", "7.5 of 10"],
        ["what_next", "0 of 10"],
        ["your answer", "still to be marked", "– of 10"],
        ["In all, so far", "75.5 of 100"],
    ]
    assert "10 of the 100 points are still to be marked." in feedback_html(page)
    assert "(Score: 75.5 / 100.0)" in feedback_html(page)


def test_every_line_leads_to_its_cell(page):
    html = feedback_html(page)
    anchors = re.findall(r'id="(cell-[^"]*)"', html)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#(cell-[^"]*)"', html)) <= set(anchors)


def test_page_holds_nothing_that_a_student_could_run_and_no_hidden_test(course, page):
    html = feedback_html(page)
    assert SCRIPT not in html
    kept = secrets(course.notebook("solutions", tiny.NAME), [HIDDEN_TEST])
    assert [str(secret) for secret in leaked(kept, html)] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_page_in_a_browser(browser, page, theme, width):
    """It fits, its words can be read on its paper, and it asks for nothing."""
    outside, complaints = [], []
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    refuse_outside(context, page.as_uri(), outside)
    shown = context.new_page()
    shown.on("console", lambda message: complaints.append(message.text))
    shown.goto(page.as_uri())
    shown.evaluate("() => MathJax.startup.promise.then(() => null)")
    assert shown.title() == tiny.NAME
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.evaluate(FAINT) == []
    shown.locator("#marks a").first.click()
    assert shown.locator("section:target").count() == 1
    context.close()
    assert (outside, complaints) == ([], [])
