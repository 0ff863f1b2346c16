"""Fetching a file over HTTP so that an interrupted download goes on where it stopped.

TensorFlow Datasets has a download manager, but it begins again from nothing, and it needs the
checksum of every file in advance, which the publisher of Quick, Draw! does not give.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import requests
from tqdm.auto import tqdm

from seqmodels._packages import DataFileError

ATTEMPTS = 3
SECONDS_BETWEEN_ATTEMPTS = 1.0
# To connect, and between two pieces of the file.
TIMEOUTS = (10, 60)
PIECE = 1 << 18

# Beside the downloaded files: the checksum that each had when it first came.
RECORD = "checksums.json"


class MissingFileError(DataFileError):
    """The server has no file at this address."""


def download(address: str, file: Path, check: Callable[[Path], None], sha256: str | None = None) -> Path:
    """Fetch a file unless it is there, and make sure that it is what it was.

    What has come so far is kept in ``<file>.part``. The file itself appears at once, when it is
    whole and has passed every check.

    Args:
      address: where the file is.
      file: where it goes.
      check: called with the path of a new file; raises `DataFileError` if it is no good.
      sha256: the checksum that the file must have. Without it, the file must have the one that
        it had when it first came, which is written down beside it.

    Returns:
      The path of the file.

    Raises:
      DataFileError: the file can't be fetched, or is not what it should be.
    """
    part = file.with_name(f"{file.name}.part")
    path = file
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _fetch(address, part)
        path = part
    recorded = _recorded(file)
    expected = sha256 or recorded
    found = _sha256(path)
    try:
        if expected is not None and found != expected:
            raise DataFileError(
                f"{file} from {address} has the SHA-256 {found}, but {expected} is expected: it was altered, here or "
                f"there. Delete it if it is still there and run this again. If there is a new version that you trust, "
                f"take the name of the file out of {file.parent / RECORD}, or give its checksum to the configuration."
            )
        if found != recorded:
            _check(path, check, address, "It was not kept: run" if path is part else "Delete it and run")
    except DataFileError:
        if path is part:
            _forget(part)  # going on from it would never make it right
        raise
    if found != recorded:
        _record(file, found)
    if path is part:
        os.replace(part, file)
        _forget(part)
    return file


def _check(path: Path, check: Callable[[Path], None], address: str, remedy: str) -> None:
    try:
        check(path)
    except DataFileError as error:
        raise DataFileError(
            f"{error} {remedy} this again, and if that does not help, look at what {address} serves."
        ) from error


def _fetch(address: str, part: Path) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with requests.Session() as session:
                _fetch_rest(session, address, part)
            return
        except requests.RequestException as error:
            if attempt == ATTEMPTS:
                came = part.stat().st_size if part.exists() else 0
                kept = f": it goes on after the {came:,} bytes that are in {part}" if came else ""
                raise DataFileError(
                    f"{address} can't be fetched ({ATTEMPTS} attempts): {error}. Check the network and the address, "
                    f"and run this again{kept}."
                ) from error
        time.sleep(SECONDS_BETWEEN_ATTEMPTS)


def _fetch_rest(session: requests.Session, address: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    seen = _validator(part).read_text(encoding="utf-8") if _validator(part).exists() else ""
    # Compressed on the way, bytes would be counted differently.
    headers = {"Accept-Encoding": "identity"}
    if have and seen:
        # The rest, if the file is still the one that the first part came from; otherwise all of it.
        headers |= {"Range": f"bytes={have}-", "If-Range": seen}
    with session.get(address, headers=headers, stream=True, timeout=TIMEOUTS) as response:
        # Some stores of files say "forbidden" of what they don't have.
        if response.status_code in (requests.codes.not_found, requests.codes.forbidden, requests.codes.gone):
            raise MissingFileError(f"{address}: the server has no such file ({response.status_code}).")
        if response.status_code == requests.codes.range_not_satisfiable:
            # The part is the whole file already, or it is none of the file: the server knows the size.
            if response.headers.get("Content-Range") == f"bytes */{have}":
                return
            _forget(part)
            raise requests.ConnectionError(f"the server can't go on after {have:,} bytes")
        response.raise_for_status()
        goes_on = response.status_code == requests.codes.partial_content
        if goes_on and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            _forget(part)
            raise requests.ConnectionError(f"the server sent another part than the one after {have:,} bytes")
        if not goes_on:
            have = 0
            # First, so that the old bytes never stand beside the new tag.
            part.unlink(missing_ok=True)
            _remember(part, response)
        length = response.headers.get("Content-Length")
        with (
            part.open("ab" if goes_on else "wb") as stream,
            tqdm(
                desc=part.stem,
                initial=have,
                total=have + int(length) if length else None,
                unit="B",
                unit_scale=True,
            ) as bar,
        ):
            # A connection that ends early is an error here: `requests` compares with Content-Length.
            for piece in response.iter_content(PIECE):
                stream.write(piece)
                bar.update(len(piece))


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _remember(part: Path, response: requests.Response) -> None:
    """Write down what tells this version of the file from a later one, if the server says it."""
    etag = response.headers.get("ETag", "")
    # A weak tag ("W/...") stands for files that mean the same, not for the same bytes.
    version = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
    _validator(part).write_text(version, encoding="utf-8")


def _forget(part: Path) -> None:
    for path in (part, _validator(part)):
        path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _recorded(file: Path) -> str | None:
    record = file.parent / RECORD
    if not record.exists():
        return None
    try:
        return json.loads(record.read_text(encoding="utf-8")).get(file.name)
    except (ValueError, AttributeError):
        raise DataFileError(
            f"{record} is damaged. Delete it: the checksums are written down again from the files that come next."
        ) from None


def _record(file: Path, sha256: str) -> None:
    record = file.parent / RECORD
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    draft = record.with_name(f"{record.name}.part")
    draft.write_text(json.dumps(known | {file.name: sha256}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(draft, record)
