"""An assignment's whole way, through real nbgrader commands and a real exchange folder.

The student answers the first tasks and one question, and leaves the rest: a model is never trained, and
the marks are a mixture of everything.
"""

import csv
import re

import nbformat
import pytest
from nbgrader.utils import get_username

from seqmodels.grading.leaks import HIDDEN_TEST, MARK_SCHEME, SOLUTION, leaked, secrets
from tests.grading import submissions
from tests.grading.course import ROOT, Course, feedback_html
from tools.release import assignments

# What the student answers, by assignment: answer cells, each with the test cell that it earns in full.
# Every other test must give nothing.
ANSWERED = {
    "bidirectional_models": {
        "reverse_real": "test_reverse",
        "final_states": "test_final_states",
        "build_stack": "test_stack",
        "count_parameters": "test_count",
        "dependencies": "test_dependencies",
        "look_ahead": "test_look_ahead",
        "masked_loss": "test_loss",
        "accuracies": "test_accuracies",
        "stress_table": "test_table",
    },
    "sketchrnn_classifier": {
        "to_stroke3": "test_to_stroke3",
        "to_lines": "test_to_lines",
        "offset_scale": "test_offset_scale",
        "normalise": "test_normalise",
        "normalise_parts": "test_normalise_parts",
        "without_points": "test_without_points",
        "augment": "test_augment",
        "confusion_matrix": "test_confusion_matrix",
        "most_confused": "test_most_confused",
    },
    "seven_day_forecast": {
        "split_in_time": "test_split",
        "make_windows": "test_windows",
        "scaler": "test_scaler",
        "scale_parts": "test_scale_parts",
        "in_thousands": "test_in_thousands",
        "mae": "test_mae",
        "mase": "test_mase",
    },
    "sentiment_lstm": {
        "words": "test_words",
        "build_vocabulary": "test_vocabulary",
        "encode": "test_encode",
        "lstm_parameters": "test_parameters",
        "read_log": "test_read_log",
        "summarise": "test_summarise",
    },
}
COMMENT = "Say which weekday you mean."


def test_every_assignment_makes_the_round():
    assert sorted(ANSWERED) == assignments(ROOT)


@pytest.mark.parametrize("name", assignments(ROOT))
def test_round(name, tmp_path):
    course, student = Course(tmp_path), get_username()
    course.copy_source(name)
    desk = tmp_path / "student"
    desk.mkdir()
    (desk / "nbgrader_config.py").symlink_to(course.folder / "nbgrader_config.py")
    source = course.notebook("solutions", name)
    points = submissions.tests(source)
    written = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.metadata.nbgrader.grade
    }
    question = next(iter(written))
    earned = ANSWERED[name].values()

    # The teacher releases what the repository holds.
    course.nbgrader("generate_assignment", name)
    course.nbgrader("release_assignment", name)
    committed = (ROOT / "assignments" / name / f"{name}.ipynb").read_bytes()
    assert (course.exchange / "seqmodels" / "outbound" / name / f"{name}.ipynb").read_bytes() == committed

    # The student finds it, fetches it and answers a part of it.
    assert f"seqmodels {name}" in course.nbgrader("list", cwd=desk)
    course.nbgrader("fetch_assignment", name, cwd=desk)
    own = desk / name / f"{name}.ipynb"
    assert own.read_bytes() == committed
    assert f"seqmodels {name} (already downloaded)" in course.nbgrader("list", cwd=desk)
    reference = submissions.reference_answers(source)
    answers = {cell: reference[cell] for cell in ANSWERED[name]} | {question: "Because **Mondays** are alike."}
    _write_answers(own, answers)

    # The check before handing in names what is still open, and nothing else. It never fails as a command.
    said = course.nbgrader("validate", str(own), cwd=desk)
    open_cells = [cell for cell in (*points, *written) if cell not in earned and cell != question]
    assert f"VALIDATION FAILED ON {len(open_cells)} CELL(S)!" in said
    assert said.count("The following cell failed:") == len(open_cells)

    # It is handed in and collected.
    course.nbgrader("submit", name, cwd=desk)
    inbound = list((course.exchange / "seqmodels" / "inbound").glob(f"{student}+{name}+*"))
    assert len(inbound) == 1
    assert re.search(rf"seqmodels {student} {name} 2\d\d\d-", course.nbgrader("list", "--inbound"))
    course.nbgrader("collect", name)
    collected = course.folder / "submitted" / student / name
    assert (collected / f"{name}.ipynb").read_bytes() == own.read_bytes()
    assert (collected / "timestamp.txt").is_file()

    # It is graded: the machine marks the tests, and leaves the written answer to a person.
    course.nbgrader("autograde", name)
    marks = course.marks(name, student)
    assert {cell: marks[cell] for cell in points} == {
        cell: most if cell in earned else 0 for cell, most in points.items()
    }
    assert {cell: marks[cell] for cell in written} == {cell: None if cell == question else 0 for cell in written}
    _mark_by_hand(course, name, student, question, 1.5)
    total = sum(points[cell] for cell in earned) + 1.5

    # The marks come back with the comment, without the hidden tests and the solutions.
    course.nbgrader("generate_feedback", name)
    course.nbgrader("release_feedback", name)
    course.nbgrader("fetch_feedback", name, cwd=desk)
    pages = list((desk / name / "feedback").glob(f"*/{name}.html"))
    assert len(pages) == 1
    page = feedback_html(pages[0])
    assert f"(Score: {total} / 100.0)" in page
    assert COMMENT in page
    kept = [
        *secrets(source, [HIDDEN_TEST, MARK_SCHEME]),
        *(secret for secret in secrets(source, [SOLUTION]) if secret.cell not in ANSWERED[name]),
    ]
    assert {secret.kind for secret in kept} >= {HIDDEN_TEST, SOLUTION}
    shown = leaked(kept, page, known="\n".join(answers.values()))
    assert [str(secret) for secret in shown] == []

    # The teacher exports the marks.
    course.nbgrader("export")
    with (course.folder / "grades.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["assignment"], row["student_id"], row["score"], row["max_score"]) for row in rows] == [
        (name, student, str(total), "100.0")
    ]


def _write_answers(path, answers):
    notebook = submissions.filled_in(nbformat.read(path, as_version=4), answers)
    nbformat.write(notebook, path)


def _mark_by_hand(course, name, student, cell, points):
    """What a teacher does in the formgrader: points and a comment for a written answer."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(cell, name, name, student)
        assert grade.needs_manual_grade
        grade.manual_score = points
        grade.needs_manual_grade = False
        gradebook.find_comment(cell, name, name, student).manual_comment = COMMENT
        gradebook.db.commit()
