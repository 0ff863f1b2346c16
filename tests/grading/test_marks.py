"""Is the grading fair? Every submission in tests/submissions/ gets, cell by cell, what it deserves.

nbgrader itself grades them, several in one command, because a command takes seconds to start.
"""

from pathlib import Path

import nbformat
import pytest

from seqmodels.grading.leaks import HIDDEN_TEST, MARK_SCHEME, leaked, secrets
from tests.grading import submissions
from tests.grading.course import ROOT, Course, feedback_html
from tests.grading.submissions import BLANK, Submission, filled_in
from tools.release import assignments

BATCH = 7
FEWEST_RIGHT = 3
FEWEST_WRONG = 15


def _source(assignment: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)


def _everyone(assignment: str) -> list[Submission]:
    """All submissions of an assignment, the blank one among them."""
    blank = Submission(BLANK, "nothing is answered", submissions.tests(_source(assignment)), {})
    return [blank, *submissions.read_all(assignment)]


def _cases() -> list:
    return [
        # conftest.py keeps the tests of a batch together.
        pytest.param(
            assignment, number // BATCH, submission, id=f"batch {number // BATCH} of {assignment}: {submission.name}"
        )
        for assignment in assignments(ROOT)
        for number, submission in enumerate(_everyone(assignment))
    ]


def _in_batches(function):
    return pytest.mark.parametrize(("assignment", "batch", "submission"), _cases())(function)


@pytest.fixture(scope="session")
def graded(request, tmp_path_factory):
    """A function that grades a batch once and returns its course."""
    courses = {}

    def grade(assignment: str, batch: int) -> Course:
        if (assignment, batch) not in courses:
            # Only those that this run of pytest has selected.
            selected = {
                item.callspec.params["submission"].name: item.callspec.params["submission"]
                for item in request.session.items
                if item.path == Path(__file__)
                and hasattr(item, "callspec")
                and (item.callspec.params["assignment"], item.callspec.params.get("batch")) == (assignment, batch)
            }
            course = Course(tmp_path_factory.mktemp(f"marks-{assignment}-{batch}"))
            _grade(course, assignment, list(selected.values()))
            courses[assignment, batch] = course
        return courses[assignment, batch]

    return grade


def _grade(course: Course, assignment: str, batch: list[Submission]) -> None:
    course.copy_source(assignment)
    course.nbgrader("generate_assignment", assignment)
    release = course.notebook("assignments", assignment)
    reference = submissions.reference_answers(course.notebook("solutions", assignment))
    for submission in batch:
        answers = {} if submission.name == BLANK else reference | submission.answers
        course.put_submission(submission.name, assignment, filled_in(release, answers))
    course.nbgrader("autograde", assignment)
    course.nbgrader("generate_feedback", assignment)


@_in_batches
def test_marks(assignment, batch, submission, graded, record_property):
    course = graded(assignment, batch)
    points = submissions.tests(_source(assignment))
    deserved = {name: most - submission.loses.get(name, 0) for name, most in points.items()}
    marks = course.marks(assignment, submission.name)
    given = {name: marks[name] for name in points}
    record_property(
        "marks",
        f"{assignment} {submission.name}: {_sum(given)} / {_sum(deserved)} of {_sum(points)}; {submission.about}",
    )
    wrong = [
        f"{name}: given {given[name]:g}, deserved {deserved[name]:g} of {points[name]:g}; "
        f"the cell says: {_message(course, assignment, submission.name, name)}"
        for name in points
        if given[name] != deserved[name]
    ]
    assert not wrong, "\n  ".join([f"{assignment}, submission {submission.name} ({submission.about}):", *wrong])


@_in_batches
def test_feedback_shows_no_hidden_test(assignment, batch, submission, graded):
    course = graded(assignment, batch)
    kept = secrets(_source(assignment), [HIDDEN_TEST, MARK_SCHEME])
    assert kept, "the assignment hides nothing; is this check looking at the right notebook?"
    submitted = course.notebook("submitted", assignment, submission.name)
    own = "\n".join(cell.source for cell in submitted.cells)
    page = course.folder / "feedback" / submission.name / assignment / f"{assignment}.html"
    shown = leaked(kept, feedback_html(page), known=own)
    assert [str(secret) for secret in shown] == []


@pytest.mark.parametrize("assignment", assignments(ROOT))
def test_submissions_are_enough_and_name_real_cells(assignment):
    everyone, points = _everyone(assignment), submissions.tests(_source(assignment))
    right = [submission for submission in everyone if submission.name.startswith("right_")]
    wrong = [submission for submission in everyone if submission.name.startswith("wrong_")]
    assert len(right) >= FEWEST_RIGHT, f"{len(right)} right submissions"
    assert len(wrong) >= FEWEST_WRONG, f"{len(wrong)} wrong submissions"
    assert len(everyone) == 1 + len(right) + len(wrong), "a submission is neither right_* nor wrong_*"
    for submission in everyone:
        for name, lost in submission.loses.items():
            assert 0 < lost <= points.get(name, 0), f"{submission.name} cannot lose {lost} in '{name}'"
    assert all(submission.loses for submission in wrong), "a wrong submission loses nothing"


def _message(course: Course, assignment: str, student: str, name: str) -> str:
    """What a test cell said when it was graded, for the report of a failed check."""
    notebook = course.notebook("autograded", assignment, student)
    cell = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)
    said = [f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"]
    said += [output.text for output in cell.outputs if output.output_type == "stream"]
    return " | ".join(said) or "nothing"


def _sum(points: dict[str, float]) -> str:
    return f"{sum(points.values()):g}"
