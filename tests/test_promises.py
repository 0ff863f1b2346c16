"""A text that sends its readers to another chapter links to it, so that none is promised that is not there."""

import re
from pathlib import Path

import pytest
from notebooks import read

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "chapters").rglob("*.ipynb"), *ROOT.glob("*.md"), *ROOT.glob("handouts/*.md")])
PROMISE = re.compile(
    r"\b(?:the chapters? (?:on|about)|a chapter of (?:its|their) own|later (?:chapter|in the (?:course|book))"
    r"|comes? later)\b"
)
LINK = re.compile(r"\{doc\}`|\]\(")


def promises(text):
    """The sentences that speak of another chapter and link to none."""
    sentences = re.split(r"(?<=[.?!:])\s+", text)
    return [said for said in sentences if PROMISE.search(said) and not LINK.search(said)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_chapter_that_is_spoken_of_has_a_link(path):
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
    else:
        text = "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    assert promises(text) == []


@pytest.mark.parametrize(
    "said",
    [
        "They come with the chapters on generation.",
        "Translators have a chapter of their own.",
        "Both come later in the course.",
        "There is more on that in the chapter on share prices.",
    ],
)
def test_a_promise_is_found(said):
    assert promises(f"This is so. {said} It is.") == [said]


def test_a_link_keeps_it():
    assert promises("You need the chapter on {doc}`recurrent networks <recurrent_networks>`.") == []
