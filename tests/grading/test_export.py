"""``nbgrader export``: what nbgrader's own exporter gets wrong, in one gradebook and one real command."""

import csv
import io
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import CsvExportPlugin
from traitlets.config import Config

from seqmodels.grading import messages
from seqmodels.grading.export import COLUMNS, MarksExport
from tests.grading.course import Course

NAME = "small"
STUDENTS = {
    "ann": {"first_name": "Ann", "last_name": "Lee, Dr.", "email": "ann@example.org", "lms_user_id": "4711"},
    "bea": {
        "first_name": "=HYPERLINK(1)",
        "last_name": 'O"Neil\nJr.',
        "email": "+bea@example.org",
        "lms_user_id": "4;=1+1",
    },
    "çağla": {"first_name": "Çağla", "last_name": "-Öz"},
    "dan": {"first_name": "@dan", "last_name": "\t ＝Dan"},
    "eva": {},
    "fay": {},
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Ann is graded, Bea waits for a person, Çağla's tests never ended, Dan's work was not run, Eva sent none."""
    path = tmp_path_factory.mktemp("export") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", course_id="seqmodels") as found:
        found.add_assignment(NAME, duedate="2027-01-15 23:59:59 UTC")
        found.add_notebook(NAME, NAME)
        found.add_grade_cell("test", NAME, NAME, max_score=6, cell_type="code")
        for written in ("why", "how"):
            found.add_grade_cell(written, NAME, NAME, max_score=2, cell_type="markdown")
            found.add_solution_cell(written, NAME, NAME)
        for student, details in STUDENTS.items():
            found.add_student(student, **details)
        for student in ("ann", "bea", "çağla", "fay"):
            found.add_submission(NAME, student, timestamp="2027-01-14 10:00:00 UTC")
        _mark(found, "ann", test=5, why=(None, 1.5), how=(0, None))
        _mark(found, "bea", test=6, how=(0, None))
        _mark(found, "fay", test=6, why=(0, 2), how=(0, None))
        found.find_submission_notebook(NAME, NAME, "fay").late_submission_penalty = 9
        found.db.commit()
    return path


@pytest.fixture
def gradebook(tmp_path, filled):
    shutil.copy(filled, tmp_path)
    (tmp_path / "submitted" / "dan" / NAME).mkdir(parents=True)
    with Gradebook(f"sqlite:///{tmp_path / filled.name}", course_id="seqmodels") as found:
        yield found


def _mark(gradebook, student, **marks):
    """Give marks as the autograder and a person do: a number, or a pair of both."""
    for cell, mark in marks.items():
        grade = gradebook.find_grade(cell, NAME, NAME, student)
        grade.auto_score, grade.manual_score = mark if isinstance(mark, tuple) else (mark, None)
        grade.needs_manual_grade = False
    gradebook.db.commit()


def _export(gradebook, folder, plugin=MarksExport, **options):
    config = Config(CourseDirectory={"root": str(folder)}, ExportPlugin={"to": str(folder / "marks.csv")} | options)
    plugin(config=config).export(gradebook)
    return (folder / "marks.csv").read_bytes().decode("utf-8")


def _rows(text):
    return {row["student_id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_marks_and_what_is_missing(gradebook, tmp_path):
    rows = _rows(_export(gradebook, tmp_path))
    shown = ("status", "pending", "raw_score", "late_submission_penalty", "score", "max_score")
    assert {student: tuple(row[name] for name in shown) for student, row in rows.items()} == {
        "ann": ("graded", "", "6.5", "0.0", "6.5", "10.0"),
        "bea": ("pending", "why", "6.0", "0.0", "", "10.0"),
        "çağla": ("not graded", "how test why", "0.0", "0.0", "", "10.0"),
        "dan": ("not graded", "", "", "", "", "10.0"),
        "eva": ("missing", "", "0.0", "0.0", "0.0", "10.0"),
        "fay": ("graded", "", "8.0", "9.0", "0.0", "10.0"),
    }


def _set_aside(folder, student):
    """Leave what the autograder leaves of a file that cannot be read."""
    graded = folder / "autograded" / student / NAME / f"{NAME}.ipynb"
    graded.parent.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook()
    messages.add(notebook, [messages.note("empty", found="it")])
    messages.mark_as_graded(notebook)
    nbformat.write(notebook, graded)


def test_what_was_set_aside_has_no_score_until_somebody_has_decided(gradebook, tmp_path):
    _set_aside(tmp_path, "ann")
    _set_aside(tmp_path, "bea")
    _mark(gradebook, "ann", test=0, why=0, how=0)
    rows = _rows(_export(gradebook, tmp_path))
    assert (rows["ann"]["status"], rows["ann"]["score"], rows["ann"]["raw_score"]) == ("set aside", "", "0.0")
    assert rows["bea"]["status"] == "pending", "what has still to be done comes first"
    _mark(gradebook, "ann", test=0, why=(0, 0), how=0)
    row = _rows(_export(gradebook, tmp_path))["ann"]
    assert (row["status"], row["score"]) == ("graded", "0.0")


def test_times_say_that_they_are_universal(gradebook, tmp_path):
    row = _rows(_export(gradebook, tmp_path))["ann"]
    assert (row["duedate"], row["timestamp"]) == ("2027-01-15 23:59:59 UTC", "2027-01-14 10:00:00 UTC")


def test_names_survive_and_run_nothing(gradebook, tmp_path):
    rows = _rows(_export(gradebook, tmp_path))
    shown = ("first_name", "last_name", "email", "lms_user_id")
    assert {student: tuple(rows[student][name] for name in shown) for student in STUDENTS if STUDENTS[student]} == {
        "ann": ("Ann", "Lee, Dr.", "ann@example.org", "4711"),
        "bea": ("'=HYPERLINK(1)", 'O"Neil Jr.', "'+bea@example.org", "4 =1+1"),
        "çağla": ("Çağla", "'-Öz", "", ""),
        "dan": ("'@dan", "'＝Dan", "", ""),
    }


def test_mark_that_was_given_before_the_work_came_again_is_pending(gradebook, tmp_path):
    gradebook.find_grade("why", NAME, NAME, "ann").needs_manual_grade = True  # as the autograder leaves it
    gradebook.db.commit()
    row = _rows(_export(gradebook, tmp_path))["ann"]
    assert (row["status"], row["pending"], row["score"]) == ("pending", "why", "")


def test_columns_of_nbgrader_keep_their_places(gradebook, tmp_path):
    own = _export(gradebook, tmp_path, CsvExportPlugin).splitlines()[0].split(",")
    assert _export(gradebook, tmp_path).splitlines()[0].split(",") == [*own, "lms_user_id", "status", "pending"]
    assert list(COLUMNS[: len(own)]) == own


def test_only_those_that_are_asked_for(gradebook, tmp_path):
    assert list(_rows(_export(gradebook, tmp_path, student=["eva", "ann"], assignment=[NAME]))) == ["eva", "ann"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"assignment": ["large"]}, "The gradebook has no assignment 'large'. It has: small"),
        ({"student": ["anne"]}, "The gradebook has no student 'anne'. It has: .*ann"),
    ],
)
def test_unknown_name_is_refused_and_the_last_file_stays(gradebook, tmp_path, options, message):
    before = _export(gradebook, tmp_path)
    with pytest.raises(MissingEntry, match=message):
        _export(gradebook, tmp_path, **options)
    assert (tmp_path / "marks.csv").read_text(encoding="utf-8") == before


def test_the_command_uses_it(tmp_path):
    course = Course(tmp_path)
    with course.gradebook() as found:
        found.add_assignment(NAME)
        found.add_student("bea", first_name="=1+1")
    (course.folder / "submitted" / "bea" / NAME).mkdir(parents=True)
    said = course.nbgrader("export", "--assignment", NAME, "--to", "small.csv")
    assert "1 of the 1 lines in small.csv have no score yet: see 'status'" in said
    with (course.folder / "small.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["student_id"], row["first_name"], row["status"]) == ("bea", "'=1+1", "not graded")
