"""A quiz that says at its end what to read first, topic by topic.

The quiz is one of `seqmodels.quiz` in which every question also has a "topic". Beside it lies
a file with the topics, in the order in which they are shown:

    [{"topic": "Derivatives",
      "ready": "What to say if every question of the topic was right at the first try.",
      "not_yet": "What to say otherwise."}, ...]

A heading of the page that begins with the name of a topic is linked from what is said about it, so
the links to read belong there: in Markdown, where the book, JupyterLab and a reader without
the script have them too.
"""

import html
from pathlib import Path

from IPython.display import HTML, display

from seqmodels.quiz import QuizError, load_quiz, quiz_html, read_json

FIELDS = ("topic", "ready", "not_yet")


def show_self_test(quiz, topics):
    """Show the quiz of one JSON file, and under it a button that sums it up by the topics of another."""
    questions, topics = load_self_test(quiz, topics)
    display(HTML(self_test_html(questions, topics, name=Path(quiz).stem)))


def load_self_test(quiz, topics):
    """Read both files and check them; returns the list of questions and that of topics."""
    questions, path = load_quiz(quiz), Path(topics)
    topics = read_json(path, "there is no such file of topics; put it beside the quiz")
    if not isinstance(topics, list) or not all(isinstance(topic, dict) for topic in topics):
        raise QuizError(f"{path}: the topics are a list of objects in curly brackets")
    for number, topic in enumerate(topics, start=1):
        if missing := [field for field in FIELDS if not topic.get(field)]:
            raise QuizError(f"{path}, topic {number}: {', '.join(missing)} missing; give a text")
    names = [topic["topic"] for topic in topics]
    if len(set(names)) < len(names):
        raise QuizError(f"{path}: a topic is there twice; make them one")
    for number, question in enumerate(questions, start=1):
        if question.get("topic") not in names:
            raise QuizError(f"{quiz}, question {number}: its topic is none of {', '.join(names)}")
    if unused := set(names) - {question["topic"] for question in questions}:
        raise QuizError(f"{path}: no question asks about {', '.join(sorted(unused))}; write one, or take the topic out")
    return questions, topics


def self_test_html(questions, topics, name):
    """The quiz, and after it the form that sums it up."""
    rows = "".join(_row(topic, questions) for topic in topics)
    return (
        f'<div class="self-test">\n{quiz_html(questions, name)}\n'
        '<div class="quiz" data-lm-suppress-shortcuts="true">\n<form class="self-test-end" novalidate>\n'
        f'<button type="submit">What should I read first?</button>\n<ul hidden>\n{rows}</ul>\n'
        '<div class="self-test-advice" role="status"></div>\n</form>\n</div>\n</div>\n'
        f"<style>{STYLE}</style>\n<script>{SCRIPT}</script>"
    )


def _row(topic, questions):
    """What may be said about a topic, and which questions decide, counted from 0."""
    numbers = " ".join(str(i) for i, question in enumerate(questions) if question["topic"] == topic["topic"])
    said = "".join(f'<span class="self-test-{field}">{html.escape(topic[field])}</span>' for field in FIELDS[1:])
    return f'<li data-topic="{html.escape(topic["topic"])}" data-questions="{numbers}">{said}</li>\n'


STYLE = """
.self-test-end { padding: 1rem; background: var(--quiz-back); border-radius: 0.5rem; }
.self-test-advice > p { margin: 0.75rem 0 0.5rem; }
.self-test-advice > ul { margin: 0; padding-inline-start: 1.25rem; }
.self-test-advice a:focus-visible { outline: 3px solid var(--quiz-mark); outline-offset: 2px; }
"""

# It comes after the quiz's own script, so that at a submit the answer has been graded already. Only
# the first answer to a question counts, since the feedback gives the second one away.
SCRIPT = """
(() => {
  if (window.seqmodelsSelfTest) return;
  window.seqmodelsSelfTest = true;
  const note = form => {
    const rows = [...form.querySelectorAll(".quiz-feedback > div")];
    if (form.dataset.first || !rows.some(row => row.className)) return;
    form.dataset.first = rows.every(row => row.className === "quiz-right") ? "right" : "wrong";
  };
  const headingOf = topic =>
    [...document.querySelectorAll("h2, h3")].find(heading => heading.textContent.startsWith(topic));
  const make = (tag, text, to) => {
    const element = document.createElement(tag);
    element.textContent = text;
    to.append(element);
    return element;
  };
  const say = (row, forms, list) => {
    const mine = row.dataset.questions.split(" ").map(number => forms[number]);
    const right = mine.filter(form => form.dataset.first === "right").length;
    const said = row.querySelector(right === mine.length ? ".self-test-ready" : ".self-test-not_yet");
    const item = make("li", "", list);
    const name = make("strong", "", item);
    const heading = headingOf(row.dataset.topic);
    if (heading) {
      const link = make("a", row.dataset.topic, name);
      link.href = "#";
      link.addEventListener("click", event => {
        event.preventDefault();
        heading.tabIndex = -1;
        heading.focus();
      });
    } else name.textContent = row.dataset.topic;
    item.append(`: ${right} of ${mine.length} right. ${said.textContent}`);
  };
  document.addEventListener("submit", event => {
    const test = event.target.closest(".self-test");
    if (!test) return;
    const forms = [...test.querySelectorAll(".quiz-question")];
    if (event.target.matches(".quiz-question")) return note(event.target);
    event.preventDefault();
    const advice = test.querySelector(".self-test-advice");
    advice.replaceChildren();
    const open = forms.filter(form => !form.dataset.first).length;
    const left = open ? ` You left out ${open}, which count as not right.` : "";
    make("p", `By your first answers to the ${forms.length} questions.${left}`, advice);
    const list = make("ul", "", advice);
    for (const row of test.querySelectorAll("li[data-questions]")) say(row, forms, list);
  });
})();
"""
