"""What every chapter has, and that the bibliography holds what is cited and nothing else."""

import re
from html import unescape
from pathlib import Path

import count
import pytest
from pybtex.database import parse_file
from pybtex.plugin import find_plugin

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "chapters").rglob("*.ipynb"))
QUESTIONS = 5


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_has_questions_and_all_its_figures_are_described(path):
    numbers = count.count(path)
    assert numbers["questions"] >= QUESTIONS
    # Each answer has its feedback, or load_quiz would have refused it.
    assert numbers["answers with feedback"] >= 2 * numbers["questions"]
    assert numbers["figures"] == numbers["alt texts"]


def test_bibliography_is_what_is_cited():
    keys = count.bibliography(ROOT)
    assert len(keys) == len(set(keys)) > 50
    assert set(keys) - count.cited(ROOT) == set(), "in references.bib, and cited nowhere"
    assert count.cited(ROOT) - set(keys) == set(), "cited, and not in references.bib"


def test_each_work_links_to_where_it_can_be_read():
    """In the list as the book shows it, which is that of the style "plain"."""
    entries = parse_file(ROOT / "references.bib").entries.values()
    html = find_plugin("pybtex.backends", "html")()
    shown = find_plugin("pybtex.style.formatting", "plain")().format_entries(entries)
    without = [entry.key for entry in shown if 'href="https://' not in unescape(entry.text.render(html))]
    assert without == []


def test_titles_have_capitals_only_where_they_begin_and_in_names():
    """Names stand in braces, as BibTeX wants it; what follows a colon goes on in lower case."""
    titles = {key: entry.fields["title"] for key, entry in parse_file(ROOT / "references.bib").entries.items()}
    outside = {key: re.sub(r"\{[^{}]*\}", "x", title)[1:] for key, title in titles.items()}
    assert {key: titles[key] for key, text in outside.items() if text != text.lower()} == {}


def test_citations_of_a_text():
    text = "See {cite}`a1990` and {cite:p}`b1991, c1992`, not {term}`d1993` or `{cite}`."
    assert count.citations(text) == ["a1990", "b1991", "c1992"]
