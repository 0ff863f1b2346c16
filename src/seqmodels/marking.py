"""Partial credit in the test cells of the assignments, and cells that wait for a task.

nbgrader gives a test cell the number that its last expression has. A test cell of this
course is made of parts, each worth some of the cell's points:

    marks = Marks(5)
    with marks.part(3, "the shape"):
        assert forecast.shape == (7,), f"seven numbers are wanted, not {forecast.shape}"
    with marks.part(2, "the values"):
        ...
    marks.total()
"""

import contextlib
import logging
import sys
import warnings


class Marks:
    """The points that one test cell gives, part by part."""

    def __init__(self, points: int):
        self.points = points
        self._parts = []  # (points, problem); the problem of a part that passes is None

    @contextlib.contextmanager
    def part(self, points: int, what: str):
        """Give `points` if the block raises nothing; otherwise say what is wrong, and go on.

        nbgrader takes anything on the error stream for a failed cell, so warnings and log
        lines of the block are kept off it: a deprecated argument must not cost a point.
        """
        try:
            with _quiet():
                yield
        # The block runs a student's code, which may raise anything; whatever it is, the
        # other parts must still be marked.
        except Exception as error:
            problem = _in_words(error)
            print(f"not yet: {what}: {problem}")
            self._parts.append((points, f"{what}: {problem}"))
        else:
            print(f"passed:  {what}")
            self._parts.append((points, None))

    def total(self) -> int:
        """The sum of the points of the parts that passed.

        Raises:
            AssertionError: if none passed, so that the cell is seen to fail.
            ValueError: if the parts are not worth what the cell is worth.
        """
        offered = sum(points for points, _ in self._parts)
        if offered != self.points:
            raise ValueError(f"the parts of this test are worth {offered} points and the cell {self.points}")
        given = sum(points for points, problem in self._parts if problem is None)
        if given == 0:
            raise AssertionError("; ".join(problem for _, problem in self._parts))
        return given


@contextlib.contextmanager
def when_solved(tasks: str):
    """Let a cell wait, in words and not with an error, for `tasks` that are not solved yet."""
    try:
        yield
    except NotImplementedError as error:
        if error.args:  # the stub of an answer cell raises it bare; any other is a real error
            raise
        print(f"This cell waits for {tasks}.")


@contextlib.contextmanager
def _quiet():
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(sys.stdout):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _in_words(error: Exception) -> str:
    if isinstance(error, NotImplementedError) and not error.args:
        return "this task is not solved yet"
    first_line = next(iter(str(error).strip().splitlines()), "")
    if isinstance(error, AssertionError):
        return first_line or "a check failed"
    return f"{type(error).__name__}: {first_line}"
