"""The system's browser, for the tests of what a reader, a student and a teacher see."""

import pytest

from tools.browser import launch


# For a module and no longer: two handles of Playwright cannot be open in one process.
@pytest.fixture(scope="module")
def browser():
    with launch() as browser:
        yield browser
