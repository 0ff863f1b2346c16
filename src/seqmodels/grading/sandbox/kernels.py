"""The grader's end: the template process, started when it is first needed, and the kernels that come from it."""

import atexit
import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from seqmodels.grading import wording
from seqmodels.grading.sandbox import outer
from seqmodels.grading.sandbox.limits import Limits, allow_open_files

_PATIENCE = 300  # seconds for the template to import TensorFlow, on a busy machine, and for the first kernel
_MESSAGE = 8192
_LONGEST = 107  # letters of the address of a socket
_SOCKET = "/1000000/s-5"
# Numbers of users that neither people nor containers have. Each grader takes some of its own.
_USERS, _USERS_OF_EACH = 0x70000000, 64


def can_fork() -> bool:
    """Whether kernels are forked: elsewhere a process that has loaded frameworks of the system cannot be."""
    return sys.platform == "linux"


class TemplateError(RuntimeError):
    """The template process ended, or a kernel could not be started."""


class Kernel:
    """A kernel, with as much of subprocess.Popen as a provisioner uses.

    Attributes:
      limit: which limit it has reached, or None; known when it has ended.
      peak_memory: bytes that it and its processes had beyond the template's, at most; known when it has ended.
    """

    stdin = stdout = stderr = None

    def __init__(self, keeper: socket.socket, template: "Template"):
        self.limit: str | None = None
        self.peak_memory = 0
        self._keeper = keeper
        self._template = template
        self._code: int | None = None

    def wait_until_started(self) -> None:
        """Wait until it listens.

        Raises:
          TemplateError: it could not be started.
        """
        if not _can_read(self._keeper, _PATIENCE):
            raise TemplateError(f"a kernel did not start within {_PATIENCE} seconds")
        said = self._hear()
        if not said.get("started"):
            raise TemplateError(said.get("failed") or self._template.ended())

    def poll(self) -> int | None:
        while self._code is None and _can_read(self._keeper, 0):
            self._end(self._hear())
        return self._code

    def wait(self) -> int:
        while self._code is None:
            self._end(self._hear())
        return self._code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._keeper.send(json.dumps({"signal": number}).encode())

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def cut_off(self) -> None:
        """Kill it, from whatever thread."""
        with contextlib.suppress(OSError):  # it has ended
            self._keeper.send(json.dumps({"signal": signal.SIGKILL}).encode())

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _hear(self) -> dict:
        """The keeper's next words; none if it has gone."""
        try:
            return json.loads(self._keeper.recv(_MESSAGE) or "{}")
        except ConnectionResetError:
            return {}

    def _end(self, said: dict) -> None:
        # A keeper that has gone took its kernel with it.
        self._code = said.get("ended", -signal.SIGKILL)
        self.limit = said.get("limit")
        self.peak_memory = said.get("peak_memory", 0)
        self._keeper.close()


class Template:
    """The process that has imported what kernels need.

    Args:
      frameworks: whether that includes TensorFlow.
      sandbox: whether it and its kernels are walled in.
    """

    _running: dict[tuple[int, bool, bool], "Template"] = {}
    _starting = threading.Lock()
    _numbers = itertools.count(1)  # of the kernels of all templates: they stand for users too

    @classmethod
    def running(cls, frameworks: bool, sandbox: bool) -> "Template":
        """The template of this kind in this process; starts it if it does not run."""
        key = (os.getpid(), frameworks, sandbox)
        with cls._starting:
            found = cls._running.get(key)
            if found is None or not found.is_running():
                found = cls._running[key] = cls(frameworks, sandbox)
                atexit.register(found.close)
            return found

    @classmethod
    def numbers(cls) -> list[int]:
        """The numbers of the processes of the templates that run in this process, the walls around them included."""
        with cls._starting:
            own = [found for (pid, *_), found in cls._running.items() if pid == os.getpid()]
        return [found._process.pid for found in own if found.is_running()]

    def __init__(self, frameworks: bool, sandbox: bool):
        allow_open_files()
        self._sandbox = sandbox
        self._scratch = short_folder()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process runs
        self._grader, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wall = outer.kind() if sandbox else "none"
        command = [sys.executable, "-P", "-m", "seqmodels.grading.sandbox.template", str(theirs.fileno()), wall]
        command.append("frameworks" if frameworks else "light")
        if sandbox:
            command = outer.command(command, [self._scratch])
        self._process: subprocess.Popen | None = None
        started = threading.Event()
        # bubblewrap ends with the thread that has started it, and not only with the process.
        threading.Thread(target=self._run, args=(command, theirs, started), daemon=True).start()
        started.wait()

    def folder(self) -> Path:
        """A new folder for the sockets of a kernel."""
        folder = self._scratch / str(next(self._numbers))
        folder.mkdir()
        return folder

    def start(
        self,
        argv: list[str],
        environment: dict[str, str],
        folder: Path,
        limits: Limits,
        channel: socket.socket | None = None,
        files: Path | None = None,
    ) -> Kernel:
        """Start a kernel; it is not waited for.

        Args:
          argv: its arguments.
          environment: its environment variables.
          folder: one that ``folder`` has made.
          limits: what it may use.
          channel: a socket that it inherits.
          files: a folder whose files are copied into its own.

        Raises:
          TemplateError: the template process has ended.
        """
        ours, keeper = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        names, attached = [], [keeper.fileno()]
        with contextlib.ExitStack() as opened:
            opened.callback(keeper.close)
            if channel is not None:
                names.append("channel")
                attached.append(channel.fileno())
            if files is not None:
                names.append("files")
                attached.append(os.open(files, os.O_RDONLY | os.O_DIRECTORY))
                opened.callback(os.close, attached[-1])
            asked = {
                "argv": argv,
                "environment": environment,
                "folder": str(folder),
                "home": outer.HOME if self._sandbox else str(folder / "home"),
                "user": _USERS + (os.getpid() * _USERS_OF_EACH + int(folder.name) % _USERS_OF_EACH) % (1 << 28),
                "limits": limits.to_json(),
                "files": names,
            }
            try:
                socket.send_fds(self._grader, [json.dumps(asked).encode()], attached)
            except (BrokenPipeError, ConnectionResetError) as error:
                raise TemplateError(self.ended()) from error
        return Kernel(ours, self)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ended(self) -> str:
        """What to tell when it has ended: the last lines that it has written to its error stream."""
        self._said.seek(0)
        said = self._said.read()[-2000:].decode(errors="replace").strip()
        return wording.TEMPLATE_ENDED.format(said=said or "nothing")

    def close(self) -> None:
        """End the template and all of its kernels."""
        # Not only closed: a process that this one has forked would hold it open.
        with contextlib.suppress(OSError):
            self._grader.shutdown(socket.SHUT_RDWR)
        self._grader.close()
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _run(self, command: list[str], theirs: socket.socket, started: threading.Event) -> None:
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=self._said,
                    stderr=self._said,
                    env=dict(os.environ),
                    start_new_session=True,  # an interrupt is for the grader to hand on
                )
            finally:
                started.set()
        self._process.wait()


def _can_read(stream: socket.socket, seconds: int) -> bool:
    # select itself takes no file above 1024, and a grader may have many open.
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def short_folder() -> Path:
    """A new folder in which sockets can lie: their addresses are short."""
    for parent in (None, "/tmp"):
        folder = Path(tempfile.mkdtemp(prefix="seqmodels-", dir=parent)).resolve()
        if len(str(folder) + _SOCKET) <= _LONGEST:
            return folder
        folder.rmdir()
    raise AssertionError("a folder in /tmp has a short name")
