"""The built book, served from this machine, and read in the browser."""

import subprocess
import sys
from pathlib import Path

import pytest
from browser import reader, serve

from seqmodels.grading.runner import locks
from tests.patience import PATIENCE_WITH_COMMANDS

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def html():
    """The folder of the built book. Whichever process needs it first builds it, unless it is that of these sources."""
    with locks.held(ROOT / "_build" / ".book.lock", PATIENCE_WITH_COMMANDS):
        command = [sys.executable, "tools/book.py", "build"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the book cannot be built:\n{done.stdout}{done.stderr}"
    return HTML


@pytest.fixture(scope="session")
def site(html):
    with serve(html) as address:
        yield address


@pytest.fixture
def open_page(browser, site):
    with reader(browser, site) as open_page:
        yield open_page
