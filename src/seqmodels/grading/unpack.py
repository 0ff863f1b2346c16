"""Unpacking what was downloaded from a learning platform, for ``nbgrader zip_collect``.

nbgrader's own plugin ends the whole command at the first archive that it cannot read. This one goes on,
and ``collect.py`` says whose archive it was. It writes plain files and folders only, and so much of them as
a class can need: students pack archives too, and a small one can hold a disk full of zeros.
"""

import contextlib
import dataclasses
import gzip
import io
import secrets
import shutil
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import BinaryIO

from nbgrader.plugins import ExtractorPlugin

from seqmodels.grading import files, wording
from seqmodels.grading.collect import is_of_a_student
from seqmodels.grading.files import MEGABYTE, MOST_BYTES, MOST_FILES
from seqmodels.grading.messages import listed

TARS = (".tar", ".tar.gz", ".tgz")
DEEPEST = 5  # archives within archives; nobody packs more often by accident
_MOST_FOLDERS = 2 * files.DEEPEST  # around a file: those of the platform, and those of the student
_LONGEST_PATH = 500  # bytes within one archive; a system allows 4096 in all
_LONGEST_HEADER = MEGABYTE
_LISTED = 46 + _LONGEST_PATH  # bytes in the list at the end of a zip archive, for each entry
_CHUNK = 100_000
_GZIP = b"\x1f\x8b"

# What zipfile reads piece by piece. Of bzip2 and LZMA it unpacks a piece at once, to gigabytes if it is made so.
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What tarfile reads into memory as a whole, before it says that there is an entry: it counts like what comes out.
_TAR_HEADERS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)


class Refused(Exception):
    """An archive that is not unpacked, and why."""


# What bytes that a student chose can make the libraries raise.
UNREADABLE = (
    Refused,
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclasses.dataclass(frozen=True)
class Limit:
    """How much may come out of an archive, and of all archives in it."""

    entries: int
    size: int


OF_A_CLASS = Limit(200 * MOST_FILES, 200 * MOST_BYTES)  # 20 GB, of an archive that the teacher has downloaded
OF_A_STUDENT = Limit(20 * MOST_FILES, 2 * MOST_BYTES)  # of an archive in that: a notebook and what lies beside it


@dataclasses.dataclass
class Room:
    """What has come out of an archive, and how much may.

    Attributes:
      limit: how much may.
      outer: the room of the archive that it lies in; None if it lies in none.
      entries, size: what has come out, that of refused archives included: so all the work has an end.
    """

    limit: Limit
    outer: "Room | None" = None
    entries: int = 0
    size: int = 0

    def need(self, entries: int, size: int) -> None:
        """Raise Refused unless there is room for so much more."""
        if self.entries + entries > self.limit.entries:
            raise Refused(wording.TOO_MANY_ENTRIES.format(most=self.limit.entries))
        if self.size + size > self.limit.size:
            raise Refused(wording.TOO_MUCH_UNPACKED.format(most=self.limit.size // MEGABYTE))
        if self.outer is not None:
            self.outer.need(entries, size)

    def take(self, entries: int, size: int) -> None:
        """Count what comes out, or raise Refused if it is too much."""
        self.need(entries, size)
        room = self
        while room is not None:
            room.entries += entries
            room.size += size
            room = room.outer


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file or folder in an archive.

    Attributes:
      name: its path, as the archive has it.
      open: opens it for reading; None for a folder.
      problem: why it is left out whatever its name; None if it need not be.
    """

    name: str
    open: Callable[[], BinaryIO] | None
    problem: str | None = None


class Unpacker(ExtractorPlugin):
    """Unpack archives, and archives in them, and go on when one cannot be read."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Copy the downloaded files into another folder, and there turn each archive into a folder of its name."""
        shutil.copytree(archive_path, extracted_path, dirs_exist_ok=True)
        folder = Path(extracted_path)
        for archive in _archives(folder):
            of_a_student = is_of_a_student(archive.relative_to(folder))
            self._unpack(archive, Room(OF_A_STUDENT if of_a_student else OF_A_CLASS), 1)

    def _unpack(self, archive: Path, room: Room, depth: int) -> None:
        folder = archive.with_name(secrets.token_hex(8))  # a name that no student can have taken
        try:
            left_out = _extract(archive, folder, room)
        except UNREADABLE as error:
            shutil.rmtree(folder, ignore_errors=True)
            self.log.warning(wording.NOT_UNPACKED.format(archive=archive, why=str(error) or type(error).__name__))
            # A name by which everybody sees it. One that is too long for that keeps the old one.
            with contextlib.suppress(OSError):
                archive.rename(archive.with_name(f"{archive.name}.unreadable"))
            return
        archive.unlink()
        folder.rename(archive)
        if left_out:
            self.log.warning(wording.LEFT_OUT_OF_ARCHIVE.format(archive=archive, names=listed(left_out)))
        if depth < DEEPEST:
            for inner in _archives(archive):
                # All archives that a student has put into one share its room.
                self._unpack(inner, Room(OF_A_STUDENT, room) if depth == 1 else room, depth + 1)


def _archives(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file() and _is_archive(file)]


def _is_archive(file: Path) -> bool:
    # macOS puts a file "._x.zip" beside x.zip, which is none.
    return file.name.lower().endswith((".zip", *TARS)) and not file.name.startswith("._")


def _extract(archive: Path, folder: Path, room: Room) -> list[str]:
    """Unpack an archive into a new folder, and return what was left out of it, each with the reason."""
    folder.mkdir()
    left_out = []
    entries = _of_tar if archive.name.lower().endswith(TARS) else _of_zip
    with contextlib.closing(entries(archive, room)) as found:
        for entry in found:
            room.take(1, 0)
            problem = entry.problem or _problem(entry.name) or _written(entry, folder, room)
            if problem is not None:
                left_out.append(f"{problem}: {entry.name}")  # a long name is cut at its end
    return left_out


def _of_zip(archive: Path, room: Room) -> Iterator[Entry]:
    with _ZipReader(archive, room) as file:
        try:
            # macOS packs names in UTF-8 without saying so.
            packed = zipfile.ZipFile(file, metadata_encoding="utf-8")
        except UnicodeDecodeError:
            packed = zipfile.ZipFile(file)
        infos = packed.infolist()
        room.need(len(infos), sum(info.file_size for info in infos))
        if any(info.compress_type not in _ZIP_METHODS for info in infos):
            raise Refused(wording.UNUSUAL_ZIP)
        for info in infos:
            yield Entry(info.filename, None if info.is_dir() else lambda info=info: packed.open(info))


class _ZipReader(io.BufferedReader):
    """A zip archive, all of which can be its list of entries. zipfile reads that as a whole, and makes ten times as
    much of it in memory, before it says how many entries there are."""

    def __init__(self, archive: Path, room: Room) -> None:
        super().__init__(io.FileIO(archive))
        self._room = room

    def read(self, size: int | None = -1, /) -> bytes:
        self._room.need((size or 0) // _LISTED, 0)
        return super().read(size)


def _of_tar(archive: Path, room: Room) -> Iterator[Entry]:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(archive.open("rb"))
        if file.peek(len(_GZIP)).startswith(_GZIP):
            file = stack.enter_context(gzip.open(file))
        # As a stream, from its beginning to its end: nothing in it makes the reader go back and unpack it again.
        kind = type("_TarInfoInRoom", (_TarInfo,), {"room": room})
        packed = stack.enter_context(tarfile.open(fileobj=file, mode="r|", tarinfo=kind))
        while (info := packed.next()) is not None:
            packed.members.clear()  # it keeps them all, with all their headers
            size = max(info.size, 0)  # a student can have written any number
            room.need(1, size)
            if info.isreg():
                yield Entry(info.name, lambda info=info: packed.extractfile(info))
                continue
            room.take(0, size)  # is read and thrown away
            problem = "a link" if info.issym() or info.islnk() else "no plain file"
            yield Entry(info.name, None, None if info.isdir() else problem)


class _TarInfo(tarfile.TarInfo):
    """An entry of a tar archive, without headers that fill the memory.

    Attributes:
      room: that of the archive.
    """

    room: Room

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type == tarfile.GNUTYPE_SPARSE:
            self._refuse()
        if self.type in _TAR_HEADERS:
            if self.size > _LONGEST_HEADER:
                raise Refused(wording.LONG_HEADER)
            self.room.take(1, max(self.size, 0))
        return super()._proc_member(archive)

    def _refuse(self, *_) -> None:
        raise Refused(wording.SPARSE_TAR)

    # A list of holes has no end that is known beforehand.
    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse


def _problem(name: str) -> str | None:
    """Why an entry of this name is left out; None if it is not."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name) or len(name.encode()) > _LONGEST_PATH:
        return "an odd name"
    return "too many folders in folders" if len(_parts(name)) > _MOST_FOLDERS else None


def _parts(name: str) -> list[str]:
    """The path of an entry, which stays in the folder that it is put into."""
    path = PurePath(name)
    return [part for part in path.parts if part not in (path.anchor, "..")]


def _written(entry: Entry, folder: Path, room: Room) -> str | None:
    """Write an entry as a file or folder, and return why it cannot be; None if it was."""
    target = folder.joinpath(*_parts(entry.name))
    try:
        (target if entry.open is None else target.parent).mkdir(parents=True, exist_ok=True)
        if entry.open is None:
            return None
        out = target.open("wb")
    except OSError as error:  # a name that is too long, or a file and a folder of one name
        return error.strerror
    with out, entry.open() as content:
        while chunk := content.read(_CHUNK):
            room.take(0, len(chunk))
            out.write(chunk)
    return None
