"""seqmodels.quiz: what it writes, and what it says of a file that it can't show."""

import copy
import json
from pathlib import Path

import pytest

from seqmodels.quiz import QuizError, load_quiz, quiz_html, show_quiz, shown_answers

ROOT = Path(__file__).resolve().parents[1]
QUIZ = [
    {
        "question": "Is `a < b` and $x_t < 1$?",
        "type": "multiple_choice",
        "code": "if a < b:",
        "answers": [
            {"answer": "yes", "correct": True, "feedback": "Right."},
            {"answer": "no", "correct": False, "feedback": "Look at $h_t$."},
        ],
    },
    {
        "question": "Which?",
        "type": "many_choice",
        "answers": [
            {"answer": "1", "correct": True, "feedback": "One."},
            {"answer": "2", "correct": True, "feedback": "Two."},
            {"answer": "3", "correct": False, "feedback": "Three."},
        ],
    },
    {
        "question": "How many?",
        "type": "numeric",
        "answers": [
            {"type": "default", "feedback": "Count."},
            {"type": "value", "value": 3, "correct": True, "feedback": "Three."},
            {"type": "range", "range": [4, 5], "correct": False, "feedback": "Too many."},
        ],
    },
]


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "some_quiz.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_the_same_quiz_gives_the_same_html(write):
    path = write(QUIZ)
    first = quiz_html(load_quiz(path), "some_quiz")
    assert first == quiz_html(load_quiz(path), "some_quiz")
    assert first.count("<fieldset>") == first.count("<legend>") == first.count('role="status"') == 3
    assert len(first) < 12_000


def test_text_is_escaped_and_formulas_are_left_to_mathjax(write):
    page = quiz_html(load_quiz(write(QUIZ)), "some_quiz")
    assert "<code>a &lt; b</code>" in page
    assert r'<span class="math">\(x_t &lt; 1\)</span>' in page
    assert "<pre><code>if a &lt; b:</code></pre>" in page


def choice(texts, **more):
    """A question whose first answer is right, as authors tend to write it."""
    answers = [{"answer": text, "correct": n == 0, "feedback": "Why."} for n, text in enumerate(texts)]
    return {"question": "Which?", "type": "multiple_choice", "answers": answers} | more


def shown(question, name="some_quiz"):
    return [answer["answer"] for answer in shown_answers(question, name)]


def test_answers_are_shown_in_the_same_order_on_every_machine():
    assert shown(choice(["one", "two", "three", "four"])) == ["three", "four", "one", "two"]


@pytest.mark.parametrize("kind", ["multiple_choice", "many_choice"])
def test_the_order_of_the_file_tells_nothing(kind):
    question = choice(["one", "two", "three", "four"], type=kind)
    turned = question | {"answers": question["answers"][::-1]}
    assert quiz_html([question], "some_quiz") == quiz_html([turned], "some_quiz")


def test_the_first_answer_of_the_file_is_shown_at_every_place_about_as_often():
    questions = [choice(["one", "two", "three"], question=f"Question {n}?") for n in range(600)]
    for place in range(3):
        assert 150 < sum(shown(question)[place] == "one" for question in questions) < 250
    # Another quiz with the same questions has an order of its own.
    assert [shown(question) for question in questions] != [shown(question, "other_quiz") for question in questions]


def test_what_has_a_place_is_shown_there():
    for n in range(20):
        question = choice(["none of these", "two", "three", "one"], question=f"Question {n}?")
        question["answers"][0]["place"], question["answers"][3]["place"] = "last", "first"
        assert shown(question)[0] == "one"
        assert shown(question)[-1] == "none of these"


def test_any_other_number_comes_last(write):
    page = quiz_html(load_quiz(write(QUIZ)), "some_quiz")
    assert page.index("Too many.") < page.index("Count.")


def test_show_quiz_displays_one_output(write, monkeypatch):
    shown = []
    monkeypatch.setattr("seqmodels.quiz.display", shown.append)
    show_quiz(write(QUIZ))
    assert [output.data for output in shown] == [quiz_html(QUIZ, "some_quiz")]


def altered(question, change):
    quiz = copy.deepcopy(QUIZ)
    change(quiz[question])
    return quiz


BAD = {
    "an empty list": ([], "a list of at least one question"),
    "no list": ({}, "a list of at least one question"),
    "no JSON": ("[", "not valid JSON"),
    "a string for a question": (["?"], "question 1: a question is an object"),
    "unknown type": (altered(0, lambda q: q.update(type="essay")), "question 1: type is 'essay'"),
    "no text": (altered(1, lambda q: q.pop("question")), "question 2: the text of the question is missing"),
    "one answer": (altered(0, lambda q: q["answers"].pop()), "question 1: at least two answers"),
    "two right": (altered(0, lambda q: q["answers"][1].update(correct=True)), "question 1: 2 answers are correct"),
    "none right": (altered(0, lambda q: q["answers"][0].update(correct=False)), "question 1: no answer is correct"),
    "all right": (altered(1, lambda q: q["answers"].pop()), "question 2: every answer is correct"),
    "no feedback": (altered(0, lambda q: q["answers"][1].pop("feedback")), "answer 2: its 'feedback' is missing"),
    "no answer's text": (altered(0, lambda q: q["answers"][0].pop("answer")), "answer 1: its text is missing"),
    "correct in words": (altered(0, lambda q: q["answers"][0].update(correct="yes")), "must be true or false"),
    "unknown place": (altered(0, lambda q: q["answers"][1].update(place=2)), "answer 2: 'place' is 2; make it first"),
    "no default": (altered(2, lambda q: q["answers"].pop(0)), "question 3: one answer must have the type default"),
    "right default": (altered(2, lambda q: q["answers"][0].update(correct=True)), "default answer cannot be correct"),
    "value in words": (altered(2, lambda q: q["answers"][1].update(value="three")), "answer 2: a value is a number"),
    "range backwards": (altered(2, lambda q: q["answers"][2].update(range=[5, 4])), "answer 3: a value is a number"),
    "unknown number": (altered(2, lambda q: q["answers"][1].update(type="about")), "answer 2: type is 'about'"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_the_remedy(write, name):
    content, words = BAD[name]
    path = write(content)
    with pytest.raises(QuizError) as error:
        load_quiz(path)
    assert str(path) in str(error.value)
    assert words in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(QuizError, match=r"nowhere\.json: there is no such quiz file"):
        load_quiz(tmp_path / "nowhere.json")


@pytest.mark.parametrize("path", sorted((ROOT / "chapters").rglob("*_quiz.json")), ids=lambda path: path.stem)
def test_the_chapter_holds_the_quiz_of_its_file(path):
    chapter = path.with_name(f"{path.stem.removesuffix('_quiz')}.ipynb")
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    page = quiz_html(load_quiz(path), path.stem)
    assert any(page in "".join(data.get("text/html", "")) for data in outputs), (
        f"run: make run NB={chapter.relative_to(ROOT)}"
    )
