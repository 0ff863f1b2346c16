"""Marks for the gradebooks of Moodle and Canvas: the file that the platform has exported, with the scores filled in.

    nbgrader export --exporter=seqmodels.grading.lms.MoodleMarks --assignment=NAME --MoodleMarks.file=FILE --to=FILE
    nbgrader export --exporter=seqmodels.grading.lms.CanvasMarks --assignment=NAME --CanvasMarks.file=FILE --to=FILE

A student and a row belong together only if they agree in a number, a name to log in with, an address, or the name by
which work was collected from that platform; a name counts only where numbers and addresses do not disagree. Whoever is in doubt gets no mark, and is named; so is everybody whose
mark is not final. What the platform holds about them stays as it is.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student
from traitlets import Dict, Unicode

from seqmodels.grading.export import MISSING, MarksExport, wanted
from seqmodels.grading.platforms import EMAIL, ID, NUMBER, CanvasGradebook, MoodleWorksheet, PlatformFile
from seqmodels.grading.sheet import Sheet, Unusable, read


@dataclasses.dataclass(frozen=True)
class Standing:
    """How a student stands: the score, or None while it is not final, and the status that export.py gives it."""

    id: str
    known: frozenset[tuple[str, str]]
    score: float | None
    status: str


class PlatformMarks(MarksExport):
    """What the exporters for all platforms share."""

    file = Unicode("", help="The file that the platform has exported.").tag(config=True)

    def write(self, gradebook: Gradebook) -> None:
        try:
            self._fill(gradebook)
        except Unusable as error:
            self._fail(f"{self.file or 'Nothing was exported'}: {error}", error)

    def _fill(self, gradebook: Gradebook) -> None:
        if len(self.assignment) != 1:
            raise Unusable("Name one assignment: --assignment=NAME. The file of a platform takes one at a time.")
        if not self.file:
            raise Unusable(f"Name the file that the platform has exported: --{type(self).__name__}.file=FILE")
        source = Path(self.file)
        target = Path(self.to or f"{source.stem}-filled.csv")
        sheet = read(source)
        if target.exists() and target.samefile(source):
            raise Unusable("The file that is written may not be the platform's own. Give it another name: --to=FILE")
        (assignment,) = wanted(gradebook.assignments, "name", self.assignment, "assignment")
        asked_for = {student.id for student in wanted(gradebook.students, "id", self.student, "student")}
        # All students are told apart, also where only some get their marks.
        standings = [self._standing(gradebook, assignment, student) for student in gradebook.students]
        platform = self.open(sheet, assignment)
        filled, remarks = fill(platform, standings, asked_for)
        platform.finished(filled).write(target)
        for remark in remarks:
            self.log.warning(remark)
        self.log.info("%s holds the marks of %d of %d students", target, len(filled), len(asked_for))

    def _standing(self, gradebook: Gradebook, assignment: Assignment, student: Student) -> Standing:
        row = self.row(gradebook, assignment, student)
        known = {(ID, student.id), (EMAIL, student.email), (NUMBER, student.lms_user_id)}
        return Standing(student.id, frozenset(_comparable(known)), row.get("score"), row["status"])

    def open(self, sheet: Sheet, assignment: Assignment) -> PlatformFile:
        """The file as one of this platform. Raises Unusable if it is none."""
        raise NotImplementedError


class MoodleMarks(PlatformMarks):
    """For Moodle's offline grading worksheet."""

    names = Dict(
        help="What Moodle calls its columns where its language is not English, such as {'Grade': 'Bewertung'}."
    ).tag(config=True)

    def open(self, sheet: Sheet, assignment: Assignment) -> PlatformFile:
        return MoodleWorksheet(sheet, assignment.max_score, self.names)


class CanvasMarks(PlatformMarks):
    """For the gradebook of Canvas."""

    column = Unicode("", help="What the assignment is called in Canvas, if not as in the gradebook.").tag(config=True)

    def open(self, sheet: Sheet, assignment: Assignment) -> PlatformFile:
        return CanvasGradebook(sheet, assignment.max_score, self.column or assignment.name)


def fill(
    platform: PlatformFile, standings: Iterable[Standing], asked_for: set[str]
) -> tuple[list[list[str]], list[str]]:
    """Write the final scores into a platform's file.

    Args:
      platform: the file.
      standings: all students of the gradebook.
      asked_for: the ids of those who get their marks.

    Returns:
      The rows that were filled, and a sentence for each kind of student of whom something is to be said.
    """
    standings = list(standings)
    rows = platform.students
    certain, doubtful, contradicted = match(
        [_comparable(platform.known(row)) for row in rows], standings, platform.certain
    )
    filled, remarks = [], defaultdict(list)
    for place, standing in certain.items():
        if standing.id not in asked_for:
            continue
        if standing.score is None:
            remarks["Not final yet, and left as the platform has it"].append(f"{standing.id} ({standing.status})")
        elif reason := platform.why_not(rows[place]):
            remarks["Left as the platform has it"].append(f"{standing.id} ({reason})")
        else:
            platform.put(rows[place], standing.score)
            filled.append(rows[place])
            if standing.status == MISSING:
                remarks["Nothing was handed in, and the mark is 0"].append(standing.id)
    for place, found in doubtful.items():
        names = ", ".join(standing.id for standing in found)
        remarks["In doubt, and left as the platform has it"].append(
            f"{platform.called(rows[place])} (may be {names}; more than one row or student fits)"
        )
    for place, found in contradicted.items():
        remarks["Only the name fits, and the number or the address is another; left as the platform has it"] += [
            f"{platform.called(rows[place])} (is not {standing.id})" for standing in found
        ]
    placed = {standing.id for standing in certain.values()} | {one.id for found in doubtful.values() for one in found}
    for standing in standings:
        if standing.id in asked_for - placed:
            remarks["In the gradebook, and not in the platform's file"].append(standing.id)
    for place, row in enumerate(rows):
        if not (place in certain or place in doubtful or place in contradicted):
            remarks["In the platform's file, and not in the gradebook"].append(platform.called(row))
    return filled, [f"{what}: {'; '.join(who)}" for what, who in remarks.items()]


def match(
    rows: list[set[tuple[str, str]]], standings: Iterable[Standing], decisive: frozenset[str]
) -> tuple[dict[int, Standing], dict[int, list[Standing]], dict[int, list[Standing]]]:
    """Which row is whose.

    Args:
      rows: what is known of the student of each row.
      standings: the students.
      decisive: the kinds of knowledge that tell people of one name apart.

    Returns:
      By the place of the row: the certain ones; those for which more than one row or student fits; and those that
      agree with a student in nothing but a name, and contradict in something better.
    """
    by_key = defaultdict(list)
    for standing in standings:
        for key in standing.known:
            by_key[key].append(standing)
    fits, contradicted = {}, defaultdict(list)
    for place, known in enumerate(rows):
        alike = {one.id: one for key in known for one in by_key[key]}
        others = {student for student, one in alike.items() if _are_others(known, one.known, decisive)}
        fits[place] = {student: one for student, one in alike.items() if student not in others}
        if others and not fits[place]:
            contradicted[place] = sorted((alike[student] for student in others), key=lambda one: one.id)
    rows_of = defaultdict(set)
    for place, found in fits.items():
        for student in found:
            rows_of[student].add(place)
    certain, doubtful = {}, {}
    for place, found in fits.items():
        if len(found) == 1 and all(len(rows_of[student]) == 1 for student in found):
            (certain[place],) = found.values()
        elif found:
            doubtful[place] = sorted(found.values(), key=lambda standing: standing.id)
    return certain, doubtful, contradicted


def _are_others(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]], decisive: frozenset[str]) -> bool:
    """Whether two people of one name are told apart by something better than the name."""
    one, other = (_by_kind(known) for known in (one, other))
    if any(one[kind] & other[kind] for kind in (EMAIL, NUMBER)):
        return False
    return any(one[kind] and other[kind] for kind in decisive)


def _by_kind(known: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for kind, value in known:
        found[kind].add(value)
    return found


def _comparable(known: Iterable[tuple[str, str | None]]) -> set[tuple[str, str]]:
    """Without what is empty. Addresses and names to log in with are the same in capitals."""
    return {(kind, value.strip().casefold()) for kind, value in known if value and value.strip()}
