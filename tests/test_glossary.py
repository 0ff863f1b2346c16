"""The glossary is in order, and chapters link to it where they first use a word."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebooks import canonical, read, write
from terms import main, terms, text_of, unlinked

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "chapters").rglob("*.ipynb"))
GLOSSARY = (ROOT / "glossary.md").read_text(encoding="utf-8")
SMALL = "# Words\n\n```{glossary}\nCell\n  A cell.\n\nCell state\n  Its memory.\n\nLong memory\n  Longer. Short:\n  LM.\n```\n"


def names(text):
    return {name: match["plain"] for name, match in unlinked(text, terms(SMALL)).items()}


def test_forms_of_a_term():
    assert terms(SMALL) == {
        "cell": "Cell",
        "cells": "Cell",
        "cell state": "Cell state",
        "cell states": "Cell state",
        "long memory": "Long memory",
        "long memories": "Long memory",
        "lm": "Long memory",
        "lms": "Long memory",
    }


UNLINKED = {
    "a word": ("The cell.", {"Cell": "cell"}),
    "a plural at the start": ("Cells are here.", {"Cell": "Cells"}),
    "what is short for it": ("An LM.", {"Long memory": "LM"}),
    "a longer term is not the shorter one": ("The cell state.", {"Cell state": "cell state"}),
    "before its link": ("A cell, then a {term}`cell`.", {"Cell": "cell"}),
    "in italics": ("a *cell*", {"Cell": "cell"}),
    "linked under another name": ("{term}`cell <long memory>` and LM, cell", {"Cell": "cell"}),
    "after a solution": ("```{solution-start} x\n```\nno\n\n```{solution-end}\n```\n\na cell", {"Cell": "cell"}),
}
IN_ORDER = {
    "linked": "A {term}`cell`, then a cell.",
    "linked in other words": "Many {term}`small ones <Cell>`, and cells.",
    "part of a word": "cellar, multi-cell, LMX",
    "a heading": "# The cell\n\n## A cell",
    "first words": "**A cell state.** Nothing.",
    "code": "`cell` and ```{doc}`\n\n{doc}`cell`",
    "a formula": "$cell$ and\n\n$$\ncell\n$$",
    "a table": "| cell | LM |\n|---|---|\n| cell | LM |",
    "a quotation": 'They say "a cell" to it.',
    "another link": "[a cell](https://cell.example)",
    "a solution": "```{solution} x\n:class: dropdown\n\na cell\n```",
    "a solution of several cells": "```{solution-start} x\n```\n\na cell\n\n```{solution-end}\n```",
}


@pytest.mark.parametrize("name", UNLINKED)
def test_a_term_that_is_not_linked_is_found(name):
    text, found = UNLINKED[name]
    assert names(text) == found


@pytest.mark.parametrize("name", IN_ORDER)
def test_nothing_else_is_found(name):
    assert names(IN_ORDER[name]) == {}


@pytest.fixture
def chapter(tmp_path):
    cells = [
        new_markdown_cell("# Padding\n\nWe pad with padding.", id="first"),
        new_code_cell("padding = 0", id="code"),
        new_markdown_cell("Batches need padding, a batch does.", id="second"),
    ]
    path = tmp_path / "new.ipynb"
    write(canonical(new_notebook(cells=cells)), path)
    return path


def test_tool_names_chapter_and_place(chapter, capsys):
    assert main([str(chapter)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{chapter}: Padding is not linked to the glossary in: ... # Padding We pad with ")


def test_tool_makes_the_links_in_their_cells(chapter, capsys):
    assert main(["--link", str(chapter)]) == 0
    assert capsys.readouterr().out == ""
    assert [cell.source for cell in read(chapter).cells] == [
        "# Padding\n\nWe pad with {term}`padding`.",
        "padding = 0",
        "{term}`Batches <batch>` need padding, a batch does.",
    ]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_links_terms_at_their_first_use(path):
    found = unlinked(text_of(path), terms(GLOSSARY))
    assert found == {}, f"run: python tools/terms.py --link {path.relative_to(ROOT)}"


def test_terms_stand_in_alphabetical_order():
    order = list(dict.fromkeys(terms(GLOSSARY).values()))
    assert len(order) > 50
    assert order == sorted(order, key=lambda name: name.lower().replace("–", " ").replace("-", " "))
