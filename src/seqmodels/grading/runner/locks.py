"""Locks on files, which end with the process that holds them, however it ends.

Where the folder is on a network file system, they hold between machines too.
"""

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.2  # seconds


class Held(Exception):
    """Somebody else holds the lock; the message is who."""


@contextlib.contextmanager
def held(path: Path, patience: float = 0) -> Iterator[None]:
    """Hold a lock.

    Args:
      path: the file that stands for it. It stays, and matters only while somebody holds it.
      patience: seconds to wait for somebody else.

    Raises:
      Held: somebody else has held it all the time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as file:
        _take(file, time.monotonic() + patience)
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield


def _take(file, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.seek(0)
                raise Held(file.read() or "another process") from None
        time.sleep(_PAUSE)
