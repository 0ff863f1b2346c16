"""What stands around a batch of attacks, and what is left of it afterwards.

Secrets lie where code might look for them, servers listen that nobody should reach, and every process that a
grading command leaves behind becomes a child of this one, so that it is seen.
"""

import contextlib
import ctypes
import dataclasses
import hashlib
import os
import secrets
import signal
import socket
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import seqmodels
from seqmodels.datasets import home
from tests.grading.attacks.attack import Place
from tests.grading.course import Course

_MOMENT = 3  # seconds
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
_OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr/local/bin", "/")


@dataclasses.dataclass
class Harm:
    """What the attacks have done that they must not be able to do; all empty if nothing.

    Attributes:
      left: files that carry their mark, outside of their own graded folders.
      changed: files that are not as they were.
      reached: servers of this machine that they have reached.
      running: command lines of processes that still run.
    """

    left: list[str]
    changed: list[str]
    reached: list[str]
    running: list[str]


class Scene:
    """The surroundings of a batch.

    Attributes:
      place: where things are, for the attacks.
      secret: a word that lies about; whoever shows it has read what was not for them.
    """

    def __init__(self, course: Course, home_folder: Path):
        mark = f"attack-{secrets.token_hex(4)}"
        self.secret = f"{mark}-kept-{secrets.token_hex(8)}"
        self._servers = _Servers(mark, home_folder)
        library = Path(seqmodels.__file__).parent
        self.place = Place(course.folder, library, home(), home_folder, self._servers.port, mark)
        (home_folder / f"{mark}-kept").write_text(self.secret)
        self._course = course

    @contextlib.contextmanager
    def watched(self) -> Iterator[Harm]:
        """Run the block, in which grading happens, and find out what the attacks have done in it."""
        _adopt_orphans()
        harm = Harm([], [], [], [])
        here = _children()
        before = self._contents()
        os.environ["SEQMODELS_TEST_KEPT"] = self.secret
        try:
            yield harm
        finally:
            del os.environ["SEQMODELS_TEST_KEPT"]
            harm.running += self._still_running(here)
            harm.reached += self._servers.close()
            after = self._contents()
            harm.changed += sorted(
                str(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path)
            )
            harm.left += self._left()

    def _contents(self) -> dict[Path, object]:
        """What the files of course, library and data hold; what grading itself writes is left out."""
        own = {self._course.folder / name for name in ("autograded", "feedback", "gradebook.db")}
        found = {}
        for top in (self.place.library, self._course.folder):
            for path in _files(top, leave_out=own):
                found[path] = _state(path)
        packages = Path(sysconfig.get_path("purelib"))
        for path in [*_files(self.place.data), *packages.iterdir(), *Path(sys.prefix, "bin").iterdir()]:
            # Too much to be read each time.
            status = path.lstat()
            found[path] = (status.st_size, status.st_mtime_ns, status.st_ino)
        return found

    def _left(self) -> list[str]:
        tops = [self.place.course, self.place.home, self.place.library, self.place.data]
        found = [path for top in tops for path in top.rglob(f"*{self._pattern()}*")]
        for top in (*_OPEN_TO_ALL, sysconfig.get_path("purelib"), sys.prefix):
            found += Path(top).glob(f"*{self._pattern()}*")
        known = {self.place.home / f"{self.place.mark}-{what}" for what in ("kept", "socket")}
        graded = self.place.course / "autograded"
        return sorted(str(path) for path in set(found) - known if not path.is_relative_to(graded))

    def _pattern(self) -> str:
        return self.place.mark.replace("-", "[-_]")

    def _still_running(self, before: set[int]) -> list[str]:
        left = _after_a_moment(before)
        marked = {pid for pid in _processes() if self.place.mark in _command(pid) and pid != os.getpid()}
        found = [_command(pid) or f"process {pid}" for pid in sorted(left | marked)]
        for pid in left | marked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        return found


class _Servers:
    """Sockets to which something may connect; whether it did is looked up in the end."""

    def __init__(self, mark: str, folder: Path):
        tcp, self._udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        tcp.bind(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        self._udp.bind(("127.0.0.1", self.port))
        self._udp.setblocking(False)
        self._streams = {"loopback": tcp}
        for what, address in (
            ("abstract socket", f"\0{mark}-socket"),
            ("socket in a folder", str(folder / f"{mark}-socket")),
        ):
            self._streams[what] = socket.socket(socket.AF_UNIX)
            self._streams[what].bind(address)
        for stream in self._streams.values():
            stream.setblocking(False)
            stream.listen(50)

    def close(self) -> list[str]:
        reached = []
        for what, stream in self._streams.items():
            with stream, contextlib.suppress(BlockingIOError):
                stream.accept()[0].close()
                reached.append(what)
        with self._udp, contextlib.suppress(BlockingIOError):
            self._udp.recv(100)
            reached.append("loopback by datagram")
        return reached


def _files(top: Path, leave_out: set[Path] = frozenset()) -> Iterator[Path]:
    """All files below a folder, links as links; compiled modules apart, which Python writes whenever it imports."""
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name != "__pycache__" and Path(folder, name) not in leave_out]
        yield from (path for name in names if (path := Path(folder, name)) not in leave_out)


def _state(path: Path) -> tuple:
    status = path.lstat()
    is_plain = path.is_file() and not path.is_symlink() and status.st_size < 10_000_000
    return status.st_mode, status.st_size, hashlib.sha256(path.read_bytes()).hexdigest() if is_plain else None


def _adopt_orphans() -> None:
    # A process whose parent has ended becomes a child of this one, however far it has gone from it.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system does not let this process adopt orphans")


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _children() -> set[int]:
    found = set()
    for pid in _processes():
        with contextlib.suppress(OSError):
            # The name of a program may hold spaces and brackets: the parent is the second word behind it.
            if int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(pid)
    return found


def _after_a_moment(before: set[int]) -> set[int]:
    """The children that there were not before, and that do not end by themselves at once."""
    deadline = time.monotonic() + _MOMENT
    while left := _children() - before:
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return left


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
