"""Reading drawings from an .npz file without running what it may hold.

Quick, Draw! is published as arrays of objects, which NumPy can only read as pickles: with
``allow_pickle=True`` a file from the network may run any code. Here a pickle is read in two
steps. First its instructions are listed, which runs nothing, and any that such a file does not
need is refused. Then it is loaded with stand-ins in the place of NumPy's types, so that all that
it can make are numbers, text, lists, tuples and the two records below.
"""

import io
import pickle
import pickletools
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from seqmodels._packages import DataFileError

# A class of Quick, Draw! takes about 50 MB unpacked. A file that claims more than this is none, and would
# fill the memory.
MAX_BYTES = 256 << 20
MAX_INSTRUCTIONS = 20_000_000

# What pickles of arrays of numbers consist of, in protocols 2 (Python 2) to 4. The rest can call or make more.
_INSTRUCTIONS = """
    PROTO FRAME STOP MARK POP MEMOIZE PUT BINPUT LONG_BINPUT GET BINGET LONG_BINGET GLOBAL STACK_GLOBAL REDUCE BUILD
    NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES
    BINUNICODE SHORT_BINUNICODE EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST APPEND APPENDS
"""
_ALLOWED = frozenset(_INSTRUCTIONS.split())
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})

# What the readers of zip archives, of .npy files and of pickles raise on damaged or hostile input.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    pickle.UnpicklingError,
    tokenize.TokenError,
    SyntaxError,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
)

_NUMBERS = {"i2", "i4", "i8", "f4", "f8"}


class _Type:
    """Stands in for `numpy.dtype`."""

    def __init__(self, code, *flags):
        self.code, self.order = code, "<"

    def __setstate__(self, state):
        self.order = state[1]


class _Array:
    """Stands in for `numpy.ndarray`."""

    def __setstate__(self, state):
        _, self.shape, self.type, self.column_major, self.contents = state

    def numbers(self) -> np.ndarray:
        if not isinstance(self.type, _Type) or self.type.code not in _NUMBERS:
            raise ValueError(f"its type is {getattr(self.type, 'code', self.type)!r:.80}")
        contents = self.contents.encode("latin1") if isinstance(self.contents, str) else self.contents
        order = ">" if self.type.order == ">" else "<"
        flat = np.frombuffer(contents, dtype=order + self.type.code)
        return flat.reshape(self.shape, order="F" if self.column_major else "C")


def _reconstruct(kind, shape, code):
    if kind is not _Array:
        raise pickle.UnpicklingError(f"it would make {kind!r:.80}")
    return _Array()


def _encode(text, encoding):
    # How Python 3 writes bytes in protocol 2. They stay text until they are needed: a pickle may ask for the
    # same long text again and again, and each copy would take memory.
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it would encode as {encoding!r:.80}")
    return text


_NAMES = {
    ("numpy", "dtype"): _Type,
    ("numpy", "ndarray"): _Array,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("_codecs", "encode"): _encode,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(f"it would call {module}.{name}")
        return _NAMES[module, name]


def read_drawings(file: Path, array: str) -> list[np.ndarray]:
    """The drawings of one array of an .npz file, such as ``"train"``, in stroke-3 and as float32.

    Raises:
      DataFileError: the file is damaged, holds something else than drawings, would run code, or
        is unreasonably large. The message names the file and what is wrong with it.
    """
    with file.open("rb") as stream:
        try:
            return _drawings(_member(zipfile.ZipFile(stream), f"{array}.npy"))
        except _DAMAGE as error:
            raise DataFileError(f"{file} can't be read as drawings: array '{array}': {error}.") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        raise ValueError(f"the file holds {archive.namelist()}")
    size = archive.getinfo(name).file_size
    if size > MAX_BYTES:
        raise ValueError(f"it would unpack to {size:,} bytes, and {MAX_BYTES:,} are the limit")
    # This checks the CRC, and never unpacks more than the size that was stated.
    return archive.read(name)


def _drawings(contents: bytes) -> list[np.ndarray]:
    stream = io.BytesIO(contents)
    version = np.lib.format.read_magic(stream)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read_header:
        raise ValueError(f"it has the .npy version {version}")
    shape, _, dtype = read_header[version](stream)
    if dtype.char != "O" or len(shape) != 1:
        raise ValueError(f"it is an array of {dtype} with the shape {shape}, not a list of drawings")
    found = _unpickled(contents[stream.tell() :])
    if not isinstance(found, _Array) or not isinstance(found.contents, list) or len(found.contents) != shape[0]:
        raise ValueError("what it holds is not the list of drawings that its header announces")
    drawings, size = [], 0
    for number, item in enumerate(found.contents):
        if not isinstance(item, _Array):
            raise ValueError(f"drawing {number} is {type(item).__name__}, not an array")
        size += len(item.contents)
        if size > len(contents):
            raise ValueError("its drawings share their contents, and would fill the memory")
        drawings.append(_drawing(number, item))
    return drawings


def _unpickled(contents: bytes):
    for number, (instruction, argument, _) in enumerate(pickletools.genops(contents)):
        if instruction.name not in _ALLOWED:
            raise pickle.UnpicklingError(f"it holds the pickle instruction {instruction.name}, which no drawing needs")
        # A pickle numbers what it refers to later, and each number takes memory up to the greatest.
        if number > MAX_INSTRUCTIONS or (instruction.name in _PUTS and argument > len(contents)):
            raise pickle.UnpicklingError("its pickle would fill the memory")
    # The strings of a pickle from Python 2 are bytes, and latin1 keeps every byte.
    return _Unpickler(io.BytesIO(contents), encoding="latin1").load()


def _drawing(number: int, item: _Array) -> np.ndarray:
    try:
        strokes = item.numbers()
    except (ValueError, TypeError) as error:
        raise ValueError(f"drawing {number} can't be read: {error}") from None
    if strokes.ndim != 2 or strokes.shape[1] != 3 or len(strokes) == 0:
        raise ValueError(f"drawing {number} has the shape {strokes.shape}, and stroke-3 is (points, 3)")
    strokes = strokes.astype(np.float32)
    if not np.isfinite(strokes).all():
        raise ValueError(f"drawing {number} holds numbers that are not finite")
    if not np.isin(strokes[:, 2], (0, 1)).all():
        raise ValueError(f"drawing {number} has a third column that is not 0 or 1 everywhere")
    return strokes
