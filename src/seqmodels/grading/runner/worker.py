"""Watches one process that grades: ends it when a submission takes too long, and starts another when it has ended."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

import psutil

from seqmodels.grading.runner import memory, results
from seqmodels.grading.runner.process import READY
from seqmodels.grading.runner.results import Result
from seqmodels.grading.sandbox.waiting import Waiting, processors

# With a pool of threads in each of several processes, they get in each other's way.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")

_ATTEMPTS = 2  # with one submission, when its process ends
_START_LIMIT = 300  # seconds, for a process to start
_PAUSE = 0.5  # seconds
_LOG_SHOWN = 1500  # letters
_DUMP = "(most recent call first)"  # where faulthandler begins to say what was running


class WorkerEnded(Exception):
    """The process has ended, and what it said before."""


class TookTooLong(Exception):
    """The process was at its task longer than it may, and what it said before."""


class Worker:
    """A process that grades, and is there again when it has ended.

    Args:
      environment: what its environment has besides this process's own.
      limit: seconds for one submission, without those in which it waits for a processor.
    """

    def __init__(self, environment: Mapping[str, str], limit: float):
        self._environment, self._limit = environment, limit
        self._process: _Process | None = None
        self._closed = False

    def grade(self, job: dict) -> Result:
        """Grade one submission (a Job of unit.py). Whatever happens is said in the result."""
        begun = time.monotonic()
        for _ in range(_ATTEMPTS):
            if self._closed:
                break
            try:
                if self._process is None:
                    self._process = _Process(self._environment)
                answer, measured = self._process.ask(job, self._limit)
            except TookTooLong as error:
                self._end()
                return results.failed(job["student"], str(error), time.monotonic() - begun)
            except OSError as error:
                if self._process is not None:
                    self._end()
                reason = f"The process that grades cannot be used: {error}."
                return results.failed(job["student"], reason, time.monotonic() - begun)
            except WorkerEnded as error:
                self._end()
                reason = str(error)
            else:
                return Result(**answer | ({} if answer["unchanged"] else measured))
        else:
            return results.failed(job["student"], reason, time.monotonic() - begun)
        return results.failed(job["student"], "Grading was broken off.", time.monotonic() - begun)

    @property
    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """End the process, with whatever it does."""
        self._closed = True
        if self._process is not None:
            self._process.kill()

    def _end(self) -> None:
        self._process.kill()
        self._process = None


class _Process:
    """The process itself."""

    def __init__(self, environment: Mapping[str, str]):
        self._socket, theirs = socket.socketpair()
        # Its temporary files, which would stay if it is killed.
        self._folder = tempfile.mkdtemp(prefix="seqmodels-")
        self._log = tempfile.TemporaryFile("a+", encoding="utf-8", errors="replace")  # noqa: SIM115 (as long as the process)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "seqmodels.grading.runner.process", str(theirs.fileno()), self._folder],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env=os.environ | environment | {"TMPDIR": self._folder},
                start_new_session=True,  # an interrupt is for the runner alone
            )
        self._peak = memory.Peak(self._process.pid)
        self._received = b""
        self._is_ready = False

    def ask(self, job: dict, limit: float) -> tuple[dict, dict]:
        """Have a submission graded; returns the answer, and the fields of a Result that are measured from here.

        Raises:
          WorkerEnded: the process has ended.
          TookTooLong: the process is still at it.
        """
        if not self._is_ready:
            answer, _ = self._next_answer(_START_LIMIT)
            assert answer == READY, answer
            self._is_ready = True
        self._log.truncate(0)
        with contextlib.suppress(BrokenPipeError):  # then it has ended, as the next line finds out
            self._socket.sendall((json.dumps(job) + "\n").encode())
        return self._next_answer(limit)

    def _next_answer(self, limit: float) -> tuple[dict, dict]:
        # Not counted is how long it waits for processors, as in the limits of its notebooks.
        begun, waiting = time.monotonic(), Waiting(processors())
        self._peak.begin()
        while b"\n" not in self._received:
            self._peak.look()
            waiting.look(memory.processor_times(memory.family(self._process.pid)))
            left = limit - (time.monotonic() - begun - waiting.seconds)
            if left <= 0:
                self._process.send_signal(signal.SIGUSR1)
                time.sleep(_PAUSE)
                raise TookTooLong(f"It took longer than {limit:g} seconds, and was stopped.\n{self._said()}")
            readable, _, _ = select.select([self._socket], [], [], min(_PAUSE, left))
            if readable:
                self._receive()
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line), {
            "peak_memory_mb": round(self._peak.megabytes, 1),
            "waited": round(waiting.seconds, 1),
        }

    def _receive(self) -> None:
        try:
            received = self._socket.recv(1 << 16)
        except ConnectionResetError:
            received = b""
        if not received:
            raise WorkerEnded(f"The process that graded it ended with code {self._process.wait()}.\n{self._said()}")
        self._received += received

    def _said(self) -> str:
        self._log.seek(0)
        text = self._log.read()
        place = text.rfind(_DUMP)
        shown = text[place:][:_LOG_SHOWN] if place >= 0 else text[-_LOG_SHOWN:]
        return f"It said last:\n{shown}"

    def kill(self) -> None:
        # When it has ended itself, those that it had at the last look.
        is_running = self._process.poll() is None
        for member in memory.family(self._process.pid) if is_running else self._peak.family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
