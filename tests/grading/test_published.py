"""No solution, hidden test or mark scheme is in what students receive: the releases and the built book.

What they get back as feedback is searched where it is made, in test_marks.py and test_round.py.
"""

import shutil

import pytest

from seqmodels.grading.leaks import HIDDEN_TEST, SOLUTION, course_secrets, leaked, text_of
from tests.grading.course import ROOT
from tools.release import assignments

BOOK = ROOT / "_build" / "html"


@pytest.fixture(scope="module", params=assignments(ROOT))
def kept(request):
    found = course_secrets(ROOT)[request.param]
    assert {secret.kind for secret in found} >= {SOLUTION, HIDDEN_TEST}, "are its markers as nbgrader wants them?"
    return found


def _leaks(kept, folder):
    """Each secret that a file of a folder gives away, with the file's name."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    assert files, f"nothing is in {folder}"
    found = []
    for file in files:
        found += [
            f"{file.relative_to(folder)} holds the {secret}" for secret in leaked(kept, text_of(file.read_bytes()))
        ]
    return found


@pytest.fixture(scope="module")
def of_all():
    """The secrets of all assignments, for which a folder is looked through once."""
    return [secret for found in course_secrets(ROOT).values() for secret in found]


def test_releases_hold_no_secret(of_all):
    assert _leaks(of_all, ROOT / "assignments") == []


def test_book_holds_no_secret(of_all):
    if not (BOOK / "index.html").is_file():
        pytest.skip("the book is not built; 'make book' builds it")
    assert _leaks(of_all, BOOK) == []


@pytest.mark.parametrize("kind", [SOLUTION, HIDDEN_TEST])
@pytest.mark.parametrize("file", ["chapter.html", "_sources/chapter.ipynb", "searchindex.js", "_downloads/data.csv"])
def test_a_planted_secret_is_found(kept, tmp_path, kind, file):
    """The check itself: one line of the real assignment in a folder like the book's."""
    planted = next(secret for secret in kept if secret.kind == kind)
    folder = tmp_path / "html"
    shutil.copytree(ROOT / "assignments", folder)
    assert _leaks(kept, folder) == []
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(f"before\n  {planted.line}\nafter")
    assert [file in leak and planted.line in leak for leak in _leaks(kept, folder)] == [True]
