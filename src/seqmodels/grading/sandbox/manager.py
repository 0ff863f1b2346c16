"""A kernel manager whose Python kernels are forked from a template, within walls and limits."""

import asyncio
import functools
import logging
import os
import shutil
import socket
import uuid
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, CaselessStrEnum, DottedObjectName, Integer, Type, default

from seqmodels.grading import wording
from seqmodels.grading.sandbox import kernel, outer
from seqmodels.grading.sandbox.client import LimitedClient, limit
from seqmodels.grading.sandbox.kernels import Kernel, Template, can_fork, short_folder
from seqmodels.grading.sandbox.limits import Limits
from seqmodels.grading.sandbox.waiting import is_counted

_WITHOUT = "SEQMODELS_WITHOUT_SANDBOX"


class SandboxedProvisioner(LocalProvisioner):
    """Launches a kernel by having the template forked.

    Attributes:
      limit: which limit the kernel has reached: "memory", "processor", "processes", "disk", "messages" or None.
      peak_memory: bytes that its processes had beyond what the template has. Both are known when it has ended.
    """

    limit: str | None = None
    peak_memory = 0
    folder: Path | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        """Launch a kernel.

        Args:
          cmd: the command of the kernel's specification; what follows ``ipykernel_launcher`` reaches the kernel.
          kwargs: ``channel``, ``files`` and ``env``, as ``SandboxedKernelManager.start_kernel``.

        Raises:
          SandboxMissing: there is no sandbox on this machine.
          TemplateError: the kernel could not be started.
        """
        self.limit, self.peak_memory = None, 0
        channel, files = kwargs.get("channel"), kwargs.get("files")
        if can_fork():
            self.process = await asyncio.to_thread(self._start, cmd, kwargs["env"], channel, files)
            return self.connection_info
        environment, descriptors = kwargs["env"], []
        if channel is not None:
            environment = environment | {kernel.CHANNEL: str(channel.fileno())}
            descriptors = [channel.fileno()]
        home = self.folder / "home"
        home.mkdir()
        if files is not None:
            opened = os.open(files, os.O_RDONLY | os.O_DIRECTORY)
            try:
                kernel.copy_files(opened, str(home))
            finally:
                os.close(opened)
        return await super().launch_kernel(cmd, cwd=str(home), env=environment, pass_fds=descriptors)

    async def poll(self) -> int | None:
        code = await super().poll()
        if isinstance(self.process, Kernel) and code is not None:
            self.limit = self.limit or self.process.limit
            self.peak_memory = self.process.peak_memory
        return code

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart=restart)
        if self.folder is not None and not restart:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, cmd: list[str], env: dict[str, str], channel: socket.socket | None, files: Path | None) -> Kernel:
        manager = self.parent
        started = manager.template().start(
            cmd[cmd.index("ipykernel_launcher") + 1 :],
            outer.environment(env) if manager.sandbox else env | {"MPLBACKEND": outer.BACKEND},
            self.folder,
            manager.limits(),
            channel,
            files,
        )
        started.wait_until_started()
        return started


class SandboxedKernelManager(AsyncKernelManager):
    """Manages a Python kernel that sees and uses only what it is given.

    ``start_kernel`` takes, besides what it always takes:

      channel: an open socket that the kernel is to have too. Its environment variable SEQMODELS_CHANNEL holds
        the file descriptor. The caller keeps its own.
      files: a folder whose plain files are copied into the kernel's working folder.
    """

    frameworks = Bool(True, help="Whether kernels have TensorFlow and Keras imported already.").tag(config=True)
    sandbox = Bool(help="Whether kernels are walled in. Without, code of students can do what you can.").tag(
        config=True
    )
    memory = Integer(3 << 30, help="Bytes that a kernel may use beyond what it begins with.").tag(config=True)
    processor = Integer(1800, help="Seconds of processor that a kernel may use in all.").tag(config=True)
    processes = Integer(help="Processes and threads that a kernel may have at once.").tag(config=True)
    disk = Integer(256 << 20, help="Bytes of the files that a kernel may have, held in memory too.").tag(config=True)

    most_message = Integer(32 << 20, help="Bytes of the longest message of a kernel that is read.").tag(config=True)

    transport = CaselessStrEnum(["ipc"], default_value="ipc")
    client_class = DottedObjectName("seqmodels.grading.sandbox.client.LimitedClient")
    client_factory = Type(klass=LimitedClient, default_value=LimitedClient)

    @default("sandbox")
    def _sandbox_default(self) -> bool:
        return os.environ.get(_WITHOUT, "0") in ("", "0")

    @default("processes")
    def _processes_default(self) -> int:
        # TensorFlow starts several threads for each processor.
        return 256 + 16 * (os.cpu_count() or 1)

    @default("context")
    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        limit(context, self.most_message)
        return context

    def limits(self) -> Limits:
        return Limits(self.memory, self.processor, self.processes, self.disk)

    def template(self) -> Template:
        """The process from which the kernel is forked, on Linux."""
        return Template.running(self.frameworks, self.sandbox)

    async def give_up(self, reason: str) -> None:
        """Kill a kernel that has reached a limit which is noticed on this side."""
        if self.has_kernel:
            self.provisioner.limit = reason
            await self.provisioner.kill()

    def cut_off(self, reason: str) -> None:
        """The same, from another thread, where kernels are forked."""
        provisioner = self.provisioner
        if provisioner is not None and isinstance(provisioner.process, Kernel):
            provisioner.limit = reason
            provisioner.process.cut_off()

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict]:
        if self.kernel_spec is None or "ipykernel_launcher" not in self.kernel_spec.argv:
            raise ValueError(wording.NOT_PYTHON.format(name=self.kernel_name))
        if self.provisioner is None:
            if self.sandbox:
                await asyncio.to_thread(outer.require)
            warn_once(self.log, self.sandbox)
            self.kernel_id = self.kernel_id or kwargs.pop("kernel_id", str(uuid.uuid4()))
            self.provisioner = SandboxedProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
            folder = self.template().folder() if can_fork() else short_folder()
            self.provisioner.folder = folder
            self.connection_file = str(folder / "kernel.json")
            self.ip = str(folder / "s")
        return await super()._async_pre_start_kernel(**kwargs)


def remark(sandbox: bool) -> str | None:
    """What whoever grades should know of the walls: that there are none, or whose program builds them.

    Args:
      sandbox: whether kernels are walled in.
    """
    if not sandbox:
        return wording.WITHOUT_SANDBOX
    if not is_counted():
        return wording.NOT_COUNTED
    return wording.PACKAGED.format(path=outer.program()) if outer.is_packaged() else None


@functools.cache
def warn_once(log: logging.Logger, sandbox: bool) -> None:
    """Say it in a log."""
    if text := remark(sandbox):
        log.warning(text)
