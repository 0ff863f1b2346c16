"""The teacher's table: every submission with which something was not as it should be, and what to do.

It is read out of the graded notebooks, so that it is whole however they were graded: all at once, one by
one, or in Formgrader.
"""

from collections.abc import Mapping
from pathlib import Path

import nbformat

from seqmodels.grading import messages
from seqmodels.grading.files import refusal
from seqmodels.grading.messages import Note, quoted
from seqmodels.grading.wording import ASK

_HEAD = "| Student | What happened | What to do |\n|---|---|---|\n"
_NOT_GRADED = Note(
    "not_graded",
    "The submission is not graded.",
    "",
    "Run nbgrader autograde. If it has been run, its log says what went wrong.",
)


def collect(graded: dict[Path, Path], failures: Mapping[str, str]) -> dict[str, list[Note]]:
    """The notes about each student of whom something is to be said, by the student's name.

    Args:
      graded: the folder of the graded notebooks, by the folder that was handed in.
      failures: why a submission is not graded, by the student's name, as far as that is known.
    """
    found = {}
    for handed_in, folder in graded.items():
        notebooks = sorted(path for path in folder.glob("*.ipynb") if is_finished(path))
        notes = [note for path in notebooks for note in messages.read(nbformat.read(path, as_version=4))]
        # A note about files is in each notebook of an assignment that has several.
        notes, student = list(dict.fromkeys(notes)), handed_in.parent.name
        if student in failures or not notebooks:
            # What an earlier grading has said is about another file, or other tests.
            notes = [_not_graded(failures.get(student, refusal(student)))]
        if notes:
            found[student] = notes
    return found


def _not_graded(why: str | None) -> Note:
    if why is None:
        return _NOT_GRADED
    happened = f"The submission is not graded: {quoted(why.partition(chr(10))[0])}"
    return Note("failed", happened, "", "Put right what is named, and grade again.")


def is_finished(path: Path) -> bool:
    """Whether a graded notebook is whole: not what is left of a run that was broken off."""
    try:
        return messages.is_graded(nbformat.read(path, as_version=4))
    except (nbformat.reader.NotJSONError, UnicodeDecodeError):
        return False


def is_of_today(graded: Path, feedback: Path) -> bool:
    """Whether there is a page of each graded notebook, and none was made before the notebook was graded."""
    notebooks = [path for path in graded.glob("*.ipynb") if is_finished(path)]
    pages = {path: feedback / f"{path.stem}.html" for path in notebooks}
    return bool(pages) and all(
        page.is_file() and page.stat().st_mtime >= path.stat().st_mtime for path, page in pages.items()
    )


def is_set_aside(folder: Path) -> bool:
    """Whether nothing of a submission could be graded, by the folder of its graded notebooks."""
    notebooks = [nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb")) if is_finished(path)]
    return any(note.teacher == ASK for notebook in notebooks for note in messages.read(notebook))


def table(assignment: str, found: dict[str, list[Note]], total: int) -> str:
    """The table as Markdown."""
    heading = f"# What happened to submissions of {assignment}\n\n"
    if not found:
        return f"{heading}Nothing: {total} submissions came as they should.\n"
    rows = [
        f"| {quoted(student)} | {note.happened} | {note.teacher} |\n"
        for student, notes in sorted(found.items())
        for note in notes
    ]
    return f"{heading}{len(found)} of {total} submissions need a look.\n\n{_HEAD}{''.join(rows)}"
