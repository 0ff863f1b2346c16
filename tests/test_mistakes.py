"""mistakes.md says what the chapters say, and tools/mistakes.py finds every form in which they say it."""

from pathlib import Path

import mistakes
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebooks import canonical, write

ROOT = Path(__file__).resolve().parents[1]
LONG = "It goes on for so many words that nobody would want to read another sentence after this one, whatever it says."


def test_page_is_in_step_with_the_chapters():
    assert mistakes.PAGE.read_text(encoding="utf-8") == mistakes.page(ROOT), "run: python tools/mistakes.py"


@pytest.fixture
def found(tmp_path):
    """The mistakes of a chapter with these Markdown cells."""

    def found(*cells):
        path = tmp_path / "part" / "small.ipynb"
        path.parent.mkdir(exist_ok=True)
        notebook = new_notebook(cells=[new_markdown_cell(cell, id=f"cell-{i}") for i, cell in enumerate(cells)])
        notebook.cells.append(new_code_cell("'**No.** text'", id="code"))
        write(canonical(notebook), path)
        return mistakes.mistakes(path)

    return found


def test_bold_words_in_the_section_on_mistakes(found):
    cells = [
        f"## Before\n\n**Not one.** {LONG}",
        f"(some-label)=\n## Common mistakes\n\nThe two.\n\n**One.** {LONG} More.",
        f"**Two,** as `before`. {LONG}",
        f"(other-label)=\n**Three.** {LONG} **Four.** {LONG}",
        f"## What you have learnt\n\n**Not one.** {LONG}",
    ]
    names = [("One", "some-label"), ("Two", "some-label"), ("Three", "other-label"), ("Four", "other-label")]
    assert found(*cells) == [(name, LONG, label) for name, label in names]


def test_mistakes_elsewhere(found):
    cells = [
        f"(lost)=\n# Title\n\n## Section\n\n**Common mistake: a slip.** {LONG}",
        f"(its-label)=\n### Common mistake: another\n\n{LONG}\n\nMore.",
        f'**The tempting wrong answer.** "A: b." {LONG}',
        f"**The tempting wrong answer** is a box. {LONG}",
    ]
    assert found(*cells) == [
        ("A slip", LONG, None),
        ("Another", LONG, "its-label"),
        ('"A: b."', LONG, "its-label"),
        ("A box", LONG, "its-label"),
    ]


def test_a_short_sentence_is_not_left_alone(found):
    cell = f"## Common mistakes\n\n**One.** It is wrong.\nSo it is: {LONG} More."
    assert found(cell) == [("One", f"It is wrong. So it is: {LONG}", None)]


def test_what_makes_sense_in_the_chapter_alone_is_left_out(found):
    cell = "## Common mistakes\n\n**A {term}`cell <gate>`.** See {doc}`lstm` {cite}`a1990,b1991` and {ref}`there <x>`:"
    assert found(cell) == [("A cell", "See [](/chapters/part/lstm.ipynb) and there.", None)]
