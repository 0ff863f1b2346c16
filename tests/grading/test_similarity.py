"""The answers of a class for a program that finds copied work: what students wrote, and nothing that was handed out."""

import ast
import itertools

import nbformat
import pytest

from seqmodels.grading import messages, similarity
from tests.grading import submissions, tiny
from tests.grading.course import Course
from tools.release import release

GIVEN = '''import numpy as np

WIDTH = 2


def mean(values, width):
    """The mean of each value.

    Args:
      values: an array.
    """
    # YOUR CODE HERE
    raise NotImplementedError


class Model:
    """A model."""

    def call(self):
        raise NotImplementedError'''


def _own(source):
    found = similarity.own_code(source, [GIVEN])
    ast.parse(found)
    return found


@pytest.mark.parametrize(
    ("source", "own"),
    [
        (GIVEN, ""),
        (GIVEN.replace("    raise NotImplementedError\n\n\nclass", "    return values  # mine\n\n\nclass"),
         "def mean(values, width):\n    return values  # mine"),
        (GIVEN.replace("WIDTH = 2", "WIDTH = 3"), "WIDTH = 3"),
        ("# YOUR CODE HERE\nimport numpy as np\nimport pandas", "import pandas"),
        ("def mean(x):\n    raise NotImplementedError", "def mean(x):\n    raise NotImplementedError"),
        ("class Model:\n    def call(self):\n        return 1", "class Model:\n    def call(self):\n        return 1"),
        ("WIDTH = 2; x = 1", "WIDTH = 2; x = 1"),
        ("%time x = 1\n!pip install x\ny = 2", "# %time x = 1\n# !pip install x\ny = 2"),
        ("%%time\nx = 1", "# %%time\n# x = 1"),
        ("def broken(:\n    WIDTH = 2\nWIDTH = 2", "# def broken(:"),
        ("x = '''\n# YOUR CODE HERE\n'''", "x = '''\n'''"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_what_is_the_students_own_is_left(source, own):
    assert _own(source).splitlines() == own.splitlines()


@pytest.mark.parametrize("source", ["(" * 500 + ")" * 500, "x" + " + 1" * 5000, "\x00", "'\\d'"])
def test_odd_code_is_no_matter(source):
    similarity.own_code(source, [GIVEN])


@pytest.fixture
def course(tmp_path, monkeypatch):
    made = Course(tmp_path)
    tiny.write(made.folder)
    release(tiny.NAME, made.folder)
    monkeypatch.chdir(made.folder)
    return made


def _graded(course, student, answers, added=()):
    """What a grading leaves of a student's work."""
    notebook = submissions.filled_in(course.notebook("assignments", tiny.NAME), answers)
    for cell in added:
        notebook.cells.insert(3, cell)
    course.put_submission(student, tiny.NAME, notebook)
    messages.mark_as_graded(notebook)
    path = course.folder / "autograded" / student / tiny.NAME / f"{tiny.NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


def _files(course):
    folder = course.folder / "similarity" / tiny.NAME
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.*"))}


def test_a_file_of_code_and_one_of_text_for_each(course, capsys):
    reference = submissions.reference_answers(tiny.notebook())
    own = nbformat.v4.new_code_cell("helper = 1", id="added-3-0")
    _graded(course, "ada", {"add_0": reference["add_0"], "why": "**why** In your own words.\n\nBecause."}, [own])
    _graded(course, "Öz, 李", {})
    (course.folder / "submitted" / "late" / tiny.NAME).mkdir(parents=True)
    assert similarity.main([tiny.NAME]) == 0
    files = _files(course)
    assert set(files) == {
        *(f"code/{student}.py" for student in ("ada", "Öz, 李")),
        *(f"text/{student}.txt" for student in ("ada", "Öz, 李")),
        "handed_out/handed_out.py",
    }
    assert files["code/ada.py"] == (
        "# %% add_0\ndef add_0(values):\n    return [value + 0 for value in values]\n\n\n# %% added\nhelper = 1\n"
    )
    assert files["text/ada.txt"] == "Because.\n"
    assert files["code/Öz, 李.py"] == files["text/Öz, 李.txt"] == ""
    assert "def add_0(values):" in files["handed_out/handed_out.py"] and "value + 0" not in str(
        files["handed_out/handed_out.py"]
    )
    said = capsys.readouterr().out
    assert "holds the answers of 2 students" in said and "not graded: late" in said


def test_files_of_an_earlier_time_go(course):
    _graded(course, "ada", {})
    similarity.main([tiny.NAME])
    (course.folder / "similarity" / tiny.NAME / "code" / "gone.py").touch()
    similarity.main([tiny.NAME])
    assert "code/gone.py" not in _files(course)


def test_nobody_graded_says_what_to_do(course, capsys):
    (course.folder / "submitted" / "ada" / tiny.NAME).mkdir(parents=True)
    assert similarity.main([tiny.NAME]) == 2
    assert "Nobody's work is graded: run make grade ASSIGNMENT=tiny before." in capsys.readouterr().err


def test_blank_answers_are_alike_in_nothing_and_copied_ones_in_everything(course):
    """As a program that compares lines would see them."""
    reference = submissions.reference_answers(tiny.notebook())
    copied = {name: reference[name] for name in ("add_1", "add_2")}
    _graded(course, "copy", copied)
    _graded(course, "original", copied)
    _graded(course, "other", {"add_3": "def add_3(values):\n    return list(map(lambda v: v + 3, values))"})
    similarity.main([tiny.NAME])
    lines = {name: set(text.splitlines()) - {""} for name, text in _files(course).items() if name.startswith("code/")}
    alike = {pair: len(lines[pair[0]] & lines[pair[1]]) for pair in itertools.combinations(sorted(lines), 2)}
    assert alike == {
        ("code/copy.py", "code/original.py"): 6,
        ("code/copy.py", "code/other.py"): 0,
        ("code/original.py", "code/other.py"): 0,
    }
