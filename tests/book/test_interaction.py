"""Quizzes and folded solutions in the built book, used as a reader uses them."""

import json
import re
from pathlib import Path

import pytest
import yaml
from book import toc_files

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = [
    name for name in sorted(toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text()))) if name.startswith("chapters/")
]


@pytest.mark.parametrize("name", CHAPTERS)
def test_quiz_answers_by_keyboard(open_page, name):
    questions = json.loads((ROOT / f"{name}_quiz.json").read_text())
    page = open_page(f"{name}.html")
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


@pytest.mark.parametrize("name", CHAPTERS)
def test_solutions_are_folded_until_asked_for(open_page, name):
    page = open_page(f"{name}.html")
    solutions = page.locator(".solution")
    assert page.locator(".exercise").count() >= 1
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
