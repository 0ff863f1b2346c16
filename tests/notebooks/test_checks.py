"""The checks themselves: this project's pytest settings catch a changed number, a failing cell and a skip."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbconvert.filters import strip_ansi

from tests.patience import PATIENCE
from tools.browser import BROWSERS, MAC_CHROME

ROOT = Path(__file__).resolve().parents[2]


def _code(source, output=None):
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=output)] if output else []
    return nbformat.v4.new_code_cell(source, execution_count=1, outputs=outputs)


def _pytest(folder, *arguments, **environment):
    """Run pytest in a folder with the settings and the conftest.py of this project."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            ROOT / "pyproject.toml",
            f"--rootdir={folder}",
            "-p",
            "conftest",
            *arguments,
        ],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": str(ROOT)}
        | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, strip_ansi(done.stdout + done.stderr)


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    """What pytest says about one right notebook and one in which a number was changed and a cell fails."""
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "chapters").mkdir()
    right = [_code("number = 1.25"), _code("print(number)", "1.25\n")]
    wrong = [
        _code("number = 1.25"),
        _code("print(number)", "1.26\n"),
        _code("raise ValueError('no number')"),
        _code("number + 1"),
    ]
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


SKIPPED = {
    "test_call.py": "import pytest\ndef test_it():\n    pytest.skip('no browser here')\n",
    "test_mark.py": "import pytest\n@pytest.mark.skip(reason='no browser here')\ndef test_it():\n    pass\n",
    "test_module.py": "import pytest\npytest.skip('no browser here', allow_module_level=True)\ndef test_it():\n    pass\n",
}


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_skip_fails_in_continuous_integration_only(tmp_path, ci):
    for name, body in SKIPPED.items():
        (tmp_path / name).write_text(body)
    (tmp_path / "test_right.py").write_text("def test_it():\n    pass\n")
    status, said = _pytest(tmp_path, "-n0", ".", CI=ci)
    assert "no browser here" in said
    if ci:
        assert status != 0
        assert all(f"{name} was skipped" in said or f"{name}::test_it was skipped" in said for name in SKIPPED)
    else:
        assert status == 0
        assert "1 passed, 3 skipped" in said


@pytest.mark.skipif(Path(MAC_CHROME).exists(), reason="this browser is found without a PATH")
@pytest.mark.parametrize("ci", ["", "true"])
def test_what_the_machine_lacks_is_said_first_and_ends_continuous_integration(ci):
    folders = os.environ["PATH"].split(":")
    without = [folder for folder in folders if not any(Path(folder, name).exists() for name in BROWSERS)]
    environment = os.environ | {"CI": ci, "PATH": ":".join(without)}
    command = [sys.executable, "-m", "pytest", "-n0", "tests/test_count.py"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    said = strip_ansi(done.stdout + done.stderr)
    if ci:
        assert done.returncode == pytest.ExitCode.USAGE_ERROR
        assert "where CI=true everything has to be there:\nno browser. Install Chromium" in said
        assert "passed" not in said
    else:
        assert done.returncode == 0, said
        assert "browser: none, so its tests are left out. Install Chromium" in said.partition("passed")[0]
