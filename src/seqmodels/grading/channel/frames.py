"""Whole messages over a stream socket: a head of fixed size, a text in JSON, and the bytes of arrays.

    head     number of the call (8 bytes), kind (1), length of the text (4), number of parts (4)
    text     JSON in ASCII
    parts    each its length (8), and its bytes

Both sides trust nobody about lengths: a message that would be too large, or has no such form, is an error.
"""

import dataclasses
import socket
import struct

REQUEST, REPLY, STOP, READY = range(4)

MOST_BYTES = 256 * 2**20  # of one message
_HEAD = struct.Struct(">QBII")
_LENGTH = struct.Struct(">Q")
_MOST_PARTS = 100_000


class ProtocolError(RuntimeError):
    """What came over the channel has not the form that it must have."""


class Closed(RuntimeError):
    """The other side of the channel has gone."""


@dataclasses.dataclass(frozen=True)
class Frame:
    """One message.

    Attributes:
      number: which call it belongs to.
      kind: REQUEST, REPLY, STOP or READY.
      text: JSON.
      parts: the bytes of the arrays in it.
    """

    number: int
    kind: int
    text: bytes = b""
    parts: tuple[bytes, ...] = ()

    def pack(self) -> bytes:
        """The message as bytes.

        Raises:
          ProtocolError: it is too large.
        """
        size = _HEAD.size + len(self.text) + sum(_LENGTH.size + len(part) for part in self.parts)
        if size > MOST_BYTES or len(self.parts) > _MOST_PARTS:
            raise ProtocolError(f"{size / 2**20:,.0f} MB are too much for one message")
        head = _HEAD.pack(self.number, self.kind, len(self.text), len(self.parts))
        return b"".join((head, self.text, *(piece for part in self.parts for piece in (_LENGTH.pack(len(part)), part))))


class Buffer:
    """Bytes that have come in, and the messages in them."""

    def __init__(self):
        self._bytes = bytearray()

    def add(self, data: bytes) -> None:
        self._bytes += data

    def take(self) -> Frame | None:
        """The next message, or None if it has not come in to its end.

        Raises:
          ProtocolError: this is no message.
        """
        if len(self._bytes) < _HEAD.size:
            return None
        number, kind, text, count = _HEAD.unpack_from(self._bytes)
        if kind not in (REQUEST, REPLY, STOP, READY) or text > MOST_BYTES or count > _MOST_PARTS:
            raise ProtocolError("this is no message")
        start, ends = _HEAD.size + text, []
        for _ in range(count):
            if len(self._bytes) < start + _LENGTH.size:
                break
            (length,) = _LENGTH.unpack_from(self._bytes, start)
            ends.append((start + _LENGTH.size, start + _LENGTH.size + length))
            start = ends[-1][1]
            if start > MOST_BYTES:
                raise ProtocolError("the message is too large")
        if len(ends) < count or len(self._bytes) < start:
            return None
        frame = Frame(
            number,
            kind,
            bytes(self._bytes[_HEAD.size : _HEAD.size + text]),
            tuple(bytes(self._bytes[begin:end]) for begin, end in ends),
        )
        del self._bytes[:start]
        return frame


class Line:
    """One end of a channel: sends and receives messages, and waits for them."""

    def __init__(self, end: socket.socket):
        self._end = end
        self._buffer = Buffer()

    def send(self, frame: Frame) -> None:
        """Send a message.

        Raises:
          Closed: nobody is there to receive it.
          ProtocolError: it is too large.
        """
        try:
            self._end.sendall(frame.pack())
        except OSError as error:
            raise Closed("the other side has gone") from error

    def receive(self) -> Frame:
        """The next message.

        Raises:
          Closed: the other side has gone.
          ProtocolError: what came is no message.
        """
        while (frame := self._buffer.take()) is None:
            try:
                data = self._end.recv(2**20)
            except OSError as error:
                raise Closed("the other side has gone") from error
            if not data:
                raise Closed("the other side has gone")
            self._buffer.add(data)
        return frame
