"""The round of test_round.py by the buttons that a student and a teacher press, in a real browser.

The student types the first answer of those in test_round.py and one written answer: the round is the same
as with more of them, and takes less time. Pictures of what they see are in _build/screenshots/grading/.
"""

import contextlib

import nbformat
import pytest
from nbgrader.utils import get_username

from seqmodels.grading.leaks import HIDDEN_TEST, MARK_SCHEME, SOLUTION, leaked, letters, secrets
from tests.grading import lab, submissions
from tests.grading.clicks import Student, Teacher, formulas_drawn
from tests.grading.course import ROOT, Course
from tests.grading.test_round import ANSWERED
from tools.browser import refuse_outside
from tools.release import assignments

PICTURES = ROOT / "_build" / "screenshots" / "grading"
ANSWER = r"Because **Mondays** are alike: $\hat y_t = \frac{1}{2}(y_{t-7} + y_{t-14})$."
COMMENT = "Say which weekday $t$ is, and what of holidays."
POINTS = 1.5

# Words outside code that still look like TeX.
RAW_TEX = r"""() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll("pre, code, script, style, textarea, mjx-container").forEach(e => e.remove());
  return copy.textContent.match(/\\[a-z]+|\$[^$]*[_^=\\][^$]*\$/gi) || [];
}"""


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    """A course with all assignments, and JupyterLab for its teacher and for a student."""
    course = Course(tmp_path_factory.mktemp("school"))
    for name in assignments(ROOT):
        course.copy_source(name)
    desk = course.folder.with_name("student")
    desk.mkdir()
    (desk / "nbgrader_config.py").symlink_to(course.folder / "nbgrader_config.py")
    with lab.running(course, course.folder) as teachers, lab.running(course, desk) as students:
        yield course, teachers, students


@pytest.fixture
def people(browser, labs, request):
    """A teacher and a student, each with a browser of their own, in which nothing may ask the network."""
    _, *places = labs
    outside = []
    with contextlib.ExitStack() as stack:
        desks = []
        for person, place in zip((Teacher, Student), places, strict=True):
            context = browser.new_context(viewport={"width": 1600, "height": 1000})
            stack.callback(context.close)
            refuse_outside(context, place.address, outside)
            desks.append(person(context.new_page(), place))
        yield desks
        # Shown by pytest when the test has failed.
        for desk in desks:
            desk.picture(PICTURES / f"{request.node.callspec.params['name']}-last-{type(desk).__name__.lower()}.png")
            print(desk.lab.log.read_text(encoding="utf-8"))
    assert outside == [], "the pages asked for something that is not on this machine"


@pytest.mark.parametrize("name", assignments(ROOT))
def test_round_in_the_browser(browser, labs, people, name):
    course, _, _ = labs
    teacher, student = people
    source = course.notebook("solutions", name)
    points = submissions.tests(source)
    task, test = next(iter(ANSWERED[name].items()))
    questions = [cell for cell in source.cells if _is_written(cell)]
    question = questions[0].metadata.nbgrader.grade_id

    # The teacher generates the student's version and releases it.
    row = teacher.manage(name)
    teacher.press(row, "assign")
    teacher.press(row, "release")
    teacher.picture(PICTURES / f"{name}-formgrader.png")
    released = course.notebook("assignments", name)

    # The student fetches it, opens it, types two answers and saves.
    student.open_list()
    assert student.course_of(name) == "seqmodels"
    student.fetch(name)
    student.open_notebook(name)
    student.wait_for_cells(len(released.cells))
    places = {cell.metadata.get("nbgrader", {}).get("grade_id"): index for index, cell in enumerate(released.cells)}
    student.picture(PICTURES / f"{name}-notebook.png")
    student.write_code(places[task], submissions.reference_answers(source)[task])
    student.write_text(places[question], ANSWER)
    student.picture(PICTURES / f"{name}-answer.png")
    student.save()
    own = nbformat.read(student.lab.folder / name / f"{name}.ipynb", as_version=4)
    wanted = [cell.source for cell in released.cells]
    wanted[places[task]] = submissions.reference_answers(source)[task]
    wanted[places[question]] = wanted[places[question]].removesuffix("YOUR ANSWER HERE") + ANSWER
    assert [cell.source for cell in own.cells] == wanted

    # Validate names the tests that fail, each with its text, and not the one that passes.
    said = letters(student.validate(PICTURES / f"{name}-validate.png"))
    named = {cell for cell in points if letters(released.cells[places[cell]].source) in said}
    assert named == points.keys() - {test}

    # The student hands in; the teacher collects and grades.
    student.open_list()
    student.submit(name)
    row = teacher.manage(name)
    teacher.press(row, "collect")
    submission = teacher.open_submissions(row)
    teacher.press(submission, "autograde")
    assert "needs manual grading" in submission.inner_text()
    assert f"{points[test]:g} / 100" in submission.inner_text()
    marks = course.marks(name, get_username())
    assert {cell: marks[cell] for cell in points} == {cell: points[cell] if cell == test else 0 for cell in points}

    # The teacher reads the written answer, with its formula, beside the rubric, and marks it.
    row = teacher.open_manual_grading(name)
    teacher.picture(PICTURES / f"{name}-gradebook.png")
    row.get_by_role("link", name="Submission #1").click()
    panel = teacher.answer(question)
    assert formulas_drawn(teacher.screen) >= 1
    assert panel.locator("mjx-container").count() == 1
    assert panel.locator("strong", has_text="Mondays").count() == 1
    # The page's own scripts run, that of this button too; others do not.
    teacher.screen.locator(".glyphicon-eye-open").click()
    teacher.screen.locator(".glyphicon-eye-close").wait_for()
    rubrics = teacher.screen.locator(".rubric")
    assert rubrics.count() == len(questions)
    for rubric, asked in zip(rubrics.all(), questions, strict=True):
        shown = leaked(_kept([asked]), rubric.inner_html())
        assert shown == _kept([asked]), "the panel shows the whole model answer and rubric"
    teacher.mark(panel, POINTS, COMMENT)
    panel.scroll_into_view_if_needed()
    teacher.picture(PICTURES / f"{name}-manual-grading.png")
    teacher.open_manual_grading(name).get_by_role("link", name="Submission #1").click()
    assert teacher.answer(question).locator("input.score").input_value() == f"{POINTS:g}"
    assert teacher.answer(question).locator("textarea.comment").input_value() == COMMENT

    # The teacher returns it; the student fetches and reads it, inside JupyterLab and as a file by itself.
    row = teacher.manage(name)
    teacher.press(row, "generate-feedback")
    teacher.press(row, "release-feedback")
    student.open_list()
    feedback = student.open_feedback(name)
    total = f"(Score: {points[test] + POINTS} / 100.0)"
    feedback.get_by_text(total).wait_for()
    assert formulas_drawn(feedback) >= 2
    student.picture(PICTURES / f"{name}-feedback-in-jupyterlab.png")
    (path,) = (student.lab.folder / name / "feedback").glob(f"*/{name}.html")
    page = _open_file(browser, path, PICTURES / f"{name}-feedback.png")
    assert total in page
    assert "Say which weekday" in page
    kept = [secret for secret in _kept(source.cells) if not (secret.kind == SOLUTION and secret.cell == task)]
    assert {secret.kind for secret in kept} >= {HIDDEN_TEST, SOLUTION}
    assert [str(secret) for secret in leaked(kept, page, known="\n".join(wanted))] == []


def _is_written(cell):
    grader = cell.metadata.get("nbgrader", {})
    return bool(grader.get("grade") and grader.get("solution"))


def _kept(cells):
    return secrets(nbformat.NotebookNode(cells=cells), [SOLUTION, HIDDEN_TEST, MARK_SCHEME])


def _open_file(browser, path, picture):
    """Read a page as a file, with no server and no network; gives its HTML without the scripts."""
    outside = []
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    with contextlib.closing(context):
        refuse_outside(context, path.as_uri(), outside)
        page = context.new_page()
        page.goto(path.as_uri())
        assert formulas_drawn(page) >= 2
        assert page.locator("mjx-merror").count() == 0
        assert page.evaluate(RAW_TEX) == []
        page.get_by_text("Mondays").last.scroll_into_view_if_needed()
        page.screenshot(path=picture)
        page.evaluate("() => document.querySelectorAll('script').forEach(e => e.remove())")
        html = page.content()
    assert outside == []
    return html
