"""A CSV file as a program has written it, read and written again so that the program knows it for its own.

Platforms and spreadsheets differ in what separates the fields, ends the lines and opens the file. All that stays as it
was; of the fields, only those that somebody sets are changed.
"""

import codecs
import csv
import dataclasses
import io
from pathlib import Path

_SEPARATORS = ",;\t"
# Longest first: the mark of UTF-16 is the beginning of none of the others.
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Unusable(Exception):
    """A file that cannot be used, and what to do about it."""


@dataclasses.dataclass
class Sheet:
    """The names of the columns, and the rows below them, each as long as the names.

    Attributes:
      lines: in which line of the file each row begins.
    """

    names: list[str]
    rows: list[list[str]]
    separator: str = ","
    encoding: str = "utf-8"
    line_end: str = "\r\n"
    lines: list[int] = dataclasses.field(default_factory=list)

    def column(self, name: str) -> int | None:
        """The place of a column; None if there is none of that name.

        Raises:
          Unusable: there are several.
        """
        places = [place for place, other in enumerate(self.names) if other.strip() == name]
        if len(places) > 1:
            raise Unusable(f"The file has {len(places)} columns called '{name}'. Leave one of them in it.")
        return places[0] if places else None

    def field(self, row: list[str], name: str) -> str:
        """What a row has in a column; empty if there is no such column."""
        place = self.column(name)
        return "" if place is None else row[place].strip()

    def write(self, path: Path) -> None:
        """Write the file."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.separator, lineterminator=self.line_end)
        writer.writerows([self.names, *self.rows])
        path.write_bytes(text.getvalue().encode(self.encoding))


def read(path: Path, otherwise: str | None = None) -> Sheet:
    """Read a CSV file.

    Args:
      path: the file.
      otherwise: the encoding to take for a file that is not in UTF-8; without it, such a file is refused.

    Raises:
      Unusable: it cannot be read, or its rows are not alike.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    text, encoding = _decoded(content, path, otherwise)
    first_line = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first_line.count)
    numbered, end = [], 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if row:
                numbered.append((end + 1, row))
            end = reader.line_num
    except csv.Error as error:
        raise Unusable(f"{path} is no whole CSV file: {error}, in line {end + 1}. Export it again.") from error
    if not numbered:
        raise Unusable(f"{path} is empty. Export it again.")
    (_, names), *others = numbered
    for line, row in others:
        if len(row) != len(names):
            raise Unusable(f"Line {line} of {path} has {len(row)} fields and not {len(names)}. Export the file again.")
    line_end = "\r\n" if first_line.endswith("\r") else "\n"
    return Sheet(names, [row for _, row in others], separator, encoding, line_end, [line for line, _ in others])


def _decoded(content: bytes, path: Path, otherwise: str | None) -> tuple[str, str]:
    """The text of a file, and its encoding."""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        if otherwise is None or encoding != "utf-8":
            raise Unusable(
                f"{path} is not in UTF-8. Take it as the platform exports it: a spreadsheet may have saved it anew."
            ) from error
    try:
        return content.decode(otherwise), otherwise
    except UnicodeDecodeError as error:
        raise Unusable(f"{path} is neither in UTF-8 nor in {otherwise}. Save it as CSV in UTF-8.") from error
