"""Take a submission in: find the notebook among what a student has sent, and lay it out for nbgrader.

nbgrader wants submitted/<student>/<assignment>/<assignment>.ipynb and passes over everybody whose file is
called otherwise, lies deeper or cannot be read. Here every submission becomes a notebook, if need be
a blank one that says why, in a folder of its own. What was handed in stays as it is.
"""

import dataclasses
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode

from seqmodels.grading import messages, timestamps
from seqmodels.grading.attachments import encoded_again
from seqmodels.grading.files import MEGABYTE, MOST_BYTES, NOTEBOOK, TooBig, UnsafeFile, read_bytes, shadowing, survey
from seqmodels.grading.matching import grade_id
from seqmodels.grading.messages import Note, listed, note, quoted
from seqmodels.grading.reading import Cell, Unreadable, parse
from seqmodels.grading.rebuild import answered, taken_in

_MOST_NOTEBOOKS = 20  # that are looked into
_OF_NBGRADER = (timestamps.FILE, timestamps.SECRET, timestamps.LATE)


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook.

    Attributes:
      path: where it lies in the submission.
      cells: its cells; none if it cannot be read.
      notes: what is odd about it.
      answers: how many answers of the assignment are in it; -1 for another notebook, -2 for none.
    """

    path: PurePosixPath
    cells: Sequence[Cell]
    notes: Sequence[Note]
    answers: int


def take_in(submission: Path, release: Path, target: Path) -> None:
    """Lay out a submission for nbgrader.

    Args:
      submission: the folder that a student has handed in.
      release: the folder of the assignment as it was handed out.
      target: the folder to make, with the notebooks of the assignment and what belongs beside them.
    """
    target.mkdir(parents=True)
    files = survey(submission)
    notebooks = [path for path in files.usable if NOTEBOOK in path.name.lower()]
    notes = [note("left_out", names=listed(files.refused))] if files.refused else []
    notes += _copy_nbgraders_own(submission, target)
    for wanted in sorted(release.glob(f"*{NOTEBOOK}")):
        released = nbformat.read(wanted, as_version=4)
        likely = sorted(notebooks, key=lambda path: (path.name != wanted.name, len(path.parts), path))
        looked_into = likely[:_MOST_NOTEBOOKS]
        chosen = _choose((_candidate(submission, path, released) for path in looked_into), wanted.name)
        others = [path for path in files.usable if path not in notebooks and path.name not in _OF_NBGRADER]
        found = _notes_about(chosen, looked_into, wanted.name, others)
        beside = chosen.path.parent if chosen and chosen.answers >= 0 else PurePosixPath()
        found += _copy_companions(submission, others, beside, release, target)
        cells, about_pictures = encoded_again(chosen.cells if chosen else [], _own_pictures(released))
        notebook = taken_in(cells, [*notes, *found, *about_pictures])
        if digest := _digest_of_companions(target):
            messages.own(notebook)[messages.FILES] = digest
        nbformat.write(notebook, target / wanted.name)


def _candidate(submission: Path, path: PurePosixPath, released: NotebookNode) -> Candidate:
    try:
        cells, notes = parse(read_bytes(submission / path), path.name)
    except Unreadable as error:
        return Candidate(path, [], [error.note], -2)
    except TooBig:
        return Candidate(path, [], [note("too_big", found=quoted(path.name), most=MOST_BYTES // MEGABYTE)], -2)
    except UnsafeFile as error:
        return Candidate(path, [], [note("unopened", found=quoted(path.name), why=error)], -2)
    return Candidate(path, cells, notes, answered(released, cells))


def _own_pictures(released: NotebookNode) -> dict[str, NotebookNode]:
    """The attachments of each cell that has a name."""
    return {grade_id(cell): cell.get("attachments", NotebookNode()) for cell in released.cells if grade_id(cell)}


def _choose(candidates: Iterable[Candidate], wanted: str) -> Candidate | None:
    """The notebook to grade: the one of the right name if an answer is in it, or else the one with the most answers."""

    def rank(candidate: Candidate) -> tuple:
        rightly_named = candidate.path.name == wanted
        return (
            rightly_named and candidate.answers > 0,
            candidate.answers,
            rightly_named,
            -len(candidate.path.parts),
        )

    return max(candidates, key=rank, default=None)


def _notes_about(chosen: Candidate | None, looked_into: Sequence[PurePosixPath], wanted: str, others) -> list[Note]:
    if chosen is None:
        return [note("no_notebook", wanted=quoted(wanted), others=listed(map(str, others)))]
    found = list(chosen.notes)
    if str(chosen.path) != wanted:
        found.append(note("renamed", found=quoted(str(chosen.path)), wanted=quoted(wanted)))
    if len(looked_into) > 1:
        rest = listed(str(path) for path in looked_into if path != chosen.path)
        found.append(note("several", chosen=quoted(str(chosen.path)), others=rest))
    return found


def _copy_nbgraders_own(submission: Path, target: Path) -> list[Note]:
    """Copy timestamp and secret. What cannot be read is replaced, because it would stop nbgrader for everybody."""
    found = []
    if os.path.lexists(submission / timestamps.FILE):
        text = timestamps.small_text(submission / timestamps.FILE)
        if text is None or timestamps.parsed(text) is None:
            found.append(note("timestamp"))
            text = ""  # nbgrader's own sign for "not known"
        (target / timestamps.FILE).write_text(text, encoding="utf-8")
    if os.path.lexists(submission / timestamps.SECRET):
        text = timestamps.small_text(submission / timestamps.SECRET)
        if text is None or not text.strip():
            found.append(note("secret"))
            text = secrets.token_hex()  # a page that nobody can ask for
        (target / timestamps.SECRET).write_text(text, encoding="utf-8")
    if os.path.lexists(submission / timestamps.LATE) and timestamps.handed_in(submission) is None:
        found.append(note("late_on_platform"))
    return found


def _digest_of_companions(target: Path) -> str:
    """A digest of what was copied beside the notebook; empty if there is nothing."""
    paths = [path for path in sorted(target.rglob("*")) if path.is_file()]
    paths = [path for path in paths if path.suffix != NOTEBOOK and path.name not in _OF_NBGRADER]
    parts = [(str(path.relative_to(target)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest() if parts else ""


def _copy_companions(submission, others, beside: PurePosixPath, release: Path, target: Path) -> list[Note]:
    """Copy what lies in the notebook's folder, so that the notebook finds it where it was."""
    near, far = {}, []
    for path in others:
        # A folder may have the name of a notebook too.
        if path.is_relative_to(beside) and NOTEBOOK not in path.relative_to(beside).parts[0]:
            near[path.relative_to(beside)] = path
        else:
            far.append(str(path))
    shadows = shadowing(near)
    copied, room = [], MOST_BYTES
    for name, path in near.items():
        if name in shadows:
            continue
        try:
            content = read_bytes(submission / path, room)
        except UnsafeFile as error:
            far.append(f"{path} ({error})")
            continue
        room -= len(content)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
        if not (release / name).is_file():
            copied.append(str(name))
    found = [("companions", copied), ("left_out", far), ("shadowing", map(str, shadows))]
    return [note(key, names=listed(names)) for key, names in ((key, list(names)) for key, names in found) if names]
