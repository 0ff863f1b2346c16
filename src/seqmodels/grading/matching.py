"""Which cell of a student's notebook is which cell of the assignment.

nbgrader goes by a name in each cell's metadata, the grade_id. Names get lost in other editors, double
in copies and change by hand, so cells are also looked for by their id, their text, their first line,
what they define, and at last by the place between two cells that are known.
"""

import bisect
import dataclasses
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from nbformat import NotebookNode
from nbgrader import utils

from seqmodels.grading.reading import Cell

BY_NAME = "their names"
BY_ID = "their ids"
BY_TEXT = "their text"
BY_FIRST_LINE = "their first line"
BY_DEFINITION = "what they define"
BY_PLACE = "their place"

_DEFINITION = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)


@dataclasses.dataclass
class Matches:
    """The student's cells that belong to each cell of the assignment, both by number.

    Attributes:
      found: numbers of the student's cells, by number of the assignment's cell; more than one for copies.
      how: how they were recognised, by number of the assignment's cell.
    """

    found: dict[int, list[int]] = dataclasses.field(default_factory=dict)
    how: dict[int, str] = dataclasses.field(default_factory=dict)

    def taken(self) -> set[int]:
        return {number for numbers in self.found.values() for number in numbers}


def match(release: Sequence[NotebookNode], cells: Sequence[Cell]) -> Matches:
    """Find the cells of the assignment in a student's notebook."""
    matches = Matches()
    names = {grade_id(cell): number for number, cell in enumerate(release) if grade_id(cell)}
    ids = {cell.id: number for number, cell in enumerate(release)}
    _by(matches, cells, BY_NAME, lambda cell: names.get(cell.grade_id))
    _by(matches, cells, BY_ID, lambda cell: ids.get(cell.id))
    _by(matches, cells, BY_TEXT, _lookup(release, matches, _text))
    _by(matches, cells, BY_FIRST_LINE, _lookup(release, matches, _first_line))
    _by(matches, cells, BY_DEFINITION, _definitions(release))
    _by_place(matches, release, cells)
    return matches


def grade_id(cell: NotebookNode) -> str:
    """nbgrader's name for a cell of the assignment, or "" if it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_changed(cell: Cell, given: NotebookNode) -> bool:
    """Whether a student has written something into a cell of the assignment."""
    return bool(cell.source.strip()) and _text(cell) != _text(given)


def definitions(cell: Cell | NotebookNode) -> set[str]:
    """The functions and classes that a cell of code defines."""
    return set(_DEFINITION.findall(cell.source))


def in_order(numbers: Sequence[int]) -> set[int]:
    """The positions of a longest increasing run in a sequence of numbers: the cells that nobody has moved."""
    ends, ending, before = [], [], {}  # the smallest end of a run of each length, its position, who it follows
    for position, number in enumerate(numbers):
        length = bisect.bisect_left(ends, number)
        ends[length : length + 1] = [number]
        ending[length : length + 1] = [position]
        before[position] = ending[length - 1] if length else None
    kept, position = set(), ending[-1] if ending else None
    while position is not None:
        kept.add(position)
        position = before[position]
    return kept


def _by(matches: Matches, cells: Sequence[Cell], how: str, of: Callable[[Cell], int | None]) -> None:
    """Give each of the student's cells that is still free to the cell that `of` names, unless a better way has."""
    taken = matches.taken()
    closed = set(matches.found)
    for number, cell in enumerate(cells):
        given = of(cell) if number not in taken else None
        if given is not None and given not in closed:
            matches.found.setdefault(given, []).append(number)
            matches.how[given] = how


def _lookup(release, matches, key) -> Callable[[Cell], int | None]:
    """Cells with the same key, where only one of those that are still to be found has it."""
    free = defaultdict(list)
    for number, cell in enumerate(release):
        if number not in matches.found:
            free[key(cell)].append(number)
    only = {found: numbers[0] for found, numbers in free.items() if found and len(numbers) == 1}
    return lambda cell: only.get(key(cell))


def _text(cell: Cell | NotebookNode) -> str:
    return " ".join(cell.source.split())


def _first_line(cell: Cell | NotebookNode) -> str:
    return next((line.strip() for line in cell.source.splitlines() if line.strip()), "")


def _definitions(release: Sequence[NotebookNode]) -> Callable[[Cell], int | None]:
    defined = {
        name: number
        for number, cell in enumerate(release)
        if utils.is_solution(cell) and cell.cell_type == "code"
        for name in _DEFINITION.findall(cell.source)
    }
    return lambda cell: next((defined[name] for name in _DEFINITION.findall(cell.source) if name in defined), None)


def _by_place(matches: Matches, release: Sequence[NotebookNode], cells: Sequence[Cell]) -> None:
    """Take the one free cell between two known ones for the one answer that is missing between them."""
    known = [(given, numbers[0]) for given, numbers in sorted(matches.found.items())]
    kept = in_order([number for _, number in known])
    fixed = [(-1, -1), *(pair for position, pair in enumerate(known) if position in kept), (len(release), len(cells))]
    taken = matches.taken()
    for (given, number), (next_given, next_number) in itertools.pairwise(fixed):
        missing = [
            other
            for other in range(given + 1, next_given)
            if utils.is_solution(release[other]) and other not in matches.found
        ]
        free = [other for other in range(number + 1, next_number) if other not in taken and cells[other].source.strip()]
        if len(missing) == len(free) == 1:
            matches.found[missing[0]] = free
            matches.how[missing[0]] = BY_PLACE
