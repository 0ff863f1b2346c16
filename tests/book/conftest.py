"""The built book, served from this machine, and read in the browser."""

from pathlib import Path

import pytest
from book import fingerprint
from browser import reader, serve

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


@pytest.fixture
def open_page(browser, site):
    with reader(browser, site) as open_page:
        yield open_page
