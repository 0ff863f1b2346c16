"""The template: a process that has imported what notebooks import, and forks a keeper for each kernel.

Importing TensorFlow costs several seconds of processor. The template pays them once; each kernel is a fork
and starts at once, with everything imported and nothing run. It is asked through a socket, one JSON
object a message, with open files attached: first the socket through which the keeper shall speak, then
those that "files" names.

    {"argv": [...], "environment": {...}, "folder": "...", "user": number, "limits": {...}, "home": "...",
     "files": ["channel", "files"]}

When the other end closes, the template ends. Run as ``python -P -m seqmodels.grading.sandbox.template FD
KIND TEMPLATE``, where KIND is the wall's or "none", and TEMPLATE is a key of MODULES.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile

from seqmodels.grading.sandbox import keeper
from seqmodels.grading.sandbox.kernel import Request
from seqmodels.grading.sandbox.limits import Limits

_ALWAYS = (
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_agg",
    "numpy.random",
    "seqmodels.grading.channel.student",
    "seqmodels.grading.channel.tester",
    "seqmodels.grading.kernel",
)
# What notebooks import. matplotlib.pyplot is left out: it chooses its backend when it is imported. So is the backend of
# notebooks, matplotlib_inline.backend_inline: only where a shell is there when it is imported, it shows pictures.
MODULES = {
    "light": _ALWAYS,
    "frameworks": (
        *_ALWAYS,
        "keras",
        "matplotlib.font_manager",
        "pandas",
        "tensorflow",
        "tensorflow_datasets",
        "seqmodels.datasets",
    ),
}
_MESSAGE = 1 << 18
_FILES = 3


def main(file: str, kind: str, template: str) -> None:
    with _error_stream_kept_back():
        for name in MODULES[template]:
            importlib.import_module(name)
    # What there is now is not to be looked through, and so not to be copied, in every fork.
    gc.collect()
    gc.freeze()
    # Nobody waits for the keepers.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    wall = None if kind == "none" else kind
    with socket.socket(fileno=int(file)) as grader:
        while True:
            asked, files, _, _ = socket.recv_fds(grader, _MESSAGE, _FILES)
            if not asked:
                return
            _fork(json.loads(asked), files, wall, grader)


def _fork(asked: dict, files: list[int], wall: str | None, grader: socket.socket) -> None:
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        grader.close()
        names = asked.pop("files")
        opened = {"channel": None, "files": None} | dict(zip(names, files[1:], strict=True))
        limits = Limits(**asked.pop("limits"))
        keeper.keep(Request(**asked, limits=limits, **opened), wall, socket.socket(fileno=files[0]))
    for opened in files:
        os.close(opened)


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


if __name__ == "__main__":
    main(*sys.argv[1:])
