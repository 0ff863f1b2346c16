"""Is the grading fair? Every submission in tests/submissions/ gets, cell by cell, what it deserves.

The marks last measured are kept (measured.py). A run grades what has changed since, the blank submission and a right one
of each assignment, and of the others those whose turn it is: nbgrader itself grades them, several in one command,
because a command takes seconds to start. With EVERY_SUBMISSION=true it grades them all, and compares with what is kept.
"""

import datetime
import json
from pathlib import Path

import pytest

from seqmodels.grading.leaks import HIDDEN_TEST, MARK_SCHEME, leaked, secrets
from tests.grading import measured, submissions
from tests.grading.course import Course, feedback_html
from tests.grading.measured import BLANK, Measurement, key, source
from tests.grading.submissions import Submission, filled_in

BATCH = 7
KEPT = measured.read()
TODAY = datetime.date.today().isoformat()


def _cases() -> list:
    return [
        # conftest.py keeps the tests of a batch together.
        pytest.param(
            assignment, number // BATCH, submission, id=f"batch {number // BATCH} of {assignment}: {submission.name}"
        )
        for assignment in measured.assignments()
        for number, submission in enumerate(measured.due(assignment, KEPT, measured.wanted()))
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
    points = submissions.tests(source(assignment))
    deserved = {name: most - submission.loses.get(name, 0) for name, most in points.items()}
    marks = course.marks(assignment, submission.name)
    given = {name: marks[name] for name in points}
    record_property(
        "marks",
        f"{assignment} {submission.name}: {_sum(given)} / {_sum(deserved)} of {_sum(points)}; {submission.about}",
    )
    lost = {name: points[name] - given[name] for name in points if given[name] != points[name]}
    found = Measurement(key(assignment, submission), lost, TODAY)
    # conftest.py keeps it for "make marks".
    record_property("measured", json.dumps([assignment, submission.name, vars(found)]))
    wrong = [
        f"{name}: given {given[name]:g}, deserved {deserved[name]:g} of {points[name]:g}; "
        f"the cell says: {_message(course, assignment, submission.name, name)}"
        for name in points
        if given[name] != deserved[name]
    ]
    assert not wrong, "\n  ".join([f"{assignment}, submission {submission.name} ({submission.about}):", *wrong])
    kept = KEPT.get(assignment, {}).get(submission.name)
    assert kept is None or kept.lost == lost, f"on {kept.measured} it lost {kept.lost}, and now {lost}"


@_in_batches
def test_feedback_shows_no_hidden_test(assignment, batch, submission, graded):
    course = graded(assignment, batch)
    kept = secrets(source(assignment), [HIDDEN_TEST, MARK_SCHEME])
    assert kept, "the assignment hides nothing; is this check looking at the right notebook?"
    submitted = course.notebook("submitted", assignment, submission.name)
    own = "\n".join(cell.source for cell in submitted.cells)
    page = course.folder / "feedback" / submission.name / assignment / f"{assignment}.html"
    shown = leaked(kept, feedback_html(page), known=own)
    assert [str(secret) for secret in shown] == []


def _message(course: Course, assignment: str, student: str, name: str) -> str:
    """What a test cell said when it was graded, for the report of a failed check."""
    notebook = course.notebook("autograded", assignment, student)
    cell = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)
    said = [f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"]
    said += [output.text for output in cell.outputs if output.output_type == "stream"]
    return " | ".join(said) or "nothing"


def _sum(points: dict[str, float]) -> str:
    return f"{sum(points.values()):g}"
