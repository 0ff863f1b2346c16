"""Reading the notebook of a student, whatever a program or a mishap has made of its file.

nbformat refuses much that can be read well: a byte order mark, an unknown version, cells without
ids. Of a submission only the text of its cells is wanted, with the pictures in it, and which cell of the assignment
each is.
"""

import dataclasses
import itertools
import json
import re

from seqmodels.grading.attachments import Attachments, taken_out
from seqmodels.grading.messages import Note, listed, note, quoted

MOST_CELLS = 2000
MOST_LETTERS = 5_000_000  # of all cells together, pictures and outputs apart
MOST_PARTS = 12_000_000  # strings, lists, objects and commas of the file: each takes memory, however short it is
SKIP_TAG = "skip-execution"
CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)

_PART = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{,]', re.DOTALL)
_FORMAT = 4
_SCHEMA = 3
_LONGEST_NAME = 200  # letters; Jupyter allows 64, nbgrader what fits into its gradebook
_BEGINNINGS = {
    "PK": "a zip archive or an office document",
    "%PDF": "a PDF file",
    "<!DOCTYPE": "a web page",
    "<html": "a web page",
    "\x89PNG": "a picture",
    "\x1f\x8b": "a compressed archive",
}


class Unreadable(Exception):
    """A file that cannot be read as a notebook.

    Attributes:
      note: what is wrong with it.
    """

    def __init__(self, found: Note):
        super().__init__(found.happened)
        self.note = found


@dataclasses.dataclass(frozen=True)
class Cell:
    """What counts of a student's cell.

    Attributes:
      kind: "code", "markdown" or "raw".
      source: its text, with \\n between lines.
      id: its id in the notebook, or "".
      grade_id: nbgrader's name for it, or "".
      attachments: the pictures that the text shows, in base64 by media type, by name.
    """

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    attachments: Attachments = dataclasses.field(default_factory=dict)


def parse(content: bytes, name: str) -> tuple[list[Cell], list[Note]]:
    """The cells of a notebook file, and what was odd about it.

    Args:
      content: the bytes of the file.
      name: what the file is called, for the messages.

    Raises:
      Unreadable: there is no notebook in it.
    """
    text, notes = _decoded(content)
    if not text.strip():
        raise Unreadable(note("empty", found=quoted(name)))
    if _has_too_many_parts(text):
        raise Unreadable(
            note("too_long", found=quoted(name), what=f"more than {MOST_PARTS // 1_000_000} million parts")
        )
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_diagnosis(text, name, error)) from error
    raw = _raw_cells(tree)
    if raw is None:
        raise Unreadable(note("something_else", found=quoted(name), what="some other file in JSON"))
    if len(raw) > MOST_CELLS:
        raise Unreadable(note("too_long", found=quoted(name), what=f"more than {MOST_CELLS:,} cells"))
    cells = [_cell(cell) for cell in raw]
    if sum(len(cell.source) for cell in cells) > MOST_LETTERS:
        what = f"more than {MOST_LETTERS // 1_000_000} million letters in its cells"
        raise Unreadable(note("too_long", found=quoted(name), what=what))
    return cells, notes + _oddities(tree, raw)


def _has_too_many_parts(text: str) -> bool:
    """Whether a text in JSON would take far more memory than it has letters."""
    return next(itertools.islice(_PART.finditer(text), MOST_PARTS, None), None) is not None


def _decoded(content: bytes) -> tuple[str, list[Note]]:
    # The first letter of a notebook is a brace, so that zeros around it tell UTF-16 without a mark.
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content.startswith((b"{\0", b"\0{")):
        encoding = "utf-16-le" if content[:1] == b"{" else "utf-16-be"
    elif content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    else:
        encoding = "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", content.decode("cp1252", errors="replace")
    shown = {"utf-8-sig": "UTF-8 with a byte order mark", "cp1252": "Windows-1252"}.get(encoding, "UTF-16")
    return text, [] if encoding == "utf-8" else [note("encoding", name=shown)]


def _diagnosis(text: str, name: str, error: Exception) -> Note:
    start = text.lstrip()
    for beginning, what in _BEGINNINGS.items():
        if start.lower().startswith(beginning.lower()):
            return note("something_else", found=quoted(name), what=what)
    if not start.startswith("{"):
        return note("something_else", found=quoted(name), what="some other file")
    if mark := CONFLICT.search(text):
        return note("conflict", found=quoted(name), line=text.count("\n", 0, mark.start()) + 1)
    if not text.rstrip().endswith("}"):
        return note("truncated", found=quoted(name))
    return note("damaged", found=quoted(name), line=getattr(error, "lineno", "?"))


def _raw_cells(tree: object) -> list[dict] | None:
    """The cells of a notebook of any version, or None if it is no notebook."""
    if not isinstance(tree, dict):
        return None
    cells = tree.get("cells")
    if cells is None and isinstance(tree.get("worksheets"), list):  # versions 2 and 3
        sheets = [sheet.get("cells") for sheet in tree["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else None


def _cell(raw: dict) -> Cell:
    kind = raw.get("cell_type")
    kind = kind if kind in ("code", "raw") else "markdown"
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source, attachments = _text(source).replace("\r\n", "\n").replace("\r", "\n"), {}
    # A written answer may have been turned into code. In other code, what looks like a picture is a part of it.
    if kind != "code" or _grader(raw).get("cell_type") == "markdown":
        source, attachments = taken_out(source, raw.get("attachments"))
    return Cell(kind, source, _name(raw.get("id")), _name(_grader(raw).get("grade_id")), attachments)


def _name(value: object) -> str:
    """The name of a cell; none if it is longer than nbgrader or Jupyter would make it."""
    name = _text(value)
    return name if len(name) <= _LONGEST_NAME else ""


def _oddities(tree: dict, raw: list[dict]) -> list[Note]:
    notes = []
    if tree.get("nbformat") != _FORMAT:
        notes.append(note("format", version=quoted(str(tree.get("nbformat")))))
    schemas = {str(_grader(cell).get("schema_version")) for cell in raw if _grader(cell)} - {str(_SCHEMA)}
    if schemas:
        notes.append(note("schema", version=listed(sorted(schemas))))
    skipped = [_text(_grader(cell).get("grade_id")) or "a cell of your own" for cell in raw if SKIP_TAG in _tags(cell)]
    if skipped:
        notes.append(note("skipped", names=listed(skipped)))
    return notes


def _metadata(raw: dict) -> dict:
    return raw["metadata"] if isinstance(raw.get("metadata"), dict) else {}


def _grader(raw: dict) -> dict:
    found = _metadata(raw).get("nbgrader")
    return found if isinstance(found, dict) else {}


def _tags(raw: dict) -> list:
    found = _metadata(raw).get("tags")
    return found if isinstance(found, list) else []


def _text(found: object) -> str:
    """A text as it is kept, whichever of the notebook's it is; "" for anything else."""
    # Half of a pair of surrogates can stand in JSON, and in no file that is written in UTF-8.
    return found.encode("utf-8", errors="replace").decode("utf-8") if isinstance(found, str) else ""
