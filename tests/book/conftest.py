"""The built book, served from this machine, and the system's browser on it."""

from pathlib import Path

import pytest
from book import fingerprint
from browser import find_browser, launch, reader, serve

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def html():
    """The folder of the built book, which must be that of the present sources."""
    stamp = HTML / ".made-from"
    assert stamp.exists(), "There is no finished book in _build/html; run: make book"
    assert stamp.read_text() == fingerprint(ROOT), "The book is older than its sources; run: make book"
    return HTML


@pytest.fixture(scope="session")
def site(html):
    with serve(html) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    if find_browser() is None:
        pytest.skip("no Chromium or Chrome is installed (Debian and Ubuntu: apt install chromium)")
    with launch() as browser:
        yield browser


@pytest.fixture
def open_page(browser, site):
    with reader(browser, site) as open_page:
        yield open_page
