"""Quizzes with instant feedback, in the book and in JupyterLab.

A quiz is a JSON file beside its chapter, in jupyterquiz's format. It is shown as plain
HTML forms and one small script. The answers of a question are shuffled, so it doesn't matter
where the file has the right one; by a digest and not by chance, so a chapter's output is
the same on every run. Keyboard and screen reader need nothing special: a question is
a fieldset of radio buttons (or checkboxes, or a number), and the feedback is a status
region, which screen readers announce when it changes.

    [{"question": "Text with `code` and $formulas$.",
      "type": "multiple_choice",
      "code": "an optional block of code under the question",
      "answers": [{"answer": "...", "correct": true, "feedback": "..."}, ...]},
     {"type": "many_choice", ...the same, with any number of correct answers...},
     {"type": "numeric", "question": "...",
      "answers": [{"type": "value", "value": 3, "correct": true, "feedback": "..."},
                  {"type": "range", "range": [4, 9], "correct": false, "feedback": "..."},
                  {"type": "default", "feedback": "what to say to any other number"}]}]

An answer that only makes sense after the others, such as "none of these", may say so: "place": "last". What
should stand before the others has "place": "first".
"""

import hashlib
import html
import json
import re
from pathlib import Path

from IPython.display import HTML, display

TYPES = ("multiple_choice", "many_choice", "numeric")
PLACES = ("first", None, "last")
SHUFFLE = 26  # another number shuffles the answers of all quizzes anew, and with them an output of every chapter


class QuizError(ValueError):
    """A quiz file that cannot be shown; the message names the file, the question and the remedy."""


def show_quiz(path):
    """Show the quiz of a JSON file under the cell that calls this."""
    questions = load_quiz(path)
    display(HTML(quiz_html(questions, name=Path(path).stem)))


def load_quiz(path):
    """Read a quiz file and check it; returns its list of questions."""
    path = Path(path)
    questions = read_json(path, "there is no such quiz file; put it beside the notebook that shows it")
    if not isinstance(questions, list) or not questions:
        raise QuizError(f"{path}: a quiz is a list of at least one question, in square brackets")
    for number, question in enumerate(questions, start=1):
        problem = _problem(question)
        if problem:
            raise QuizError(f"{path}, question {number}: {problem}")
    return questions


def read_json(path, missing):
    """What a JSON file holds; `missing` is what to say if there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise QuizError(f"{path}: {missing}") from None
    except json.JSONDecodeError as error:
        raise QuizError(f"{path}: not valid JSON ({error}); mend that line") from None


def _problem(question):
    """Say what is wrong with a question, or return None."""
    if not isinstance(question, dict):
        return "a question is an object in curly brackets"
    kind = question.get("type")
    if kind not in TYPES:
        return f"type is {kind!r}; use one of {', '.join(TYPES)}"
    if not question.get("question"):
        return "the text of the question is missing; give it as 'question'"
    answers = question.get("answers")
    if not isinstance(answers, list) or len(answers) < 2:
        return "at least two answers are needed, as a list 'answers'"
    for number, answer in enumerate(answers, start=1):
        problem = _numeric_problem(answer) if kind == "numeric" else _choice_problem(answer)
        if problem:
            return f"answer {number}: {problem}"
    right = sum(answer.get("correct", False) for answer in answers)
    if right == 0:
        return "no answer is correct; set 'correct': true on one"
    if kind == "multiple_choice" and right > 1:
        return f"{right} answers are correct; make the type many_choice or leave one correct answer"
    if kind == "many_choice" and right == len(answers):
        return "every answer is correct; add one that is not"
    if kind == "numeric" and [answer["type"] for answer in answers].count("default") != 1:
        return "one answer must have the type default: what to say to any other number"
    return None


def _choice_problem(answer):
    if not isinstance(answer, dict) or not answer.get("answer"):
        return "its text is missing; give it as 'answer'"
    if not isinstance(answer.get("correct"), bool):
        return "'correct' must be true or false"
    if not answer.get("feedback"):
        return "its 'feedback' is missing; say why it is right or wrong"
    if answer.get("place") not in PLACES:
        return f"'place' is {answer['place']!r}; make it first or last, or leave it out"
    return None


def _numeric_problem(answer):
    kind = answer.get("type") if isinstance(answer, dict) else None
    if kind not in ("value", "range", "default"):
        return f"type is {kind!r}; use value, range or default"
    if not answer.get("feedback"):
        return "its 'feedback' is missing; say why it is right or wrong"
    if kind == "default":
        return "the default answer cannot be correct" if answer.get("correct") else None
    if not isinstance(answer.get("correct"), bool):
        return "'correct' must be true or false"
    bounds = answer.get("range") if kind == "range" else [answer.get("value")] * 2
    is_number = [isinstance(bound, int | float) and not isinstance(bound, bool) for bound in bounds or ()]
    if len(is_number) != 2 or not all(is_number) or bounds[0] > bounds[1]:
        return "a value is a number, and a range is two numbers, [lowest, highest]"
    return None


def shown_answers(question, name):
    """The answers of a question of the quiz `name` in the order in which they are shown.

    It is the same on every run and machine, and tells nothing of which answer is right: except for
    "place", it follows from a digest of SHUFFLE and what a reader sees, and not from the order in the file.
    """

    def order(answer):
        seen = json.dumps([SHUFFLE, name, question["question"], answer["answer"]])
        return PLACES.index(answer.get("place")), hashlib.sha256(seen.encode()).hexdigest()

    return sorted(question["answers"], key=order)


def quiz_html(questions, name):
    """The quiz as HTML. `name` keeps the radio buttons of two quizzes on one page apart."""
    forms = [
        _question_html(question, number, len(questions), name) for number, question in enumerate(questions, start=1)
    ]
    # JupyterLab takes style, script and form out of notebooks that it does not trust;
    # then the first line appears. The attribute keeps its shortcuts off the keys typed here.
    return (
        '<div class="quiz" data-lm-suppress-shortcuts="true">\n'
        '<p class="quiz-asleep">Run this cell to take the quiz.</p>\n'
        f"{''.join(forms)}</div>\n<style>{STYLE}</style>\n<script>{SCRIPT}</script>"
    )


def _question_html(question, number, total, quiz):
    kind, name = question["type"], f"{quiz}-{number}"
    if kind == "numeric":
        choices = _number_html(question, name)
    else:
        choices = _choices_html(shown_answers(question, quiz), kind, name)
    hint = " Choose all that apply." if kind == "many_choice" else ""
    code = f"<pre><code>{html.escape(question['code'])}</code></pre>\n" if "code" in question else ""
    return (
        f'<form class="quiz-question" data-type="{kind}" novalidate autocomplete="off">\n<fieldset>\n'
        f'<legend><span class="quiz-number">Question {number} of {total}.</span> '
        f"{_text(question['question'])}{hint}</legend>\n{code}{choices}</fieldset>\n"
        '<button type="submit">Check<span class="quiz-unseen"> question '
        f'{number}</span></button>\n<div class="quiz-feedback" role="status"></div>\n</form>\n'
    )


def _choices_html(answers, kind, name):
    button = "checkbox" if kind == "many_choice" else "radio"
    rows = []
    for index, answer in enumerate(answers):
        right = str(answer["correct"]).lower()
        rows.append(
            f'<div class="quiz-choice"><label><input type="{button}" name="{html.escape(name)}" value="{index}" '
            f'data-correct="{right}"><span>{_text(answer["answer"])}</span></label>\n'
            f'<div class="quiz-said" hidden>{_text(answer["feedback"])}</div></div>\n'
        )
    return "".join(rows)


def _number_html(question, name):
    rows = [
        '<label class="quiz-value">Your answer: '
        f'<input type="text" inputmode="decimal" name="{html.escape(name)}"></label>\n'
    ]
    # The script takes the first row that fits, so "any other number" comes last.
    for answer in sorted(question["answers"], key=lambda answer: answer["type"] == "default"):
        low, high = answer["range"] if answer["type"] == "range" else [answer.get("value", "")] * 2
        right = str(answer.get("correct", False)).lower()
        rows.append(
            f'<div class="quiz-said" hidden data-low="{low}" data-high="{high}" data-correct="{right}">'
            f"{_text(answer['feedback'])}</div>\n"
        )
    return "".join(rows)


def _text(source):
    """HTML of a line of text with `code` and $formulas$."""
    pieces = re.split(r"(`[^`]+`|\$[^$]+\$)", source)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece):
    if piece.startswith("`") and len(piece) > 2:
        return f"<code>{html.escape(piece[1:-1])}</code>"
    if piece.startswith("$") and len(piece) > 2:
        # The class is what tells the book's MathJax to look inside.
        return rf'<span class="math">\({html.escape(piece[1:-1])}\)</span>'
    return html.escape(piece)


# Colours come from the book's theme or from JupyterLab's, so both light and dark work.
STYLE = """
.quiz { --quiz-text: var(--pst-color-text-base, var(--jp-content-font-color1, #222));
  --quiz-back: var(--pst-color-surface, var(--jp-layout-color2, #f4f4f4));
  --quiz-line: var(--pst-color-text-muted, var(--jp-content-font-color2, #666));
  --quiz-mark: var(--pst-color-primary, var(--jp-brand-color1, #06c)); color: var(--quiz-text); max-width: 45rem; }
.quiz-asleep { display: none; }
.quiz-question { margin: 0 0 1rem; padding: 1rem; background: var(--quiz-back); border-radius: 0.5rem; }
.quiz fieldset { border: 0; margin: 0 0 0.75rem; padding: 0; min-width: 0; }
.quiz legend { float: none; width: auto; margin: 0 0 0.5rem; padding: 0; font-size: 1rem; font-weight: 600; }
.quiz-number { color: var(--quiz-line); font-weight: 400; display: block; }
.quiz pre { overflow-x: auto; }
.quiz-choice { margin: 0.25rem 0; border-inline-start: 0.25rem solid transparent; padding-inline-start: 0.5rem; }
.quiz-choice label { display: flex; gap: 0.6rem; align-items: start; padding: 0.3rem 0; cursor: pointer; }
.quiz-choice input { flex: none; margin: 0.25rem 0 0; width: 1.1rem; height: 1.1rem; accent-color: var(--quiz-mark); }
.quiz-value input { width: 10rem; max-width: 100%; padding: 0.25rem 0.5rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--quiz-line); border-radius: 0.25rem; margin-inline-start: 0.4rem; }
.quiz button { padding: 0.4rem 1.2rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--quiz-line); border-radius: 0.25rem; cursor: pointer; }
.quiz button:hover, .quiz input:hover { border-color: var(--quiz-mark); }
.quiz button:focus-visible, .quiz input:focus-visible { outline: 3px solid var(--quiz-mark); outline-offset: 2px; }
.quiz-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.quiz-feedback > div { margin-top: 0.75rem; padding-inline-start: 0.75rem;
  border-inline-start: 0.25rem solid var(--quiz-line); }
.quiz-feedback > .quiz-right { border-color: #2e9e4f; }
.quiz-feedback > .quiz-wrong { border-color: #d9622b; }
"""

SCRIPT = """
(() => {
  if (window.seqmodelsQuiz) return;
  window.seqmodelsQuiz = true;
  const add = (to, kind, verdict, from) => {
    const row = document.createElement("div");
    row.className = kind;
    const strong = document.createElement("strong");
    strong.textContent = verdict + " ";
    row.append(strong);
    if (from) row.append(...[...from.childNodes].map(node => node.cloneNode(true)));
    to.append(row);
  };
  const grade = (form, to) => {
    if (form.dataset.type === "numeric") {
      const typed = form.querySelector("input").value.trim().replace(",", ".");
      const value = Number(typed);
      if (typed === "" || Number.isNaN(value)) return add(to, "", "Type a number first.");
      const fits = row => row.dataset.low === "" || (+row.dataset.low <= value && value <= +row.dataset.high);
      const row = [...form.querySelectorAll(".quiz-said")].find(fits);
      const right = row.dataset.correct === "true";
      return add(to, right ? "quiz-right" : "quiz-wrong", right ? "Right." : "Not quite.", row);
    }
    const inputs = [...form.querySelectorAll("input")];
    const chosen = inputs.filter(input => input.checked);
    if (!chosen.length) return add(to, "", "Choose an answer first.");
    for (const input of chosen) {
      const right = input.dataset.correct === "true";
      add(to, right ? "quiz-right" : "quiz-wrong", right ? "Right." : "Not quite.",
          input.closest(".quiz-choice").querySelector(".quiz-said"));
    }
    const missing = inputs.filter(input => !input.checked && input.dataset.correct === "true").length;
    if (form.dataset.type === "many_choice" && missing && chosen.every(input => input.dataset.correct === "true"))
      add(to, "", "There is more to choose.");
  };
  document.addEventListener("submit", event => {
    const form = event.target.closest(".quiz-question");
    if (!form) return;
    event.preventDefault();
    const to = form.querySelector(".quiz-feedback");
    to.replaceChildren();
    grade(form, to);
  });
})();
"""
