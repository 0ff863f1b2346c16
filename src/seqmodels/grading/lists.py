"""Lists that a teacher keeps in a spreadsheet and saves as CSV: students, extensions, members of groups.

Whatever a spreadsheet makes of such a file is read: a byte order mark, other separators, blanks around words, empty
rows. What cannot be used is named with its line, and then nothing of the list is used.
"""

import dataclasses
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from seqmodels.grading import sheet
from seqmodels.grading.sheet import Unusable

_WINDOWS = "cp1252"  # what Excel saves as "CSV" in the west of Europe and in America; Latin-1 is a part of it


@dataclasses.dataclass(frozen=True)
class Row:
    """One row: the line of the file in which it begins, and its fields by the names of the columns."""

    line: int
    fields: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Listed:
    """What a list holds.

    Attributes:
      rows: those that are not empty.
      remarks: sentences about what the teacher should look at.
    """

    rows: list[Row]
    remarks: list[str]


def read(path: Path, needed: Sequence[str], others: Sequence[str] = ()) -> Listed:
    """Read a list.

    Args:
      path: the file.
      needed: the columns that have to be there.
      others: the columns that may be there; those that are in neither are not used.

    Raises:
      Unusable: it cannot be read, or has no such columns.
    """
    table = sheet.read(path, otherwise=_WINDOWS)
    names = [name.strip().casefold() for name in table.names]
    used = {name: names.index(name) for name in (*needed, *others) if name in names}
    if missing := [name for name in needed if name not in used]:
        raise Unusable(
            f"There is no column '{missing[0]}', but {', '.join(table.names)}. The first line names the columns: "
            f"{', '.join((*needed, *others))}."
        )
    for name in used:
        if names.count(name) > 1:
            raise Unusable(f"The file has {names.count(name)} columns called '{name}'. Leave one of them in it.")
    rows = [
        Row(line, {name: _tidy(fields[place]) for name, place in used.items()})
        for line, fields in zip(table.lines, table.rows, strict=True)
        if any(map(_tidy, fields))
    ]
    remarks = []
    if unknown := [name.strip() for name in table.names if name.strip() and name.strip().casefold() not in used]:
        remarks.append(f"These columns are not used: {', '.join(unknown)}")
    if table.encoding == _WINDOWS:
        odd = [value for row in rows for value in row.fields.values() if not value.isascii()]
        remarks.append(
            "The file is not in UTF-8 and was read as Windows-1252. Look whether these are right, and save it as CSV in "
            f"UTF-8 if they are not: {', '.join(odd)}"
        )
    return Listed(rows, remarks)


def _tidy(field: str) -> str:
    # Letters with accents as zip_collect writes them. strip() takes the blank that does not break, too.
    return unicodedata.normalize("NFC", field).strip()


def refuse(faults: Iterable[tuple[int, str]]) -> None:
    """Name what cannot be used, by the line of the file.

    Raises:
      Unusable: there is something.
    """
    found = [f"line {line}: {what}" for line, what in faults]
    if found:
        raise Unusable("\n  ".join(["Nothing of it was used. Mend these lines, and run the command again:", *found]))
