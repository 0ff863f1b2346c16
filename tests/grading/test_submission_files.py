"""Reading the files in tests/submissions/: a heading that is wrong is never passed over."""

import pytest

from tests.grading import tiny
from tests.grading.submissions import filled_in, read, reference_answers

WRONG = """# Mistake: adds one too many, to every
#   value
# Loses: test_add_1 10, test_add_2 2.5
# %% add_1
def add_1(values):
    return [value + 2 for value in values]

# %% why
Because.
"""


def _write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def test_wrong_submission(tmp_path):
    found = read(_write(tmp_path, "wrong_more.py", WRONG))
    assert found.name == "wrong_more"
    assert found.about == "adds one too many, to every value"
    assert found.loses == {"test_add_1": 10, "test_add_2": 2.5}
    assert found.answers == {
        "add_1": "def add_1(values):\n    return [value + 2 for value in values]",
        "why": "Because.",
    }


def test_right_submission(tmp_path):
    found = read(_write(tmp_path, "right_map.py", "# Style: map\n# %% add_1\nadd_1 = map\n"))
    assert (found.about, found.loses) == ("map", {})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("right_map.py", WRONG, r"the heading has \['Loses', 'Mistake'\] where it needs \['Style'\]"),
        ("wrong_a.py", "# Mistake: none\n# %% add_1\npass\n", r"needs \['Loses', 'Mistake'\]"),
        ("wrong_a.py", WRONG.replace("test_add_1 10", "test_add_1"), "is not '<grade_id> <points>'"),
        ("right_a.py", "# Style: none\n", "no answer cell"),
    ],
)
def test_heading_that_is_wrong(tmp_path, name, text, message):
    with pytest.raises(ValueError, match=message):
        read(_write(tmp_path, name, text))


def test_reference_answers_fill_every_answer_cell():
    source = tiny.notebook()
    answers = reference_answers(source)
    assert (
        answers["add_2"]
        == 'def add_2(values):\n    """Add 2 to each value."""\n    return [value + 2 for value in values]'
    )
    filled = filled_in(source, answers)
    assert not any("SOLUTION" in cell.source for cell in filled.cells)
    assert filled.cells[2] == source.cells[2]


def test_unknown_answer_cell():
    with pytest.raises(ValueError, match="there is no answer cell 'add_9'; there are add_0, add_1"):
        filled_in(tiny.notebook(), {"add_9": "pass"})
