"""Answers that stand beside the cell that was handed out for them.

Some students leave "YOUR ANSWER HERE" as it is, and write into a new cell. Code runs wherever it stands. But nbgrader
gives 0 by itself to a written answer that is as it was handed out, and nobody would look.
"""

import itertools
from collections.abc import Iterator, Sequence, Set

from nbformat import NotebookNode
from nbgrader import utils

from seqmodels.grading.channel.names import is_test
from seqmodels.grading.matching import definitions

KEY = "beside"  # in the notebook's metadata: the questions that a person has to look at
ADDED = "added-"  # how the ids of a student's own cells begin in the notebook that was built anew


def is_added(cell: NotebookNode) -> bool:
    """Whether a cell of the notebook that was built anew is the student's own."""
    return cell.id.startswith(ADDED)


def is_question(cell: NotebookNode) -> bool:
    """Whether it is an answer that a person marks."""
    return utils.is_grade(cell) and utils.is_solution(cell)


def neighbours(built: Sequence[NotebookNode], place: int) -> tuple[list[NotebookNode], list[NotebookNode]]:
    """The student's own cells directly above one of the assignment's, and those directly below."""
    above = list(itertools.takewhile(is_added, reversed(built[:place])))
    below = list(itertools.takewhile(is_added, built[place + 1 :]))
    return above[::-1], below


def beside(release: Sequence[NotebookNode], built: Sequence[NotebookNode], changed: Set[int]) -> list[int]:
    """The questions into which nobody has written, but beside which something is written that may be the answer.

    That is any cell below a question, and a text above it. A text of the assignment above it into which somebody has
    written counts too: one below has been copied to where a cell of the student's own would be.

    Args:
      release: the cells of the assignment as they were handed out.
      built: those of the notebook that was built anew.
      changed: the numbers of the assignment's cells into which the student has written.
    """
    found = []
    for given, place in _places(release, built):
        if given in changed or not is_question(release[given]):
            continue
        above, below = neighbours(built, place)
        text_above = given - 1 in changed and release[given - 1].cell_type == "markdown"
        text_above = text_above and not utils.is_solution(release[given - 1])
        if below or text_above or any(cell.cell_type != "code" for cell in above):
            found.append(given)
    return found


def out_of_place(release: Sequence[NotebookNode], built: Sequence[NotebookNode], changed: Set[int]) -> list[int]:
    """The answers in code that are as they were handed out, while another cell defines the same where it does not count.

    Above the answer cell that is, which then defines it again, or below the test.
    """
    found = []
    places = _places(release, built)
    for (given, place), end in zip(places, _next_tests(release, built), strict=True):
        cell = release[given]
        if given in changed or not utils.is_solution(cell) or cell.cell_type != "code":
            continue
        own = {
            number
            for number, other in enumerate(built)
            if is_added(other) and other.cell_type == "code" and definitions(cell) & definitions(other)
        }
        if own and not any(place < number < end for number in own):
            found.append(given)
    return found


def _places(release: Sequence[NotebookNode], built: Sequence[NotebookNode]) -> list[tuple[int, int]]:
    """The place of each of the assignment's cells in the notebook that was built anew, with its number."""
    places = {cell.id: place for place, cell in enumerate(built)}
    return [(given, places[cell.id]) for given, cell in enumerate(release)]


def _next_tests(release: Sequence[NotebookNode], built: Sequence[NotebookNode]) -> Iterator[int]:
    """The place of the first test after each of the assignment's cells; that after the last cell if there is none."""
    tests = [place for given, place in _places(release, built) if is_test(release[given])]
    for _, place in _places(release, built):
        yield next((test for test in tests if test > place), len(built))
