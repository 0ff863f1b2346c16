"""The checks themselves: this project's pytest settings catch a changed number, a failing cell and a skip."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbconvert.filters import strip_ansi

ROOT = Path(__file__).resolve().parents[2]


def _code(source, output=None):
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=output)] if output else []
    return nbformat.v4.new_code_cell(source, execution_count=1, outputs=outputs)


def _pytest(folder, *arguments, **environment):
    """Run pytest in a folder with the settings and the conftest.py of this project."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", f"--rootdir={folder}", "-p", "conftest", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": str(ROOT)}
        | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, strip_ansi(done.stdout + done.stderr)


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    """What pytest says about one right notebook and one in which a number was changed and a cell fails."""
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "chapters").mkdir()
    right = [_code("number = 1.25"), _code("print(number)", "1.25\n")]
    wrong = [_code("number = 1.25"), _code("print(number)", "1.26\n"), _code("raise ValueError('no number')"), _code("number + 1")]
    for name, cells in (("right", right), ("wrong", wrong)):
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "chapters" / f"{name}.ipynb")
    return _pytest(folder, "chapters")


def test_right_notebook_passes(notebooks):
    status, said = notebooks
    assert status == 1
    assert "3 failed, 3 passed" in said
    assert "right.ipynb" not in said.partition("short test summary")[2]


def test_changed_number_fails_and_both_numbers_are_shown(notebooks):
    _, said = notebooks
    assert "FAILED chapters/wrong.ipynb::Cell 1" in said
    assert "Cell outputs differ" in said
    assert "1.26" in said
    assert "1.25" in said


def test_failing_cell_is_shown_with_its_error(notebooks):
    _, said = notebooks
    assert "FAILED chapters/wrong.ipynb::Cell 2" in said
    assert "ValueError: no number" in said


def test_output_that_was_never_recorded_fails(notebooks):
    _, said = notebooks
    assert "FAILED chapters/wrong.ipynb::Cell 3" in said


@pytest.mark.parametrize(
    "body",
    [
        "import pytest\ndef test_nothing():\n    pytest.skip('no browser here')\n",
        "import pytest\npytest.skip('no browser here', allow_module_level=True)\n",
        "import pytest\n@pytest.mark.skip(reason='no browser here')\ndef test_nothing():\n    pass\n",
    ],
)
@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_a_skip_fails_in_continuous_integration_only(tmp_path, body, ci, status):
    (tmp_path / "test_it.py").write_text(body + "\ndef test_right():\n    pass\n")
    found, said = _pytest(tmp_path, "test_it.py", "-n0", CI=ci)
    assert "no browser here" in said
    if ci:
        assert found != 0
        assert "counts as a failure where CI=true" in said
    else:
        # 5: no test is left when the whole module is skipped.
        assert found in (status, 5)
