"""How much a kernel may use, and how much it does."""

import contextlib
import dataclasses
import os
import resource
import signal
from dataclasses import dataclass

from seqmodels.grading.sandbox.memory import Held
from seqmodels.grading.sandbox.processes import descendants

MEMORY, PROCESSOR, PROCESSES, DISK = "memory", "processor", "processes", "disk"

_OPEN_FILES = 1024
# That wait to be delivered, and clocks that send them.
_SIGNALS = 1024
# Of the grader and the template, which send open files: more than all kernels together can have under way.
_OPEN_FILES_OF_GRADER = 1 << 16
# Where the keeper has the same user, Linux counts it too; the watch, which does not, is to be the first to notice.
_KEEPERS = 8
# Since this version of Linux the number of processes is counted for each user namespace by itself.
_COUNTS_IN_NAMESPACE = (5, 14)


@dataclass(frozen=True)
class Limits:
    """What all processes of one kernel may use together.

    Attributes:
      memory: bytes, beyond what the template has.
      processor: seconds.
      processes: processes and threads at once.
      disk: bytes in all of its folders, which are held in memory too.
    """

    memory: int
    processor: int
    processes: int
    disk: int

    def to_json(self) -> dict[str, int]:
        return dataclasses.asdict(self)

    def apply(self, kind: str | None) -> None:
        """Hand to Linux what it counts itself, for this process and those that it will start.

        Args:
          kind: of the walls around this process, as in ``outer.Wall.kind``.
        """
        limits = {
            # Python raises MemoryError at this one. What is reserved counts, used or not.
            resource.RLIMIT_DATA: _data() + self.memory,
            resource.RLIMIT_CPU: self.processor + 1,
            resource.RLIMIT_FSIZE: self.disk,
            resource.RLIMIT_NOFILE: _OPEN_FILES,
            resource.RLIMIT_CORE: 0,
            # What is locked in memory can be held without a process that shows it.
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_SIGPENDING: _SIGNALS,
        }
        if kind == "root" or (kind == "user" and _version() >= _COUNTS_IN_NAMESPACE):
            limits[resource.RLIMIT_NPROC] = self.processes + _KEEPERS
        for name, most in limits.items():
            hard = resource.getrlimit(name)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(name, (most, most))


def allow_open_files() -> None:
    """Let this process, and those that it will start, have and send more open files than kernels may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES_OF_GRADER if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES_OF_GRADER)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


class Watch:
    """Looks at what a kernel and all of its descendants use: the descendants of this process.

    Linux's own limits are for one process each; these are for all together.

    Args:
      limits: what they may use.
      folders: an open file in their folders; None if those are not limited.

    Attributes:
      limit: which limit they have reached, or None.
      peak_memory: bytes that they had at most, beyond what the template has.
    """

    def __init__(self, limits: Limits, folders: int | None):
        self.limit: str | None = None
        self.peak_memory = 0
        self._limits = limits
        self._folders = folders
        self._held = Held(folders)
        self._used = 0.0  # seconds of processor

    def look(self) -> None:
        """Measure once, and end the kernel if it uses more than it may."""
        found = descendants([os.getpid()])
        memory = self._held.bytes(found, self._limits.memory)
        self.peak_memory = max(self.peak_memory, memory)
        self._used = max(self._used, sum(process.seconds for process in found))
        if memory > self._limits.memory:
            self._end(MEMORY)
        elif self._used > self._limits.processor:
            self._end(PROCESSOR)
        elif sum(process.threads for process in found) >= self._limits.processes:
            self._end(PROCESSES)
        elif self._folders is not None and os.fstatvfs(self._folders).f_bavail == 0:
            # Nobody has to be ended: writing fails by itself.
            self.limit = self.limit or DISK

    def ended(self, code: int, seconds: float) -> None:
        """Hear how the kernel ended: Linux itself kills a process that has used up its time."""
        if code == -signal.SIGKILL and self.limit is None and seconds > self._limits.processor:
            self.limit = PROCESSOR

    def _end(self, limit: str) -> None:
        self.limit = limit
        kill_descendants()


def kill_descendants() -> None:
    """Kill whatever this process and its descendants have started."""
    for process in descendants([os.getpid()]):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _data() -> int:
    """Bytes that this process may write to and that are its own alone, used or not."""
    with open("/proc/self/status") as stream:
        return next(int(line.split()[1]) * 1024 for line in stream if line.startswith("VmData:"))


def _version() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(letter for letter in minor if letter.isdigit()))
