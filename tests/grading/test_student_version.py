"""The student's notebook as it is handed out: it runs to the end, and only its tests fail, for the right reason."""

import nbclient
import nbformat
import pytest

from tests.grading.course import ROOT
from tests.patience import PATIENCE
from tools.release import assignments

# An answer that is not there says so itself, or a test says what is missing.
RIGHT_REASONS = {"NotImplementedError", "AssertionError"}


@pytest.fixture(scope="module", params=assignments(ROOT))
def executed(request):
    path = ROOT / "assignments" / request.param / f"{request.param}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=PATIENCE,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    return client.execute()


def _errors(notebook):
    """The error of each code cell, None for one that ran through."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            error = next((output for output in cell.outputs if output.output_type == "error"), None)
            yield cell.metadata.get("nbgrader", {}), cell.id, error


def _is_test(grader):
    return grader.get("grade") and not grader.get("solution")


def test_every_test_fails_for_the_right_reason(executed):
    reasons = {name: error and error.ename for grader, name, error in _errors(executed) if _is_test(grader)}
    assert reasons
    assert {name: reason for name, reason in reasons.items() if reason not in RIGHT_REASONS} == {}


def test_every_failing_test_says_what_is_missing(executed):
    silent = [
        name
        for grader, name, error in _errors(executed)
        if _is_test(grader) and error and error.ename == "AssertionError" and not error.evalue
    ]
    assert silent == []


def test_no_other_cell_fails(executed):
    failed = {
        name: f"{error.ename}: {error.evalue}"
        for grader, name, error in _errors(executed)
        if not _is_test(grader) and error
    }
    assert failed == {}


def test_nothing_is_answered(executed):
    """The check itself is of an unsolved notebook."""
    answers = [cell for cell in executed.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert answers
    for cell in answers:
        assert "YOUR CODE HERE" in cell.source or "YOUR ANSWER HERE" in cell.source, cell.id
