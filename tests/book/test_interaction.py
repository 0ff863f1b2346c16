"""Quizzes and folded solutions in the built book, used as a reader uses them."""

import json
import re
from pathlib import Path

import pytest
import yaml
from book import toc_files
from browser import reader

from seqmodels.quiz import shown_answers

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = [
    name for name in sorted(toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text()))) if name.startswith("chapters/")
]
SELF_TEST = "chapters/start/self_test"


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(browser, site, request):
    """The name of a chapter, and its page, opened once for the tests that use it."""
    with reader(browser, site) as open_page:
        yield request.param, open_page(f"{request.param}.html")


def test_quiz_answers_by_keyboard(chapter):
    name, page = chapter
    questions = as_shown(name)
    forms = page.locator(".quiz-question")
    assert forms.count() == len(questions)
    for form, question in zip(forms.all(), questions, strict=True):
        # What a screen reader is told: a group with the question as its name, and where the answer appears.
        assert form.get_by_role("group").count() == 1
        assert re.search(r"\w", form.locator("legend").inner_text())
        feedback = form.get_by_role("status")
        assert feedback.inner_text() == ""
        form.get_by_role("button", name="Check").focus()
        page.keyboard.press("Enter")
        assert "first" in feedback.inner_text(), "no answer at all should be told so"
        answer = answer_number if question["type"] == "numeric" else answer_choice
        for correct in (False, True):
            answer(page, form, question, correct)
            assert ("Not quite." in feedback.inner_text()) != correct
            assert ("Right." in feedback.inner_text()) == correct
            assert "There is more" not in feedback.inner_text()


def as_shown(name):
    """The questions of a chapter's quiz, each with its answers in the order of the page."""
    path = ROOT / f"{name}_quiz.json"
    questions = json.loads(path.read_text())
    for question in questions:
        if question["type"] != "numeric":
            question["answers"] = shown_answers(question, path.stem)
    return questions


def answer_choice(page, form, question, correct):
    """Choose one wrong answer, or all right ones, by keyboard alone, and press Enter."""
    inputs = form.locator("input")
    wanted = {i for i, answer in enumerate(question["answers"]) if answer["correct"] == correct}
    wanted = wanted if correct else {min(wanted)}
    for index in range(inputs.count()):
        choice = inputs.nth(index)
        if question["type"] == "many_choice" and choice.is_checked() != (index in wanted):
            choice.focus()
            page.keyboard.press("Space")
        if question["type"] == "multiple_choice" and index in wanted:
            inputs.nth(0).focus()
            page.keyboard.press("Space")
            for _ in range(index):
                page.keyboard.press("ArrowDown")
            assert choice.is_checked()
    page.keyboard.press("Enter")


def answer_number(page, form, question, correct):
    """Type the right number, or one that no answer of the question names."""
    right = next(answer for answer in question["answers"] if answer.get("correct"))
    value = right["value"] if right["type"] == "value" else sum(right["range"]) / 2
    form.locator("input").fill(str(value if correct else -987654.25))
    page.keyboard.press("Enter")


def test_self_test_says_what_to_read_first(open_page):
    """Two topics right at the first try, one right too late, the others left out; on a phone, by keyboard alone."""
    questions = as_shown(SELF_TEST)
    topics = json.loads((ROOT / f"{SELF_TEST}_topics.json").read_text())
    names = [topic["topic"] for topic in topics]
    page = open_page(f"{SELF_TEST}.html", width=390, height=844)
    tries = {names[0]: [True], names[1]: [False, True], names[-1]: [True, False]}
    for form, question in zip(page.locator(".quiz-question").all(), questions, strict=True):
        answer = answer_number if question["type"] == "numeric" else answer_choice
        for correct in tries.get(question["topic"], []):
            answer(page, form, question, correct)
    end = page.locator(".self-test-end")
    advice = end.get_by_role("status")
    assert advice.inner_text() == ""
    end.get_by_role("button", name="What should I read first?").focus()
    for _ in range(2):  # the second time says the same and adds nothing
        page.keyboard.press("Enter")
        rows = advice.get_by_role("listitem").all_inner_texts()
        assert len(rows) == len(topics)
        for row, topic in zip(rows, topics, strict=True):
            asked = sum(question["topic"] == topic["topic"] for question in questions)
            ready = topic["topic"] in (names[0], names[-1])
            said = topic["ready"] if ready else topic["not_yet"]
            assert row == f"{topic['topic']}: {asked if ready else 0} of {asked} right. {said}"
    left_out = sum(question["topic"] not in tries for question in questions)
    assert f"You left out {left_out}," in advice.inner_text()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    # Each topic leads to the heading under which the links are.
    for name in names:
        advice.get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.tagName") == "H3"
        assert page.locator(":focus").inner_text().startswith(name)
        page.wait_for_function(  # scrolling takes a moment
            "() => { const y = document.activeElement.getBoundingClientRect().y; return 0 <= y && y < innerHeight; }"
        )


def test_solutions_are_folded_until_asked_for(chapter):
    name, page = chapter
    solutions = page.locator(".solution")
    assert page.locator(".exercise").count() >= 1 or name == SELF_TEST
    assert solutions.count() == page.locator(".exercise").count()
    for solution in solutions.all():
        content = solution.locator(":scope > :not(.admonition-title)").first
        assert not content.is_visible() or content.evaluate("e => getComputedStyle(e).opacity") == "0"
        height = solution.bounding_box()["height"]
        assert height < 80, "a folded solution is one line high"
        # By keyboard, as a reader without a mouse does.
        solution.locator("button.toggle-button").first.focus()
        page.keyboard.press("Enter")
        content.wait_for(state="visible")
        page.wait_for_function(
            "([e, h]) => e.getBoundingClientRect().height > h", arg=[solution.element_handle(), height]
        )
