"""What is said to student and teacher when something about a submission was not as it should be.

A note is what happened, in words for both, and a piece of advice for each; wording.py has the words. Notes
travel in the metadata of the notebook while it is graded, and end up in its first cell and in the
teacher's table.
"""

import dataclasses
import re
from collections.abc import Iterable

from nbformat import NotebookNode

from seqmodels.grading.wording import MESSAGES, NOTHING

KEY = "seqmodels"  # the notebook's own metadata that belongs to this package
FILES = "files"  # in it: a digest of what a student has sent beside the notebook
_LONGEST = 80
_MOST_NAMES = 12


@dataclasses.dataclass(frozen=True)
class Note:
    """What happened to a submission, and what student and teacher can do."""

    key: str
    happened: str
    student: str
    teacher: str


def note(key: str, **values: object) -> Note:
    """The note of this kind. Values that come from a student are shown by quoted() or listed() first."""
    return Note(key, *(text.format(**values) for text in MESSAGES[key]))


def quoted(text: str) -> str:
    """A student's words, short and in a frame, so that they can be nothing but words in a page or a table."""
    text = (
        re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]", "?", text)
        .replace("`", "'")
        .replace("|", "/")
    )
    return f"`{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}`"


def listed(names: Iterable[str]) -> str:
    """Names, quoted, at most a dozen of them."""
    names = list(names)
    shown = ", ".join(map(quoted, names[:_MOST_NAMES])) or "nothing"
    return shown if len(names) <= _MOST_NAMES else f"{shown} and {len(names) - _MOST_NAMES} more"


def own(notebook: NotebookNode) -> NotebookNode:
    """What belongs to this package in a notebook's metadata, to be changed."""
    return notebook.metadata.setdefault(KEY, NotebookNode())


def add(notebook: NotebookNode, notes: Iterable[Note]) -> None:
    """Write notes into a notebook's metadata."""
    kept = own(notebook).setdefault("notes", [])
    kept.extend(NotebookNode(dataclasses.asdict(found)) for found in notes)


def read(notebook: NotebookNode) -> list[Note]:
    """The notes in a notebook's metadata."""
    return [Note(**found) for found in notebook.metadata.get(KEY, {}).get("notes", [])]


def mark_as_graded(notebook: NotebookNode) -> None:
    """Write into a notebook's metadata that it has been graded to its end."""
    own(notebook)["graded"] = True


def is_graded(notebook: NotebookNode) -> bool:
    """Whether a notebook has been graded to its end."""
    return notebook.metadata.get(KEY, {}).get("graded", False)


def as_markdown(notes: Iterable[Note]) -> str:
    """The first cell of the graded notebook, for the student."""
    lines = [f"- {found.happened}" + ("" if found.student == NOTHING else f" **{found.student}**") for found in notes]
    return "\n".join(["### About what you handed in", "", *lines])
