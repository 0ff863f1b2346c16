"""How long processes have wanted a processor while others had it: what a limit of time must not count.

Linux counts for each thread how long it ran, and how long it was ready to run and had to wait (run_delay, in
Documentation/scheduler/sched-stats.rst of its sources). It does not say for whom: threads of one process wait
for one another too.
"""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from seqmodels.grading.sandbox.processes import descendants, read, waits

_LOOKS = 0.25  # seconds between two
_MOST_LOOKS = 2400  # that are remembered: ten minutes of four a second
_PROC = "/proc"
_GROUPS = "/sys/fs/cgroup"


class Waiting:
    """Adds up, from look to look, how much longer some processes have taken because others had the processors.

    In a look of E seconds in which their threads together ran for R and waited for W, they would have needed no
    waiting for min(R + W, processors * E) of it, if all processors had been theirs. They got R. So of the time
    in which they wanted to run, min(R + W, E), the share R / min(R + W, processors * E) counts, and the rest is
    left out. One that runs alone waits for nobody; of two threads that each had half a processor where there
    are two, half the time is left out.

    R comes from the processes, ended threads and children included, so that nothing short-lived runs unseen.

    Args:
      processors: how many there are for these processes.

    Attributes:
      seconds: what is to be left out so far.
    """

    def __init__(self, processors: float):
        self.seconds = 0.0
        self._processors = processors
        self._at = time.monotonic()
        self._used: float | None = None  # None before the first look
        self._threads: dict[int, dict[int, float]] = {}
        # How long each was, and how much of it seemed to be sleep.
        self._looks: deque[list[float]] = deque(maxlen=_MOST_LOOKS)

    def look(self, used: Mapping[int, float]) -> None:
        """Count what has happened since the last look.

        Args:
          used: the seconds of processor that each process has had so far, with those of its ended threads and of its
            children that it has waited for, by its number.
        """
        now, whole = time.monotonic(), sum(used.values())
        threads = {pid: waits(pid) for pid in used}
        if self._used is not None:
            waited = [
                seconds - before
                for pid in threads.keys() & self._threads.keys()
                for seconds, before in _pairs(pid, threads[pid], self._threads[pid])
            ]
            self._count(max(0.0, whole - self._used), waited, now - self._at)
        self._at, self._used, self._threads = now, whole, threads

    def _count(self, ran: float, waited: list[float], elapsed: float) -> None:
        left = left_out(ran, sum(waited), elapsed, self._processors)
        self.seconds += left
        asleep = max(0.0, elapsed - left - ran)
        # A wait is told when it ends. What exceeds this look was in those before, in which nothing seemed to happen.
        exceeds = max(waited, default=0.0) - elapsed
        for look in reversed(self._looks):
            if exceeds <= 0:
                break
            self.seconds += min(exceeds, look[1])
            exceeds -= look[0]
            look[1] = 0.0
        self._looks.append([elapsed, asleep])


class Clock:
    """Tells the time as limits count it, in a with statement: it stands still while others have the processors.

    All processes count together: the student's kernel cannot stop the clock by making that of the tests wait.

    Args:
      roots: tells the numbers of the processes whose descendants are meant. This process is meant too.
    """

    def __init__(self, roots: Callable[[], Iterable[int]]):
        self._roots = roots
        self._waiting = Waiting(processors())
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Clock":
        if os.path.exists(f"{_PROC}/self/schedstat"):  # elsewhere nothing is left out
            self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def now(self) -> float:
        """Seconds since some moment, without those that are left out."""
        return time.monotonic() - self._waiting.seconds

    @property
    def left_out(self) -> float:
        """The seconds that are left out so far."""
        return self._waiting.seconds

    def _watch(self) -> None:
        while not self._over.wait(_LOOKS):
            found = [read(os.getpid()), *descendants(self._roots())]
            self._waiting.look({process.pid: process.seconds for process in found})


def left_out(ran: float, waited: float, elapsed: float, processors: float) -> float:
    """The seconds of a look that do not count, by the rule of Waiting.

    Args:
      ran: seconds of processor that all threads had together.
      waited: seconds for which they were ready to run and did not, together.
      elapsed: seconds that the look took.
      processors: how many there are.
    """
    wanted = ran + waited
    if waited <= 0 or elapsed <= 0:
        return 0.0
    share = ran / min(wanted, processors * elapsed)
    return min(wanted, elapsed) * max(0.0, 1 - share)


def _pairs(pid: int, now: Mapping[int, float], before: Mapping[int, float]):
    """What each thread of a process has waited so far, and until the last look.

    A thread that becomes another program takes the number of the process, and brings what it has waited with it.
    """
    gone = [before[thread] for thread in before.keys() - now.keys()]
    for thread, seconds in now.items():
        known = [before.get(thread, 0.0)]
        if thread == pid:
            known += [other for other in gone if other <= seconds]
        yield seconds, max(known)


def processors() -> float:
    """How many processors this process may use: those that it may run on, or fewer by a quota of a control group."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([float(allowed), *_quotas()])


def _quotas() -> list[float]:
    """The quotas of this process's control groups, in processors."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        with open(f"{_PROC}/self/cgroup") as stream:
            groups = [line.rstrip("\n").split(":", 2) for line in stream]
        for _, controllers, path in groups:
            # Version 2 has no controllers here; in a container the group may be the top of what is seen.
            top = _GROUPS if not controllers else f"{_GROUPS}/cpu"
            if controllers and "cpu" not in controllers.split(","):
                continue
            while True:
                found += _quota(top + path.rstrip("/"))
                if path in ("", "/"):
                    break
                path = os.path.dirname(path)
    return found


def _quota(folder: str) -> list[float]:
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        with contextlib.suppress(OSError):
            words = []
            for name in names:
                with open(f"{folder}/{name}") as stream:
                    words += stream.read().split()
            if words[0] not in ("max", "-1"):
                return [int(words[0]) / int(words[1])]
    return []


def is_counted() -> bool:
    """Whether Linux counts here how long threads run and wait."""
    begun = time.process_time()
    while time.process_time() < begun + 0.001:
        pass
    try:
        with open(f"{_PROC}/self/schedstat") as stream:
            return int(stream.read().split()[0]) > 0
    except FileNotFoundError:
        return False
