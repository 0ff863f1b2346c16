"""``make release``: the same bytes every time, and a clear refusal of a source that breaks a rule."""

import filecmp
import json

import pytest

from tests.grading import tiny
from tests.grading.course import ROOT, Course
from tools.release import ReleaseError, assignments, generate, release


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path).folder


def _files(folder):
    return sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("name", assignments(ROOT))
def test_committed_release_is_what_the_source_gives(name, tmp_path):
    generated, committed = generate(name, ROOT, tmp_path), ROOT / "assignments" / name
    assert _files(committed) == _files(generated), f"run 'make release' and commit assignments/{name}"
    _, different, unreadable = filecmp.cmpfiles(committed, generated, _files(generated), shallow=False)
    assert not different + unreadable, f"run 'make release' and commit assignments/{name}: {different} differ"


def test_no_release_without_a_source():
    released = sorted(folder.name for folder in ROOT.glob("assignments/*"))
    assert released == assignments(ROOT)


def test_release_repeats_to_the_byte_and_leaves_nothing_else(course):
    tiny.write(course)
    (course / "solutions" / tiny.NAME / "table.csv").write_text("a,b\n1,2\n")
    release(tiny.NAME, course)
    first = {file: (course / "assignments" / file).read_bytes() for file in _files(course / "assignments")}
    assert sorted(map(str, first)) == ["tiny/table.csv", "tiny/tiny.ipynb"]
    (course / "assignments" / tiny.NAME / "left_over.txt").write_text("from an earlier version")
    release(tiny.NAME, course)
    assert {file: (course / "assignments" / file).read_bytes() for file in _files(course / "assignments")} == first
    assert not list(course.rglob("*.db"))


def _without_id(notebook):
    del notebook["cells"][3]["id"]


def _same_id(notebook):
    notebook["cells"][3]["id"] = notebook["cells"][1]["id"]


def _same_grade_id(notebook):
    _grader(notebook, 3)["grade_id"] = _grader(notebook, 1)["grade_id"]


def _big_cell(notebook):
    _grader(notebook, 2)["points"], _grader(notebook, 4)["points"] = 16, 4


def _too_many_points(notebook):
    _grader(notebook, 2)["points"] = 11


def _too_little_autograded(notebook):
    for test, written in ((2, -1), (4, -2)):
        _grader(notebook, test)["points"] -= 3
        _grader(notebook, written)["points"] += 3


def _old_metadata(notebook):
    _grader(notebook, 2)["schema_version"] = 2


def _open_region(notebook):
    notebook["cells"][1]["source"] = [line for line in notebook["cells"][1]["source"] if "END" not in line]


def _leak(notebook):
    # A line for everybody with the solution in its metadata, as an editor's extension might leave it.
    notebook["cells"][0]["metadata"]["draft"] = "return [value + 5 for value in values]"


def _of_another_test(notebook):
    notebook["cells"][4]["source"].insert(0, "assert secret_answer_0\n")


def _of_another_part(notebook):
    notebook["cells"][4]["source"] = [
        "from contextlib import nullcontext\n",
        "with nullcontext():\n",
        "    secret = 1\n",
        "with nullcontext():\n",
        "    assert secret\n",
        "10\n",
    ]


def _grader(notebook, number):
    return notebook["cells"][number]["metadata"]["nbgrader"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without_id, "cell 3 has no id"),
        (_same_id, "the id 'add_0' is on 2 cells"),
        (_same_grade_id, "the grade_id 'add_0' is on 2 cells"),
        (_big_cell, "cell 'test_add_0' has 16 points. Split it: a cell has at most 15"),
        (_too_many_points, "the points add up to 101. Make them 100"),
        (_too_little_autograded, "74 points are autograded. Make them at least 75"),
        (_old_metadata, "cell 'test_add_0' has nbgrader's metadata version 2, not 3"),
        (_open_region, "nbgrader refuses solutions/tiny"),
        (_of_another_test, "test 'test_add_1' uses secret_answer_0, which test 'test_add_0' defines"),
        (_of_another_part, "test 'test_add_1': a part uses secret, which an earlier part defines"),
        (_leak, "solution of cell 'add_5': return"),
    ],
)
def test_source_that_breaks_a_rule_is_refused(course, spoil, message):
    path = tiny.write(course)
    notebook = json.loads(path.read_text())
    spoil(notebook)
    path.write_text(json.dumps(notebook))
    with pytest.raises(ReleaseError) as refusal:
        release(tiny.NAME, course)
    assert message in str(refusal.value)
    assert not (course / "assignments").exists()


def test_unknown_assignment_is_refused_with_the_known_ones(course):
    tiny.write(course)
    with pytest.raises(ReleaseError, match=r"there is no .*small\.ipynb\. The assignments are: tiny"):
        release("small", course)
