"""What nbval passes over in silence is not allowed in the notebooks that it runs."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(
    path.relative_to(ROOT) for part in ("chapters", "solutions") for path in (ROOT / part).rglob("*.ipynb")
)
IGNORES_OUTPUT = "nbval-ignore-output"


@pytest.fixture(params=NOTEBOOKS, ids=str)
def code(request):
    cells = json.loads((ROOT / request.param).read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_every_cell_has_been_run(code):
    """nbval compares nothing in a cell without an execution count."""
    assert [cell["id"] for cell in code if cell["execution_count"] is None] == []


def test_no_cell_is_left_out(code):
    marked = [cell["id"] for cell in code if "nbval-skip" in _tags(cell) or "NBVAL_" in "".join(cell["source"])]
    assert marked == [], "use tags, and none that keeps a cell from being run"


def test_output_that_is_not_compared_is_asserted(code):
    """A cell whose output differs from run to run asserts what the page says about it, or the next one does."""
    bare = [
        cell["id"]
        for cell, following in zip(code, [*code[1:], {"source": []}], strict=True)
        if IGNORES_OUTPUT in _tags(cell) and "assert" not in "".join([*cell["source"], *following["source"]])
    ]
    assert bare == []


def _tags(cell):
    return cell["metadata"].get("tags", [])
