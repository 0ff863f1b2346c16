"""What may pass between tests and a student's code, and how it is written: JSON and the bytes of arrays, no pickle.

Plain values pass as copies: None, bool, int, float, complex, str, bytes, list, tuple, dict, set, NumPy arrays
and numbers of the kinds that hold no objects. What is read has exactly these types, whatever was written:
a number with an equality of its own arrives as a number. Anything else passes as a reference, by which
the other side can ask for it (peer.py).

In JSON a list stands for a value that JSON lacks: its first entry says which.
"""

import collections
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from seqmodels.grading.channel.frames import MOST_BYTES, ProtocolError

DEEPEST = 40  # levels of lists in lists
MOST_VALUES = 2_000_000  # in one message
MOST_LETTERS = 16 * 2**20  # of JSON, which takes much more room when it has been read; arrays lie beside it
_LONGEST_INT = 4000  # digits; Python refuses to read longer ones
_KINDS = "biufcmMUS"  # of arrays: numbers, times and text, but no objects


class Writer:
    """Writes values.

    Attributes:
      parts: the bytes of the arrays that were written.
      containers: what was written and can be changed, in the order in which a Reader will read it.
    """

    def __init__(self, refer: "Callable[[Any, Writer], Any]"):
        """
        Args:
          refer: writes what does not pass as a copy, with the help of this writer: a list whose first entry is a
            word of its own.
        """
        self.parts: list[bytes] = []
        self.containers: list[Any] = []
        self._refer = refer
        self._count = self._bytes = 0

    def write(self, value: Any, depth: int = 0) -> Any:
        """A value as JSON can hold it.

        Raises:
          ProtocolError: it is too deep or too large, or is a list that holds itself.
        """
        self._count += 1
        if depth > DEEPEST:
            raise ProtocolError(f"lists lie in lists more than {DEEPEST} deep")
        if self._count > MOST_VALUES:
            raise ProtocolError(f"more than {MOST_VALUES:,} values")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, np.generic):
            return self._number(value)
        if isinstance(value, int):
            plain = int.__index__(value)
            if plain.bit_length() > 3 * _LONGEST_INT:
                raise ProtocolError("an integer of thousands of digits")
            return plain
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, complex):
            return ["complex", complex.__complex__(value).real, complex.__complex__(value).imag]
        if isinstance(value, bytes | bytearray):
            return ["bytes", self._part(bytes(value))]
        if isinstance(value, np.ndarray):
            return self._array(value, depth)
        return self._collection(value, depth)

    def _collection(self, value: Any, depth: int) -> Any:
        # type.mro() is not asked for what an object says of itself.
        kinds = type(value).__mro__
        if tuple in kinds:
            return ["tuple", *self._all(value, depth)]
        if list in kinds or collections.deque in kinds or type(value) in _VIEWS:
            self.containers.append(value)
            return ["list", *self._all(value, depth)]
        if dict in kinds:
            self.containers.append(value)
            # A copy: what is read may change while it is written.
            return ["dict", *self._all(itertools.chain.from_iterable(list(value.items())), depth)]
        if set in kinds or frozenset in kinds:
            return ["set", *self._all(value, depth)]
        return self._refer(value, self)

    def _all(self, values, depth: int) -> list:
        return [self.write(value, depth + 1) for value in values]

    def _number(self, value: np.generic) -> Any:
        if value.dtype.kind not in _KINDS:
            plain = np.asarray(value, dtype="float32")[()] if value.dtype.kind == "V" else value.item()
            return self.write(plain)
        return ["number", value.dtype.str, self._part(value.tobytes())]

    def _array(self, original: np.ndarray, depth: int) -> Any:
        value = np.asarray(original)
        if value.dtype.kind == "O":
            return self.write(value.tolist(), depth)
        if value.dtype.kind == "V" and value.dtype.names is None:
            value = value.astype("float32")  # bfloat16 and its like
        if value.dtype.kind not in _KINDS:
            return self._refer(value, self)
        self.containers.append(original)
        contiguous = np.ascontiguousarray(value)
        return ["array", value.dtype.str, list(value.shape), self._part(contiguous.tobytes())]

    def _part(self, data: bytes) -> int:
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            raise ProtocolError(f"more than {MOST_BYTES >> 20} MB")
        self.parts.append(data)
        return len(self.parts) - 1


_VIEWS = (range, type({}.keys()), type({}.values()), type({}.items()))


class Reader:
    """Reads values that a Writer has written."""

    def __init__(self, parts: Sequence[bytes], resolve: "Callable[[list, Reader], Any]"):
        """
        Args:
          parts: the bytes of the arrays.
          resolve: reads what the other side's refer has written, with the help of this reader.
        """
        self._parts = parts
        self._resolve = resolve
        self._count = 0
        self.containers: list[Any] = []  # what was read and can be changed, in the order of the Writer's

    def read(self, written: Any, depth: int = 0) -> Any:
        """The value.

        Raises:
          ProtocolError: this was not written by a Writer.
        """
        self._count += 1
        if depth > DEEPEST + 2 or self._count > MOST_VALUES:
            raise ProtocolError("too many values, or too many lists in lists")
        if written is None or isinstance(written, bool | int | float | str):
            return written
        if not isinstance(written, list) or not written or not isinstance(written[0], str):
            raise ProtocolError("this is no value")
        kind, *rest = written
        match kind:
            case "list":
                # In its place before what it holds, as on the side that writes.
                found = self._container([])
                found.extend(self._all(rest, depth))
                return found
            case "dict" if len(rest) % 2 == 0:
                found = self._container({})
                found.update(self._pairs(self._all(rest, depth)))
                return found
            case "tuple":
                return tuple(self._all(rest, depth))
            case "set":
                return set(map(_hashable, self._all(rest, depth)))
            case "array":
                return self._container(self._array(*_fields(rest, str, list, int)))
            case "number":
                dtype, part = _fields(rest, str, int)
                return self._array(dtype, [], part)[()]
            case "bytes":
                return self._part(*_fields(rest, int))
            case "complex":
                return complex(*_fields(rest, float, float))
        return self._resolve(written, self)

    def _all(self, written: list, depth: int) -> list:
        return [self.read(value, depth + 1) for value in written]

    def _pairs(self, values: list) -> Iterator[tuple]:
        return ((_hashable(key), value) for key, value in zip(values[::2], values[1::2], strict=True))

    def _container(self, value: Any) -> Any:
        self.containers.append(value)
        return value

    def _array(self, dtype: str, shape: list, part: int) -> np.ndarray:
        try:
            kind = np.dtype(dtype)
            if kind.kind not in _KINDS:
                raise ProtocolError(f"an array of {dtype} holds objects")
            if kind.itemsize == 0:  # text of no letters
                return np.zeros(shape, kind)
            return np.frombuffer(bytearray(self._part(part)), dtype=kind).reshape(shape)
        except (TypeError, ValueError) as error:
            raise ProtocolError(f"this is no array: {error}") from error

    def _part(self, number: int) -> bytes:
        if not 0 <= number < len(self._parts):
            raise ProtocolError("bytes that have not been sent")
        return self._parts[number]


def dump(value: Any) -> bytes:
    """JSON as bytes.

    Raises:
      ProtocolError: it lies too deep, or is too long.
    """
    try:
        text = json.dumps(value, separators=(",", ":")).encode("ascii")
    except (RecursionError, ValueError) as error:
        raise ProtocolError(f"this cannot be written: {error}") from error
    if len(text) > MOST_LETTERS:
        raise ProtocolError(f"more than {MOST_LETTERS >> 20} MB of text and single numbers; arrays may be larger")
    return text


def load(text: bytes) -> Any:
    """JSON from bytes.

    Raises:
      ProtocolError: this is none, or is too long.
    """
    if len(text) > MOST_LETTERS:
        raise ProtocolError("the message is too long")
    try:
        return json.loads(text)
    except (RecursionError, ValueError) as error:
        raise ProtocolError(f"this is no JSON: {error}") from error


def _fields(rest: list, *kinds: type) -> list:
    fits = len(rest) == len(kinds) and all(
        isinstance(field, (int, float) if kind is float else kind) for field, kind in zip(rest, kinds, strict=True)
    )
    if not fits:
        raise ProtocolError("this is no value")
    return rest


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError as error:
        raise ProtocolError("a key or a member of a set that has no hash") from error
    return value
