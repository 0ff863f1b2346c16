"""What an assignment keeps from its students, and whether a text gives it away.

The source of an assignment holds solutions, hidden tests and mark schemes between nbgrader's
markers. A secret is one line of these, or what lies beside the text of such a cell: a picture that is attached to it, a
line of a solution's output, a text in the metadata. Lines that say little, and what the same notebook shows to everybody,
are no secrets.
"""

import base64
import dataclasses
import functools
import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from seqmodels.grading.attachments import names_shown

SOLUTION = "solution"
HIDDEN_TEST = "hidden test"
MARK_SCHEME = "mark scheme"

# nbgrader's own markers, with the kind of region that each pair encloses.
MARKERS = {
    SOLUTION: ("BEGIN SOLUTION", "END SOLUTION"),
    HIDDEN_TEST: ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),
    MARK_SCHEME: ("BEGIN MARK SCHEME", "END MARK SCHEME"),
}

# Of a cell's metadata, what is no text of the teacher's.
_PUBLIC_METADATA = ("deletable", "editable", "execution", "nbgrader", "tags")

# A line with fewer letters and digits than this may well be written twice by chance.
FEWEST_LETTERS = 16


@dataclasses.dataclass(frozen=True)
class Secret:
    """One line that a student must not receive.

    Attributes:
      kind: ``SOLUTION``, ``HIDDEN_TEST`` or ``MARK_SCHEME``.
      cell: grade_id of its cell.
      line: the line, as it was written; of a picture its bytes in base64.
      name: what a picture is called; empty for a line.
    """

    kind: str
    cell: str
    line: str
    name: str = ""

    @functools.cached_property
    def letters(self) -> str:
        return letters(self.line)

    def __str__(self):
        return f"{self.kind} of cell '{self.cell}': {f'the picture {self.name}' if self.name else self.line}"


def classified_lines(cell: NotebookNode) -> Iterator[tuple[str | None, str]]:
    """Each line of a cell with the kind of region that it lies in; None for what everybody sees.

    The lines with the markers themselves are left out.
    """
    kind = SOLUTION if _is_all_solution(cell) else None
    for line in cell.source.split("\n"):
        begins = [name for name, (begin, _) in MARKERS.items() if begin in line]
        ends = [name for name, (_, end) in MARKERS.items() if end in line]
        if begins:
            kind = begins[0]
        elif ends:
            kind = None
        else:
            yield kind, line


def secrets(notebook: NotebookNode, kinds: Iterable[str] = tuple(MARKERS)) -> list[Secret]:
    """The secrets of these kinds in the source notebook of an assignment."""
    found, seen = [], []
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.get("id", "?"))
        for kind, line in classified_lines(cell):
            if kind is None:
                seen.append(line)
            elif kind in kinds and len(letters(line)) >= FEWEST_LETTERS:
                found.append(Secret(kind, name, line.strip()))
        found += [secret for secret in _beside(cell, name) if secret.kind in kinds]
    visible = letters("\n".join(seen))
    return [secret for secret in found if secret.letters not in visible]


def _beside(cell: NotebookNode, name: str) -> Iterator[Secret]:
    """What a cell with something hidden in it has besides its text, but for the pictures that everybody sees."""
    kind = _hidden_kind(cell)
    if kind is None:
        return
    attached = cell.get("attachments", {})
    shown = names_shown("\n".join(line for kind, line in classified_lines(cell) if kind is None), attached)
    pictures = [(picture, bundle) for picture, bundle in attached.items() if picture not in shown]
    texts = _texts(_metadata(cell))
    if kind == SOLUTION:  # what tests print is made for students
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            pictures.append(("among its outputs", data))
            others = {**output, "data": {kind: value for kind, value in data.items() if not _is_picture(kind)}}
            texts += [line for text in _texts(others) for line in text.split("\n")]
    pictures = [(picture, text) for picture, data in pictures for text in _texts(_pictures(data))]
    yield from (Secret(kind, name, text, picture) for picture, text in pictures)
    yield from (Secret(kind, name, text.strip()) for text in texts if len(letters(text)) >= FEWEST_LETTERS)


def _hidden_kind(cell: NotebookNode) -> str | None:
    """What a cell has that students must not see, if it has anything."""
    kinds = {kind for kind, _ in classified_lines(cell)} - {None}
    return SOLUTION if cell.metadata.get("nbgrader", {}).get("solution", False) else next(iter(sorted(kinds)), None)


def _metadata(cell: NotebookNode) -> dict:
    return {name: value for name, value in cell.metadata.items() if name not in _PUBLIC_METADATA}


def _pictures(bundle: dict) -> dict:
    return {kind: data for kind, data in bundle.items() if _is_picture(kind)}


def _is_picture(kind: str) -> bool:
    return kind.startswith("image/")


def _texts(tree: object) -> list[str]:
    """All texts in a tree of lists and dictionaries, but for the names of its branches."""
    if isinstance(tree, str):
        return [tree]
    branches = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [text for branch in branches for text in _texts(branch)]


def course_secrets(course: Path) -> dict[str, list[Secret]]:
    """The secrets of each assignment of a course, by its name.

    What one assignment shows to everybody is no secret of another. Nor is a line of a solution that the
    library or a chapter holds: an assignment may ask for what has been taught.
    """
    sources = {path.stem: nbformat.read(path, as_version=4) for path in sorted(course.glob("solutions/*/*.ipynb"))}
    shown = letters("\n".join(line for source in sources.values() for line in _shown(source)))
    taught = letters("\n".join(path.read_text(encoding="utf-8") for path in _teaching(course)))
    return {
        name: [
            secret
            for secret in secrets(source)
            if secret.letters not in shown and not (secret.kind == SOLUTION and secret.letters in taught)
        ]
        for name, source in sources.items()
    }


def leaked(kept: Iterable[Secret], text: str, known: str = "") -> list[Secret]:
    """The secrets that a text gives away.

    Args:
      kept: the secrets to look for.
      text: what a student receives: a notebook, a page, an index, plain text.
      known: what the student has written; lines in it are not given away.
    """
    # HTML is read with and without its tags: a tag may cut a line, or hold one.
    readings = [letters(text), letters(re.sub(r"<[^<>]*>", "", text))]
    own = letters(known)
    return [
        secret
        for secret in kept
        if any(secret.letters in reading for reading in readings) and secret.letters not in own
    ]


def text_of(content: bytes) -> str:
    """What leaked() can look through of a file: its text; for a picture or the like also its bytes as notebooks hold them."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return f"{content.decode('utf-8', errors='ignore')}\n{base64.b64encode(content).decode()}"


def files_of_secrets(notebook: NotebookNode, names: Iterable[str]) -> list[str]:
    """Those of these files that a solution, a hidden test or a mark scheme names, and no line that everybody sees."""
    lines = [(kind, line) for cell in notebook.cells for kind, line in classified_lines(cell)]

    def is_named(name: str, hidden: bool) -> bool:
        word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)")
        return any(word.search(line) for kind, line in lines if (kind is not None) == hidden)

    return [name for name in names if is_named(name, True) and not is_named(name, False)]


def letters(text: str) -> str:
    """The letters and digits of a text alone: the same whether it is escaped for HTML or JSON, or coloured."""
    text = re.sub(r"(\x1b|\\u001b)\[[0-9;]*m", "", text)
    text = re.sub(r"&#[0-9]{20,};?", " ", text)  # no letter has such a number, and Python reads none of 4,300 digits
    text = re.sub(r"\\u[0-9a-fA-F]{4}|\\[nrt]", " ", html.unescape(text))
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _shown(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        yield from (line for kind, line in classified_lines(cell) if kind is None)


def _teaching(course: Path) -> list[Path]:
    return sorted([*course.glob("src/**/*.py"), *course.glob("chapters/**/*.ipynb")])


def _is_all_solution(cell: NotebookNode) -> bool:
    """Whether nbgrader replaces the whole cell: an answer cell without a marked region."""
    is_answer = cell.metadata.get("nbgrader", {}).get("solution", False)
    return is_answer and MARKERS[SOLUTION][0] not in cell.source
