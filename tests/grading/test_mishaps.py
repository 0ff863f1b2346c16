"""A student's mishap costs what it must and no more, is said in words, and touches nobody else's marks.

Real nbgrader commands grade the tiny assignment: in each batch every mishap of a kind, with an honest student
before and one after.
"""

import base64
import copy
import hashlib
import html
import io
import os
import re
import shutil

import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from PIL import Image
from traitlets.config import PyFileConfigLoader

from tests.grading import editors, mishaps, submissions, tiny
from tests.grading.course import Course
from tests.grading.mishaps import ALL, Mishap

BATCHES = {**mishaps.BATCHES, "editors": editors.EDITORS}
HONEST = ("0_honest", "zz_honest")
CELL_SECONDS = 5
DUE = "2030-01-01 12:00:00 UTC"


class Batch:
    """A course in which all the mishaps of a kind have been graded.

    Attributes:
      course: the course.
      before, after: what every file that was handed in held before grading and after.
      log: what nbgrader autograde printed.
      table: the teacher's table.
    """

    def __init__(self, course: Course, kind: str):
        self.course = course
        course.nbgrader("generate_assignment", tiny.NAME)
        course.nbgrader("db", "assignment", "add", tiny.NAME, f"--duedate={DUE}")
        full = submissions.filled_in(
            course.notebook("assignments", tiny.NAME),
            submissions.reference_answers(course.notebook("solutions", tiny.NAME)),
        )
        mishaps.RELEASED.cells = course.notebook("assignments", tiny.NAME).cells
        for student in HONEST:
            course.put_submission(student, tiny.NAME, full)
        for mishap in BATCHES[kind]:
            mishap.make(course.folder / "submitted" / mishap.name / tiny.NAME, copy.deepcopy(full))
        self.before = _contents(course)
        self.log = course.nbgrader(
            "autograde", tiny.NAME, f"--Execute.timeout={CELL_SECONDS}", "--ExecuteToTheEnd.busy=1"
        )
        self.after = _contents(course)
        self.table = (course.folder / "autograded" / f"{tiny.NAME}.md").read_text(encoding="utf-8")
        course.nbgrader("generate_feedback", tiny.NAME)

    def page(self, student: str) -> str:
        path = self.course.folder / "feedback" / student / tiny.NAME / f"{tiny.NAME}.html"
        return _words(path.read_text(encoding="utf-8"))

    def rows(self, student: str) -> str:
        return _words("\n".join(line for line in self.table.splitlines() if line.startswith(f"| `{student}` ")))


def _contents(course: Course) -> dict:
    """Each file that was handed in with its content, type and time."""
    found = {}
    for path in sorted((course.folder / "submitted").rglob("*")):
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else None
        found[path] = (status.st_mode, status.st_mtime_ns, content, os.readlink(path) if path.is_symlink() else None)
    return found


def _words(text: str) -> str:
    """What a reader sees of a page or of Markdown."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", text)).replace("`", "").split())


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """A function that grades the mishaps of a kind once."""
    batches = {}

    def grade(kind: str) -> Batch:
        if kind not in batches:
            course = Course(tmp_path_factory.mktemp(f"mishaps-{kind}"))
            tiny.write(course.folder)
            batches[kind] = None  # a batch that cannot be graded is not tried again for each of its tests
            batches[kind] = Batch(course, kind)
        assert batches[kind] is not None, "this batch could not be graded; the first of its tests says why"
        return batches[kind]

    return grade


EACH = [
    pytest.param(kind, mishap, id=f"batch {kind}: {mishap.name}") for kind, found in BATCHES.items() for mishap in found
]
# conftest.py keeps tests of a batch in one process by these names.
KINDS = [pytest.param(kind, id=f"batch {kind}: all") for kind in BATCHES]


def _only(kind: str):
    return pytest.mark.parametrize("kind", [pytest.param(kind, id=f"batch {kind}: one")])


@pytest.mark.parametrize(("kind", "mishap"), EACH)
def test_marks(kind, mishap: Mishap, graded):
    points = submissions.tests(tiny.notebook())
    lost = points if mishap.loses == ALL else mishap.loses
    deserved = {name: 0 if name in lost else most for name, most in points.items()}
    deserved |= {name: 0 if name in mishap.unanswered else None for name in mishaps.WRITTEN}
    assert graded(kind).course.marks(tiny.NAME, mishap.name) == deserved


@pytest.mark.parametrize(("kind", "mishap"), EACH)
def test_student_and_teacher_are_told(kind, mishap: Mishap, graded):
    batch = graded(kind)
    page, rows = batch.page(mishap.name), batch.rows(mishap.name)
    if not mishap.says:
        # Nothing of it concerns anybody: a message about it would teach people to pass over messages.
        assert "About what you handed in" not in page
        assert rows == ""
        return
    assert "About what you handed in" in page
    assert mishap.says in page
    assert mishap.advice in page
    assert mishap.says in rows
    assert f"{mishap.name}: " in batch.log


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_else_is_touched(kind, graded):
    batch = graded(kind)
    full = submissions.tests(tiny.notebook()) | dict.fromkeys(mishaps.WRITTEN)
    for student in HONEST:
        assert batch.course.marks(tiny.NAME, student) == full
        assert "About what you handed in" not in batch.page(student)
    assert not [line for line in batch.table.splitlines() if any(student in line for student in HONEST)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_handed_in_stays_as_it_is(kind, graded):
    batch = graded(kind)
    assert batch.before, "is there anything to compare?"
    assert batch.after == batch.before


@pytest.mark.parametrize("kind", KINDS)
def test_tests_are_the_assignments_own_and_in_order(kind, graded):
    course = graded(kind).course
    tests = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in course.notebook("solutions", tiny.NAME).cells
        if cell.metadata.nbgrader.locked
    }
    for mishap in BATCHES[kind]:
        cells = course.notebook("autograded", tiny.NAME, mishap.name).cells
        found = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in cells
            if cell.metadata.get("nbgrader", {}).get("locked")
        }
        assert list(found.items()) == list(tests.items()), mishap.name


@_only("cells")
def test_what_a_student_has_added_is_in_its_place(kind, graded):
    cells = graded(kind).course.notebook("autograded", tiny.NAME, "own_cells").cells
    sources = [cell.source for cell in cells]
    order = ["import math", "# Small sums", "def one", "def add_1", "assert add_1", "answer = add_1", "A remark"]
    places = [next(number for number, source in enumerate(sources) if source.startswith(start)) for start in order]
    assert places == sorted(places)
    assert sources[-1] == "A remark of my own."


@_only("cells")
def test_no_answer_is_lost_from_sight(kind, graded):
    """What was written in a copy or in a given text is in the graded notebook, for whoever marks by hand."""
    course = graded(kind).course
    for student, words in [("doubled", "def one():"), ("given_text", "My name is Ada.")]:
        assert any(words in cell.source for cell in course.notebook("autograded", tiny.NAME, student).cells)


@_only("editors")
@pytest.mark.parametrize(
    ("student", "cell", "name"),
    [
        ("lab_picture", "why", "4f0c-7a.png"),
        ("vscode_picture", "why", "image.png"),
        ("only_picture", "why", "picture-1.png"),
        ("colab_picture", "why", "picture-1.png"),
        ("colab_photo", "why", "picture-1.png"),
        ("as_code", "why", "picture-1.png"),
        ("picture_below", "added-18-0", "image.png"),
    ],
)
def test_pictures_in_answers_are_kept(kind, student, cell, name, graded):
    found = _cell(graded(kind), student, cell)
    (data,) = found.attachments[name].values()
    assert list(found.attachments) == [name], "what the text no longer shows is left out"
    assert f"](attachment:{name})" in found.source
    assert "data:" not in found.source
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.size == (editors.PHOTO if student == "colab_photo" else editors.SKETCH,) * 2


@_only("editors")
def test_what_is_no_picture_is_left_out(kind, graded):
    answer = _cell(graded(kind), "no_picture", "why")
    assert "attachments" not in answer
    assert "script" not in answer.source


@_only("editors")
def test_a_person_is_asked_to_look_where_an_answer_may_stand_beside_its_question(kind, graded):
    course = graded(kind).course
    asked = {mishap.name for mishap in editors.EDITORS if editors.BESIDE in mishap.says}
    assert len(asked) > 5
    with course.gradebook() as gradebook:
        for student in [*asked, "empty"]:
            grade = gradebook.find_grade("why", tiny.NAME, tiny.NAME, student)
            comment = gradebook.find_comment("why", tiny.NAME, tiny.NAME, student)
            expected = (True, None) if student in asked else (False, "No response.")
            assert (grade.needs_manual_grade, comment.auto_comment) == expected, student


def _cell(batch: Batch, student: str, name: str):
    return next(cell for cell in batch.course.notebook("autograded", tiny.NAME, student).cells if cell.id == name)


@_only("run")
def test_output_stays_small(kind, graded):
    course = graded(kind).course
    for path in course.folder.glob(f"autograded/*/{tiny.NAME}/*.ipynb"):
        assert path.stat().st_size < 10_000_000, path


@_only("files")
def test_no_file_of_anybody_else_is_copied(kind, graded):
    folder = graded(kind).course.folder / "autograded" / "links" / tiny.NAME
    assert sorted(path.name for path in folder.rglob("*")) == [f"{tiny.NAME}.ipynb"]


@pytest.fixture
def small_course(tmp_path):
    """A course with an honest student, and a function that lays down more."""
    course = Course(tmp_path)
    tiny.write(course.folder)
    course.nbgrader("generate_assignment", tiny.NAME)
    full = submissions.filled_in(
        course.notebook("assignments", tiny.NAME),
        submissions.reference_answers(course.notebook("solutions", tiny.NAME)),
    )
    course.put_submission("honest", tiny.NAME, full)
    return course, full


def test_formgrader_grades_in_the_same_way(small_course):
    """One student at a time, in the process of the server; nobody's timestamp closes the list to everybody."""
    course, full = small_course
    mishaps.write(course.folder / "submitted" / "deep" / tiny.NAME, full, "folder/tiny.ipynb")
    (course.folder / "submitted" / "honest" / tiny.NAME / "timestamp.txt").write_bytes(b"\xff rubbish")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.folder)).load_config()
    config.CourseDirectory.root = str(course.folder)
    coursedir = CourseDirectory(config=config)
    api = NbGraderAPI(coursedir, config=config)
    assert {found["student"] for found in api.get_submissions(tiny.NAME)} == {"deep", "honest"}
    for student in ("deep", "honest"):
        done = api.autograde(tiny.NAME, student)
        assert done["success"], done
        assert f"{student}: " in done["log"]
        assert course.marks(tiny.NAME, student) == submissions.tests(tiny.notebook()) | dict.fromkeys(mishaps.WRITTEN)
    assert coursedir.submitted_directory == "submitted"
    table = (course.folder / "autograded" / f"{tiny.NAME}.md").read_text(encoding="utf-8")
    assert "2 of 2 submissions need a look" in table
    assert all(found["autograded"] for found in api.get_submissions(tiny.NAME))


def test_grading_without_running_is_refused(small_course):
    course, _ = small_course
    assert "leave out --no-execute" in course.nbgrader("autograde", tiny.NAME, "--no-execute", fails=True)
    assert not (course.folder / "autograded").exists()


def test_missing_release_is_named(small_course):
    course, _ = small_course
    shutil.rmtree(course.folder / "assignments")
    assert "run nbgrader generate_assignment tiny" in course.nbgrader("autograde", tiny.NAME, fails=True)


def test_a_second_notebook_is_graded_in_place_of_the_first(small_course):
    course, full = small_course
    folder = course.folder / "submitted" / "again" / tiny.NAME
    mishaps.write(folder, full).write_bytes(b"")
    course.nbgrader("autograde", tiny.NAME, "--student=again")
    assert set(course.marks(tiny.NAME, "again").values()) == {0}
    mishaps.write(folder, full)
    course.nbgrader("autograde", tiny.NAME, "--student=again", "--force")
    assert course.marks(tiny.NAME, "again") == submissions.tests(tiny.notebook()) | dict.fromkeys(mishaps.WRITTEN)
    table = (course.folder / "autograded" / f"{tiny.NAME}.md").read_text(encoding="utf-8")
    # "again" is well now; "honest" was not graded in these runs.
    assert "`again`" not in table
    assert "`honest` | The submission is not graded" in table


@pytest.mark.parametrize("left", ["sanitized", "cut off"])
def test_what_a_broken_off_run_left_is_graded_again(small_course, left):
    course, full = small_course
    course.nbgrader("autograde", tiny.NAME)
    graded = course.folder / "autograded" / "honest" / tiny.NAME / f"{tiny.NAME}.ipynb"
    graded.chmod(0o644)
    if left == "sanitized":
        mishaps.write(graded.parent, full)
    else:
        graded.write_text('{"cells": [')
    assert "graded only in part" in course.nbgrader("autograde", tiny.NAME)
    assert course.marks(tiny.NAME, "honest") == submissions.tests(tiny.notebook()) | dict.fromkeys(mishaps.WRITTEN)
    whole = graded.read_bytes()
    assert "graded only in part" not in course.nbgrader("autograde", tiny.NAME)
    assert graded.read_bytes() == whole, "what is graded is graded once"
