"""Whose is which file in a download from a learning platform, for ``nbgrader zip_collect``.

nbgrader's own plugin knows one form of names at a time, and stops at the first student with two files. This one
knows the names that Moodle and Canvas give, and one for files that are sorted by hand:

    Ada Lovelace_1234_assignsubmission_file_/forecast.ipynb      Moodle, student "Ada Lovelace"
    lovelaceada_LATE_77_1234_forecast-1.ipynb                    Canvas, student "lovelaceada_77"
    ada+forecast.ipynb                                           by hand, student "ada"

A folder may bear the name instead of the file; unpacked archives are folders. What cannot be sorted
stays where it is, and the log says what to do about it. Canvas writes into the name that something came late; when it
came, no platform tells there. That it was late is kept in a file beside the notebook, for intake.py.
"""

import dataclasses
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import FileNameCollectorPlugin

from seqmodels.grading import roster, timestamps

# Left by macOS, JupyterLab and the platforms themselves; never a student's work.
NOISE = re.compile(r"__MACOSX|\..*|Thumbs\.db|desktop\.ini")

# Moodle replaces each underscore of a name by a space. Its number is another one in each assignment.
MOODLE = re.compile(r"(?P<student>[^_]+)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+_?(?P<name>.*)")
# Canvas leaves letters only of a name, so that the number, which stays the same, has to tell namesakes apart.
CANVAS = re.compile(r"(?P<student>\w+?)(?P<late>_LATE)?_(?P<number>\d+)_\d+_(?P<name>.+)")
# What a teacher calls a file: student+notebook.
_BY_HAND = re.compile(r"[^+]+\+[^+ ]+")
# The name of a folder, and part of pages: no hidden one, no HTML, and nothing but one line.
_BAD_STUDENT = re.compile(r"^\.|[<>\"\x00-\x1f]")
# Browsers and platforms number files of one name: forecast-1.ipynb, forecast (2).ipynb.
ATTEMPT = r"(?:-(?P<dash>\d+)| ?\((?P<bracket>\d+)\))?"


@dataclasses.dataclass(frozen=True)
class HandedIn:
    """A file that a student handed in.

    Attributes:
      file: its path, below the folder of unpacked files.
      student: the student's id in the gradebook.
      number: what the platform adds to the student's name; empty if nothing.
      notebook: the notebook of the assignment that it is by its name; empty if none.
      rank: the larger it is, the later the file, as far as its name tells.
      by_hand: whether the teacher has said whose it is.
      late: whether the platform says that it came late.
      reply: what stands before the name of a file that goes back to the student by the platform; empty if none can.
    """

    file: Path
    student: str
    number: str
    notebook: str
    rank: tuple
    by_hand: bool = False
    late: bool = False
    reply: str = ""


class Collector(FileNameCollectorPlugin):
    """Tell nbgrader which student each file is from, and take one notebook of each.

    Attributes:
      late: the students of whom the platform says that they were late.
    """

    _chosen = None
    late: frozenset[str] = frozenset()

    def collect(self, submitted_file: str) -> dict | None:
        """The student and the notebook of a file; None for one that is not to be collected."""
        if self._chosen is None:
            self._chosen = self._choose()
        return self._chosen.get(submitted_file)

    def _choose(self) -> dict[str, dict]:
        app = self.parent
        folder = folder_of(app, app.coursedir, app.extracted_directory)
        archive = folder_of(app, app.coursedir, app.archive_directory)
        assignment = app.coursedir.assignment_id
        release = Path(app.coursedir.format_path(app.coursedir.release_directory, ".", assignment))
        notebooks = {file.stem for file in release.glob("*.ipynb")} or {assignment}
        by_hand = (
            f"To sort a file by hand, copy it to {archive.relative_to(app.coursedir.root)}/STUDENT+{assignment}.ipynb, "
            f"with the student's id, and run: nbgrader zip_collect {assignment} --force"
        )
        files = [file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file()]
        taken, troubles = choose(files, notebooks, roster.known(app.coursedir))
        self.late = frozenset(one.student for one in taken if one.late)
        for trouble in troubles:
            self.log.warning(trouble)
        if troubles:
            self.log.warning("Nothing is lost: all files are in %s. %s", folder, by_hand)
        return {
            str(folder / one.file): {"student_id": one.student, "file_id": f"{one.notebook or one.file.stem}.ipynb"}
            for one in taken
        }


def folder_of(app: ZipCollectApp, coursedir: CourseDirectory, step: str) -> Path:
    """The folder of a step of zip_collect, such as "extracted"."""
    structure = Path(coursedir.root, app.collect_directory_structure)
    names = {"downloaded": app.downloaded_directory, "assignment_id": coursedir.assignment_id, "collect_step": step}
    return Path(str(structure).format(**names))


def choose(
    files: Iterable[Path], notebooks: set[str], known: Mapping[str, str] | None = None
) -> tuple[list[HandedIn], list[str]]:
    """The files to collect, and a sentence about each thing that a teacher should know.

    Args:
      files: paths below the folder of unpacked files.
      notebooks: names of the assignment's notebooks, without their suffix.
      known: the names of the students in the gradebook, by their ids; empty if there are none yet.

    Returns:
      One file of each student and notebook, and the sentences.
    """
    troubles = []
    by_student = _by_student(files, notebooks, troubles)
    if known:
        _compare(by_student, known, troubles)
    taken = []
    for student, own in sorted(by_student.items()):
        taken += _of_one_student(student, own, troubles)
    return taken, troubles


def replies(files: Iterable[Path], notebooks: set[str], known: Mapping[str, str]) -> dict[str, str]:
    """What stands before the name of a file that goes back by the platform, for each student for whom that is certain.

    The arguments are those of choose().
    """
    found = {}
    for student, own in _by_student(files, notebooks, []).items():
        last = sorted((one for one in own if one.reply), key=lambda one: one.rank)
        # Whose a file is may have been said by hand; not whose the platform takes it for.
        if last and not _doubt(student, known):
            found[student] = last[-1].reply
    return found


def _by_student(files: Iterable[Path], notebooks: set[str], troubles: list[str]) -> dict[str, list[HandedIn]]:
    found = []
    for file in files:
        if any(NOISE.fullmatch(part) and not _is_from_a_platform(part) for part in file.parts):
            continue
        if one := handed_in(file, notebooks):
            found.append(one)
        else:
            troubles.append(f"{file} was not collected: its name does not say whose it is.")
    by_student = defaultdict(list)
    for one in _with_namesakes_apart(found, troubles):
        by_student[one.student].append(one)
    return by_student


def handed_in(file: Path, notebooks: set[str]) -> HandedIn | None:
    """Whose a file is, by its name or that of a folder it is in; None if they don't tell."""
    file_names = "|".join(map(re.escape, sorted(notebooks)))
    by_hand = re.compile(rf"(?P<student>.+)\+(?P<name>(?:{file_names}).*)")
    # The outermost name tells: what lies in a student's archive can bear any name, another student's too.
    for part in file.parts:
        for pattern in (MOODLE, CANVAS, by_hand):
            match = pattern.fullmatch(unicodedata.normalize("NFC", part))
            if match is None:
                continue
            if _BAD_STUDENT.search(match["student"].strip()):
                return None  # what lies deeper may say anything
            found = match.groupdict()
            student, number = match["student"].strip(), found.get("number") or ""
            reply = ""
            if pattern is CANVAS:
                student, number = f"{student}_{number}", ""
                reply = match.string[: match.start("name")]
            elif pattern is MOODLE and number:
                reply = f"{match['student']}_{number}_assignsubmission_file_/"
            name = match["name"] if part == file.name else file.name
            notebook = re.fullmatch(rf"({file_names}){ATTEMPT}\.ipynb", name)
            attempt = int(notebook["dash"] or notebook["bracket"] or 0) if notebook else -1
            sorted_by_hand = pattern is by_hand
            return HandedIn(
                file,
                student,
                number,
                notebook[1] if notebook else "",
                (sorted_by_hand, attempt, file.as_posix()),
                sorted_by_hand,
                bool(found.get("late")),
                reply,
            )
    return None


def is_of_a_student(file: Path) -> bool:
    """Whether a downloaded file is one student's, by its name or that of a folder it is in, and not the whole class's."""
    return any(_is_from_a_platform(part) or _BY_HAND.fullmatch(part) for part in file.parts)


def _is_from_a_platform(part: str) -> bool:
    """Whether a name that begins with a dot is that of a student's folder or file, and none that macOS puts beside it."""
    return not part.startswith("._") and any(pattern.fullmatch(part) for pattern in (MOODLE, CANVAS))


def _with_namesakes_apart(found: list[HandedIn], troubles: list[str]) -> Iterator[HandedIn]:
    numbers = defaultdict(set)
    for one in found:
        numbers[one.student].add(one.number)
    for student, several in sorted(numbers.items()):
        if len(several - {""}) > 1:
            ids = ", ".join(f"'{student} {number}'" for number in sorted(several - {""}))
            troubles.append(
                f"Several students are called {student}: they are collected as {ids}. "
                "The platform's numbers differ from assignment to assignment, so give them ids by hand."
            )
    for one in found:
        apart = one.number and len(numbers[one.student] - {""}) > 1
        yield dataclasses.replace(one, student=f"{one.student} {one.number}") if apart else one


def _compare(by_student: dict[str, list[HandedIn]], known: Mapping[str, str], troubles: list[str]) -> None:
    """Take those out of whom the gradebook makes a doubt, and name them and those whom it does not know."""
    new = []
    for student, own in sorted(by_student.items()):
        by_hand = any(one.by_hand for one in own)
        if not by_hand and (doubt := _doubt(student, known)):
            troubles.append(f"'{student}' was not collected: {doubt}")
            del by_student[student]
        elif student not in known:
            called_so = _namesakes(student, known)
            new.append(f"'{student}'" + (f" (so is called {called_so} of the gradebook)" if called_so else ""))
    if new:
        troubles.append(f"Not in the gradebook, and added to it as new students: {', '.join(new)}.")


def _doubt(student: str, known: Mapping[str, str]) -> str:
    """Why a platform's name may not be that of the student whose id it is; empty if nothing speaks against it."""
    if student in known:
        called_so = _namesakes(student, known)
        return f"{called_so} of the gradebook is called so too. Look who it is." if called_so else ""
    # A name may have a hyphen itself.
    if member := next((other for other in known if student.endswith(f"-{other}")), None):
        return (
            f"it may be '{member}', with the name of a group before it. Choose all participants in Moodle and download "
            "again; or add this student to the gradebook if it is somebody else."
        )
    return ""


def _namesakes(student: str, known: Mapping[str, str]) -> str:
    """The ids of others of the gradebook whose name is this id."""
    found = [other for other, name in known.items() if name.casefold() == student.casefold() and other != student]
    return ", ".join(f"'{other}'" for other in sorted(found))


def _of_one_student(student: str, own: list[HandedIn], troubles: list[str]) -> Iterator[HandedIn]:
    """The files to collect of one student: the last of each notebook, or what may be a renamed one."""
    named = [one for one in own if one.notebook]
    candidates = named or [one for one in own if one.file.suffix == ".ipynb"]
    last = {one.notebook or one.file.stem: one for one in sorted(candidates, key=lambda one: one.rank)}
    yield from last.values()
    others = ", ".join(str(one.file) for one in own if one not in last.values())
    taken = ", ".join(str(one.file) for one in last.values())
    if not taken:
        troubles.append(f"{student} has handed in no notebook, but {others}.")
    elif not named:
        troubles.append(f"{student} has handed in no notebook of the right name; {taken} was collected as it is.")
    elif others:
        troubles.append(f"{student} has handed in several files: {taken} was collected, not {others}.")


_transfer = ZipCollectApp._transfer_files


def _transfer_with_lateness(app: ZipCollectApp, collected: dict[str, dict]) -> None:
    """Copy what was collected, as nbgrader does, and write beside it what the platform says of its time."""
    _transfer(app, collected)
    for student in getattr(app.collector_plugin_inst, "late", frozenset()).intersection(collected):
        coursedir = app.coursedir
        folder = coursedir.format_path(coursedir.submitted_directory, student, coursedir.assignment_id)
        Path(folder, timestamps.LATE).write_text("The learning platform says that this came late.\n", encoding="utf-8")


def install() -> None:
    """Let ``nbgrader zip_collect`` keep what a platform says of lateness; it has no setting for more than copying."""
    ZipCollectApp._transfer_files = _transfer_with_lateness
