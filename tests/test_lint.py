"""Style, spelling and the form of notebooks, as pre-commit checks them, and as part of the tests."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent

COMMANDS = {
    "ruff check": [PROGRAMS / "ruff", "check", "--no-cache", "."],
    "ruff format": [PROGRAMS / "ruff", "format", "--no-cache", "--check", "."],
    "codespell": [PROGRAMS / "codespell", "."],
    "notebooks": [sys.executable, "tools/notebooks.py", "check"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_to_complain_of(name):
    process = subprocess.run(COMMANDS[name], cwd=ROOT, capture_output=True, text=True)
    assert process.returncode == 0, f"\n{process.stdout}{process.stderr}"


# One fault for each, to see that the checks are switched on.
FAULTS = {
    "ruff check": ("fault.py", "import os\n"),
    "ruff format": ("fault.py", "x = {'a':1}\n"),
    "codespell": ("fault.md", "Recieve the seqeunce.\n"),  # codespell:ignore
    "notebooks": ("fault.ipynb", '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(tmp_path, name):
    file, text = FAULTS[name]
    (tmp_path / file).write_text(text)
    command = [part for part in COMMANDS[name] if part != "."] + [tmp_path / file]
    if name.startswith("ruff"):
        command += ["--config", ROOT / "pyproject.toml"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert process.returncode != 0
    assert file in process.stdout + process.stderr
