"""What the source notebook of an assignment has to keep to before it may be released."""

import ast
import json
from collections import Counter
from pathlib import Path

import nbformat

from seqmodels.grading.channel.names import is_test, names, plan

TOTAL_POINTS = 100
FEWEST_AUTOGRADED_POINTS = 75
MOST_POINTS_A_CELL = 15
NBGRADER_SCHEMA = 3


def faults(path: Path) -> list[str]:
    """What is wrong with a source notebook, one sentence each; an empty list if nothing is."""
    # Read as JSON: nbformat would make up the ids that are missing.
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    graders = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
    return [
        *_id_faults(cells),
        *_repeated("grade_id", [grader["grade_id"] for grader in graders]),
        *(
            f"cell '{grader['grade_id']}' has nbgrader's metadata version {grader.get('schema_version')}, "
            f"not {NBGRADER_SCHEMA}. Run 'nbgrader update' on the notebook."
            for grader in graders
            if grader.get("schema_version") != NBGRADER_SCHEMA
        ),
        *_point_faults(graders),
        *_division_faults(cells),
    ]


def _division_faults(cells: list[dict]) -> list[str]:
    """What keeps the tests from running in a process of their own."""
    code = [nbformat.from_dict(cell | {"source": "".join(cell["source"])}) for cell in cells if cell.get("id")]
    try:
        plan(code)
        return _dependence_faults(code)
    except SyntaxError as error:
        return [f"a cell is no Python: {error.text or ''} ({error.msg})."]
    except ValueError as error:
        return [str(error)]


def _dependence_faults(cells: list[nbformat.NotebookNode]) -> list[str]:
    """Where a test is lost, or goes by what is left of another one, when an earlier one has stopped half-way."""
    found, owner = [], {}  # owner: the test that binds a name, or None
    for cell in cells:
        if cell.cell_type != "code":
            continue
        use = names(cell.source)
        if is_test(cell):
            name = cell.metadata.nbgrader.grade_id
            found += [
                f"test '{name}' uses {taken}, which test '{owner[taken]}' defines. Define it in both: after a test that "
                "breaks off, the next begins in a new process."
                for taken in sorted(use.takes)
                if owner.get(taken)
            ]
            found += [
                f"test '{name}': a part uses {taken}, which an earlier part defines. Define it before all parts: what an "
                "answer does to one part must not cost it another."
                for taken in _taken_from_parts(cell.source)
            ]
        owner |= dict.fromkeys(use.binds, name if is_test(cell) else None)
    return found


def _taken_from_parts(source: str) -> list[str]:
    """The names that a part of a test takes from a part before it; parts are the cell's with statements."""
    of_cell, of_parts, found = set(), set(), set()
    for statement in ast.parse(source).body:
        use = names(ast.unparse(statement))
        if isinstance(statement, ast.With):
            found |= use.takes & of_parts - of_cell
            of_parts |= use.binds
        else:
            of_cell |= use.binds
    return sorted(found)


def _id_faults(cells: list[dict]) -> list[str]:
    missing = [
        f"cell {number} has no id, so that each release would differ. "
        "Give it one: python tools/notebooks.py canonical does."
        for number, cell in enumerate(cells)
        if not cell.get("id")
    ]
    return missing + _repeated("id", [cell["id"] for cell in cells if cell.get("id")])


def _repeated(what: str, names: list[str]) -> list[str]:
    return [
        f"the {what} '{name}' is on {count} cells. Give each cell its own."
        for name, count in Counter(names).items()
        if count > 1
    ]


def _point_faults(graders: list[dict]) -> list[str]:
    found = []
    marked = [grader for grader in graders if grader.get("grade") or grader.get("task")]
    for grader in marked:
        if grader["points"] > MOST_POINTS_A_CELL:
            found.append(
                f"cell '{grader['grade_id']}' has {grader['points']} points. "
                f"Split it: a cell has at most {MOST_POINTS_A_CELL}."
            )
    total = sum(grader["points"] for grader in marked)
    if total != TOTAL_POINTS:
        found.append(f"the points add up to {total}. Make them {TOTAL_POINTS}.")
    autograded = sum(grader["points"] for grader in marked if grader.get("grade") and not grader.get("solution"))
    if autograded < FEWEST_AUTOGRADED_POINTS:
        found.append(f"{autograded} points are autograded. Make them at least {FEWEST_AUTOGRADED_POINTS}.")
    return found
