"""Why a cell fails when it is marked and works for the student: what is there for the student, and not here."""

import dataclasses
import importlib.metadata
import re
from collections.abc import Container, Iterable

from nbformat import NotebookNode

NAME_OF_TEST, MISSING_PACKAGE, INPUT = "name_of_test", "missing_package", "input"

_NO_NAME = re.compile(r"NameError: name '(\w+)' is not defined")
_NO_MODULE = re.compile(
    r"\b(?:ModuleNotFoundError|ImportError): (?:No module named|Missing optional dependency) '([\w.]+)'"
)
_NO_INPUT = "raw_input was called, but this frontend does not support input requests"  # ipykernel's words


@dataclasses.dataclass(frozen=True)
class Cause:
    """Why a cell has failed.

    Attributes:
      event: the key of what is said about it (wording.py).
      missing: what it lacks; empty if that has no name.
    """

    event: str
    missing: str = ""


def of(outputs: Iterable[NotebookNode], of_tests: Container[str]) -> Cause | None:
    """The cause of the error among a cell's outputs, if it is one of these.

    Args:
      outputs: the outputs.
      of_tests: the names that the tests define.
    """
    said = _errors(outputs)
    if (found := _NO_NAME.match(said)) and found[1] in of_tests:
        return Cause(NAME_OF_TEST, found[1])
    return _cause(said, _NO_MODULE.match(said))


def of_test(outputs: Iterable[NotebookNode]) -> Cause | None:
    """The cause for which a test has not given all of its points, if what it has called lacks one of these."""
    outputs = list(outputs)
    # Tests with parts print what became of each; nothing that a student's code prints is among it.
    said = "\n".join([_errors(outputs), *(output.get("text", "") for output in outputs)])
    return _cause(said, _NO_MODULE.search(said))


def _errors(outputs: Iterable[NotebookNode]) -> str:
    return "\n".join(f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error")


def _cause(said: str, no_module: re.Match | None) -> Cause | None:
    if no_module:
        return Cause(MISSING_PACKAGE, no_module[1])
    return Cause(INPUT) if _NO_INPUT in said else None


def packages() -> str:
    """The packages that notebooks of this course can import, as they are called on the Python Package Index."""
    needed = importlib.metadata.requires("seqmodels") or ()
    return ", ".join(sorted(re.match(r"[\w.-]+", line)[0] for line in needed if "extra ==" not in line))
