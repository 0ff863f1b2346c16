"""The points of a test cell, part by part, what it looks at answers with, and cells that wait for a task."""

import logging
import sys
import warnings

import numpy as np
import pytest

from seqmodels import marking
from seqmodels.marking import Marks, as_numbers, close, equal, left_alone, may_train, when_solved


def test_passed_parts_are_added(capsys):
    marks = Marks(5)
    with marks.part(3, "the shape"):
        pass
    with marks.part(2, "the values"):
        raise AssertionError("the first value is 3, not 2")
    total = marks.total()
    assert total == 3
    # nbgrader reads the representation of the last expression as a number.
    assert float(repr(total)) == 3
    assert capsys.readouterr().out == ("passed:  the shape\nnot yet: the values: the first value is 3, not 2\n")


@pytest.mark.parametrize(
    "error, words",
    [
        (NotImplementedError(), "not solved yet"),
        (ValueError("bad\nlong story"), "ValueError: bad"),
        (AssertionError(), "a check failed"),
    ],
)
def test_a_cell_without_a_point_fails_and_says_why(error, words):
    marks = Marks(1)
    with marks.part(1, "the shape"):
        raise error
    with pytest.raises(AssertionError, match=f"the shape: .*{words}"):
        marks.total()


def test_parts_that_do_not_add_up_are_refused():
    marks = Marks(5)
    with marks.part(3, "the shape"):
        pass
    with pytest.raises(ValueError, match="worth 3 points and the cell 5"):
        marks.total()


def test_a_warning_or_a_log_line_costs_nothing(capfd):
    marks = Marks(1)
    with marks.part(1, "the shape"):
        warnings.warn("old argument", DeprecationWarning, stacklevel=1)
        logging.getLogger("tensorflow").warning("retracing")
        print("a line for the error stream", file=sys.stderr)
    assert marks.total() == 1
    assert capfd.readouterr().err == ""


def test_logging_is_as_before_afterwards():
    marks = Marks(1)
    with marks.part(1, "the shape"):
        raise AssertionError
    assert logging.root.manager.disable == logging.NOTSET


def test_interrupting_a_part_is_not_caught():
    marks = Marks(1)
    with pytest.raises(KeyboardInterrupt), marks.part(1, "the shape"):
        raise KeyboardInterrupt


def test_a_cell_waits_for_a_stub(capsys):
    with when_solved("Task 2"):
        raise NotImplementedError()
    assert capsys.readouterr().out == "This cell waits for Task 2.\n"


@pytest.mark.parametrize("error", [NotImplementedError("no call() in this model"), ValueError("bad")])
def test_real_errors_are_shown(error):
    with pytest.raises(type(error), match=str(error)[:2]), when_solved("Task 2"):
        raise error


@pytest.mark.parametrize(
    ("answer", "shape"),
    [(2, ()), (np.float32(2), ()), ([1, 2.5], (2,)), (((True,), (False,)), (2, 1)), (np.ones((2, 3), "i4"), (2, 3))],
)
def test_numbers_are_taken_as_they_come(answer, shape):
    assert as_numbers(answer).shape == shape


class Liar:
    """It has the shape that is wanted, and no numbers."""

    shape = (3,)

    def __array__(self, dtype=None, copy=None):
        return np.zeros((0, 3))

    def __repr__(self):
        return "Liar()"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "not a NoneType"),
        ("12", "not text"),
        (["1", "2"], "not text"),
        ([[1], [2, 3]], "wanted"),
        ([1, None], "not a list"),
        (np.array(["2020-01-01"], "M8[D]"), "not an array of datetime64"),
        ([1j], "not an array of complex128"),
        ([], "no number in it"),
        (Liar(), "no number in it"),
        ([1, np.nan], "not finite"),
        (np.inf, "not finite"),
    ],
)
def test_what_are_no_numbers_is_said(answer, words):
    with pytest.raises(AssertionError, match=words):
        as_numbers(answer)


def test_numbers_may_be_none_or_infinite_where_a_test_says_so():
    assert as_numbers([], empty=True).shape == (0,)
    assert np.isnan(as_numbers([np.nan], finite=False))


WANTED = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("answer", [WANTED, [1, 2, 3], (1.0, 2.0, 3.00001), WANTED.astype("f2")])
def test_what_is_close(answer):
    assert close(answer, WANTED)


# Each of them passes one of NumPy's own comparisons with some array, or is mistaken for numbers.
@pytest.mark.parametrize(
    "answer",
    [
        [],
        np.zeros((0, 3)),
        1.0,
        [1.0],
        [[1.0, 2.0, 3.0]],
        WANTED[:, None],
        [np.nan] * 3,
        [np.inf] * 3,
        ["1", "2", "3"],
        None,
        [None] * 3,
        Liar(),
        [1, 2, 3.1],
        [1 + 0j, 2, 3],
    ],
    ids=repr,
)
def test_what_is_not_close(answer):
    assert not close(answer, WANTED)
    assert not equal(answer, WANTED)


@pytest.mark.parametrize("wanted", [[], np.zeros((0, 3)), np.nan, [1, np.inf]], ids=repr)
def test_a_test_that_compares_with_nothing_is_wrong_itself(wanted):
    with pytest.raises(ValueError, match="nothing to compare with"):
        close(wanted, wanted)


def test_what_is_equal():
    assert equal([[True, False]], np.array([[1.0, 0.0]]))
    assert equal(["a", "b"], np.array(["a", "b"]))
    assert equal(np.zeros((0, 3)), np.zeros((0, 3))) and not equal(np.zeros((0, 3)), np.zeros((0, 2)))
    day = np.array(["2020-01-01"], "M8[D]")
    assert equal(day, day.astype("M8[s]")) and not equal(day, [18262])
    assert not equal([1, 2, 3.00001], WANTED)


def test_what_is_left_alone():
    values, rows = np.zeros(2), [np.ones(2), {"a": [1]}]
    with left_alone(values, rows):
        values + 1
    with pytest.raises(AssertionError, match="has changed"), left_alone(values, rows):
        values[0] = 1
    with pytest.raises(AssertionError, match="has changed"), left_alone(rows):
        rows[1]["a"].append(2)
    with pytest.raises(AssertionError, match="has changed"), left_alone(rows):
        rows[0] = rows[0].astype("f4")
    with pytest.raises(ZeroDivisionError), left_alone(values):
        values[0] = 1 / 0


def test_models_are_in_training_within_the_block_only():
    first, second = object(), object()
    with may_train(first, second):
        assert marking.is_in_training(second)
        with pytest.raises(ZeroDivisionError), may_train(first):
            1 / 0  # noqa: B018
        assert marking.is_in_training(first)
    assert not marking.is_in_training(first)
