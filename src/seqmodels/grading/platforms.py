"""The files in which Moodle and Canvas take marks, and what they do with them.

Written after mod/assign/feedback/offline in Moodle's source, and after lib/gradebook_importer.rb and
lib/gradebook_exporter.rb in that of Canvas.
"""

import abc
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from seqmodels.grading.sheet import Sheet, Unusable

# What may be known about the student of a row. An id can be the name of a person, or one to log in with: others may
# have it too.
ID, EMAIL, NUMBER = "id", "email", "lms_user_id"


class PlatformFile(abc.ABC):
    """A file that a platform has exported, for one assignment.

    Attributes:
      students: the rows that are about students.
      certain: what a row tells of its student that is nobody else's. Where that of a student in the gradebook is another,
        the row is not about this student, whatever the names.
    """

    certain: frozenset[str]

    def __init__(self, sheet: Sheet):
        self._sheet = sheet
        self.students: list[list[str]] = sheet.rows

    @abc.abstractmethod
    def known(self, row: Sequence[str]) -> Iterator[tuple[str, str]]:
        """What tells whose a row is: ID, EMAIL or NUMBER with the value that the gradebook would have for it."""

    @abc.abstractmethod
    def called(self, row: Sequence[str]) -> str:
        """What the platform calls the student of a row."""

    @abc.abstractmethod
    def why_not(self, row: Sequence[str]) -> str:
        """Why the platform would not take a mark in this row; empty if it would."""

    @abc.abstractmethod
    def put(self, row: list[str], score: float) -> None:
        """Write a score into a row."""

    @abc.abstractmethod
    def finished(self, filled: Sequence[list[str]]) -> Sheet:
        """What is to be imported, after scores have been written into these rows."""


class MoodleWorksheet(PlatformFile):
    """The offline grading worksheet of an assignment.

    Moodle itself passes over rows without a mark, and over marks that have been changed in Moodle since the file was
    downloaded; so all rows stay, and the times in them.
    """

    certain = frozenset({NUMBER, EMAIL})
    _NEEDED = ("Identifier", "Grade", "Maximum grade", "Last modified (grade)")

    def __init__(self, sheet: Sheet, most: float, names: Mapping[str, str]):
        """Args:
          sheet: the file.
          most: the points of the assignment.
          names: what the columns are called, and "No", where that is not in English.

        Raises:
          Unusable: it is no such worksheet, or that of an assignment with other points.
        """
        super().__init__(sheet)
        self._names = names
        for name in self._NEEDED:
            if sheet.column(self._name(name)) is None:
                raise Unusable(
                    f"There is no column '{self._name(name)}', but {', '.join(sheet.names)}. Download the grading "
                    "worksheet of an assignment that is graded by points. If your Moodle speaks another language, say "
                    f"what the column is called: --MoodleMarks.names=\"{{'{name}': 'its name'}}\""
                )
        for row in self.students:
            given = self._field(row, "Maximum grade")
            if _number(given) != most:
                raise Unusable(_other_points(most, f"{given or 'none'} in Moodle for {self.called(row)}"))

    def known(self, row: Sequence[str]) -> Iterator[tuple[str, str]]:
        identifier, name = self._field(row, "Identifier"), self._field(row, "Full name")
        yield NUMBER, self._field(row, "ID number")
        yield EMAIL, self._field(row, "Email address")
        yield ID, self._field(row, "Username")
        # As collect.py names students by the folders of a download.
        yield ID, name
        yield ID, identifier
        if name and (number := re.search(r"\d+$", identifier)):
            yield ID, f"{name} {number[0]}"

    def called(self, row: Sequence[str]) -> str:
        identifier, name = self._field(row, "Identifier"), self._field(row, "Full name")
        return f"{name} ({identifier})" if name else identifier

    def why_not(self, row: Sequence[str]) -> str:
        return "locked in Moodle" if self._field(row, "Grade can be changed") == self._name("No") else ""

    def put(self, row: list[str], score: float) -> None:
        text = _text(score)
        if "," in self._field(row, "Maximum grade"):
            text = text.replace(".", ",")  # the language of this Moodle writes numbers so
        row[self._sheet.column(self._name("Grade"))] = text

    def finished(self, filled: Sequence[list[str]]) -> Sheet:
        # Moodle reads no other form.
        return dataclasses.replace(self._sheet, separator=",", encoding="utf-8")

    def _name(self, name: str) -> str:
        return self._names.get(name, name)

    def _field(self, row: Sequence[str], name: str) -> str:
        return self._sheet.field(row, self._name(name))


class CanvasGradebook(PlatformFile):
    """The gradebook of a course, cut down to one assignment and to the students who get a mark.

    Canvas takes each field of an imported file for what should be, an empty one too. So nothing is left in it that may
    be older than what Canvas has by then.
    """

    certain = frozenset({NUMBER})  # the name to log in with may be an address, and not the one that is written to

    def __init__(self, sheet: Sheet, most: float, title: str):
        """Args:
          sheet: the file.
          most: the points of the assignment.
          title: what the assignment is called in Canvas.

        Raises:
          Unusable: it is no such gradebook, or the assignment is not in it, or has other points there.
        """
        super().__init__(sheet)
        if sheet.names[0] not in ("Student", "LastName") or None in (sheet.column("ID"), sheet.column("Section")):
            raise Unusable(
                f"There are no columns Student, ID and Section, but {', '.join(sheet.names[:6])}. Export the gradebook in "
                "Canvas, and leave its columns as they are."
            )
        self._place = self._find(title)
        self.students = [row for row in sheet.rows if sheet.field(row, "ID")]
        points = [row[self._place].strip() for row in sheet.rows if "Points Possible" in row[0]]
        given = points[0] if len(points) == 1 else ""
        if "read only" in given:
            raise Unusable(f"Canvas lets nobody change '{sheet.names[self._place]}'. Name the column of an assignment.")
        if _number(given) != most:
            raise Unusable(_other_points(most, f"{given or 'none'} in Canvas"))

    def known(self, row: Sequence[str]) -> Iterator[tuple[str, str]]:
        number, login = self._sheet.field(row, "ID"), self._sheet.field(row, "SIS Login ID")
        yield NUMBER, number
        yield ID, login
        yield EMAIL, login
        # As collect.py names students by the files of a download.
        letters = "".join(filter(str.isalnum, self.called(row))).lower()
        yield ID, f"{letters}_{number}"

    def called(self, row: Sequence[str]) -> str:
        if self._sheet.names[0] == "LastName":
            return f"{row[0].strip()}, {self._sheet.field(row, 'FirstName')}"
        return row[0].strip()

    def why_not(self, row: Sequence[str]) -> str:
        here = row[self._place].strip().upper()
        return {"EX": "excused in Canvas", "N/A": "the assignment is not theirs in Canvas"}.get(here, "")

    def put(self, row: list[str], score: float) -> None:
        row[self._place] = _text(score)  # with a point, which Canvas reads in each of its languages

    def finished(self, filled: Sequence[list[str]]) -> Sheet:
        columns = [*range(self._sheet.column("Section") + 1), self._place]
        left_out = [row for row in self.students if not any(row is one for one in filled)]
        return dataclasses.replace(
            self._sheet,
            names=[self._sheet.names[place] for place in columns],
            rows=[
                [row[place] for place in columns] for row in self._sheet.rows if not any(row is one for one in left_out)
            ],
        )

    def _find(self, title: str) -> int:
        """The place of an assignment's column, whose name ends with its number in Canvas."""
        first = self._sheet.column("Section") + 1
        known = {place: name for place, name in enumerate(self._sheet.names) if place >= first}
        found = [place for place, name in known.items() if title in (name, re.sub(r" \(\d+\)$", "", name))]
        if len(found) == 1:
            return found[0]
        names = ", ".join(f"'{name}'" for name in known.values())
        raise Unusable(
            f"{len(found) or 'No'} columns are called '{title}'. Say which is meant, with its number: "
            f"--CanvasMarks.column='...'. There are: {names}"
        )


def _other_points(most: float, there: str) -> str:
    return (
        f"The assignment has {most:g} points in the gradebook, and {there}. Give it as many there, and export the file "
        "again."
    )


def _number(text: str) -> float | None:
    match = re.fullmatch(r"(\d+)(?:[.,](\d+))?", text)
    return float(f"{match[1]}.{match[2] or 0}") if match else None


def _text(score: float) -> str:
    return f"{round(score, 2):.10g}"
