"""Groups that hand in together: the others get the marks of who has handed in, in each export, or somebody is named."""

import csv

import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from seqmodels.grading import groups
from seqmodels.grading.sheet import Unusable
from tests.grading.course import Course

NAME = "small"
HEAD = "assignment,id,handed_in_by\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Ada's work is graded, Bob's waits for a person, and Cem, Dan and Eve have handed in nothing themselves."""
    made = Course(tmp_path_factory.mktemp("groups"))
    with made.gradebook() as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
        gradebook.add_grade_cell("test", NAME, NAME, max_score=100, cell_type="code")
        for student in ("ada", "bob", "cem", "dan", "eve"):
            gradebook.add_student(student, email=f"{student}@example.org")
        for student in ("ada", "bob"):
            gradebook.add_submission(NAME, student)
            grade = gradebook.find_grade("test", NAME, NAME, student)
            grade.auto_score, grade.needs_manual_grade = 87.5, student == "bob"
            (made.folder / "submitted" / student / NAME).mkdir(parents=True)
        gradebook.db.commit()
    return made


def _export(course, *lines, arguments=(), fails=False):
    (course.folder / "members.csv").write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return course.nbgrader("export", *arguments, fails=fails)


def test_members_get_the_marks_and_the_status_of_who_has_handed_in(course):
    _export(course, f"{NAME},cem,ada", f"{NAME},dan,bob", "other,eve,ada")
    with (course.folder / "grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student_id"]: (row["score"], row["status"]) for row in csv.DictReader(stream)}
    assert rows == {
        "ada": ("87.5", "graded"),
        "bob": ("", "pending"),
        "cem": ("87.5", "graded"),
        "dan": ("", "pending"),
        "eve": ("0.0", "missing"),
    }


def test_members_get_them_on_a_platform_too(course):
    (course.folder / "moodle.csv").write_text(
        "Identifier,Email address,Grade,Maximum grade,Last modified (grade)\n"
        + "".join(
            f"Participant {number},{name}@example.org,,100,-\n" for number, name in enumerate(("ada", "cem", "dan"))
        )
    )
    options = [f"--assignment={NAME}", "--MoodleMarks.file=moodle.csv", "--to=out.csv"]
    _export(
        course,
        f"{NAME},cem,ada",
        f"{NAME},dan,bob",
        arguments=["--exporter=seqmodels.grading.lms.MoodleMarks", *options],
    )
    lines = (course.folder / "out.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split(",")[2] for line in lines] == ["87.5", "87.5", ""]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([f"{NAME},cem,zoe"], "line 2: 'zoe' is nobody's id in the gradebook"),
        ([f"{NAME},zoe,ada"], "line 2: 'zoe' is nobody's id in the gradebook"),
        ([f"{NAME},cem,ada", f"{NAME},cem,bob"], "line 3: there is a line for cem and small already"),
        ([f"{NAME},cem,dan", f"{NAME},dan,ada"], "line 2: dan is a member too: name who has handed in"),
        ([f"{NAME},cem,cem"], "line 2: cem is a member too"),
        ([f"{NAME},bob,ada"], "line 2: bob has handed in small as well: take out this line, or .*submitted/bob/small"),
    ],
)
def test_what_cannot_be_used_is_refused_by_line(course, lines, message):
    coursedir = CourseDirectory(config=Config(CourseDirectory={"root": str(course.folder)}))
    (course.folder / "members.csv").write_text(HEAD + "\n".join(lines), encoding="utf-8")
    with course.gradebook() as gradebook, pytest.raises(Unusable, match=message):
        groups.read(coursedir, gradebook)


def test_nothing_is_exported_by_a_list_that_cannot_be_used(course):
    (course.folder / "grades.csv").unlink(missing_ok=True)
    said = _export(course, f"{NAME},cem,zoe", fails=True)
    assert "members.csv: Nothing of it was used" in said and "line 2: 'zoe' is nobody's id" in said
    assert "Traceback" not in said
    assert not (course.folder / "grades.csv").exists()
