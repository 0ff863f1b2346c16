"""What an attack is, and the ways to write one down."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from nbformat import NotebookNode

ALL = "all"
SOLVED, WRONG, BLANK = "solved", "wrong", "blank"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an attack finds what it is after. A student may know all of it, or guess it.

    Attributes:
      course: the course folder.
      library: the folder of the package seqmodels.
      data: the folder of the prepared data.
      home: the home folder of whoever grades.
      port: a port of this machine on which somebody listens, as a server of the teacher might.
      mark: a word in the name of everything that an attack leaves behind, and of what is to be found.
    """

    course: Path
    library: Path
    data: Path
    home: Path
    port: int
    mark: str

    def fill_in(self, source: str) -> str:
        """Python in which @COURSE@ and the like stand for these values."""
        for field in dataclasses.fields(self):
            source = source.replace(f"@{field.name.upper()}@", str(getattr(self, field.name)))
        return source


Make = Callable[[Path, NotebookNode, Place], None]


@dataclasses.dataclass(frozen=True)
class Attack:
    """One hostile submission, and what it gets.

    Attributes:
      name: the student's name.
      about: what it tries, in a few words, for the table.
      make: writes the submission into a folder; gets the notebook as `base` says.
      base: SOLVED for a notebook with every answer right, WRONG for one with every answer wrong, BLANK for the
        notebook as it was handed out.
      loses: test cells that earn nothing; ALL if none earns anything.
      part: points of test cells that earn some of theirs.
      unanswered: written answers that earn 0 and need no marking by hand.
      notes: what student and teacher are told, as keys of wording.MESSAGES, neither more nor less.
      perhaps: what they may be told besides, where it depends on the moment.
      stock_is_dangerous: why plain nbgrader is not tried with it; "" if it is.
    """

    name: str
    about: str
    make: Make
    base: str = SOLVED
    loses: tuple[str, ...] | str = ()
    part: dict[str, float] = dataclasses.field(default_factory=dict)
    unanswered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    stock_is_dangerous: str = ""

    def deserved(self, points: dict[str, float], written: Iterable[str]) -> dict[str, float | None]:
        """The points of each cell; None for an answer that a person has to read."""
        lost = points if self.loses == ALL else self.loses
        unknown = {*lost, *self.part, *self.unanswered} - {*points, *written}
        if unknown:
            raise ValueError(f"{self.name} names cells that the assignment has not: {sorted(unknown)}")
        found = {name: 0 if name in lost else self.part.get(name, most) for name, most in points.items()}
        return found | {name: 0 if name in self.unanswered else None for name in written}


def write(folder: Path, notebook: NotebookNode, name: str) -> Path:
    """Write a notebook as it is: nbformat would put right what is to be wrong."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell of this name."""
    return next(found for found in notebook.cells if found.id == name)


def at(notebook: NotebookNode, name: str) -> int:
    """The number of the cell of this name."""
    return next(number for number, found in enumerate(notebook.cells) if found.id == name)


def edited(assignment: str, edit: Callable[[NotebookNode], None]) -> Make:
    """A submission that is one notebook in which something has been changed."""

    def make(folder: Path, notebook: NotebookNode, place: Place) -> None:
        edit(notebook)
        write(folder, notebook, f"{assignment}.ipynb")

    return make


def answering(assignment: str, answers: dict[str, str]) -> Make:
    """A submission with these answers; one that begins with "+" is put behind the answer that is there."""

    def make(folder: Path, notebook: NotebookNode, place: Place) -> None:
        for name, source in answers.items():
            found = cell(notebook, name)
            source = place.fill_in(source)
            found.source = f"{found.source}\n{source[1:]}" if source.startswith("+") else source
        write(folder, notebook, f"{assignment}.ipynb")

    return make
