"""The system's browser, for the tests of what nbgrader shows in it."""

import pytest

from tools.browser import find_browser, launch


@pytest.fixture(scope="module")
def browser():
    if find_browser() is None:
        pytest.skip("no Chromium or Chrome is installed (Debian and Ubuntu: apt install chromium)")
    with launch() as browser:
        yield browser
