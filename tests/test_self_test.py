"""seqmodels.self_test: what it writes, what it says of files that don't fit, and the course's own self-test."""

import copy
import json
from pathlib import Path

import pytest

from seqmodels.quiz import QuizError, quiz_html
from seqmodels.self_test import load_self_test, self_test_html, show_self_test
from tests.test_quiz import QUIZ as QUESTIONS

START = Path(__file__).resolve().parents[1] / "chapters" / "start"
QUIZ = [question | {"topic": topic} for question, topic in zip(QUESTIONS, ("Less & more", "Sets", "Sets"), strict=True)]
TOPICS = [
    {"topic": "Less & more", "ready": "Go on <now>.", "not_yet": "Read."},
    {"topic": "Sets", "ready": "Good.", "not_yet": "Read too."},
]


@pytest.fixture
def write(tmp_path):
    def write(quiz, topics):
        paths = tmp_path / "some_quiz.json", tmp_path / "some_topics.json"
        for path, content in zip(paths, (quiz, topics), strict=True):
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return paths

    return write


def test_the_quiz_is_in_it_unchanged(write):
    page = self_test_html(*load_self_test(*write(QUIZ, TOPICS)), "some_quiz")
    assert quiz_html(QUESTIONS, "some_quiz") in page
    assert page == self_test_html(QUIZ, TOPICS, "some_quiz")


def test_each_topic_knows_its_questions_and_is_escaped():
    page = self_test_html(QUIZ, TOPICS, "some_quiz")
    assert '<li data-topic="Less &amp; more" data-questions="0">' in page
    assert '<li data-topic="Sets" data-questions="1 2">' in page
    assert '<span class="self-test-ready">Go on &lt;now&gt;.</span>' in page


def test_it_displays_one_output(write, monkeypatch):
    shown = []
    monkeypatch.setattr("seqmodels.self_test.display", shown.append)
    show_self_test(*write(QUIZ, TOPICS))
    assert [output.data for output in shown] == [self_test_html(QUIZ, TOPICS, "some_quiz")]


def altered(content, number, **changes):
    content = copy.deepcopy(content)
    content[number].update(changes)
    return content


BAD = {
    "no JSON": (QUIZ, "[", "some_topics.json: not valid JSON"),
    "no list": (QUIZ, {}, "some_topics.json: the topics are a list"),
    "a string for a topic": (QUIZ, ["Sets"], "some_topics.json: the topics are a list"),
    "nothing to say": (QUIZ, altered(TOPICS, 1, ready=""), "some_topics.json, topic 2: ready missing"),
    "a topic twice": (QUIZ, altered(TOPICS, 1, topic="Less & more"), "some_topics.json: a topic is there twice"),
    "an unknown topic": (altered(QUIZ, 2, topic="Bags"), TOPICS, "some_quiz.json, question 3: its topic is none of"),
    "a question without topic": (QUESTIONS, TOPICS, "some_quiz.json, question 1: its topic is none of"),
    "a topic without question": (QUIZ[:1], TOPICS, "some_topics.json: no question asks about Sets"),
    "a bad quiz": ([], TOPICS, "some_quiz.json: a quiz is a list of at least one question"),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_do_not_fit_are_named_with_the_remedy(write, name):
    quiz, topics, words = BAD[name]
    with pytest.raises(QuizError) as error:
        load_self_test(*write(quiz, topics))
    assert words in str(error.value)


def test_a_missing_file_is_named(write, tmp_path):
    quiz, _ = write(QUIZ, TOPICS)
    with pytest.raises(QuizError, match=r"nowhere\.json: there is no such file of topics"):
        load_self_test(quiz, tmp_path / "nowhere.json")


def test_the_page_has_a_heading_for_each_topic_of_the_course():
    """The advice leads to them."""
    _, topics = load_self_test(START / "self_test_quiz.json", START / "self_test_topics.json")
    cells = json.loads((START / "self_test.ipynb").read_text(encoding="utf-8"))["cells"]
    lines = [line for cell in cells if cell["cell_type"] == "markdown" for line in "".join(cell["source"]).splitlines()]
    headings = [line.lstrip("# ") for line in lines if line.startswith("##")]
    assert [topic["topic"] for topic in topics if topic["topic"] not in headings] == []
