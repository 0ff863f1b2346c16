"""When a submission was handed in, read from a file that its student could write anything into."""

import datetime
import re
from pathlib import Path

from nbgrader.utils import parse_utc

from seqmodels.grading.files import UnsafeFile, read_bytes

FILE = "timestamp.txt"
SECRET = "submission_secret.txt"  # nbgrader names a student's feedback page after it
LATE = "late_on_platform.txt"  # is there if a learning platform says that the work came late; not when it came
_LONGEST = 1000

# As nbgrader submit and nbgrader zip_collect write it: 2015-02-02 15:58:23.948203 America/Chicago
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?([+-]\d\d:?\d\d|Z|[A-Z][A-Za-z_]*(/[A-Z][A-Za-z_+-]*)*))?"
)


def parsed(text: str) -> datetime.datetime | None:
    """The time in universal time, or None if the text holds none."""
    if not _DATE.fullmatch(text.strip()):
        return None
    try:
        return parse_utc(text.strip())
    except (ValueError, OverflowError, OSError):  # a time zone is looked for as a file of its name
        return None


def small_text(path: Path) -> str | None:
    """What a small text file holds, or None if it is no such file."""
    try:
        return read_bytes(path, _LONGEST).decode("utf-8")
    except (UnsafeFile, UnicodeDecodeError):
        return None


def handed_in(folder: Path) -> datetime.datetime | None:
    """When a submission was handed in, or None if nothing tells."""
    text = small_text(folder / FILE)
    return None if text is None else parsed(text)
