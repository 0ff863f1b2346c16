"""The side of the channel in the process that runs a student's code. The other side trusts nothing of it.

The grader lets this process run ``serve()`` while a test cell runs in the other one, so that the tests can ask for
what the student has defined.
"""

import itertools
import os
import socket
from typing import Any

from IPython import get_ipython

from seqmodels.grading.channel.frames import Line
from seqmodels.grading.channel.objects import StudentsObjects
from seqmodels.grading.channel.peer import Peer
from seqmodels.grading.sandbox.kernel import CHANNEL

_peer: Peer | None = None


def serve() -> None:
    """Answer the tests until they have no more to ask for."""
    global _peer
    if _peer is None:
        _peer = Peer(Line(socket.socket(fileno=int(os.environ[CHANNEL]))), StudentsObjects, _operations())
    _peer.serve()


def _operations() -> dict:
    counter, iterators = itertools.count(), {}

    def begin(values: Any) -> int:
        number = next(counter)
        iterators[number] = iter(values)
        return number

    return {
        "name": _look_up,
        "call": lambda function, arguments, named: function(*arguments, **named),
        "attribute": getattr,
        "item": lambda values, key: values[key],
        "length": len,
        "begin": begin,
        "next": lambda number, most: list(itertools.islice(iterators[number], most)),
    }


def _look_up(name: str) -> list:
    """What the student has defined under a name, as a list of one; an empty list if there is no such name."""
    known = get_ipython().user_ns
    return [known[name]] if name in known else []
