"""The system's browser, for the tests of what a reader, a student and a teacher see."""

import pytest

from tools.browser import find_browser, launch


# For a module and no longer: two handles of Playwright cannot be open in one process.
@pytest.fixture(scope="module")
def browser():
    if find_browser() is None:
        pytest.skip("no Chromium or Chrome is installed (Debian and Ubuntu: apt install chromium)")
    with launch() as browser:
        yield browser
