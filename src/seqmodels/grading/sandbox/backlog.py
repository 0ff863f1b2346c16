"""Watches what waits to be read of the messages of kernels, which is held in the grader's memory.

ZeroMQ limits the parts of a message and the number of messages that wait, but not the number of parts: code in a
kernel that writes to its sockets itself can send one message without end. Nobody reads it before it has ended, so that
it has to be noticed by the memory that it takes.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator

_LOOKS = 0.05  # seconds between two: in one second a gigabyte can come in
_PAGE = os.sysconf("SC_PAGE_SIZE")
_RESIDENT = "/proc/self/statm"


@contextlib.contextmanager
def watched(most: int, end: Callable[[], None]) -> Iterator[None]:
    """Look while the block runs whether this process has grown, on Linux.

    Args:
      most: bytes that it may grow.
      end: ends the kernels; called in another thread, again and again for as long as the memory is in use.
    """
    if not os.path.exists(_RESIDENT):
        yield
        return
    over, begun = threading.Event(), _resident()

    def look() -> None:
        while not over.wait(_LOOKS):
            if _resident() - begun > most:
                end()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _resident() -> int:
    with open(_RESIDENT) as stream:
        return int(stream.read().split()[1]) * _PAGE
