"""What is known of the written answers of a class: how far they are marked, and how they turned out."""

import dataclasses
import statistics
from collections.abc import Mapping, Sequence

from seqmodels.grading.runner.results import Result


@dataclasses.dataclass(frozen=True)
class Question:
    """A written answer, over all submissions in which it could be read. The fields are those of the JSON file.

    Attributes:
      name: the name of its cell.
      points: what it can give.
      answered: how many have answered it; the others have left it as it was handed out, and get 0 by themselves.
      marked: how many of the answers a person has marked.
      pending: how many wait for a person; such as have been marked and were graded anew since then are among them.
      mean: of the marks that a person has given and that count; None if there are none.
      spread: the standard deviation of these marks; None if there are fewer than two.
    """

    name: str
    points: float
    answered: int
    marked: int
    pending: int
    mean: float | None
    spread: float | None


def questions(found: Sequence[Result], possible: Mapping[str, float]) -> list[Question]:
    """What is known of each question.

    Args:
      found: the results of the submissions.
      possible: the points that each written answer can give, by its name, in the order of the assignment.
    """
    return [
        _question(name, most, [result for result in found if name in result.points]) for name, most in possible.items()
    ]


def _question(name: str, most: float, found: Sequence[Result]) -> Question:
    waiting = [result for result in found if name in result.pending]
    given = [result for result in found if result.by_hand.get(name) is not None]
    left = [result for result in found if result.points[name] is not None and result not in [*waiting, *given]]
    marks = [result.by_hand[name] for result in given if result not in waiting]
    return Question(
        name,
        most,
        len(found) - len(left),
        len(marks),
        len(waiting),
        round(statistics.fmean(marks), 2) if marks else None,
        round(statistics.stdev(marks), 2) if len(marks) > 1 else None,
    )
