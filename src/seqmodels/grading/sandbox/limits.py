"""How much a kernel may use, and how much it does."""

import contextlib
import dataclasses
import os
import resource
import signal
from dataclasses import dataclass

from seqmodels.grading.sandbox.processes import Process, descendants

MEMORY, PROCESSOR, PROCESSES, DISK = "memory", "processor", "processes", "disk"

_OPEN_FILES = 1024
# Of the grader and the template, which send open files: more than all kernels together can have under way.
_OPEN_FILES_OF_GRADER = 1 << 16
# Nobody counts what waits in sockets, as much as this in each: twice what Linux lets a process ask for.
_SOCKET = 1 << 19
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
        # This process is a fork of the template, as the kernel is.
        self._own = _memory_of(os.getpid())
        self._used = 0.0  # seconds of processor

    def look(self) -> None:
        """Measure once, and end the kernel if it uses more than it may."""
        found = descendants([os.getpid()])
        beside = 0 if self._folders is None else _sockets_of(found) * _SOCKET
        memory = sum(_memory_of(process.pid) for process in found) - self._own + beside
        if memory > self._limits.memory and len(found) > 1:
            # Processes share what they had before they parted. To ask exactly takes longer.
            memory = sum(_share_of(process.pid) for process in found) + beside
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


# Where Linux notes which memory is where: many gigabytes can be asked for and hardly used.
_TABLES = ("VmPTE:",)


def _memory_of(pid: int) -> int:
    """The bytes that a process has to itself or shares by agreement, files that it reads left out."""
    return _sum_of(f"/proc/{pid}/status", ("RssAnon:", "RssShmem:", "VmSwap:", *_TABLES))


def _share_of(pid: int) -> int:
    """The same, where each byte that n processes share counts for one n-th."""
    shared = _sum_of(f"/proc/{pid}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:", "SwapPss:"))
    return shared + _sum_of(f"/proc/{pid}/status", _TABLES)


def _sockets_of(processes: list[Process]) -> int:
    """How many sockets there are in the network of a kernel, which has one of its own."""
    for process in processes:
        try:
            with open(f"/proc/{process.pid}/net/sockstat") as stream:
                return int(stream.readline().split()[-1])  # sockets: used 123
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
    return 0


def _data() -> int:
    return _sum_of("/proc/self/status", ("VmData:",))


def _sum_of(path: str, names: tuple[str, ...]) -> int:
    try:
        with open(path) as stream:
            lines = [line.split() for line in stream]
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended
    return sum(int(line[1]) * 1024 for line in lines if line[0] in names)


def _version() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(letter for letter in minor if letter.isdigit()))
