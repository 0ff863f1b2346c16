"""What passes between the tests and a student's code passes through the grader.

So the tests get an answer in any case. When the student's process has ended, has taken too long or says what
is no message, the grader answers in its place, and the test goes on.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable

from seqmodels.grading.channel import codec
from seqmodels.grading.channel.frames import READY, REPLY, REQUEST, STOP, Buffer, Frame, ProtocolError

_PIECE = 2**20
_UNASKED = 10.0  # seconds for what is sent between tests
_PAUSE = 0.2  # seconds between two looks at the clock

TIMEOUT, ENDED, UNREADABLE = "timeout", "died", "unreadable"  # why a process was given up
_IN_WORDS = {
    TIMEOUT: "your code took too long",
    ENDED: "Python ended while your code ran",
    UNREADABLE: "what your code answered could not be read",
}


class Relay:
    """Passes messages on between two processes, in a thread of its own.

    Args:
      ready_within: seconds that the student's process has in a test to say that it serves. It does so at once, unless
        its code has changed how it takes orders.
      clock: tells the seconds by which time limits are measured.

    Attributes:
      tests: the end of the channel for the process of the tests.
      lost: why the student's process was given up: TIMEOUT, ENDED or UNREADABLE; None while it answers.
    """

    def __init__(self, ready_within: float = 60, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._left, self.tests = socket.socketpair()
        self._right: socket.socket | None = None
        self._waking, self._woken = socket.socketpair()
        self._lock = threading.Lock()
        self._asked: list[int] = []  # calls of the tests that wait for an answer, the innermost last
        self._asking = 0  # calls of the student's side that do
        self._deadline: float | None = None
        self._ready_within = ready_within
        self._unready_until: float | None = None  # None as soon as it has said that it serves
        self.lost: str | None = ENDED
        self._closing = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def connect(self) -> socket.socket:
        """A new end for a process that runs the student's code; the one before it is given up."""
        ours, theirs = socket.socketpair()
        with self._lock:
            self._right, self.lost, self._asked, self._asking = ours, None, [], 0
        self._wake()
        return theirs

    def begin(self, seconds: float) -> None:
        """A test begins, and the student's code has so long in it. What took too long before is asked again."""
        with self._lock:
            now = self._clock()
            self._deadline, self._unready_until = now + seconds, now + self._ready_within
            if self.lost == TIMEOUT:
                self.lost = None
        self._wake()

    def give_up(self) -> None:
        """The student's process does not answer any more: let the tests know."""
        self._give_up(ENDED)

    def end(self) -> None:
        """The test has ended."""
        with self._lock:
            self._deadline = self._unready_until = None
            self._asked, self._asking = [], 0

    def close(self) -> None:
        """End the thread and close all ends."""
        self._closing = True
        self._wake()
        self._thread.join()
        for end in (self._left, self._right, self._waking, self._woken):
            if end is not None:
                end.close()

    def _wake(self) -> None:
        self._waking.send(b"\0")

    def _run(self) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the tests have gone: nobody asks any more
            self._pass_on()

    def _pass_on(self) -> None:
        from_tests, from_student, right = Buffer(), Buffer(), None
        while not self._closing:
            with self._lock:
                if right is not self._right:
                    if right is not None:
                        right.close()
                    right, from_student = self._right, Buffer()
                watched = [self._left, self._woken] + ([right] if right is not None and self.lost is None else [])
                ends = [end for end in (self._deadline, self._unready_until) if end is not None]
                left = min(ends) - self._clock() if ends else None
                waits = bool(self._asked)
            if left is not None and left <= 0 and waits:
                self._give_up(TIMEOUT)
                continue
            for end in _readable(watched, left if waits else None):
                if end is self._woken:
                    end.recv(4096)
                elif end is self._left:
                    data = end.recv(_PIECE)
                    if not data:
                        return
                    from_tests.add(data)
                    while (frame := from_tests.take()) is not None:
                        self._to_student(frame)
                elif end is self._right:
                    self._from_student(end, from_student)

    def _to_student(self, frame: Frame) -> None:
        with self._lock:
            if frame.kind == REQUEST:
                self._asked.append(frame.number)
            elif frame.kind == REPLY:
                self._asking -= 1
            lost, right = self.lost, self._right
        # What took too long comes to rest when it has been interrupted and is told that this is all.
        if lost is not None and (lost, frame.kind) != (TIMEOUT, STOP):
            self._answer_in_its_place()
            return
        try:
            self._send(right, frame)
        except OSError:
            self._give_up(ENDED)

    def _send(self, end: socket.socket, frame: Frame) -> None:
        """Send a frame; a process that reads nothing must not hold up the grader.

        Raises:
          OSError: the process has ended, or its time has.
        """
        with self._lock:
            deadline = self._deadline if self._deadline is not None else self._clock() + _UNASKED
        data = memoryview(frame.pack())
        end.settimeout(_PAUSE)  # the clock may stand still meanwhile
        try:
            while data:
                try:
                    data = data[end.send(data) :]
                except TimeoutError:
                    if self._clock() > deadline:
                        raise
        finally:
            end.settimeout(None)

    def _from_student(self, end: socket.socket, buffer: Buffer) -> None:
        try:
            data = end.recv(_PIECE)
        except OSError:
            data = b""
        if not data:
            self._give_up(ENDED)
            return
        buffer.add(data)
        try:
            while (frame := buffer.take()) is not None:
                self._to_tests(frame)
        except ProtocolError:
            self._give_up(UNREADABLE)

    def _to_tests(self, frame: Frame) -> None:
        with self._lock:
            if frame.kind == READY:
                self._unready_until = None
                return
            if not self._asked or frame.kind == STOP:
                return  # nobody has asked
            if frame.kind == REPLY:
                if frame.number != self._asked[-1]:
                    return
                self._asked.pop()
            elif self._asking >= len(self._asked):
                # Whoever answers a call asks for one thing at a time in it. More would block the tests.
                raise ProtocolError("several calls at once")
            else:
                self._asking += 1
        self._left.sendall(frame.pack())

    def _give_up(self, why: str) -> None:
        with self._lock:
            self.lost = why
        self._answer_in_its_place()

    def _answer_in_its_place(self) -> None:
        with self._lock:
            asked, self._asked, self._asking = self._asked, [], 0
        text = codec.dump(["error", ["AnswerError"], _IN_WORDS[self.lost]])
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the tests have gone too
            for number in reversed(asked):
                self._left.sendall(Frame(number, REPLY, text).pack())


def _readable(ends: list[socket.socket], seconds: float | None) -> list[socket.socket]:
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(seconds)]
