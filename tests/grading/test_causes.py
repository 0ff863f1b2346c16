"""Why a cell fails when it is marked, told by its outputs."""

import pytest
from nbformat.v4 import new_output

from seqmodels.grading import causes
from seqmodels.grading.causes import INPUT, MISSING_PACKAGE, NAME_OF_TEST, Cause
from tests.grading.course import ROOT

NO_INPUT = "raw_input was called, but this frontend does not support input requests."


def _error(name: str, value: str):
    return new_output("error", ename=name, evalue=value, traceback=[])


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        (_error("ModuleNotFoundError", "No module named 'seaborn'"), Cause(MISSING_PACKAGE, "seaborn")),
        (_error("ModuleNotFoundError", "No module named 'google.colab'"), Cause(MISSING_PACKAGE, "google.colab")),
        (
            _error("ImportError", "Missing optional dependency 'openpyxl'. Use pip or conda."),
            Cause(MISSING_PACKAGE, "openpyxl"),
        ),
        (_error("ImportError", "cannot import name 'tau' from 'math'"), None),
        (_error("RuntimeError", "No module named 'seaborn'"), None),
        (_error("StdinNotImplementedError", NO_INPUT), Cause(INPUT)),
        (_error("NameError", "name 'answer' is not defined"), Cause(NAME_OF_TEST, "answer")),
        (_error("NameError", "name 'own' is not defined"), None),
        (new_output("stream", text="not yet: a: ModuleNotFoundError: No module named 'seaborn'"), None),
        (_error("", ""), None),
    ],
)
def test_cells(output, cause):
    assert causes.of([new_output("stream", text="a"), output], {"answer"}) == cause


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        (_error("ModuleNotFoundError", "No module named 'seaborn'"), Cause(MISSING_PACKAGE, "seaborn")),
        (
            _error("AssertionError", "the values: ModuleNotFoundError: No module named 'seaborn'; the rest: it is 3"),
            Cause(MISSING_PACKAGE, "seaborn"),
        ),
        (
            new_output("stream", text="passed: a\nnot yet: b: ModuleNotFoundError: No module named 'seaborn'\n"),
            Cause(MISSING_PACKAGE, "seaborn"),
        ),
        (_error("NotImplementedError", NO_INPUT), Cause(INPUT)),
        (_error("NameError", "name 'answer' is not defined"), None),
        (_error("AssertionError", "a sum is wrong"), None),
    ],
)
def test_tests(output, cause):
    assert causes.of_test([output]) == cause


def test_packages_are_those_that_the_library_asks_for():
    found = causes.packages().split(", ")
    assert {"keras", "numpy", "scikit-learn", "svg.path"} < set(found)
    assert not {"jupyterlab", "nbgrader", "pytest"} & set(found)
    project = (ROOT / "pyproject.toml").read_text()
    assert all(f'"{name}>=' in project for name in found)
