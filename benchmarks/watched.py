"""The memory of a command while it runs."""

import os
import threading

from seqmodels.grading.runner import memory

_PAUSE = 0.5  # seconds


class Memory:
    """Measures the memory of this process and of all that it starts, in a with statement."""

    def __enter__(self) -> "Memory":
        self._measured = memory.Peak(os.getpid())
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_PAUSE):
            self._measured.look()

    @property
    def peak(self) -> float:
        """The most, in MB."""
        return self._measured.megabytes
