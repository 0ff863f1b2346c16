"""What every chapter has, and that the bibliography holds what is cited and nothing else."""

from pathlib import Path

import count
import pytest

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


def test_citations_of_a_text():
    text = "See {cite}`a1990` and {cite:p}`b1991, c1992`, not {term}`d1993` or `{cite}`."
    assert count.citations(text) == ["a1990", "b1991", "c1992"]
