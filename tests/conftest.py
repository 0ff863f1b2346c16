"""The system's browser, for the tests of what a reader, a student and a teacher see."""

import sys

import pytest

from tools.browser import find_browser, launch

# Kernels are walled in on Linux only. Elsewhere there is nothing to test, and a skipped test would count as failed.
_ONLY_ON_LINUX = ("attacks", "distributed", "runner", "sandbox")
collect_ignore = [] if sys.platform == "linux" else [f"grading/test_{name}.py" for name in _ONLY_ON_LINUX]


# For a module and no longer: two handles of Playwright cannot be open in one process.
@pytest.fixture(scope="module")
def browser():
    if find_browser() is None:
        pytest.skip("no Chromium or Chrome is installed (Debian and Ubuntu: apt install chromium)")
    with launch() as browser:
        yield browser
