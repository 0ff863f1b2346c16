"""Calls over a channel: one side asks, the other answers, and may ask back before it does."""

import builtins
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from seqmodels.grading.channel import codec
from seqmodels.grading.channel.frames import READY, REPLY, REQUEST, STOP, Frame, Line, ProtocolError
from seqmodels.grading.channel.objects import StudentsObjects, TestersObjects

_LONGEST_MESSAGE = 2000


class AnswerError(Exception):
    """The student's code raised an exception of a kind of its own, or nobody could be asked any more."""


class Peer:
    """One side of a channel.

    Args:
      line: the channel.
      kind: what this side does with objects that do not pass as copies: TestersObjects or StudentsObjects.
      operations: what the other side may ask for, by name.
    """

    def __init__(
        self,
        line: Line,
        kind: type[TestersObjects] | type[StudentsObjects],
        operations: dict[str, Callable],
    ):
        self._line = line
        self._objects = kind(self.ask)
        self._operations = operations

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Let the other side do something, and return what it answers.

        What becomes of the arguments there stays there, but for what a test has asked for (seqmodels.marking).

        Raises:
          Exception: what the other side raised, as far as it is of one of Python's own kinds; else an AnswerError.
          ProtocolError: the answer has not the right form.
          Closed: the other side has gone.
        """
        number = secrets.randbits(64)
        writer = codec.Writer(self._objects.write)
        text = codec.dump([operation, [writer.write(argument) for argument in arguments]])
        self._line.send(Frame(number, REQUEST, text, tuple(writer.parts)))
        while True:
            frame = self._line.receive()
            if frame.kind == REQUEST:
                self._answer(frame)
            elif frame.kind == REPLY and frame.number == number:
                return self._result(frame, writer.containers)
            # Anything else is late, or made up.

    def serve(self) -> None:
        """Answer whatever the other side asks for, until it says that this is all.

        Raises:
          Closed: the other side has gone.
        """
        self._line.send(Frame(0, READY))
        while (frame := self._line.receive()).kind != STOP:
            if frame.kind == REQUEST:
                self._answer(frame)

    def _result(self, frame: Frame, given: Sequence[Any]) -> Any:
        reader = codec.Reader(frame.parts, self._objects.read)
        match codec.load(frame.text):
            case ["value", value, [*changes]]:
                found = reader.read(value)
                for change in changes:
                    self._apply(change, given, reader)
                return found
            case ["error", [*kinds], str(message)] if all(isinstance(kind, str) for kind in kinds):
                raise _exception(kinds, message)
        raise ProtocolError("the answer has not the right form")

    def _apply(self, change: Any, given: Sequence[Any], reader: codec.Reader) -> None:
        match change:
            case [int(number), written] if 0 <= number < len(given):
                self._objects.apply(given[number], written, reader)
            case _:
                raise ProtocolError("a change of something that was not given")

    def _answer(self, request: Frame) -> None:
        try:
            text, parts = self._done(request)
        except BaseException as error:
            # Whatever it is, the other side is to know: a student's code raises what it likes. An interrupt comes when
            # nobody waits for the answer any more.
            text, parts = _described(error), ()
        try:
            self._line.send(Frame(request.number, REPLY, text, parts))
        except ProtocolError as error:
            self._line.send(Frame(request.number, REPLY, _described(error)))

    def _done(self, request: Frame) -> tuple[bytes, tuple[bytes, ...]]:
        reader = codec.Reader(request.parts, self._objects.read)
        match codec.load(request.text):
            case [str(operation), [*written]] if operation in self._operations:
                arguments = [reader.read(argument) for argument in written]
            case _:
                raise ProtocolError("this cannot be asked for")
        states = [self._objects.state(container) for container in reader.containers]
        found = self._operations[operation](*arguments)
        writer = codec.Writer(self._objects.write)
        value = writer.write(found)
        changes = [
            [number, self._objects.change(container, writer)]
            for number, (container, state) in enumerate(zip(reader.containers, states, strict=True))
            if self._objects.state(container) != state
        ]
        return codec.dump(["value", value, changes]), tuple(writer.parts)


def _described(error: BaseException) -> bytes:
    try:
        message = str(error)[:_LONGEST_MESSAGE] if error.args else ""
    except BaseException as other:  # what is to say what an exception means may raise anything itself
        message = f"(its message raised {type(other).__name__})"
    return codec.dump(["error", [kind.__name__ for kind in type(error).__mro__], message])


def _exception(kinds: Sequence[str], message: str) -> Exception:
    """An exception of one of Python's own kinds if it was one, and with the name that it had."""
    name = kinds[0][:80] if kinds and kinds[0].isidentifier() else "Exception"
    base = next(filter(None, map(_of_python, kinds)), AnswerError)
    made = base if base.__name__ == name else type(name, (base,), {})
    return made(message) if message else made()


def _of_python(name: str) -> type[Exception] | None:
    """The exception of this name, if it is one that a test could catch or name."""
    found = getattr(builtins, name, None)
    fits = isinstance(found, type) and issubclass(found, Exception) and found is not Exception
    # Some take more than a message. The end of an iteration would end a loop of the test's own, which then passes.
    others = UnicodeError | ExceptionGroup | StopIteration | StopAsyncIteration
    return found if fits and not issubclass(found, others) else None
