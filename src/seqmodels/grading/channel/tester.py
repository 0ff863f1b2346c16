"""The side of the channel in the process that runs the tests.

The grader lets this process run ``ask_for()`` before a test cell and ``done()`` after it.
"""

import inspect
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

from IPython import get_ipython

from seqmodels.grading.channel.frames import STOP, Frame, Line
from seqmodels.grading.channel.objects import TestersObjects
from seqmodels.grading.channel.peer import Peer
from seqmodels.grading.sandbox.kernel import CHANNEL

_line: Line | None = None
_peer: Peer | None = None


def ask_for(names: Sequence[str]) -> None:
    """Fetch these names of the student's; one that is not defined there is not defined here either."""
    global _line, _peer
    if _peer is None:
        _line = Line(socket.socket(fileno=int(os.environ[CHANNEL])))
        _peer = Peer(_line, TestersObjects, _operations())
    known = get_ipython().user_ns
    for name in names:
        known.pop(name, None)  # all of them first: nothing of an earlier test is to stand for what cannot be fetched
    for name in names:
        match _peer.ask("name", name):
            case [value]:
                known[name] = value


def done() -> None:
    """Let the other side stop serving."""
    _line.send(Frame(0, STOP))


def _operations() -> dict[str, Callable]:
    """What the student's side may ask for: only what a test has given to it."""
    return {
        "call": _call,
        "predict": lambda model, arguments, named: model.predict(*arguments, **named),
    }


def _call(function: Callable, arguments: Sequence[Any], named: dict[str, Any]) -> Any:
    """Call a function of the test. What Python says of a wrong call would tell the names that a hidden test uses."""
    try:
        inspect.signature(function).bind(*arguments, **named)
    except ValueError:  # it does not tell what it takes
        pass
    except TypeError:
        raise TypeError("the function that the test has given takes other arguments") from None
    return function(*arguments, **named)
