"""The keeper of a kernel: starts it, hands signals on, watches what it uses, and says how it ended.

It is a fork of the template, outside of the kernel's wall, and speaks with the grader through a socket of
its own, one JSON object a message:

    heard:  {"signal": number}; the end of the stream ends the kernel
    said:   {"started": true} or {"failed": why}; and at last
            {"ended": returncode, "limit": which or null, "peak_memory": bytes}
"""

import contextlib
import json
import os
import select
import signal
import socket

from seqmodels.grading.sandbox import inner, kernel, limits, system

_LOOKS = 0.05  # seconds between two: a process can fill a gigabyte in half a second
_PATIENCE = 120  # seconds for a kernel to start on a busy machine
_MESSAGE = 8192


def keep(request: kernel.Request, kind: str | None, grader: socket.socket) -> None:
    """Start a kernel and stay until it has ended. Run in a fork; does not return."""
    try:
        _keep(request, kind, grader)
    except OSError as error:
        _say(grader, {"failed": f"{type(error).__name__}: {error}"})
    finally:
        limits.kill_descendants()
        os._exit(0)


def _keep(request: kernel.Request, kind: str | None, grader: socket.socket) -> None:
    gate, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if kind is None:
        system.adopt_orphans()
    else:
        inner.begin(kind)
    pid = os.fork()
    if pid == 0:
        gate.close()
        grader.close()
        kernel.become(request, kind, theirs)
    theirs.close()
    for file in (request.channel, request.files):
        if file is not None:
            os.close(file)
    process = os.pidfd_open(pid)
    gate.settimeout(_PATIENCE)
    said, opened, _, _ = socket.recv_fds(gate, _MESSAGE, 2)
    if said == kernel.OPENED:
        said = gate.recv(_MESSAGE)
    if said != kernel.BOUND:
        why = said.removeprefix(kernel.FAILED).decode() or f"it ended with code {_ended(pid)[0]}"
        _say(grader, {"failed": why})
        return
    folders = None
    if kind is not None:
        folders, namespace = opened
        inner.freeze(namespace, request.folder)
        os.close(namespace)
    watch = limits.Watch(request.limits, folders)
    _say(grader, {"started": True})
    gate.send(kernel.GO)
    gate.close()
    while not select.select([process], [], [], 0)[0]:
        if select.select([process, grader], [], [], _LOOKS)[0] == [grader]:
            _obey(pid, grader)
        watch.look()
    code, seconds = _ended(pid)
    watch.ended(code, seconds)
    _say(grader, {"ended": code, "limit": watch.limit, "peak_memory": watch.peak_memory})


def _obey(pid: int, grader: socket.socket) -> None:
    heard = grader.recv(_MESSAGE)
    number = json.loads(heard)["signal"] if heard else signal.SIGKILL
    if number in (signal.SIGKILL, signal.SIGTERM):
        # The first process of a namespace can ignore the one, but not the other.
        limits.kill_descendants()
    else:
        # Also to what a cell has started and waits for.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)


def _ended(pid: int) -> tuple[int, float]:
    """How a process ended, and how many seconds of processor it had used."""
    _, status, used = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def _say(grader: socket.socket, message: dict) -> None:
    # Whoever asked may have gone.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        grader.send(json.dumps(message).encode())
