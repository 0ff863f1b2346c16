"""How much memory, and how much of the processors, processes use together."""

import contextlib
import time
from collections.abc import Iterable

import psutil

_MEGABYTE = 1_000_000
_PAUSE = 0.5  # seconds between two looks, at least
_SHARE = 0.02  # of the time, at most, that may go into looking: Linux goes through all the pages of a process


class Peak:
    """The most memory that a process and all that it has started have had at once.

    Attributes:
      megabytes: as far as it has been seen. What comes and goes between two looks is missed.
      family: the processes at the last look.
    """

    def __init__(self, pid: int):
        self.megabytes = 0.0
        self.family: list[psutil.Process] = []
        self._pid, self._next = pid, 0.0

    def begin(self) -> None:
        """Forget the peak, and look."""
        self.megabytes = self._next = 0.0
        self.look()

    def look(self) -> None:
        """Look, unless the last time is too short ago."""
        begun = time.monotonic()
        if begun < self._next:
            return
        self.family = family(self._pid) or self.family
        self.megabytes = max(self.megabytes, used_by(self.family))
        cost = time.monotonic() - begun
        self._next = begun + max(_PAUSE, cost / _SHARE)


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it has started, as far as they run."""
    with contextlib.suppress(psutil.NoSuchProcess):
        own = psutil.Process(pid)
        return [own, *own.children(recursive=True)]
    return []


def processor_times(processes: Iterable[psutil.Process]) -> dict[int, float]:
    """The seconds of processor that each process and its ended children have had so far, by its number."""
    found = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            found[process.pid] = used.user + used.system + used.children_user + used.children_system
    return found


def used_by(processes: Iterable[psutil.Process]) -> float:
    """The memory of processes in MB. What they share is counted once, where the system tells."""
    return sum(map(_bytes, processes)) / _MEGABYTE


def _bytes(process: psutil.Process) -> int:
    try:
        found = process.memory_full_info()
    except psutil.AccessDenied:
        with contextlib.suppress(psutil.NoSuchProcess):
            return process.memory_info().rss
        return 0
    except psutil.NoSuchProcess:
        return 0
    return getattr(found, "pss", found.rss)
