"""Kernels that are forked from a process in which TensorFlow is imported already (``kernel_template.py``).

``nbgrader autograde`` starts a kernel for each submission. ``ForkedKernelManager`` gets it from the
template, which is started with the first one and ends with the process that uses it. The provisioner
is found through the entry point ``seqmodels-forked``. On Linux only: elsewhere a process that has
loaded frameworks of the system cannot be forked safely, and kernels start as they always do.
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner

NAME = "seqmodels-forked"


class TemplateError(RuntimeError):
    """The template process ended, or could not start."""


class ForkedProvisioner(LocalProvisioner):
    """Launches a Python kernel by forking the template process."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        """Launch a kernel.

        Args:
          cmd: the command of the kernel's specification; what follows ``ipykernel_launcher`` reaches the kernel.

        Raises:
          TemplateError: the template process has ended.
        """
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        cwd = os.path.abspath(kwargs.get("cwd") or os.getcwd())
        self.process = _Template.running().fork(arguments, cwd, dict(kwargs.get("env") or os.environ))
        # The kernel makes itself the leader of a group.
        self.pid = self.pgid = self.process.pid
        self.cwd = cwd
        return self.connection_info


class ForkedKernelManager(AsyncKernelManager):
    """A kernel manager whose Python kernels come from the template process, on Linux."""

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None and sys.platform == "linux" and "ipykernel_launcher" in spec.argv:
            spec.metadata = spec.metadata | {"kernel_provisioner": {"provisioner_name": NAME}}
        return spec


class _Kernel:
    """A forked kernel, with as much of subprocess.Popen as a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, template: "_Template"):
        self.pid = pid
        self._template = template

    def poll(self) -> int | None:
        return self._template.code(self.pid)

    def wait(self) -> int:
        return self._template.wait(self.pid)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _Template:
    """The template process, and what it has said about its kernels."""

    _running: "_Template | None" = None
    _starting = threading.Lock()

    @classmethod
    def running(cls) -> "_Template":
        """The template process of this process; starts it if it does not run."""
        with cls._starting:
            if cls._running is None or cls._running._process.poll() is not None:
                cls._running = cls()
                atexit.register(cls._running.close)
            return cls._running

    def __init__(self):
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "seqmodels.grading.kernel_template", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
                start_new_session=True,  # an interrupt is for the grader to hand on
            )
        self._answers = self._socket.makefile("r", encoding="utf-8")
        self._codes: dict[int, int] = {}
        self._started: list[int] = []
        self._changed = threading.Condition()
        self._forking = threading.Lock()
        self._ended = False
        threading.Thread(target=self._listen, daemon=True).start()

    def fork(self, argv: list[str], cwd: str, env: dict[str, str]) -> _Kernel:
        request = json.dumps({"argv": argv, "cwd": cwd, "env": env}) + "\n"
        with self._forking:
            try:
                self._socket.sendall(request.encode())
            except OSError as error:
                raise TemplateError("the process that kernels are forked from has ended") from error
            with self._changed:
                self._changed.wait_for(lambda: self._started or self._ended)
                if not self._started:
                    code = self._process.wait()
                    raise TemplateError(f"the process that kernels are forked from ended with code {code}")
                return _Kernel(self._started.pop(), self)

    def code(self, pid: int) -> int | None:
        """The exit code of a kernel; None while it runs."""
        with self._changed:
            return self._codes.get(pid, -signal.SIGKILL if self._ended else None)

    def wait(self, pid: int) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or pid in self._codes)
            return self._codes.get(pid, -signal.SIGKILL)

    def close(self) -> None:
        """End the template and all of its kernels."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()

    def _listen(self) -> None:
        # A template that dies with a question unread resets the connection.
        with contextlib.suppress(ConnectionResetError):
            for line in self._answers:
                message = json.loads(line)
                with self._changed:
                    if "started" in message:
                        self._started.append(message["started"])
                    else:
                        self._codes[message["ended"]] = message["code"]
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
