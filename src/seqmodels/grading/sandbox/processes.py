"""Which processes have come from others, and how much of the processors they have had, as Linux tells in /proc."""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = "/proc"


@dataclass(frozen=True)
class Process:
    """A process at one moment.

    Attributes:
      pid: its number.
      parent: that of its parent.
      seconds: of processor that it has had, with those of its ended threads, and of its children that it has waited for.
      threads: how many it has.
    """

    pid: int
    parent: int
    seconds: float
    threads: int


def descendants(roots: Iterable[int]) -> list[Process]:
    """All that processes have started, and what these have, as far as it has not ended; the first ones left out."""
    children: dict[int, list[Process]] = {}
    for name in os.listdir(_PROC):
        if name.isdigit() and (process := read(int(name))) is not None:
            children.setdefault(process.parent, []).append(process)
    found, ahead = [], list(roots)
    while ahead:
        own = children.get(ahead.pop(), [])
        found += own
        ahead += [process.pid for process in own]
    return found


def read(pid: int) -> Process | None:
    """What Linux says about a process; None if it has gone."""
    try:
        with open(f"{_PROC}/{pid}/stat") as stream:
            # Its name stands in brackets and may hold anything.
            fields = stream.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    seconds = sum(map(int, fields[11:15])) / _TICK
    return Process(pid, int(fields[1]), seconds, max(1, int(fields[17])))


def waits(pid: int) -> dict[int, float]:
    """For each thread of a process the seconds for which it was ready to run, and others had the processors."""
    found = {}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
        for name in os.listdir(f"{_PROC}/{pid}/task"):
            file = f"{_PROC}/{pid}/task/{name}/schedstat"
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(file) as stream:
                found[int(name)] = int(stream.read().split()[1]) / 1e9
    return found
