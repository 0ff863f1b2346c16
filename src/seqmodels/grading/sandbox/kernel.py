"""Becoming a kernel: the last process of the row, the one in which a notebook's cells run."""

import contextlib
import os
import random
import shutil
import signal
import socket
import stat
import sys
import traceback
from dataclasses import dataclass

import zmq
from ipykernel.kernelapp import IPKernelApp

from seqmodels.grading.sandbox import inner, system
from seqmodels.grading.sandbox.limits import Limits

CHANNEL = "SEQMODELS_CHANNEL"  # the variable that holds the number of the socket that a kernel inherits
OPENED, BOUND, FAILED, GO = b"opened", b"bound", b"failed", b"go"


@dataclass(frozen=True)
class Request:
    """What the grader asks for.

    Attributes:
      argv: arguments of the kernel.
      environment: its environment variables.
      folder: its folder for sockets, which lies in the scratch folder of the grader.
      user: the number of its user, if it gets one.
      limits: what it may use.
      home: its working folder.
      channel: an open socket that it is to have, or None.
      files: an open folder whose files it is to have, or None.
    """

    argv: list[str]
    environment: dict[str, str]
    folder: str
    user: int
    limits: Limits
    home: str
    channel: int | None
    files: int | None


def become(request: Request, kind: str | None, gate: socket.socket) -> None:
    """Run a kernel in this process, and end with it.

    Args:
      request: what was asked for.
      kind: of the wall around it, as ``outer.kind``; None for no wall.
      gate: through it the keeper hears that the sockets are there, or what has failed, and says when to go on.
    """
    code = 1
    try:
        try:
            app = _prepare(request, kind, gate)
        except (Exception, SystemExit):
            # Whatever it was, the grader tells it.
            gate.send(FAILED + traceback.format_exc()[-4000:].encode())
            raise
        if gate.recv(len(GO)) != GO:
            os._exit(1)
        gate.close()
        _be_silent()
        app.start()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    finally:
        # Nothing of the template's own ending may run here.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def _prepare(request: Request, kind: str | None, gate: socket.socket):
    """Everything up to the point where the kernel would listen."""
    os.setsid()
    # The keeper cannot be reached from here, but should it end, so does this.
    system.end_with_parent(signal.SIGKILL)
    # Should the machine itself have no memory left, this is what goes, and not the grader.
    with open("/proc/self/oom_score_adj", "w") as stream:
        stream.write("1000")
    if kind is not None:
        scratch = os.path.dirname(request.folder)
        opened = [
            inner.separate(scratch, request.folder, request.limits.disk),
            os.open("/proc/self/ns/mnt", os.O_RDONLY),
        ]
        # Before this process has its own limit of open files: to send some is refused to who has as many under way as
        # that, and Linux counts those of all kernels of a user.
        socket.send_fds(gate, [OPENED], opened)
        for file in opened:
            os.close(file)
        for name in ("ipython", "matplotlib"):
            os.mkdir(os.path.join("/tmp", name))
    else:
        os.makedirs(request.home)
    if request.files is not None:
        copy_files(request.files, request.home)
        os.close(request.files)
    _take_environment(request)
    if kind is not None:
        own = [request.home, request.folder, "/tmp/ipython", "/tmp/matplotlib"]
        inner.give_away(kind, request.user, own)
        request.limits.apply(kind)
        inner.close_for_ever(kind, request.user)
        # Changing the user has taken this back.
        system.end_with_parent(signal.SIGKILL)
    else:
        request.limits.apply(kind)
    app = _initialized(request.argv)
    gate.send(BOUND)
    return app


def copy_files(source: int, target: str) -> None:
    """Copy the plain files and folders of an open folder. Nothing else, and no link is followed.

    Args:
      source: the open folder.
      target: a folder that exists.
    """
    for place, folders, files, opened in os.fwalk(".", dir_fd=source, follow_symlinks=False):
        here = os.path.normpath(os.path.join(target, place))
        for name in folders:
            if stat.S_ISDIR(os.stat(name, dir_fd=opened, follow_symlinks=False).st_mode):
                os.makedirs(os.path.join(here, name), mode=0o755, exist_ok=True)
        for name in files:
            if not stat.S_ISREG(os.stat(name, dir_fd=opened, follow_symlinks=False).st_mode):
                continue
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=opened)
            with open(file, "rb") as original, open(os.path.join(here, name), "wb") as copy:
                shutil.copyfileobj(original, copy)


def _take_environment(request: Request) -> None:
    os.environ.clear()
    os.environ.update(request.environment)
    if request.channel is not None:
        os.set_inheritable(request.channel, False)
        os.environ[CHANNEL] = str(request.channel)
    os.chdir(request.home)
    os.umask(0o022)
    # Each fork would otherwise draw the same numbers.
    random.seed()
    sys.modules["numpy"].random.seed()


def _initialized(argv: list[str]):
    # The kernel is the first process of its namespace, or the child of a keeper that looks after it: it need not
    # look whether its parent is still there.
    sys.argv = ["ipykernel_launcher", *argv, "--IPKernelApp.parent_handle=1"]
    app = LosslessKernelApp.instance()
    app.initialize()
    # IPython keeps all that cells print, for a history that nobody reads here: a gigabyte, if a loop prints one.
    app.shell._tee = lambda channel: contextlib.nullcontext()
    # As in any kernel, what lies beside the notebook can be imported, which -P has kept from the template. Not earlier:
    # up to here nothing of a student's may run.
    sys.path.insert(0, "")
    return app


class LosslessKernelApp(IPKernelApp):
    """A kernel that loses no message, however slowly it is heard: what waits fills its own memory."""

    def init_iopub(self, context: zmq.Context) -> None:
        context.setsockopt(zmq.SNDHWM, 0)
        super().init_iopub(context)


def _be_silent() -> None:
    """Close the way past the messages: what goes to the process's own output would be written to the grader's."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
