"""What nbval passes over in silence is not allowed in the notebooks that it runs."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS, SOLUTIONS = (sorted((ROOT / part).rglob("*.ipynb")) for part in ("chapters", "solutions"))
IGNORES_OUTPUT = "nbval-ignore-output"
SOON = 3  # code cells, the one in question among them


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _code(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture(params=[*CHAPTERS, *SOLUTIONS], ids=_name)
def code(request):
    return _code(request.param)


def test_every_cell_has_been_run(code):
    """nbval compares nothing in a cell without an execution count."""
    assert [cell["id"] for cell in code if cell["execution_count"] is None] == []


def test_no_cell_is_left_out(code):
    marked = [cell["id"] for cell in code if "nbval-skip" in _tags(cell) or "NBVAL_" in "".join(cell["source"])]
    assert marked == [], "use tags, and none that keeps a cell from being run"


# The tests of an assignment are its assertions.
@pytest.mark.parametrize("path", CHAPTERS, ids=_name)
def test_output_that_is_not_compared_is_asserted(path):
    """A cell whose output differs from run to run asserts what the page says about it, or a cell soon after it does."""
    code = _code(path)
    bare = [
        cell["id"]
        for number, cell in enumerate(code)
        if IGNORES_OUTPUT in _tags(cell)
        and not any("assert" in "".join(near["source"]) for near in code[number : number + SOON])
    ]
    assert bare == []


def _tags(cell):
    return cell["metadata"].get("tags", [])
