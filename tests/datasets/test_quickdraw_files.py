"""Files of drawings that come from elsewhere: they are read without running what they hold, or refused by name."""

import io
import os
import pickle
import pickletools
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqmodels.datasets import DataFileError, _npz
from seqmodels.datasets._npz import read_drawings
from tests.datasets.sketches import npy, npy_of_pickle, sketches, write_npz
from tests.machine import PUBLISHED

ARRAYS = ("train", "valid", "test")


def _refusal(file, array="train"):
    with pytest.raises(DataFileError) as refusal:
        read_drawings(file, array)
    assert f"{file} can't be read as drawings: array '{array}': " in str(refusal.value)
    return str(refusal.value)


# Files in order


def test_drawings_are_read_as_they_were_written(tmp_path):
    file = write_npz(tmp_path / "cat.npz")
    for array, count in (("train", 20), ("valid", 4), ("test", 5)):
        drawings = read_drawings(file, array)
        assert [drawing.dtype for drawing in drawings] == [np.float32] * count
        for drawing, written in zip(drawings, sketches(count, count), strict=True):
            assert np.array_equal(drawing, written)


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<i4", "<f4", ">f8"])
def test_other_types_and_protocols_are_read(tmp_path, protocol, dtype):
    array = np.empty(4, dtype=object)
    array[:] = [np.asfortranarray(drawing.astype(dtype)) for drawing in sketches(4)]
    pickled = pickle.dumps(array, protocol=protocol)
    # As NumPy was called inside before version 2.
    old = pickled.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    for contents in (pickled, old):
        file = write_npz(tmp_path / "cat.npz", train=npy_of_pickle(contents, 4))
        for drawing, written in zip(read_drawings(file, "train"), sketches(4), strict=True):
            assert np.array_equal(drawing, written)


@pytest.mark.needs("published drawings")
@pytest.mark.parametrize("name, counts", [("aaron_sheep", (7400, 300, 300)), ("short_kanji", (10000, 600, 500))])
def test_published_files_read_as_numpy_reads_them(name, counts):
    file = PUBLISHED / f"{name}.npz"
    with np.load(file, allow_pickle=True, encoding="latin1") as whole:
        for array, count in zip(ARRAYS, counts, strict=True):
            drawings = read_drawings(file, array)
            assert len(drawings) == count
            assert all(np.array_equal(*pair) for pair in zip(drawings, whole[array], strict=True))


# Files that would run code


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, call, *arguments):
        self.call = call, arguments

    def __reduce__(self):
        return self.call


def _hostile(mark):
    touch = Bomb(os.system, f"touch {mark}")
    drawing = sketches(1)[0]
    in_an_array = np.empty(2, dtype=object)
    in_an_array[:] = [drawing, touch]
    nested = np.empty(2, dtype=object)
    nested[:] = [drawing, in_an_array]
    return {
        "bare": pickle.dumps(touch),
        "among drawings": pickle.dumps(in_an_array),
        "in an array in an array": pickle.dumps(nested),
        "protocol 0": pickle.dumps(touch, protocol=0),
        "protocol 2": pickle.dumps(in_an_array, protocol=2),
        "eval": pickle.dumps(Bomb(eval, f"open({str(mark)!r}, 'w')")),
        "open": pickle.dumps(Bomb(open, str(mark), "w")),
        "through getattr": pickle.dumps(Bomb(getattr, np.ndarray, "tofile")),
        "INST": f"(S'touch {mark}'\nios\nsystem\n.".encode(),
        "before the end": f"cos\nsystem\n(X{len(f'touch {mark}'):c}\0\0\0touch {mark}tR0".encode()
        + pickle.dumps(in_an_array)[2:],
    }


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("how", _hostile("/nowhere"))
def test_nothing_that_a_file_holds_is_run(tmp_path, how, array):
    mark = tmp_path / "was_run"
    hostile = _hostile(mark)[how]
    message = _refusal(write_npz(tmp_path / "cat.npz", **{array: npy_of_pickle(hostile, 2)}), array)
    assert "it would call " in message or "it holds the pickle instruction " in message
    assert not mark.exists()


@pytest.mark.parametrize("how", ["bare", "in an array in an array", "protocol 2", "INST", "open", "eval"])
def test_the_hostile_files_are_hostile(tmp_path, how):
    mark = tmp_path / "was_run"
    pickle.loads(_hostile(mark)[how])
    assert mark.exists()


@pytest.mark.parametrize(
    "name", ["numpy.load", "numpy.core.multiarray.fromfile", "builtins.eval", "_codecs.lookup", "pickle.loads"]
)
def test_only_what_arrays_need_can_be_named(name):
    module, _, function = name.rpartition(".")
    with pytest.raises(pickle.UnpicklingError, match=f"it would call {name}"):
        _npz._unpickled(f"\x80\x02c{module}\n{function}\n.".encode("latin1"))


# Files that would fill the memory


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(tmp_path, monkeypatch):
    file = write_npz(tmp_path / "cat.npz", train=npy_of_pickle(bytes(20 << 20)))
    assert file.stat().st_size < 1 << 20
    monkeypatch.setattr(_npz, "MAX_BYTES", 10 << 20)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    assert "it would unpack to 20,971,648 bytes, and 10,485,760 are the limit" in _refusal(file)


def test_a_file_that_says_it_is_smaller_than_it_is_is_not_unpacked_further(tmp_path):
    file = write_npz(tmp_path / "cat.npz", train=npy_of_pickle(bytes(20 << 20)))
    size = (20 << 20) + 128
    lie = file.read_bytes().replace(size.to_bytes(4, "little"), (5000).to_bytes(4, "little"))
    assert lie != file.read_bytes()
    file.write_bytes(lie)
    assert "Bad CRC-32" in _refusal(file)


@pytest.mark.parametrize(
    "pickled, reason",
    [
        (b"\x80\x02]r\xff\xff\xff\x7f.", "its pickle would fill the memory"),
        (b"\x80\x05\x96\x00\x00\x00\x00\xff\x00\x00\x00.", "expected 1095216660480 bytes in a bytearray8, but only 1"),
        (b"\x80\x02T\xff\xff\xff\x7fabc.", "expected 2147483647 bytes in a string4, but only 4 remain"),
    ],
)
def test_a_pickle_that_would_fill_the_memory_is_not_loaded(tmp_path, pickled, reason):
    assert reason in _refusal(write_npz(tmp_path / "cat.npz", train=npy_of_pickle(pickled)))


def test_drawings_that_share_their_contents_are_refused(tmp_path):
    drawing = np.zeros((10_000, 3), np.int16)
    array = np.empty(50, dtype=object)
    array[:] = [drawing] * 50
    assert "its drawings share their contents" in _refusal(write_npz(tmp_path / "cat.npz", train=npy(list(array))))


def test_a_pickle_of_too_many_instructions_is_not_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(_npz, "MAX_INSTRUCTIONS", 100)
    assert "its pickle would fill the memory" in _refusal(write_npz(tmp_path / "cat.npz"))


# Files that are something else


def _drawing(dtype=np.int16, **cells):
    drawing = sketches(1)[0].astype(dtype)
    for cell, value in cells.items():
        drawing[1, {"dx": 0, "pen": 2}[cell]] = value
    return drawing


@pytest.mark.parametrize(
    "items, reason",
    [
        ([sketches(1)[0], np.zeros((5, 2), np.int16)], "drawing 1 has the shape (5, 2), and stroke-3 is (points, 3)"),
        ([np.zeros(3, np.int16)], "drawing 0 has the shape (3,)"),
        ([np.zeros((0, 3), np.int16)], "drawing 0 has the shape (0, 3)"),
        ([_drawing(np.complex64)], "drawing 0 can't be read: its type is 'c8'"),
        ([_drawing(str)], "drawing 0 can't be read: its type is 'U"),
        ([_drawing(object)], "drawing 0 can't be read: its type is 'O8'"),
        ([_drawing(np.float32, dx=np.nan)], "drawing 0 holds numbers that are not finite"),
        ([_drawing(pen=2)], "drawing 0 has a third column that is not 0 or 1 everywhere"),
        (["a cat", "a dog"], "drawing 0 is str, not an array"),
        ([7], "drawing 0 is int, not an array"),
        ([None], "drawing 0 is NoneType, not an array"),
        ([[[1, 2, 0]]], "drawing 0 is list, not an array"),
    ],
)
def test_objects_that_are_no_drawings(tmp_path, items, reason):
    assert reason in _refusal(write_npz(tmp_path / "cat.npz", train=npy(items)))


def _saved(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    "contents, reason",
    [
        (_saved(np.zeros((5, 3), np.int16)), "it is an array of int16 with the shape (5, 3), not a list of drawings"),
        (_saved(np.zeros((2, 5, 3), object), allow_pickle=True), "it is an array of object with the shape (2, 5, 3)"),
        (npy(sketches(4)).replace(b"(4,)", b"(5,)"), "not the list of drawings that its header announces"),
        (npy_of_pickle(pickle.dumps([1])), "not the list of drawings that its header announces"),
        (npy_of_pickle(b""), "pickle exhausted before seeing STOP"),
        (npy(sketches(4))[:-100], "array 'train': "),
        (b"", "EOF: reading magic string"),
        (b"a drawing of a cat", "the magic string is not correct"),
        (b"\x93NUMPY\x03\x00" + npy(sketches(1))[8:], "it has the .npy version (3, 0)"),
    ],
)
def test_members_that_are_no_arrays_of_drawings(tmp_path, contents, reason):
    assert reason in _refusal(write_npz(tmp_path / "cat.npz", train=contents))


def test_files_that_are_no_archives(tmp_path):
    file = tmp_path / "cat.npz"
    file.write_bytes(b"<html>Not the file that you look for</html>")
    assert "File is not a zip file" in _refusal(file)
    whole = write_npz(file).read_bytes()
    file.write_bytes(whole[:-50])
    assert "File is not a zip file" in _refusal(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("train.npy", npy(sketches(3)))
    assert len(read_drawings(file, "train")) == 3
    assert "the file holds ['train.npy']" in _refusal(file, "valid")


def test_a_changed_byte_is_noticed(tmp_path):
    file = write_npz(tmp_path / "cat.npz")
    whole = bytearray(file.read_bytes())
    whole[whole.index(b"valid.npy") + 200] ^= 1
    file.write_bytes(whole)
    read_drawings(file, "train")
    _refusal(file, "valid")


WHOLE = npy(sketches(3))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=3), st.booleans())
def test_whatever_a_member_holds_it_is_drawings_or_refused(tmp_path, changes, cut):
    contents = bytearray(WHOLE)
    for place, value in changes:
        contents[place] = value
    if cut:
        contents = contents[: changes[0][0]]
    file = write_npz(tmp_path / "cat.npz", train=bytes(contents))
    try:
        drawings = read_drawings(file, "train")
    except DataFileError as error:
        assert str(file) in str(error)
    else:
        assert all(drawing.shape[1:] == (3,) and drawing.dtype == np.float32 for drawing in drawings)


def test_every_instruction_on_the_list_is_one():
    assert {code.name for code in pickletools.opcodes} >= _npz._ALLOWED
