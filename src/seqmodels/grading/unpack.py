"""Unpacking what was downloaded from a learning platform, for ``nbgrader zip_collect``.

nbgrader's own plugin ends the whole command at the first archive that it cannot read. This one goes on,
and ``collect.py`` says whose archive it was.
"""

import gzip
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin

TARS = (".tar", ".tar.gz", ".tgz")
DEEPEST = 5  # archives within archives; nobody packs more often by accident

# What an archive raises that is cut short, no archive at all, locked with a password, or packed in an unknown way.
UNREADABLE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    NotImplementedError,
)


class Unpacker(ExtractorPlugin):
    """Unpack archives, and archives in them, and go on when one cannot be read."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Copy the downloaded files into another folder, and there turn each archive into a folder of its name."""
        shutil.copytree(archive_path, extracted_path, dirs_exist_ok=True)
        for _ in range(DEEPEST):
            for file in sorted(Path(extracted_path).rglob("*")):
                if file.is_file() and _is_archive(file):
                    self._unpack(file)

    def _unpack(self, archive: Path) -> None:
        folder = archive.with_name(f"{archive.name}.unpacked")
        try:
            _extract(archive, folder)
        except UNREADABLE as error:
            shutil.rmtree(folder, ignore_errors=True)
            self.log.warning("%s cannot be unpacked: %s", archive, error)
            # A name that is no archive's, so that it is not tried again.
            archive.rename(archive.with_name(f"{archive.name}.unreadable"))
        else:
            archive.unlink()
            folder.rename(archive)


def _is_archive(file: Path) -> bool:
    # macOS puts a file "._x.zip" beside x.zip, which is none.
    return file.name.lower().endswith((".zip", *TARS)) and not file.name.startswith("._")


def _extract(archive: Path, folder: Path) -> None:
    folder.mkdir()
    if archive.name.lower().endswith(TARS):
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        return
    try:
        # macOS packs names in UTF-8 without saying so.
        packed = zipfile.ZipFile(archive, metadata_encoding="utf-8")
    except UnicodeDecodeError:
        packed = zipfile.ZipFile(archive)
    with packed:
        packed.extractall(folder)
