"""What the test cells of the assignments are made of, and cells that wait for a task.

nbgrader gives a test cell the number that its last expression has. A test cell of this
course is made of parts, each worth some of the cell's points:

    marks = Marks(5)
    with marks.part(3, "the shape"):
        forecast = as_numbers(seven_days(history))
        assert forecast.shape == (7,), f"seven numbers are wanted, not {forecast.shape}"
    with marks.part(2, "the values"):
        assert close(forecast, wanted), "the example comes out differently"
    marks.total()

An answer is looked at through `as_numbers`, `close` and `equal`: NumPy's own comparisons are true of an empty array, and
of one number in place of many. Whether a function changes what it is given is asked by `left_alone`, and what it may
change, the weights of a model that it trains, is named by `may_train`. When work is graded, a student's code runs
in a process of its own: these two are the only ways in which it can change anything that a test holds.
"""

import contextlib
import copy
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

_NUMBERS = "biuf"  # kinds of arrays: truth values, whole numbers and others


def as_numbers(answer: Any, *, empty: bool = False, finite: bool = True) -> np.ndarray:
    """An answer as an array of numbers, which it is asked for once.

    Args:
        answer: what a student's function has returned: an array, a tensor, a number, or lists of them.
        empty: whether it may have no numbers at all.
        finite: whether all of them must be finite.

    Returns:
        An array of the shape of the answer: floats, ints or truth values.

    Raises:
        AssertionError: it is no such thing.
    """
    try:
        found = np.asarray(answer)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"an array of numbers is wanted: {error}") from error
    if found.dtype.kind not in _NUMBERS:
        raise AssertionError(f"an array of numbers is wanted, not {_kind_in_words(answer, found)}")
    if found.size == 0 and not empty:
        raise AssertionError(f"there is no number in it: its shape is {found.shape}")
    if finite and not np.isfinite(found).all():
        raise AssertionError("some of its numbers are not finite (nan or inf)")
    return found


def close(answer: Any, wanted: Any, *, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Whether an answer has the shape of what is wanted, and nearly its numbers.

    Nothing is repeated to fit, as `numpy.allclose` does it, and what is not finite is close to nothing.

    Args:
        answer: what a student's function has returned.
        wanted: array of at least one number, all of them finite.
        rtol, atol: they may differ by atol + rtol * |wanted|.

    Raises:
        ValueError: nothing is wanted, or something that is not finite: the test itself is wrong.
    """
    wanted = np.asarray(wanted)
    if wanted.size == 0 or not np.isfinite(wanted).all():
        raise ValueError("there is nothing to compare with")
    found = np.asarray(answer)
    return (
        found.dtype.kind in _NUMBERS
        and found.shape == wanted.shape
        and bool(np.isfinite(found).all())
        and bool(np.allclose(found, wanted, rtol=rtol, atol=atol))
    )


def equal(answer: Any, wanted: Any) -> bool:
    """Whether an answer has the shape of what is wanted, and exactly its numbers, words or days."""
    found, wanted = np.asarray(answer), np.asarray(wanted)
    alike = found.dtype.kind == wanted.dtype.kind or {found.dtype.kind, wanted.dtype.kind} <= set(_NUMBERS)
    return alike and found.dtype.kind != "O" and found.shape == wanted.shape and bool((found == wanted).all())


_reported: list[Any] = []  # what a channel says that a student's code has changed (grading/channel/objects.py)
_in_training: list[Any] = []  # the models of may_train


@contextlib.contextmanager
def left_alone(*given: Any) -> Iterator[None]:
    """Check that a block changes nothing of these arrays, lists and dicts, nor of those in them.

    Raises:
        AssertionError: it does.
    """
    kept, before = copy.deepcopy(given), len(_reported)
    yield
    parts = set(map(id, _parts(given)))
    if not _is_same(given, kept) or any(id(changed) in parts for changed in _reported[before:]):
        raise AssertionError("what the function was given has changed")


@contextlib.contextmanager
def may_train(*models: Any) -> Iterator[None]:
    """Let the functions that a block calls change the weights of these models or layers of the test."""
    _in_training.extend(models)
    try:
        yield
    finally:
        del _in_training[len(_in_training) - len(models) :]


def report_change(value: Any) -> None:
    """Note that a student's code has changed its copy of something that a test has given to it."""
    _reported.append(value)


def is_in_training(model: Any) -> bool:
    """Whether a student's code may change the weights of a model of the test now."""
    return any(model is named for named in _in_training)


def _parts(value: Any) -> Iterator[Any]:
    """A value and all that lies in it, as far as it is made of arrays, lists, tuples and dicts."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    for part in inner:
        yield from _parts(part)


def _is_same(value: Any, kept: Any) -> bool:
    if type(value) is not type(kept):
        return False
    if isinstance(value, np.ndarray):
        return value.dtype == kept.dtype and value.shape == kept.shape and value.tobytes() == kept.tobytes()
    if isinstance(value, dict):
        return list(value) == list(kept) and all(_is_same(value[name], kept[name]) for name in value)
    if isinstance(value, list | tuple):
        return len(value) == len(kept) and all(map(_is_same, value, kept))
    return bool(value == kept)


def _kind_in_words(answer: Any, found: np.ndarray) -> str:
    if found.dtype.kind in "US":
        return "text"
    return f"a {type(answer).__name__}" if found.dtype.kind == "O" else f"an array of {found.dtype}"


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
