"""How much memory processes hold: what is theirs, and what Linux holds for them and shows in no process's size.

What could be held unseen without end, the filter of system calls (syscalls.py) takes away. The rest is counted here,
as it is or, where it cannot be told exactly, for as much as it can be.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence

from seqmodels.grading.sandbox import system
from seqmodels.grading.sandbox.processes import Process

_PROC = "/proc"
_KILOBYTE = 1024
# Of a process's own: what it has written to, what it shares by agreement, and where Linux notes which memory is where:
# many gigabytes can be asked for and hardly used.
_OWN = ("RssAnon", "RssShmem", "VmSwap", "HugetlbPages", "VmPTE")
_SHARES = ("Pss_Anon", "Pss_Shmem", "SwapPss", "Private_Hugetlb", "Shared_Hugetlb")

# Bytes that count for each of these, and what it can hold.
_SOCKET = 1 << 19  # twice what Linux lets a process ask for
_OPEN_FILE = 4096  # half a pipe that its user's pages are used up for; a user has 64 MB of them before that
_FILE = 1536  # in memory, without what is in it
_MAPPING = 256
_OF_ANCESTOR = 64  # of a mapping, for each process from which it has come by forking
_WATCHED = 4096  # a lock, or an open file that is waited for: Linux lets a user have some hundred thousands of these

# The last three are looked for only where the memory that Linux cannot give back has grown by so many bytes: it takes
# long. When it has grown by as much again, they are looked for at once, and otherwise no more often than that a share
# of the time goes into it.
_GROWTH = 32 << 20
_SHARE = 0.01
_PIECE = 1 << 20
_MARKS = (b"\ntfd:", b"\nlock:")


class Held:
    """The memory that all descendants of this process hold, from look to look.

    Args:
      folders: an open file in the folders that they may write to, which lie in memory; None if those lie on disk.
    """

    def __init__(self, folders: int | None):
        self._folders = folders
        # This process is a fork of the template, as the kernel is.
        self._template = _own(_status(os.getpid())[1])
        self._objects = _Objects()

    def bytes(self, processes: Sequence[Process], most: int) -> int:
        """What these processes hold beyond what the template has.

        Args:
          processes: all of them.
          most: bytes above which it has to be exact.
        """
        known = {process.pid: _status(process.pid) for process in processes}
        places = [place for place, _ in known.values()]
        beside = self._objects.bytes(places, most)
        if self._folders is not None:
            beside += _sockets_of(places) * _SOCKET + _files_in(self._folders) * _FILE
        memory = sum(_own(status) for _, status in known.values()) - self._template + beside
        if memory > most and len(processes) > 1:
            # Processes share what they had before they parted. To ask exactly takes longer.
            memory = beside
            for process in processes:
                # Between its start and its becoming another program, a process may use its parent's memory.
                if process.parent not in known or not system.share_memory(process.pid, process.parent):
                    memory += _share_of(*known[process.pid])
        return memory


def _own(status: dict[str, int]) -> int:
    return sum(status.get(name, 0) * _KILOBYTE for name in _OWN) + status.get("FDSize", 0) * _OPEN_FILE


def _share_of(place: str, status: dict[str, int]) -> int:
    """What a process holds, where each byte that n processes share counts for one n-th."""
    shared = _numbers(f"{place}/smaps_rollup")
    tables = status.get("VmPTE", 0) * _KILOBYTE + status.get("FDSize", 0) * _OPEN_FILE
    return sum(shared.get(name, 0) for name in _SHARES) * _KILOBYTE + tables


def _status(pid: int) -> tuple[str, dict[str, int]]:
    """Where Linux tells what a process has, and what it says there.

    A process whose first thread has ended before the others has what it had, and tells it only by these.
    """
    place = f"{_PROC}/{pid}"
    status = _numbers(f"{place}/status")
    if status.get("Threads", 0) > 1 and "RssAnon" not in status:
        for thread in _names(f"{place}/task"):
            other = _numbers(f"{place}/task/{thread}/status")
            if "RssAnon" in other:
                return f"{place}/task/{thread}", other
    return place, status


class _Objects:
    """What Linux keeps for each mapping, lock and open file that is waited for, where it can be much."""

    def __init__(self):
        self._least = self._last = _unreclaimable()
        self._bytes = 0
        self._next = 0.0

    def bytes(self, places: Sequence[str], most: int) -> int:
        """As many bytes as there may be in them, or somewhat more than ``most``.

        Args:
          places: where Linux tells about each process.
          most: bytes above which nobody needs to know more.
        """
        begun, grown = time.monotonic(), _unreclaimable()
        if begun < self._next and grown - self._last < _GROWTH:
            return self._bytes
        self._bytes, self._last, self._least = 0, grown, min(self._least, grown)
        if grown - self._least > _GROWTH:
            for found in self._each(places):
                self._bytes += found
                if self._bytes > most:
                    break
            self._next = begun + (time.monotonic() - begun) / _SHARE
        return self._bytes

    def _each(self, places: Sequence[str]) -> Iterator[int]:
        mapping = _MAPPING + _OF_ANCESTOR * (len(places) - 1)
        for place in places:
            for piece in _pieces(f"{place}/maps"):
                yield piece.count(b"\n") * mapping
            for name in _names(f"{place}/fdinfo"):
                for piece in _pieces(f"{place}/fdinfo/{name}"):
                    yield sum(map(piece.count, _MARKS)) * _WATCHED


def _sockets_of(places: Sequence[str]) -> int:
    """How many sockets there are in the network of a kernel, which has one of its own."""
    for place in places:
        try:
            with open(f"{place}/net/sockstat") as stream:
                return int(stream.readline().split()[-1])  # sockets: used 123
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
    return 0


def _files_in(folders: int) -> int:
    """How many files and folders there are in a file system."""
    found = os.fstatvfs(folders)
    return found.f_files - found.f_ffree


def _unreclaimable() -> int:
    """The bytes of this machine that Linux has for its own notes, and cannot give back."""
    return _numbers(f"{_PROC}/meminfo").get("SUnreclaim", 0) * _KILOBYTE


def _numbers(path: str) -> dict[str, int]:
    """The first number of each line by the word before it; nothing if the process has ended."""
    found = {}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path) as stream:
        for line in stream:
            name, _, words = line.partition(":")
            number = words.split(maxsplit=1)[:1]
            if number and number[0].isdigit():
                found[name] = int(number[0])
    return found


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, ProcessLookupError):
        return []


def _pieces(path: str) -> Iterator[bytes]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path, "rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece
