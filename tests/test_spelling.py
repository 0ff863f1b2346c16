"""tools/spelling.py: every word that people read is known, and British."""

import pytest

pytest.importorskip("hunspell", reason="the package chunspell is not installed")

import spelling

LISTED = spelling.WORDS.read_text(encoding="utf-8").split()


def test_nothing_to_complain_of(capsys):
    status = spelling.main()
    assert (status, capsys.readouterr().out) == (0, "")


def test_list_is_sorted_and_has_nothing_twice():
    assert sorted(set(LISTED), key=lambda word: (word.lower(), word)) == LISTED


@pytest.mark.parametrize("word", ["gradoent", "Gradoents", "zequence", "netzork's"])
def test_misspelt_words_are_found(word):
    assert spelling.Speller(LISTED).fault(word).startswith("unknown")


AMERICAN = {"color": "colour", "gray": "grey", "labeled": "labelled", "learned": "learnt"}
AMERICAN |= {"normalizing": "normalising", "Optimizer": "optimiser", "analyze": "analyse", "judgment": "judgement"}


@pytest.mark.parametrize("word", AMERICAN)
def test_american_words_are_found_with_the_british_one(word):
    assert spelling.Speller(LISTED).fault(word) == f"American; write {AMERICAN[word]}"


@pytest.mark.parametrize("word", ["size", "tokenizers", "colour", "Keras's", "Colour", "exercise", "centre", "café"])
def test_good_words_are_good(word):
    assert spelling.Speller(LISTED).fault(word) is None


def test_only_what_is_read_is_checked():
    text = "A *wird*, {term}`gaets <gate>` and p**e**rmit; `cdoe` $fromula$ {doc}`pgae` [lnik](adreess) -tion <tga>\n"
    text += "$$\nequtaion\n$$\n```python\nporgram\n```\n```{exercise}\n:label: lbl\ntxet\n```\n水"
    assert spelling.words_of(text) == ["A", "wird", "gaets", "and", "permit", "lnik", "txet"]
