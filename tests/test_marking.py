"""The points of a test cell, part by part, and cells that wait for a task."""

import logging
import sys
import warnings

import pytest

from seqmodels.marking import Marks, when_solved


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
