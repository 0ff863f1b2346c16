"""What the page of data sets says of each: its part of what was published, and where the course uses it."""

import json
import re
from pathlib import Path

import pytest
import tensorflow_datasets as tfds

from seqmodels.datasets.published import PUBLISHED
from tests.grading import measured

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "chapters" / "data" / "data_sets.ipynb"
SPLITS = ("train", "validation", "test")
# The set of each section of the page that has a card.
SECTIONS = {
    "Movie reviews": "movie_reviews",
    "Ridership": "cta_ridership",
    "Share prices": "daily_stocks",
    "Pen strokes": "sketch_rnn",
    "News": "reuters_news",
    "Pronunciations": "pronunciations",
    "Shakespeare": "shakespeare",
}
# How many examples a set has by what is said of it, and of how many that were published.
COUNTS = {
    "movie_reviews/imdb": ("25,000", 25_000),
    "movie_reviews/rotten_tomatoes": ("8,530 of the 10,662", 8_530),
    "cta_ridership": ("5,698", 5_698),
    "sketch_rnn/kanji": ("3,274 of the 6,703", 3_274),
    "pronunciations": ("135,166", 135_166),
    "shakespeare": ("42", 42),
}


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def sections():
    """The Markdown of each section of the page, by its heading."""
    text = "\n\n".join(cells(PAGE, "markdown"))
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_set_of_the_page_has_its_lines():
    listed = re.search(r"NAMES = \[(.*?)\]", "\n".join(cells(PAGE, "code")), re.DOTALL)[1]
    assert re.findall(r'"(.+?)"', listed) == list(PUBLISHED)


@pytest.mark.parametrize("name", COUNTS)
def test_the_numbers_are_those_of_the_prepared_set(name):
    words, number = COUNTS[name]
    assert words in PUBLISHED[name].part
    splits = tfds.builder(name).info.splits
    assert sum(splits[split].num_examples for split in SPLITS) == number


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_names_each_chapter_and_assignment_that_uses_a_set(section):
    others = [path for folder in ("chapters", "solutions") for path in (ROOT / folder).rglob("*.ipynb") if path != PAGE]
    loads = re.compile(rf'["\']{SECTIONS[section]}(?:["\']|/\w|/{{)')
    using = {path.stem for path in others if any(map(loads.search, cells(path, "code")))}
    line = re.search(r"\*Used in:\*.*", sections()[section])
    named = {link.rpartition("/")[2] for link in re.findall(r"\{doc\}`([^`]+)`", line[0])} if line else set()
    assert named == using


def test_what_is_said_of_a_set_changes_no_mark():
    """The marks of submissions depend on what an assignment's builders import."""
    builders = [f"seqmodels.datasets.{path.stem}" for path in (ROOT / "src/seqmodels/datasets").glob("[a-z]*.py")]
    files = measured.imported(name for name in builders if name != "seqmodels.datasets.published")
    assert "published.py" not in {file.name for file in files}
