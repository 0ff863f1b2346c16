"""The process that grades submissions: ``python -P -m seqmodels.grading.runner.process FD FOLDER``.

It is asked and answers through a socket, one JSON object a line: a Job of unit.py, a Result of results.py. It grades
one submission after the other. When the other end of the socket closes, because there is no more to do or because
whoever asked has been killed, it ends at once, with all that it has started and the folder of its temporary files.
"""

import contextlib
import dataclasses
import faulthandler
import json
import logging
import os
import queue
import shutil
import signal
import socket
import sys
import threading

import psutil

from seqmodels.grading.runner.unit import Job, grade

READY = {"ready": True}
_TRIES = 100


def main() -> None:
    # What was running goes into the log: when it crashes, and when it hangs and is about to be ended.
    faulthandler.enable(all_threads=False)
    faulthandler.register(signal.SIGUSR1, all_threads=False)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    connection = socket.socket(fileno=int(sys.argv[1]))
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, jobs), daemon=True).start()
    _say(connection, READY)
    while True:
        job = Job(**json.loads(jobs.get()))
        _say(connection, dataclasses.asdict(grade(job)))


def _say(connection: socket.socket, message: dict) -> None:
    connection.sendall((json.dumps(message) + "\n").encode())


def _listen(connection: socket.socket, jobs: queue.SimpleQueue) -> None:
    with contextlib.suppress(ConnectionResetError):
        for line in connection.makefile("r", encoding="utf-8"):
            jobs.put(line)
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    for _ in range(_TRIES):  # what grades goes on meanwhile, and may put something there
        shutil.rmtree(sys.argv[2], ignore_errors=True)
        if not os.path.exists(sys.argv[2]):
            break
    os._exit(0)


if __name__ == "__main__":
    main()
