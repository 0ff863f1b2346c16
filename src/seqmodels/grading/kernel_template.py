"""A process that has imported what notebooks import, and becomes a kernel whenever it is asked to.

Importing TensorFlow costs several seconds of processor. The template pays them once; each kernel is a
fork of it and starts at once, with everything imported and nothing run. ``ForkedProvisioner`` in
``forked_kernels.py`` starts it and talks to it through a socket, one JSON object a line:

    asked:     {"argv": [...], "cwd": "...", "env": {...}}
    answered:  {"started": pid}    and, when that kernel has ended,    {"ended": pid, "code": returncode}

When the other end of the socket closes, the template kills the kernels that still run, and ends.
Run as ``python -P -m seqmodels.grading.kernel_template FD``.
"""

import contextlib
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import tempfile

# What the notebooks of the course import. matplotlib.pyplot is left out: it chooses its backend when it is imported.
MODULES = (
    "ipykernel.kernelapp",
    "keras",
    "matplotlib.font_manager",
    "numpy",
    "pandas",
    "tensorflow",
    "tensorflow_datasets",
    "seqmodels.datasets",
)


def main() -> None:
    with _error_stream_kept_back():
        for name in MODULES:
            importlib.import_module(name)
    connection = socket.socket(fileno=int(sys.argv[1]))
    kernels, woken = set(), _wake_when_a_kernel_ends()
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        requests = connection.makefile("r", encoding="utf-8")
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    woken.recv(4096)
                    for pid, code in _ended():
                        kernels.discard(pid)
                        _say(connection, {"ended": pid, "code": code})
                elif line := requests.readline():
                    kernels.add(_start(json.loads(line), connection))
                else:
                    _kill(kernels)
                    return


@contextlib.contextmanager
def _error_stream_kept_back():
    """Show what is written to the error stream only if the block fails: TensorFlow's start-up lines say nothing."""
    stream = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except ImportError:
            kept.seek(0)
            os.write(stream, kept.read())
            raise
        finally:
            os.dup2(stream, 2)
            os.close(stream)


def _wake_when_a_kernel_ends() -> socket.socket:
    """A socket that can be read from after any child has ended."""
    read, write = socket.socketpair()
    read.setblocking(False)
    write.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(write.detach())
    return read


def _ended() -> list[tuple[int, int]]:
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (result := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append((result[0], os.waitstatus_to_exitcode(result[1])))
    return ended


def _say(connection: socket.socket, message: dict) -> None:
    # Whoever asked may have gone; then the next read ends this process.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall((json.dumps(message) + "\n").encode())


def _start(request: dict, connection: socket.socket) -> int:
    pid = os.fork()
    if pid == 0:
        _become_kernel(request, connection)
    _say(connection, {"started": pid})
    return pid


def _become_kernel(request: dict, connection: socket.socket) -> None:
    """Run a kernel in this process, and end with it."""
    code = 1
    try:
        connection.close()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        sys.argv = ["ipykernel_launcher", *request["argv"], f"--IPKernelApp.parent_handle={os.getppid()}"]
        # Each fork would otherwise draw the same numbers.
        random.seed()
        sys.modules["numpy"].random.seed()
        sys.modules["ipykernel.kernelapp"].launch_new_instance()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else ending.code is not None
    finally:
        # Nothing of the template's own ending may run here.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code))


def _kill(kernels: set[int]) -> None:
    for pid in kernels:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
