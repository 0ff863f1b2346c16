"""The files of a submission: which there are, which may be used, and how they are read.

A submission is a folder that a student has filled. Nothing in it is changed. Only plain files are
opened: a link may lead to somebody else's work, and a pipe makes the reader wait for ever.
"""

import dataclasses
import fnmatch
import importlib.util
import os
import stat
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from seqmodels.grading.wording import BROKEN_NAME, HIDDEN_NAME

MEGABYTE = 1_000_000
MOST_BYTES = 100 * MEGABYTE  # of one file, and of all that lie beside a notebook
MOST_FILES = 500  # notebooks, and other files
NOTEBOOK = ".ipynb"
DEEPEST = 8
_LONGEST_NAME = 150
_MODULES = (".py", ".pyc", ".so", ".pyd")

# What systems and tools leave behind. It is passed over without a word.
_LITTER = (".*", "__pycache__", "__MACOSX", "*.pyc", "Thumbs.db", "desktop.ini", "feedback")


class UnsafeFile(Exception):
    """A file that is not read, and why."""


class TooBig(UnsafeFile):
    """A file with more in it than is read."""


@dataclasses.dataclass(frozen=True)
class Files:
    """What a folder holds.

    Attributes:
      usable: plain files, as paths within the folder.
      refused: what is not used, each with the reason.
    """

    usable: tuple[PurePosixPath, ...]
    refused: tuple[str, ...]


def refusal(student: str) -> str | None:
    """Why nothing is graded of a student of this name, if it is so."""
    if student.startswith("."):
        return HIDDEN_NAME
    return BROKEN_NAME if "\n" in student else None


def survey(folder: Path) -> Files:
    """Find the files of a submission, and set aside what is no plain file, odd or too much."""
    notebooks, others, refused = [], [], []
    waiting = [PurePosixPath()]
    while waiting:
        inside = waiting.pop()
        try:
            entries = sorted(os.scandir(folder / inside), key=lambda entry: entry.name)
        except OSError as error:
            refused.append(f"{inside} ({error.strerror})")
            continue
        for entry in entries:
            path = inside / entry.name
            if any(fnmatch.fnmatchcase(entry.name, litter) for litter in _LITTER):
                continue
            problem = _problem(entry, path)
            # However many other files there are, a notebook among them is found.
            usable = notebooks if NOTEBOOK in entry.name.lower() else others
            if problem is None and not entry.is_dir(follow_symlinks=False) and len(usable) == MOST_FILES:
                problem = f"more than {MOST_FILES} files"
            if problem is not None:
                if len(refused) < MOST_FILES:
                    refused.append(f"{path} ({problem})")
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                usable.append(path)
    return Files(tuple(sorted(notebooks + others)), tuple(sorted(refused)))


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of a plain file.

    Raises:
      UnsafeFile: it is no plain file, cannot be read, or is too big.
    """
    try:
        # Opened first and looked at then, so that nothing can be put in its place between.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnsafeFile("no plain file")
            content = stream.read(most + 1)
    except OSError as error:
        raise UnsafeFile(f"cannot be read: {error.strerror}") from error
    if len(content) > most:
        raise TooBig(f"bigger than {most // MEGABYTE} MB")
    return content


def shadowing(paths: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Those of the files beside a notebook that would be imported in the place of an installed module."""
    paths = list(paths)
    modules = {path.name.partition(".")[0] for path in paths if len(path.parts) == 1 and path.suffix in _MODULES}
    packages = {path.parts[0] for path in paths if path.parts[1:] == ("__init__.py",)}
    taken = {name for name in modules | packages if name.isidentifier() and _is_installed(name)}
    return [
        path
        for path in paths
        if (len(path.parts) > 1 and path.parts[0] in packages & taken)
        or (len(path.parts) == 1 and path.suffix in _MODULES and path.name.partition(".")[0] in taken)
    ]


def _is_installed(name: str) -> bool:
    if name in sys.modules:
        return True
    found = importlib.util.find_spec(name)
    # A folder without __init__.py counts as a package too, of no origin; no module is meant by it.
    return found is not None and found.origin is not None


def _problem(entry: os.DirEntry, path: PurePosixPath) -> str | None:
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in entry.name) or len(entry.name) > _LONGEST_NAME:
        return "an odd name"
    if entry.is_symlink():
        return "a link"
    if entry.is_dir(follow_symlinks=False):
        return "too many folders in folders" if len(path.parts) > DEEPEST else None
    return None if entry.is_file(follow_symlinks=False) else "no plain file"
