"""The pictures of a student's notebook, out of the texts of its cells and into nbformat's attachments.

JupyterLab and VS Code attach a picture that is pasted to its cell, and name it in the text. Colab writes the picture
itself into the text, where a photo has millions of letters. Both end up as attachments, of which only those are kept
that the text shows. Before they are kept for a page, each is decoded and encoded again (pictures.py).
"""

import dataclasses
import itertools
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from urllib.parse import unquote

from seqmodels.grading import pictures
from seqmodels.grading.files import MEGABYTE
from seqmodels.grading.messages import Note, listed, note

MOST_PICTURES = 40  # of a notebook
MOST_BYTES = 25 * MEGABYTE  # of all pictures of a notebook, as they are kept: photos get smaller

MOST_PIXELS = 500_000_000  # of all pictures of a notebook: a second for every fifty million

# As nbformat has them: the picture in base64 by its media type, by its name.
Attachments = Mapping[str, Mapping[str, str]]

_PREFIX = "attachment:"
_PLAIN = re.compile(r"[\w.-]+", re.ASCII)
_SHOWN = re.compile(rf"{_PREFIX}({_PLAIN.pattern})", re.ASCII)
# A file in base64 as part of a text: nothing that anybody has typed, not even about such files.
_EMBEDDED = re.compile(
    r"data:(?P<kind>[\w.+/-]*+)(?:;(?!base64,)[\w.=-]++)*+;base64,(?P<data>[\w+/=%-]{64,}+)", re.ASCII
)
_AS_PICTURE = re.compile(rf"\]\(<?{_PREFIX}([^\s()<>]{{1,200}})")
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
_ENDS = ("", *_SUFFIXES.values())
_LONGEST_NAME = 200  # letters
_MOST_NAMES = 200  # of a cell: JupyterLab leaves those there that are no longer shown
_NOT_THERE = "the text shows them, and they are not in the file"
_TOO_MANY = (
    f"the notebook has more than {MOST_PICTURES} pictures, or {MOST_BYTES // MEGABYTE} MB or {MOST_PIXELS // 1_000_000} "
    "million pixels of them"
)


def taken_out(source: str, attached: object) -> tuple[str, dict[str, dict[str, str]]]:
    """The text of a cell with names in the place of the pictures in it, and these with the others that the text shows.

    Names that a page might write otherwise, such as those with blanks, become others too. Of a picture that the text shows,
    and that is not there, only the name is known.

    Args:
      source: the text.
      attached: the cell's attachments, whatever the file holds there.
    """
    given = _named(attached)
    numbers = (number for number in itertools.count(1) if not any(f"picture-{number}{end}" in given for end in _ENDS))
    found: dict[str, dict[str, str]] = {}

    def own_name(kind: str) -> str:
        return f"picture-{next(numbers)}{_SUFFIXES.get(kind, '')}"

    def taken(match: re.Match) -> str:
        kind = match["kind"].lower()
        # Those that are too many have one name together: a text may hold millions.
        name = next(reversed(found)) if len(found) > MOST_PICTURES else own_name(kind)
        found[name] = {kind: unquote(match["data"])}
        return _PREFIX + name

    shown = names_shown(source, given)
    source = _EMBEDDED.sub(taken, source)
    for name in shown:
        kept = name
        if not _PLAIN.fullmatch(name):
            kept = own_name(next(iter(given[name]), ""))
            source = _written(name).sub(_PREFIX + kept, source)
        found[kept] = given[name]
    missing = (name for name in _AS_PICTURE.findall(source) if name not in found and unquote(name) not in found)
    return source, found | {name: {} for name in itertools.islice(dict.fromkeys(missing), MOST_PICTURES)}


def names_shown(source: str, names: Iterable[str]) -> list[str]:
    """Those of these names of attachments that a text shows."""
    if _PREFIX not in source:
        return []
    plain = set(_SHOWN.findall(source))
    plain |= {name.rstrip(".") for name in plain}
    return [name for name in names if name in plain or (not _PLAIN.fullmatch(name) and _written(name).search(source))]


def encoded_again(cells: Iterable, given: Mapping[str, Container[str]]) -> tuple[list, list[Note]]:
    """The same cells with pictures that anybody can look at, and what is said about those that are left out.

    Args:
      cells: a student's cells (reading.Cell).
      given: the names of the pictures that each of the assignment's cells has of its own, by its grade_id. Where such a
        picture is lost, that of the assignment is there again.
    """
    left_out, room, kept_cells = defaultdict(list), _Room(), []
    for cell in cells:
        kept = {}
        for name, bundle in cell.attachments.items():
            if not bundle and name in given.get(cell.grade_id, ()):
                continue
            try:
                picture = room.picture(next(iter(bundle.values()), None))
            except pictures.Refused as error:
                where = cell.grade_id if cell.grade_id in given else "an added cell"
                left_out[str(error)].append(f"{name} in {where}")
            else:
                kept[name] = {picture.kind: picture.base64()}
        kept_cells.append(dataclasses.replace(cell, attachments=kept))
    return kept_cells, [note("picture", names=listed(found), why=why) for why, found in left_out.items()]


class _Room:
    """What there is still room for in a notebook."""

    def __init__(self):
        self._pictures, self._bytes, self._pixels = MOST_PICTURES, MOST_BYTES, MOST_PIXELS

    def picture(self, written: str | None) -> pictures.Picture:
        """A picture in base64, if there is one, decoded and encoded again.

        Raises:
          Refused: it is none, or there is no room for it.
        """
        if written is None:
            raise pictures.Refused(_NOT_THERE)
        self._pictures -= 1
        if self._pictures < 0 or self._pixels < 0:
            raise pictures.Refused(_TOO_MANY)
        try:
            picture = pictures.safe_base64(written)
        except pictures.Refused as error:
            self._pixels -= error.decoded
            raise
        self._pixels -= picture.decoded
        if len(picture.data) > self._bytes:
            raise pictures.Refused(_TOO_MANY)
        self._bytes -= len(picture.data)
        return picture


def _written(name: str) -> re.Pattern:
    """How a text may name an attachment with letters that editors write as they are, or as %20 and the like."""
    forms = [f"(?:{re.escape(letter)}|{''.join(f'%{byte:02x}' for byte in letter.encode())})" for letter in name]
    return re.compile(rf"{_PREFIX}(?i:{''.join(forms)})")


def _named(attached: object) -> dict[str, dict[str, str]]:
    """A cell's attachments, as far as they are what nbformat says."""
    if not isinstance(attached, dict):
        return {}
    # As reading.py does with the text that names them: half a letter cannot be written to a file.
    names = {name.encode(errors="replace").decode(): name for name in attached if 0 < len(name) <= _LONGEST_NAME}
    odd = [name for name in names if not _PLAIN.fullmatch(name)]
    left_out = {*odd[MOST_PICTURES:], *list(names)[_MOST_NAMES:]}
    return {name: _picture(attached[given]) for name, given in names.items() if name not in left_out}


def _picture(bundle: object) -> dict[str, str]:
    """Of the forms of one picture the first that may be one, by its media type; an empty one if there is none."""
    if isinstance(bundle, dict):
        for kind, data in bundle.items():
            if isinstance(data, list):
                data = "".join(line for line in data if isinstance(line, str))
            if isinstance(data, str) and kind.startswith("image/"):
                return {kind: data}
    return {"": ""}
