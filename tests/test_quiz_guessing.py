"""The quizzes of the book: whoever knows nothing, and looks at places and lengths alone, does as well as chance."""

import math
import re
from pathlib import Path

import pytest

from seqmodels.quiz import load_quiz, shown_answers

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("multiple_choice", "many_choice")
LONGEST = 5  # no question of the book has more answers
# How far from chance a guesser may be, in standard deviations. In one quiz chance alone goes far, so the limit is wider.
OVER_THE_BOOK, IN_ONE_QUIZ = 2, 3


def length(answer):
    """About how long an answer looks on the page."""
    text = re.sub(r"\\[a-zA-Z]+", "x", answer["answer"])  # a command of a formula is one sign
    return len(re.sub(r"[`$\\{}^_]", "", text))


def at_place(place):
    def guess(answers):
        return [answers[place]] if place < len(answers) else []

    return guess


def by_length(best):
    """Take the longest, or the shortest; if several are as long, any of them."""

    def guess(answers):
        wanted = best(map(length, answers))
        return [answer for answer in answers if length(answer) == wanted]

    return guess


GUESSERS = {f"answer {place + 1}": at_place(place) for place in range(LONGEST)}
GUESSERS |= {"the last answer": at_place(-1), "the longest": by_length(max), "the shortest": by_length(min)}


def compare(questions, guess):
    """How often a guesser is right, how often chance is, and the standard deviation of chance."""
    right = chance = variance = 0
    for answers in questions:
        if guessed := guess(answers):
            share = sum(answer["correct"] for answer in answers) / len(answers)
            right += sum(answer["correct"] for answer in guessed) / len(guessed)
            chance += share
            variance += share * (1 - share)
    return right, chance, math.sqrt(variance)


def book():
    """The questions of each quiz that offer answers: {name: {type: [answers as shown, ...]}}."""
    quizzes = {}
    for path in sorted((ROOT / "chapters").rglob("*_quiz.json")):
        asked = quizzes[path.stem] = {kind: [] for kind in KINDS}
        for question in load_quiz(path):
            if question["type"] in KINDS:
                asked[question["type"]].append(shown_answers(question, path.stem))
    return quizzes


def told(questions, guesser, limit):
    """What a guesser finds out, as a message with the remedy; None if it is no more than chance would."""
    right, chance, deviation = compare(questions, GUESSERS[guesser])
    if abs(right - chance) <= limit * deviation:
        return None
    of_length = guesser in ("the longest", "the shortest")
    remedy = "make wrong answers and right ones alike in length" if of_length else "try another SHUFFLE in quiz.py"
    return f"{guesser} is right {right:.1f} times, and by chance it would be {chance:.1f} times: {remedy}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("guesser", GUESSERS)
def test_a_guesser_does_as_well_as_chance_over_the_book(guesser, kind):
    questions = [answers for quiz in book().values() for answers in quiz[kind]]
    assert max(map(len, questions)) <= LONGEST
    assert told(questions, guesser, OVER_THE_BOOK) is None


@pytest.mark.parametrize("guesser", GUESSERS)
def test_a_guesser_does_as_well_as_chance_in_each_quiz(guesser):
    problems = {name: told(quiz[KINDS[0]], guesser, IN_ONE_QUIZ) for name, quiz in book().items()}
    assert {name: problem for name, problem in problems.items() if problem} == {}


def quiz(*texts, right=0, count=20):
    answers = [{"answer": text, "correct": n == right} for n, text in enumerate(texts)]
    return [answers] * count


@pytest.mark.parametrize(
    ("questions", "guesser"),
    [
        (quiz("ab", "cd", "ef"), "answer 1"),
        (quiz("ab", "cd", "ef", right=2), "the last answer"),
        (quiz("a longer one", "cd", "ef", right=0), "the longest"),
        (quiz("ab", "a long one", "another one", right=0), "the shortest"),
        (quiz("ab", "a long one", "ef", right=2), "the longest"),  # always wrong tells, too
    ],
)
def test_what_tells_is_found(questions, guesser):
    assert guesser in told(questions, guesser, OVER_THE_BOOK)


def test_length_is_that_on_the_page():
    assert length({"answer": r"$z \odot h_t$ and `f(x)`"}) == len("z x ht and f(x)")
