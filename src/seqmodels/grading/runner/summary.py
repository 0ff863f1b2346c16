"""What a run says about the class: everybody's status, the marks of each task and question, and the tests that fail most."""

from collections import Counter
from collections.abc import Sequence

from seqmodels.grading.messages import quoted
from seqmodels.grading.runner import results
from seqmodels.grading.runner.results import IN_WORDS, Result
from seqmodels.grading.runner.written import Question

_MOST_TESTS, _MOST_LINES = 5, 3
_WIDEST = 90  # letters of a reason; the teacher's table has all of them


def summary(found: Sequence[Result], possible: dict[str, float], questions: Sequence[Question]) -> str:
    """The whole of it.

    Args:
      found: the results of the run.
      possible: the points that each test can give, by its name, in the order of the assignment.
      questions: what is known of the written answers.
    """
    marked = results.marked(found)
    parts = [
        _submissions(found),
        _tasks(marked, possible),
        _questions(questions) if marked else "",
        _failures(marked, possible),
        _counts(found),
    ]
    return "\n\n".join(part for part in parts if part)


def _submissions(found: Sequence[Result]) -> str:
    rows = [
        (
            quoted(result.student),
            IN_WORDS[result.status] + (" (unchanged)" if result.unchanged else ""),
            "" if result.total is None else f"{result.total:g} of {result.possible:g}",
            _short(result.reason),
        )
        for result in sorted(found, key=lambda result: result.student)
    ]
    return _table(("Student", "Status", "Automatic points", "Why"), rows)


def _short(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= _WIDEST else f"{first[: _WIDEST - 1]}…"


def _tasks(marked: Sequence[Result], possible: dict[str, float]) -> str:
    if not marked:
        return ""
    rows = []
    for name, most in possible.items():
        points = [result.points.get(name) or 0 for result in marked]
        full, none = sum(each >= most for each in points), sum(each <= 0 for each in points)
        mean = sum(points) / len(points)
        rows.append((name, f"{most:g}", str(full), str(len(points) - full - none), str(none), f"{mean:.1f}"))
    return _table(("Test", "Points", "All", "Some", "None", "Mean"), rows)


def _questions(questions: Sequence[Question]) -> str:
    rows = [
        (
            question.name,
            f"{question.points:g}",
            str(question.answered),
            str(question.marked),
            str(question.pending),
            "" if question.mean is None else f"{question.mean:.1f}",
            "" if question.spread is None else f"{question.spread:.1f}",
        )
        for question in questions
    ]
    return _table(("Question", "Points", "Answered", "Marked", "To be marked", "Mean", "Spread"), rows) if rows else ""


def _failures(marked: Sequence[Result], possible: dict[str, float]) -> str:
    lost = Counter()
    for result in marked:
        lost.update(name for name, most in possible.items() if (result.points.get(name) or 0) < most)
    lines = []
    for name, times in lost.most_common(_MOST_TESTS):
        lines.append(f"  {name}: {times} of {len(marked)}")
        said = Counter(result.said[name] for result in marked if name in result.said)
        lines += [f"    {times} x {quoted(line)}" for line, times in said.most_common(_MOST_LINES)]
    return "\n".join(["Tests that most often gave less than all of their points:", *lines]) if lines else ""


def _counts(found: Sequence[Result]) -> str:
    counts = results.counts(found)
    named = ", ".join(f"{count} {IN_WORDS[status]}" for status, count in counts.items() if count)
    old = sum(result.unchanged for result in found)
    return f"{len(found)} submissions: {named}." + (f" {old} were unchanged and were not graded again." if old else "")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, tuple("-" * width for width in widths), *rows]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
