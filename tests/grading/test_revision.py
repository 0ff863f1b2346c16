"""nbgrader generate_assignment after work has been handed in: cells can be added and taken away, and no mark is lost."""

import pytest

from seqmodels.grading.revision import _kept
from tests.grading import small, tiny
from tests.grading.course import Course


@pytest.fixture
def course(tmp_path):
    """Ada's work is graded: the tests by the machine, one of two questions by a person; Bob's has only been seen."""
    made = Course(tmp_path)
    tiny.write(made.folder)
    made.nbgrader("generate_assignment", tiny.NAME)
    with made.gradebook() as gradebook:
        for student in ("ada", "bob"):
            gradebook.add_student(student)
            gradebook.add_submission(tiny.NAME, student)
        for grade in gradebook.find_submission_notebook(tiny.NAME, tiny.NAME, "ada").grades:
            grade.auto_score, grade.needs_manual_grade = 10, False
        gradebook.find_grade("why", tiny.NAME, tiny.NAME, "ada").manual_score = 7.5
        gradebook.find_comment("why", tiny.NAME, tiny.NAME, "ada").manual_comment = "Good."
        gradebook.db.commit()
    return made


def _generate(course, *, add=(), remove=(), **options):
    source = tiny.notebook()
    source.cells = [cell for cell in source.cells if cell.id not in remove] + list(add)
    tiny.write(course.folder, source)
    return course.nbgrader("generate_assignment", tiny.NAME, "--force", **options)


def _marks(course, student):
    with course.gradebook() as gradebook:
        found = gradebook.find_submission_notebook(tiny.NAME, tiny.NAME, student)
        return {
            grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade) for grade in found.grades
        }, {comment.name: comment.manual_comment for comment in found.comments}


def _release(course):
    folder = course.folder / "assignments" / tiny.NAME
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_cells_can_be_added(course):
    marks, comments = _marks(course, "ada")
    _generate(course, add=[small.test("more", "assert add_1([1]) == [2]"), small.written("whereto", "Where to?")])
    new = {"test_more": (None, None, True), "whereto": (None, None, True)}
    assert _marks(course, "ada") == (marks | new, comments | {"whereto": None})
    assert set(_marks(course, "bob")[0]) == set(marks | new)
    assert "test_more" in [cell.metadata.nbgrader.grade_id for cell in course.notebook("assignments", tiny.NAME).cells]
    with course.gradebook() as gradebook:
        assert gradebook.find_assignment(tiny.NAME).max_score == 120
    # And once more, as where an earlier try was broken off.
    _generate(course, add=[small.test("more", "assert add_1([1]) == [2]"), small.written("whereto", "Where to?")])
    assert _marks(course, "ada") == (marks | new, comments | {"whereto": None})


def test_cells_that_the_machine_has_marked_can_be_taken_away(course):
    marks, comments = _marks(course, "ada")
    _generate(course, remove=["add_3", "test_add_3"])
    left = _marks(course, "ada")
    assert marks.keys() - left[0].keys() == {"test_add_3"} and comments.keys() - left[1].keys() == {"add_3"}
    with course.gradebook() as gradebook:
        notebook = gradebook.find_notebook(tiny.NAME, tiny.NAME)
        assert len(notebook.source_cells) == 17 and gradebook.find_assignment(tiny.NAME).max_score == 90


def test_marks_that_a_person_has_given_are_not_lost(course):
    before, marks = _release(course), _marks(course, "ada")
    said = _generate(course, remove=["why"], fails=True)
    assert "a person has given marks or written comments there: why. Put them back" in said
    assert "Traceback" not in said
    assert (_release(course), _marks(course, "ada")) == (before, marks)


def test_the_students_version_stays_where_it_cannot_be_generated(course):
    before = _release(course)
    (course.folder / "solutions" / tiny.NAME / "second.ipynb").write_text("{}")
    course.nbgrader("generate_assignment", tiny.NAME, "--force", fails=True)
    assert _release(course) == before


def test_folder_comes_back_however_the_work_ends(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("old")
    with pytest.raises(KeyboardInterrupt), _kept(folder):
        (folder / "file").unlink()
        raise KeyboardInterrupt
    assert (folder / "file").read_text() == "old"
    with _kept(folder):
        (folder / "file").write_text("new")
    assert (folder / "file").read_text() == "new"
    with pytest.raises(OSError, match="full"), _kept(tmp_path / "none"):
        raise OSError("full")
    assert not (tmp_path / "none").exists()
