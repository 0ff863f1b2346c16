"""What a feedback page says first: what was checked, what passed, what it is worth, task by task.

The points are the gradebook's. What a test cell said about its parts, by seqmodels.marking, is shown only
where it agrees with them: nothing that a student's code has printed can make a page claim other marks.
"""

import ast
import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Grade, Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List

from seqmodels.grading.feedback import tests_of, without_secrets
from seqmodels.grading.leaks import HIDDEN_TEST, Secret, secrets
from seqmodels.grading.room import shortened

# The values of Row.result.
PASSED = "passed"
PARTLY = "partly"
NOT_YET = "not yet"
MARKED = "marked"  # by a person
TO_BE_MARKED = "still to be marked"
TO_BE_SEEN = "to be looked at again"  # marked by a person, and graded anew since then
NOT_GRADED = "not graded yet"
EMPTY = "not answered"

LONGEST = 300  # letters of a message: it may hold whatever a student's function has returned

# How the ids of cells begin that are not the assignment's: those that a student has added (rebuild.py), and the notes
# on top (notices.py).
_NOT_GIVEN = ("added-", "about-what-you-handed-in")
_HEADING = re.compile(r"^ {0,3}(?P<level>#{1,6})[ \t]+(?P<text>.*?)[ \t#]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_POINTS = re.compile(r"\s*\(\d+(\.\d+)? points?\)$")
# As seqmodels.marking prints them.
_PASSED, _NOT_YET = "passed:  ", "not yet: "
# What execute.py and the channel between tests and answers say in plain words; the name of the error adds nothing.
_IN_WORDS = ("AnswerError", "CellTimeoutError", "NoAnswer", "NotRun", "PythonEnded")


@dataclasses.dataclass(frozen=True)
class Mark:
    """What the gradebook holds about one cell.

    Attributes:
      automatic: the points that the autograder gave; None if none.
      score: the points that count.
      most: the points that can be had.
      by_hand: whether a person has given points.
      pending: whether a person has still to look at it.
    """

    automatic: float | None
    score: float
    most: float
    by_hand: bool
    pending: bool


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
      what: what was checked.
      cell: grade_id of the cell, which stands further down on the page.
      result: one of the values above.
      message: what is wrong, or empty.
      got, most: points; None where points are given for the whole cell only.
      comment: whether a person has written about it, below the answer.
    """

    what: str
    cell: str
    result: str
    message: str = ""
    got: float | None = None
    most: float | None = None
    comment: bool = False


@dataclasses.dataclass(frozen=True)
class Task:
    """A task or question: the lines about its cells, and their points together."""

    name: str
    rows: tuple[Row, ...]
    got: float
    most: float
    pending: float


@dataclasses.dataclass(frozen=True)
class Summary:
    """The whole table.

    Attributes:
      tasks: in the order of the notebook.
      got, most: points of all tasks; points that are taken off for being late are taken off here.
      pending: of the points that can be had, those that nobody has given or refused yet.
      late: the points that are taken off.
    """

    tasks: tuple[Task, ...]
    got: float
    most: float
    pending: float
    late: float

    def names(self) -> dict[str, str]:
        """What each marked cell belongs to, by its grade_id."""
        return {row.cell: task.name for task in self.tasks for row in task.rows}

    def unmarked(self) -> set[str]:
        """The marked cells for which nobody has given points yet, by grade_id."""
        return {row.cell for task in self.tasks for row in task.rows if row.got is None and row.most is not None}


class Summarise(NbGraderPreprocessor):
    """A step of GenerateFeedback, between GetGrades and HideTests: put the table where the page's template finds it."""

    # The page's exporter sets this on every preprocessor.
    display_data_priority = List([]).tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        asked = resources["nbgrader"]
        with Gradebook(asked["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(asked["notebook"], asked["assignment"], asked["student"])
            marks = {grade.name: mark_of(grade) for grade in submitted.grades}
            questions = {cell.name: cell.source for cell in submitted.notebook.source_cells}
            late = submitted.late_submission_penalty or 0.0
        asked["summary"] = summarise(notebook, marks, questions, late)
        return notebook, resources


def mark_of(grade: Grade) -> Mark:
    """The mark that an entry of the gradebook stands for."""
    return Mark(
        grade.auto_score,
        grade.score,
        grade.max_score,
        by_hand=grade.manual_score is not None or bool(grade.extra_credit),
        pending=grade.needs_manual_grade or (grade.auto_score is None and grade.manual_score is None),
    )


def summarise(
    notebook: NotebookNode, marks: Mapping[str, Mark], questions: Mapping[str, str], late: float = 0.0
) -> Summary:
    """The table about an autograded notebook, as it is before the hidden tests are taken out.

    Args:
      notebook: the notebook, with what the tests have said.
      marks: what the gradebook holds, by grade_id.
      questions: cells as they were handed out, by grade_id: a student may have changed the heading of a question.
      late: points that are taken off.
    """
    kept = secrets(tests_of(notebook), [HIDDEN_TEST])
    found: list[tuple[str, list[Row], Mark]] = []
    heading = answer = ""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if (
            cell.cell_type == "markdown"
            and not utils.is_solution(cell)
            and not cell.get("id", "").startswith(_NOT_GIVEN)
        ):
            heading = next(reversed(_headings(cell.source)), heading)
        if utils.is_grade(cell) or utils.is_task(cell):
            mark = marks[name]
            if _is_test(cell):
                found.append((heading or answer or name, _about_test(cell, mark, kept), mark))
            else:
                title = next(iter(_headings(questions.get(name, cell.source))), name)
                found.append((title, [_about_written(cell, mark)], mark))
        elif utils.is_solution(cell):
            answer = name
    tasks = _by_task(found)
    got, most, pending = (sum(getattr(task, field) for task in tasks) for field in ("got", "most", "pending"))
    return Summary(tasks, max(0.0, got - late), most, pending, late)


def _by_task(found: Iterable[tuple[str, list[Row], Mark]]) -> tuple[Task, ...]:
    grouped: dict[str, tuple[list[Row], list[Mark]]] = {}
    for name, rows, mark in found:
        task_rows, task_marks = grouped.setdefault(name, ([], []))
        task_rows += rows
        task_marks.append(mark)
    return tuple(
        Task(
            name,
            tuple(rows),
            sum(mark.score for mark in marks),
            sum(mark.most for mark in marks),
            sum(mark.most for mark in marks if mark.pending),
        )
        for name, (rows, marks) in grouped.items()
    )


def _about_written(cell: NotebookNode, mark: Mark) -> Row:
    if mark.by_hand:
        result = TO_BE_SEEN if mark.pending else MARKED
    elif mark.pending:
        result = TO_BE_MARKED
    else:
        result = EMPTY  # nbgrader gives 0 by itself to an answer that is as it was handed out
    comment = bool(cell.metadata.nbgrader.get("comment"))
    open_mark = mark.pending and not mark.by_hand
    return Row("your answer", _name(cell), result, "", None if open_mark else mark.score, mark.most, comment)


def _about_test(cell: NotebookNode, mark: Mark, kept: Sequence[Secret]) -> list[Row]:
    rows = _parts(cell, mark.automatic, kept) or [_whole(cell, mark.automatic, mark.most, kept)]
    if mark.by_hand:
        # A person's mark counts for the whole cell, whatever its parts say.
        rows = [dataclasses.replace(row, got=None, most=None) for row in rows]
        result = TO_BE_SEEN if mark.pending else MARKED
        rows.append(Row("your teacher's mark", _name(cell), result, "", mark.score, mark.most))
    return rows


def _parts(cell: NotebookNode, automatic: float | None, kept: Sequence[Secret]) -> list[Row]:
    """A line for each part of a test; none if what it has printed is not just what its parts and its points say."""
    parts = _parts_in(cell.source)
    said = [line for line in _printed(cell, "stdout").split("\n") if line.startswith((_PASSED, _NOT_YET))]
    if not parts or len(parts) != len(said):
        return []
    rows = []
    for (points, what), line in zip(parts, said, strict=True):
        shown = _POINTS.sub("", what)
        problem = line.removeprefix(f"{_NOT_YET}{what}: ")
        if line == f"{_PASSED}{what}":
            rows.append(Row(shown, _name(cell), PASSED, "", points, points))
        elif problem != line:
            rows.append(Row(shown, _name(cell), NOT_YET, _shown(problem, kept), 0, points))
        else:
            return []
    return rows if sum(row.got for row in rows) == automatic else []


def _parts_in(source: str) -> list[tuple[float, str]]:
    """Points and name of each part of a test cell, in order; nothing unless all of them stand there as such."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a command of IPython's
        return []
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "part"
    ]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    arguments = [[getattr(argument, "value", None) for argument in call.args] for call in calls]
    if all(
        len(pair) == 2 and isinstance(pair[0], int | float) and isinstance(pair[1], str) and "\n" not in pair[1]
        for pair in arguments
    ):
        return [(points, what) for points, what in arguments]
    return []


def _whole(cell: NotebookNode, automatic: float | None, most: float, kept: Sequence[Secret]) -> Row:
    """The line for a test that has no parts, or did not come to its end."""
    message = ""
    if automatic is None:
        result = NOT_GRADED
    elif automatic >= most:
        result = PASSED
    else:
        result = PARTLY if automatic > 0 else NOT_YET
        message = _shown(_complaint(cell), kept)
    return Row("the test", _name(cell), result, message, None if automatic is None else automatic, most)


def _complaint(cell: NotebookNode) -> str:
    """What a test cell that gives no or not all points has said."""
    for output in cell.outputs:
        if output.output_type == "error":
            if output.ename == "AssertionError":
                return output.evalue or "a check failed"
            return f"{output.ename}: {output.evalue}".removesuffix(": ")
    said = [line.removeprefix(_NOT_YET) for line in _printed(cell, "stdout").split("\n") if line.startswith(_NOT_YET)]
    warned = [line for line in _printed(cell, "stderr").split("\n") if line.strip()]
    return "; ".join(said) or next(reversed(warned), "")


def _printed(cell: NotebookNode, stream: str) -> str:
    return "".join(output.text for output in cell.outputs if output.get("name") == stream)


def _shown(message: str, kept: Sequence[Secret]) -> str:
    """A message as one short line of plain letters, without a line of a hidden test."""
    message = without_secrets(kept, strip_ansi(shortened(message)))
    name, _, words = message.partition(": ")
    message = words if name in _IN_WORDS and words else message
    message = re.sub(
        r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\s]+", " ", message
    ).strip()
    return message if len(message) <= LONGEST else message[: LONGEST - 1] + "…"


def _headings(source: str) -> list[str]:
    """The headings in a text, but for the title of a notebook, without the marks of Markdown and the points."""
    found, in_code = [], False
    for line in source.split("\n"):
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code and (match := _HEADING.match(line)) and len(match["level"]) > 1:
            found.append(_POINTS.sub("", re.sub(r"[`*]", "", match["text"])))
    return [text for text in found if text]


def _is_test(cell: NotebookNode) -> bool:
    return utils.is_grade(cell) and not utils.is_solution(cell) and cell.cell_type == "code"


def _name(cell: NotebookNode) -> str:
    return cell.metadata.nbgrader.grade_id
