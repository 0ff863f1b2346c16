"""The submissions that show whether an assignment is graded fairly.

``tests/submissions/<assignment>/<name>.py`` holds one submission each: a heading in comments, then
the answer cells that differ from the reference solution.

    # Mistake: fits the scaler on all days
    # Loses: test_scaler 4, test_forecast 10
    # %% fit_scaler
    def fit_scaler(...):

``right_*.py`` have a Style in place of a Mistake, and lose nothing. ``wrong_*.py`` lose exactly what
they say, cell by cell. One more submission is always there: the blank one. measured.py tells which of them a run grades.
"""

import copy
import dataclasses
import re
from pathlib import Path

import nbformat

from seqmodels.grading.leaks import SOLUTION, classified_lines

FOLDER = Path(__file__).resolve().parents[1] / "submissions"
BLANK = "blank"


@dataclasses.dataclass(frozen=True)
class Submission:
    """One submission of an assignment.

    Attributes:
      name: name of the file without its suffix; the student's name in the gradebook.
      about: its style or its mistake.
      loses: points lost, by grade_id of the test cell; cells that lose nothing are not in it.
      answers: source by grade_id of the answer cell; cells that are not in it get the reference solution.
    """

    name: str
    about: str
    loses: dict[str, float]
    answers: dict[str, str]


def read(path: Path) -> Submission:
    """Read one submission.

    Raises:
      ValueError: the heading is not as it should be; the message says what to write.
    """
    heading, *parts = re.split(r"^# %% *", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    fields = _fields(heading)
    wanted = {"Style"} if path.stem.startswith("right_") else {"Mistake", "Loses"}
    if fields.keys() != wanted:
        raise ValueError(f"{path}: the heading has {sorted(fields)} where it needs {sorted(wanted)}")
    if not parts:
        raise ValueError(f"{path}: no answer cell; begin each with '# %% <its grade_id>'")
    answers = {}
    for part in parts:
        name, _, source = part.partition("\n")
        answers[name.strip()] = source.strip("\n")
    return Submission(path.stem, fields.get("Style") or fields["Mistake"], _losses(path, fields), answers)


def read_all(assignment: str) -> list[Submission]:
    """The submissions of an assignment that are in files, in alphabetical order."""
    return [read(path) for path in sorted((FOLDER / assignment).glob("*.py"))]


def tests(source: nbformat.NotebookNode) -> dict[str, float]:
    """The points of each autograded test cell of an assignment, by grade_id."""
    graders = (cell.metadata.nbgrader for cell in source.cells if "nbgrader" in cell.metadata)
    return {grader.grade_id: grader.points for grader in graders if grader.grade and not grader.solution}


def reference_answers(source: nbformat.NotebookNode) -> dict[str, str]:
    """The source of each answer cell as a student who found the reference solution would have it."""
    return {
        cell.metadata.nbgrader.grade_id: "\n".join(
            line for kind, line in classified_lines(cell) if kind in (None, SOLUTION)
        )
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def filled_in(release: nbformat.NotebookNode, answers: dict[str, str]) -> nbformat.NotebookNode:
    """The released notebook with these answers written into it.

    Raises:
      ValueError: there is no answer cell of that name.
    """
    notebook = copy.deepcopy(release)
    cells = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for name, source in answers.items():
        if name not in cells:
            raise ValueError(f"there is no answer cell '{name}'; there are {', '.join(cells)}")
        cells[name].source = source
    return notebook


def _fields(heading: str) -> dict[str, str]:
    fields, name = {}, None
    for line in heading.splitlines():
        text = line.removeprefix("#").strip()
        if match := re.match(r"([A-Z]\w+): *(.*)", text):
            name, text = match.groups()
        if name is not None:
            fields[name] = f"{fields.get(name, '')} {text}".strip()
    return fields


def _losses(path: Path, fields: dict[str, str]) -> dict[str, float]:
    losses = {}
    for part in filter(None, re.split(r", *", fields.get("Loses", ""))):
        match = re.fullmatch(r"(\S+) +(\d+(?:\.\d+)?)", part.strip())
        if match is None:
            raise ValueError(f"{path}: 'Loses: {part}' is not '<grade_id> <points>'")
        losses[match[1]] = float(match[2])
    return losses
