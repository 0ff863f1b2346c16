"""How long processes have wanted a processor while others had it: what a limit of time must not count.

Linux counts for each thread how long it ran, and how long it was ready to run and had to wait (run_delay, in
Documentation/scheduler/sched-stats.rst of its sources). It does not say for whom: threads of one process wait
for one another too.
"""

import contextlib
import os
import time
from collections.abc import Mapping


class Waiting:
    """Adds up, from look to look, how much longer some processes have taken because others had the processors.

    In a look of E seconds in which their threads together ran for R and waited for W, they would have needed no
    waiting for min(R + W, processors * E) of it, if all processors had been theirs. They got R. So of the time
    in which they wanted to run, min(R + W, E), the share R / min(R + W, processors * E) counts, and the rest is
    left out. One that runs alone waits for nobody; of two threads that each had half a processor where there
    are two, half the time is left out.

    What is too short-lived to be seen could make the others wait in the name of strangers. So a look in which
    a process has ended, or in which more processes and threads began than are there, leaves nothing out.

    Args:
      processors: how many there are for these processes.
      births: an open /proc/loadavg of their own namespace of processes, whose last number is that of the process or
        thread that began last. Without one, none is taken to be short-lived.

    Attributes:
      seconds: what is to be left out so far.
    """

    def __init__(self, processors: int, births: int | None = None):
        self.seconds = 0.0
        self._processors, self._births = processors, births
        self._at = time.monotonic()
        self._threads: dict[int, tuple[float, float]] = {}
        self._processes: dict[int, float] = {}
        self._last = self._last_born()

    def look(self, processes: Mapping[int, float]) -> None:
        """Count what has happened since the last look.

        Args:
          processes: the seconds of processor that each process has had so far, ended threads and all, by its number.
        """
        now, last = time.monotonic(), self._last_born()
        threads = {thread: times for pid in processes for thread, times in threads_of(pid).items()}
        known = self._processes.keys() | self._threads.keys()
        born = (last - self._last) % _most_numbers() if self._births is not None else 0
        hidden = born > len((processes.keys() | threads.keys()) - known) or self._processes.keys() - processes.keys()
        if not hidden:
            # A thread that has ended is counted with its process.
            of_threads = sum(ran - self._threads.get(thread, (0.0, 0.0))[0] for thread, (ran, _) in threads.items())
            of_processes = sum(used - self._processes.get(pid, 0.0) for pid, used in processes.items())
            waited = sum(waits - self._threads.get(thread, (0.0, 0.0))[1] for thread, (_, waits) in threads.items())
            self.seconds += left_out(max(of_threads, of_processes), waited, now - self._at, self._processors)
        self._at, self._last, self._processes, self._threads = now, last, dict(processes), threads

    def _last_born(self) -> int:
        return int(os.pread(self._births, 100, 0).split()[-1]) if self._births is not None else 0


def left_out(ran: float, waited: float, elapsed: float, processors: int) -> float:
    """The seconds of a look that do not count, by the rule of Waiting.

    Args:
      ran: seconds of processor that all threads had together.
      waited: seconds for which they were ready to run and did not, together.
      elapsed: seconds that the look took.
      processors: how many there are.
    """
    wanted = ran + waited
    if waited <= 0 or wanted <= 0:
        return 0.0
    share = ran / min(wanted, processors * elapsed)
    return min(wanted, elapsed) * max(0.0, 1 - share)


def threads_of(pid: int) -> dict[int, tuple[float, float]]:
    """For each thread of a process the seconds for which it ran, and for which it waited for a processor."""
    found = {}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
        for name in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                with open(f"/proc/{pid}/task/{name}/schedstat") as stream:
                    running, waiting, _ = stream.read().split()
                found[int(name)] = int(running) / 1e9, int(waiting) / 1e9
    return found


def _most_numbers() -> int:
    """After this many processes and threads, numbers are given out again."""
    with open("/proc/sys/kernel/pid_max") as stream:
        return int(stream.read())
