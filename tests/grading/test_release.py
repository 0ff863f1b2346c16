"""``make release``: the same bytes every time, and a clear refusal of a source that breaks a rule."""

import base64
import filecmp
import json

import nbformat
import pytest

from tests.grading import tiny
from tests.grading.course import ROOT, Course
from tests.grading.editors import png
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


def test_nothing_beside_a_solution_goes_out(course):
    """A picture of the model answer, and what editors and the run have left; nbgrader clears texts and outputs only."""
    picture, given = ({f"{name}.png": {"image/png": png(side)}} for name, side in (("curve", 9), ("given", 8)))
    source = tiny.notebook()
    cells = {cell.id: cell for cell in source.cells}
    cells["title"].source += "\n\n![what to do](attachment:given.png)"
    cells["title"].attachments = given | picture
    cells["title"].metadata.mystnb = {"image": {"alt": "Dots"}}
    cells["why"].source = "![a question](attachment:given.png)\n" + cells["why"].source.replace(
        "A model", "![the right curve](attachment:curve.png)\nA model"
    )
    cells["why"].attachments = picture | given
    cells["add_1"].metadata |= {"mystnb": {"image": {"alt": "The right curve, from below to above"}}, "tags": ["keep"]}
    cells["test_add_1"].metadata.draft = "The hidden test compares the sums"
    source.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"abc": {"value": "The right curve"}}}
    tiny.write(course, source)
    release(tiny.NAME, course)
    path = course / "assignments" / tiny.NAME / f"{tiny.NAME}.ipynb"
    text = path.read_text()
    assert png(9) not in text
    assert "right curve" not in text
    assert "compares the sums" not in text
    released = nbformat.read(path, as_version=4)
    cells = {cell.id: cell for cell in released.cells}
    assert (cells["title"].attachments, cells["why"].attachments) == (given, given), "the question's own stays"
    assert cells["title"].metadata.mystnb.image.alt == "Dots"
    assert cells["add_1"].metadata.keys() == {"deletable", "nbgrader", "tags"}
    assert released.metadata.keys() == {"kernelspec", "language_info"}


def test_a_file_that_only_a_solution_shows_is_refused(course):
    source = tiny.notebook()
    why = next(cell for cell in source.cells if cell.id == "why")
    why.source = why.source.replace("A model", "![the right curve](curve.png)\nA model")
    folder = tiny.write(course, source).parent
    (folder / "curve.png").write_bytes(base64.b64decode(png(9)))
    with pytest.raises(ReleaseError, match=r"only a solution or a hidden test names: curve\.png"):
        release(tiny.NAME, course)
    source.cells[0].source += "\n\nSee curve.png."
    tiny.write(course, source)
    release(tiny.NAME, course)


def test_a_file_that_is_the_picture_of_a_solution_is_refused(course):
    source = tiny.notebook()
    why = next(cell for cell in source.cells if cell.id == "why")
    why.source = why.source.replace("A model", "![the right curve](attachment:curve.png)\nA model")
    why.attachments = {"curve.png": {"image/png": png(9)}}
    folder = tiny.write(course, source).parent
    (folder / "another_name.png").write_bytes(base64.b64decode(png(9)))
    with pytest.raises(ReleaseError, match="would hold what it must not:\n  solution of cell 'why': the picture curve"):
        release(tiny.NAME, course)


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
