"""What is said about a submission in the end: its status, its points, and why.

The fields of Result are those of the JSON file. Everything is read
out of the graded notebook and the gradebook, so that it is the same whoever has graded.
"""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, Notebook, SubmittedNotebook

from seqmodels.grading import messages
from seqmodels.grading.messages import Note
from seqmodels.grading.wording import ASK, NOTHING

GRADED, LIMIT, SET_ASIDE, NEEDS_PERSON, FAILED = "graded", "limit", "set_aside", "needs_person", "failed"
IN_WORDS = {
    GRADED: "graded",
    LIMIT: "graded with a limit hit",
    NEEDS_PERSON: "needs a person",
    SET_ASIDE: "set aside",
    FAILED: "failed",
}
COULD_NOT_BE_GRADED = (SET_ASIDE, FAILED)

# Notes of messages.py that say that a submission wanted more than it may have.
LIMITS = frozenset(
    {
        "timeout",
        "died",
        "unreadable",
        "not_run",
        "output",
        "memory",
        "processor",
        "processes",
        "disk",
        "messages",
    }
)
OF_TIME = frozenset({"timeout", "not_run", "processor"})
BUSY = "busy"  # the note of a limit that may be the machine's fault, so that a person decides
_NOT_TO_BE_LOOKED_AT = frozenset({"late", "late_on_platform"})
_LONGEST = 300


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of a submission.

    Attributes:
      student: the student's name in the gradebook.
      status: one of the five above.
      reason: why it is so, in words; empty for GRADED.
      points: the automatic points by the name of the marked cell, None where a person has to give them.
      total: the sum of the automatic points; None if the submission failed.
      possible: what the tests can give together; None if the submission failed.
      by_hand: what a person has given for each written answer, by the name of its cell; None where nobody has.
      pending: marked cells that wait for a person.
      notes: what was not as it should be, each with key, happened, student and teacher.
      said: the first line of what a test said that did not give all of its points, by its name.
      seconds: how long grading took.
      waited: of these seconds, those for which it waited for a processor that others had; None where it was not graded in this run.
      peak_memory_mb: the most memory that its processes had at once; None if it was not measured in this run.
      unchanged: whether it was graded in an earlier run, and nothing has changed since.
    """

    student: str
    status: str
    reason: str = ""
    points: dict[str, float | None] = dataclasses.field(default_factory=dict)
    total: float | None = None
    possible: float | None = None
    pending: list[str] = dataclasses.field(default_factory=list)
    notes: list[dict[str, str]] = dataclasses.field(default_factory=list)
    said: dict[str, str] = dataclasses.field(default_factory=dict)
    seconds: float | None = None
    waited: float | None = None
    peak_memory_mb: float | None = None
    unchanged: bool = False
    by_hand: dict[str, float | None] = dataclasses.field(default_factory=dict)


def failed(student: str, reason: str, seconds: float | None = None) -> Result:
    """The result of a submission with which the grader itself did not get to an end."""
    return Result(student, FAILED, reason, seconds=seconds)


def read(student: str, folder: Path, gradebook: Gradebook, assignment: str) -> Result:
    """The result of a submission whose graded notebooks are in this folder."""
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))}
    submission = gradebook.find_submission(assignment, student)
    points, most, tests, pending, said, by_hand = {}, {}, [], [], {}, {}
    for graded in submission.notebooks:
        written = {cell.name for cell in (*graded.notebook.solution_cells, *graded.notebook.task_cells)}
        errors = _errors(notebooks[graded.name]) if graded.name in notebooks else {}
        for grade in sorted(graded.grades, key=lambda grade: grade.name):
            name = cell_name(graded, grade.name, submission.notebooks)
            points[name], most[name] = grade.auto_score, grade.cell.max_score
            if grade.name in written:
                by_hand[name] = None if grade.manual_score is None else grade.score
            else:
                tests.append(name)
                if grade.name in errors and grade.auto_score != most[name]:
                    said[name] = errors[grade.name]
            if grade.needs_manual_grade:
                pending.append(name)
    notes = list(dict.fromkeys(note for notebook in notebooks.values() for note in messages.read(notebook)))
    status, reason = _status(notes, pending)
    run = [notebook.metadata.get(messages.KEY, {}).get("seconds") for notebook in notebooks.values()]
    return Result(
        student,
        status,
        reason,
        points,
        sum(value for value in points.values() if value is not None),
        sum(most[name] for name in tests),
        pending,
        [dataclasses.asdict(note) for note in notes],
        said,
        run[0] if run else None,
        by_hand=by_hand,
    )


def cell_name(notebook: Notebook | SubmittedNotebook, cell: str, notebooks: Sequence) -> str:
    """What a marked cell is called: with the notebook before it only where an assignment has several of them."""
    return f"{notebook.name}/{cell}" if len(notebooks) > 1 else cell


def _status(notes: list[Note], pending: list[str]) -> tuple[str, str]:
    is_busy = any(note.key == BUSY for note in notes)
    kinds = {
        SET_ASIDE: [note for note in notes if note.teacher == ASK],
        LIMIT: [note for note in notes if note.key in LIMITS and not (is_busy and note.key in OF_TIME)],
        NEEDS_PERSON: [note for note in notes if _asks_for_a_look(note)],
    }
    for status in (SET_ASIDE, LIMIT):
        if kinds[status]:
            return status, " ".join(note.happened for note in kinds[status])
    reasons = [note.happened for note in kinds[NEEDS_PERSON]]
    if pending:
        reasons.append(f"{len(pending)} to be marked by a person: {messages.listed(pending)}.")
    return (NEEDS_PERSON, " ".join(reasons)) if reasons else (GRADED, "")


def _asks_for_a_look(note: Note) -> bool:
    return note.teacher not in (ASK, NOTHING) and note.key not in LIMITS | _NOT_TO_BE_LOOKED_AT


def _errors(notebook: NotebookNode) -> dict[str, str]:
    """The first line of what went wrong in each cell, by nbgrader's name for it."""
    found = {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        for output in cell.get("outputs", []):
            if name and output.output_type == "error":
                first = output.evalue.strip().partition("\n")[0]
                found[name] = f"{output.ename}: {first}".removesuffix(": ")[:_LONGEST]
    return found


def as_json(assignment: str, results: Iterable[Result], questions: Iterable, seconds: float) -> str:
    """The results of a run for other programs, with what written.py says of the questions."""
    results = sorted(results, key=lambda result: result.student)
    return json.dumps(
        {
            "assignment": assignment,
            "seconds": round(seconds, 1),
            "counts": counts(results),
            "questions": [dataclasses.asdict(question) for question in questions],
            "submissions": [dataclasses.asdict(result) for result in results],
        },
        indent=1,
    )


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many submissions of each status there are."""
    found = dict.fromkeys(IN_WORDS, 0)
    for result in results:
        found[result.status] += 1
    return found


def marked(results: Iterable[Result]) -> list[Result]:
    """Those that could be graded."""
    return [result for result in results if result.status not in COULD_NOT_BE_GRADED]
