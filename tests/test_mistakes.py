"""mistakes.md has an entry for every mistake that the chapters show, and each leads to where it is shown."""

from pathlib import Path

import mistakes
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebooks import canonical, write

ROOT = Path(__file__).resolve().parents[1]


def test_nothing_to_complain_of():
    assert list(mistakes.faults(ROOT)) == []


# --- what counts as a mistake, and its label -----------------------------------------------


def notebook(*cells):
    made = new_notebook(cells=[new_markdown_cell(cell, id=f"cell-{i}") for i, cell in enumerate(cells)])
    made.cells.append(new_code_cell("'**No.** text'", id="code"))
    return canonical(made)


@pytest.fixture
def shown(tmp_path):
    """Name and label of the mistakes of a chapter with these Markdown cells."""

    def shown(*cells):
        write(notebook("# Title", *cells), tmp_path / "small.ipynb")
        return list(mistakes.chapter(tmp_path / "small.ipynb").mistakes)

    return shown


def test_bold_words_in_the_section_on_mistakes(shown):
    cells = [
        "## Before\n\n**Not one.** Text.",
        "(section)=\n## Common mistakes\n\nThe two.\n\n(one)=\n**One.** Text.",
        "**Two,** as `before`. Text.",
        "(three)=\nNot bold at first. **Three.** Text. **Four.** Text, **not one**.",
        "## What you have learnt\n\n(after)=\n**Not one.** Text.",
    ]
    assert shown(*cells) == [("One.", "one"), ("Two,", None), ("Three.", "three"), ("Four.", "three")]


def test_mistakes_elsewhere(shown):
    cells = [
        "## Section\n\n(slip)=\n**Common mistake: a slip.** Text.",
        "(another)=\n### Common mistake: another\n\nText.\n\nMore.",
        '(a)=\n**The tempting wrong answer.** "A: b." Text.',
        "**The tempting wrong answers** are two.",
    ]
    assert shown(*cells) == [
        ("Common mistake: a slip.", "slip"),
        ("Common mistake: another", "another"),
        ("The tempting wrong answer.", "a"),
        ("The tempting wrong answers", None),
    ]


# --- what is wrong with the page ------------------------------------------------------------

ENTRY = "[{}](#{})\n: *Symptom:* it is so. *Cause:* that is why. *Cure:* do `this`.\n"
SECTION = "## Small chapter\n\nRun in [](/part/small.ipynb).\n"
PAGE = "\n".join(["# Common mistakes\n", SECTION, ENTRY.format("One", "one"), ENTRY.format("Other", "other")])
CHAPTER = "# Small chapter\n\n(other)=\n## Other\n\n## Common mistakes\n\n(one)=\n**One.** Text."


@pytest.fixture
def found(tmp_path):
    """What is said of a page on mistakes and a chapter."""

    def found(page=PAGE, chapter=CHAPTER):
        (tmp_path / "part").mkdir(exist_ok=True)
        write(notebook(chapter), tmp_path / "part" / "small.ipynb")
        write(notebook("# Without mistakes"), tmp_path / "part" / "none.ipynb")
        files = "".join(f"  - file: {name}\n" for name in ("mistakes", "part/none", "part/small"))
        (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: intro\nchapters:\n{files}")
        (tmp_path / "mistakes.md").write_text(page)
        return list(mistakes.faults(tmp_path))

    return found


def test_a_page_in_order(found):
    assert found() == []


FAULTS = {
    "no entry": ({"page": PAGE.replace(ENTRY.format("One", "one"), "")}, "no entry leads to #one, where part/small"),
    "no label": ({"chapter": CHAPTER.replace("(one)=\n", "")}, "no label stands above the mistake 'One.'"),
    "two mistakes and one entry": ({"chapter": f"{CHAPTER} **Two.** Text."}, "no entry leads to #one, where"),
    "a dead target": ({"page": PAGE.replace("#other", "#gone")}, "'Other' leads to #gone, which part/small does not"),
    "no cure": ({"page": PAGE.replace(" *Cure:* do `this`.", "", 1)}, "'One' does not have the form"),
    "half a sentence": ({"page": PAGE.replace("that is why.", "that is", 1)}, "'One' does not have the form"),
    "another title": ({"page": PAGE.replace("## Small", "## Large")}, "the heading 'Large chapter' should be"),
    "no section": ({"page": "# Common mistakes\n"}, "it should have, in this order, part/small"),
    "a section too many": (
        {"page": f"{PAGE}\n## More\n\nRun in [](/part/none.ipynb).\n"},
        "has sections on part/small, part/none",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(found, name):
    changed, words = FAULTS[name]
    assert any(words in fault for fault in found(**changed)), found(**changed)
