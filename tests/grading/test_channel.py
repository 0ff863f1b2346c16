"""What passes between the tests and a student's code, and what does not."""

import contextlib
import json
import socket
import struct
import threading
import time

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from seqmodels import marking
from seqmodels.grading.channel import codec, student, tester
from seqmodels.grading.channel.frames import (
    MOST_BYTES,
    READY,
    REPLY,
    REQUEST,
    Buffer,
    Closed,
    Frame,
    Line,
    ProtocolError,
)
from seqmodels.grading.channel.names import names, plan
from seqmodels.grading.channel.objects import MOST_ITEMS, StudentsObjects, TestersObjects
from seqmodels.grading.channel.peer import AnswerError, Peer
from seqmodels.grading.channel.relay import ENDED, TIMEOUT, UNREADABLE, Relay
from tests.patience import PATIENCE


class Pair:
    """Both sides of a channel in this process: `defined` is what the student has defined."""

    def __init__(self):
        self.relay, self.defined = Relay(), {}
        self.relay.begin(30)
        self.end = self.relay.connect()
        operations = student._operations() | {"name": lambda name: [self.defined[name]] if name in self.defined else []}
        self._student = Peer(Line(self.end), StudentsObjects, operations)
        threading.Thread(target=self._serve, daemon=True).start()
        self._tests = Peer(Line(self.relay.tests), TestersObjects, tester._operations())

    def _serve(self) -> None:
        try:
            self._student.serve()
        except Closed:
            return

    def __getitem__(self, name: str):
        [value] = self._tests.ask("name", name)
        return value

    def close(self) -> None:
        self.relay.tests.close()
        self.relay.close()


@pytest.fixture
def pair():
    made = Pair()
    yield made
    made.close()


# --- Which names are the student's


@pytest.mark.parametrize(
    ("source", "binds", "takes"),
    [
        ("import numpy as np\nx = np.ones(y)", {"np", "x"}, {"y"}),
        ("for name in names: print(name)", {"name"}, {"names"}),
        ("for name in name: pass", {"name"}, {"name"}),
        ("x += 1", {"x"}, {"x"}),
        ("def f(a=b):\n    return g(a) + h\nh = 1", {"f", "h"}, {"b", "g"}),
        ("def f():\n    return f()", {"f"}, set()),
        ("x = [a * b for a in c if (d := a)]", {"x", "d"}, {"b", "c"}),
        ("f = lambda a, k=e: a + b + k", {"f"}, {"b", "e"}),
        ("class A(B):\n    x = y\n    def f(self): return z", {"A"}, {"B", "y", "z"}),
        ("with open(p) as (a, b): c: int = a", {"a", "b", "c"}, {"p"}),
        ("try:\n    x = 1\nexcept E as error:\n    print(error)", {"x"}, {"E"}),
        ("%matplotlib inline\nx = !ls", {"x"}, {"get_ipython"}),
        ("def f():\n    global g\n    g = 1", {"f"}, {"g"}),
        ("del x", {"x"}, set()),
    ],
)
def test_names_of_a_cell(source, binds, takes):
    use = names(source)
    assert (set(use.binds), set(use.takes)) == (binds, takes)


def _notebook(*cells: tuple[str, str]) -> list[nbformat.NotebookNode]:
    """Cells by kind ("given", "answer" or "test") and source; their ids are their numbers."""
    flags = {"given": (False, False), "answer": (False, True), "test": (True, False)}
    made = []
    for number, (kind, source) in enumerate(cells):
        grade, solution = flags[kind]
        meta = {"grade": grade, "solution": solution, "grade_id": f"c{number}", "schema_version": 3}
        metadata = {} if kind == "given" else {"nbgrader": meta}
        made.append(nbformat.v4.new_code_cell(source, id=str(number), metadata=metadata))
    return made


def test_given_cells_run_with_the_tests_only_where_these_need_them_and_the_student_has_no_part_in_them():
    found = plan(
        _notebook(
            ("given", "import numpy as np"),
            ("given", "data = np.ones(3)"),
            ("given", "picture = data.plot()"),
            ("answer", "def f(x): raise NotImplementedError"),
            ("given", "trained = f(data)"),
            ("given", "def classify(x): return trained(x)"),
            ("test", "assert f(data) == 1"),
            ("test", "assert classify(data) == trained"),
        )
    )
    assert found.given == ["0", "1"]
    assert found.asked == {"6": ["f"], "7": ["classify", "trained"]}


def test_an_answer_may_replace_a_given_name_and_a_test_its_own():
    found = plan(
        _notebook(
            ("given", "size = 3"),
            ("answer", "size = 4"),
            ("test", "wanted = 5\nassert size == wanted"),
            ("test", "assert wanted and size"),
        )
    )
    assert found.asked == {"2": ["size"], "3": ["size"]}
    assert found.given == []


def test_other_cells_cannot_use_what_a_test_defines():
    with pytest.raises(ValueError, match="cell 1 uses helper, which a test cell defines"):
        plan(_notebook(("test", "helper = 1"), ("given", "print(helper)")))


# --- Values


_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
)
_keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(_keys, inner)
        | st.sets(st.integers() | st.text())
    ),
    max_leaves=30,
)


def _passed(value):
    writer = codec.Writer(lambda value, writer: pytest.fail(f"{value!r} was not copied"))
    text = codec.dump(writer.write(value))
    buffer = Buffer()
    buffer.add(Frame(7, REPLY, text, tuple(writer.parts)).pack())
    frame = buffer.take()
    reader = codec.Reader(frame.parts, lambda written, reader: pytest.fail("a reference"))
    found = reader.read(codec.load(frame.text))
    assert list(map(_kind, reader.containers)) == list(map(_kind, writer.containers))
    return found


def _kind(container) -> type:
    return next(kind for kind in (list, dict, np.ndarray) if isinstance(container, kind))


@given(_values)
def test_plain_values_pass_as_they_are(value):
    found = _passed(value)
    assert found == value
    assert type(found) is type(value)


@given(numpy_strategies.arrays(st.sampled_from(["f4", "f8", "i2", "u8", "?", "c16", "M8[D]", "U3", "f2"]), (2, 0, 3)))
@settings(max_examples=25)
def test_empty_arrays_pass(array):
    assert _passed(array).shape == array.shape


@given(
    numpy_strategies.arrays(
        st.sampled_from(["f4", "f8", "i2", "u8", "?", "c16", "M8[s]", "m8[D]", "U3", "S2", ">i4"]),
        numpy_strategies.array_shapes(),
    )
)
def test_arrays_pass_bit_by_bit(array):
    found = _passed(array)
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())
    number = _passed(array.ravel()[0])
    assert (type(number), number.tobytes()) == (type(array.ravel()[0]), array.ravel()[0].tobytes())


def test_what_only_looks_like_a_value_arrives_as_one():
    class Sly(float):
        __eq__ = __ne__ = __gt__ = lambda self, other: True
        __hash__ = float.__hash__

    class Words(list):
        def __eq__(self, other):
            return True

    class Masked(np.ndarray):
        def __eq__(self, other):
            return np.ones(3, dtype=bool)

    assert _passed(Sly(2.0)) != 3.0
    assert _passed(Words(["a"])) != ["b"]
    assert not (_passed(np.arange(3).view(Masked)) == [9, 9, 9]).any()
    assert type(_passed(np.ma.masked_array([1, 2], [True, False]))) is np.ndarray
    assert _passed(np.array([1, "a"], dtype=object)) == [1, "a"]


def _nested(depth: int) -> list:
    return [_nested(depth - 1)] if depth else []


def test_what_has_no_end_is_refused():
    own = []
    own.append(own)
    for value, words in ((own, "deep"), (_nested(60), "deep"), (10**5000, "integer"), ([0] * 6_000_000, "values")):
        with pytest.raises(ProtocolError, match=words):
            _passed(value)
    with pytest.raises(ProtocolError, match="MB"):
        _passed([np.zeros(2**27, "u1")] * 3)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=20))
def test_nothing_that_is_read_is_trusted(written):
    if isinstance(written, list) and written and isinstance(written[0], str):
        written[0] = {0: "array", 1: "number", 2: "dict", 3: "set", 4: "bytes"}.get(len(written) % 6, "complex")
    reader = codec.Reader((b"abcd",), lambda written, reader: None)
    try:
        reader.read(codec.load(codec.dump(written)))
    except ProtocolError:
        return


@pytest.mark.parametrize(
    "written",
    [
        ["array", "O", [1], 0],
        ["array", "i4,i4", [1], 0],
        ["array", "<f8", [5], 0],
        ["array", "no such", [1], 0],
        ["array", "<f4", ["x"], 0],
        ["array", "<f4", [1], 9],
        ["array", "<f4", [1], -1],
        ["set", ["list"]],
        ["dict", ["list"], 1],
        ["complex", "a", 1.0],
        {"a": 1},
        [],
        [1],
    ],
)
def test_what_no_writer_wrote_is_refused(written):
    reader = codec.Reader((b"abcd",), lambda written, reader: pytest.fail("taken for a reference"))
    with pytest.raises(ProtocolError):
        reader.read(written)


@pytest.mark.parametrize(
    "head", [struct.pack(">QBII", 1, 9, 0, 0), struct.pack(">QBII", 1, 1, MOST_BYTES + 1, 0), b"x" * 17]
)
def test_what_is_no_message_is_refused(head):
    buffer = Buffer()
    buffer.add(head)
    with pytest.raises(ProtocolError):
        buffer.take()


def test_a_message_that_comes_in_pieces_is_put_together():
    packed, buffer = Frame(3, REQUEST, b"[1]", (b"", b"abc")).pack(), Buffer()
    for number, byte in enumerate(packed):
        assert buffer.take() is None, number
        buffer.add(bytes([byte]))
    assert buffer.take() == Frame(3, REQUEST, b"[1]", (b"", b"abc"))


# --- Calls


def test_functions_are_called_with_copies(pair):
    pair.defined["both"] = lambda a, b=2: [a, b]
    values = np.arange(3)
    found, two = pair["both"](values)
    assert found.tolist() == [0, 1, 2]
    assert two == 2
    assert pair["both"]("a", b={"c": (1, None)}) == ["a", {"c": (1, None)}]
    assert values.tolist() == [0, 1, 2]


def _write(values, rows):
    values[...] = values[1]
    rows.append(3)
    rows[0]["x"] = 1
    rows[1][0] = 9


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1", "?", "c16", "M8[D]", "U3"])
def test_what_a_test_has_given_stays_as_it_was_and_a_change_is_seen_by_who_asks(pair, dtype):
    pair.defined |= {"write": _write, "leave": lambda values, rows: None}
    values, rows = np.arange(3).astype(dtype), [{"y": 2}, np.zeros(2), (np.ones(2),)]
    kept = values.copy()
    pair["write"](values, rows=rows)
    assert np.array_equal(values, kept)
    assert str(rows) == str([{"y": 2}, np.zeros(2), (np.ones(2),)])
    with marking.left_alone(values, rows):
        pair["leave"](values, rows)
    for watched in ([values], [rows], [rows[0]], [rows[1]]):
        with pytest.raises(AssertionError, match="has changed"), marking.left_alone(*watched):
            pair["write"](values, rows)
    with marking.left_alone(rows[2]):
        pair["write"](values, rows)


def test_a_change_that_was_made_up_alters_nothing(impostor):
    labels, mean = np.arange(4), [1.0]
    impostor.answers(_reply(["value", 1, [[place, ["changed"]] for place in (0, 1, 2)] * 1000]))
    impostor.tests.ask("call", [labels, mean])
    assert labels.tolist() == [0, 1, 2, 3]
    assert mean == [1.0]


def test_a_generator_gives_the_student_its_numbers_and_goes_on_elsewhere(pair):
    pair.defined["draw"], pair.defined["leave"] = lambda rng: rng.normal(size=2), lambda rng: None
    for kind in (np.random.PCG64, np.random.MT19937):
        ours, other, same, kept = (np.random.Generator(kind(5)) for _ in range(4))
        assert pair["draw"](ours).tolist() == same.normal(size=2).tolist()
        pair["leave"](other)
        assert ours.normal() not in (same.normal(), kept.normal())
        other.normal()
        # Whatever the student's code does with it.
        assert str(ours.bit_generator.state) == str(other.bit_generator.state)


def test_a_generator_spawns_the_same_children_there_and_others_in_the_next_call(pair):
    pair.defined["spawn"] = lambda rng: [child.normal() for child in rng.spawn(2)]
    ours, same = np.random.default_rng(5), np.random.default_rng(5)
    first = pair["spawn"](ours)
    assert first == [child.normal() for child in same.spawn(2)]
    assert not set(first) & set(pair["spawn"](ours))
    child, its_twin = np.random.default_rng(5).spawn(3)[2], np.random.default_rng(5).spawn(3)[2]
    assert pair["spawn"](child) == [grandchild.normal() for grandchild in its_twin.spawn(2)]


def test_a_function_of_the_tests_is_called_from_there(pair):
    pair.defined["apply"] = lambda function, value: function(function(value))
    assert pair["apply"](lambda value: value * 2, np.ones(2)).tolist() == [4, 4]
    with pytest.raises(ZeroDivisionError):
        pair["apply"](lambda value: value / 0, 1)


def test_a_wrong_call_of_a_function_of_the_tests_tells_nothing_of_it(pair):
    pair.defined["call"] = lambda function, *arguments: function(*arguments, of_its_own=1)
    said = []

    def tell(function):
        try:
            function(1, 2, 3)
        except TypeError as error:
            said.append(str(error))
        return said

    pair.defined["tell"] = tell
    assert pair["tell"](lambda secret_rate, secret_name=None: secret_rate) == [
        "the function that the test has given takes other arguments"
    ]
    with pytest.raises(TypeError, match="takes other arguments"):
        pair["call"](lambda secret_rate: secret_rate, 1)


def test_objects_stay_there_and_are_asked(pair):
    class Record:
        history = {"loss": [1.0, 0.5]}

        def longest(self, least):
            return max(least, 7)

    pair.defined["record"] = Record()
    found = pair["record"]
    assert found.history == {"loss": [1.0, 0.5]}
    assert found.longest(least=3) == 7
    assert repr(found) == "<Record>"
    for use in (bool, float, len, list, np.asarray, np.shape, np.sum, marking.as_numbers, _is_one, _is_other):
        with pytest.raises((TypeError, AssertionError, AttributeError)):
            use(found)
    with pytest.raises(AttributeError):
        found._hidden  # noqa: B018
    with pytest.raises(AttributeError, match="nothing"):
        found.nothing  # noqa: B018


def _is_one(value) -> bool:
    return value == 1


def _is_other(value) -> bool:
    return value != 1


class _Hollow:
    """It has a shape, a length and no numbers: a comparison of nothing would be true."""

    shape, dtype, ndim = (2, 3), np.dtype("f8"), 2

    def __len__(self):
        return 2

    def __iter__(self):
        return iter([])

    def __getitem__(self, place):
        raise IndexError


class _HollowArray(_Hollow):
    def __array__(self, dtype=None, copy=None):
        return np.zeros((0, 2, 3))


def test_an_answer_has_one_shape(pair):
    pair.defined |= {"hollow": _Hollow(), "array": _HollowArray(), "both": [_Hollow(), _Hollow()]}
    found = pair["hollow"]
    assert found.shape == (2, 3), "an attribute like any other"
    for use in (np.asarray, np.ravel, lambda value: np.allclose(value, np.ones((2, 3))), marking.close):
        with pytest.raises(TypeError):
            use(found) if use is not marking.close else use(found, np.ones((2, 3)))
    with pytest.raises(TypeError):
        np.asarray(pair["both"])
    # What has numbers of its own kind of array is asked for them once, over there.
    copied = pair["array"]
    assert type(copied) is np.ndarray and copied.shape == (0, 2, 3)
    assert not marking.close(copied, np.ones((2, 3)))


def test_a_length_that_is_not_that_of_the_items_is_an_error(pair):
    pair.defined["hollow"] = _Hollow()
    found = pair["hollow"]
    assert list(zip(found, [1, 2], strict=False)) == []
    assert len(found) == 2
    with pytest.raises(ValueError, match="its length is 2, and it gives 0 items"):
        list(zip(found, [1, 2], strict=False))


def test_the_end_of_an_iteration_in_an_answer_ends_no_loop_of_the_test(pair):
    def stop(value):
        raise StopIteration

    pair.defined["stop"] = stop
    with pytest.raises(AnswerError):
        list(map(pair["stop"], [1, 2]))


def test_an_object_that_is_handed_back_is_the_students_own(pair):
    pair.defined["thing"], pair.defined["is_it"] = object(), lambda value: value is pair.defined["thing"]
    assert pair["is_it"](pair["thing"]) is True


def test_what_gives_one_item_after_another(pair):
    pair.defined["count"] = lambda: iter(range(1000))
    assert list(pair["count"]()) == list(range(1000))
    pair.defined["for ever"] = lambda: iter(int, 1)
    with pytest.raises(ValueError, match=f"more than {MOST_ITEMS:,}"):
        list(pair["for ever"]())


class _Mute(Exception):
    def __init__(self):
        super().__init__("x")

    def __str__(self):
        raise RuntimeError


class _OfItsOwn(ValueError):
    pass


class _Odd(BaseException):
    pass


@pytest.mark.parametrize(
    ("raised", "caught", "name", "words"),
    [
        (NotImplementedError(), NotImplementedError, "NotImplementedError", ""),
        (ValueError("odd"), ValueError, "ValueError", "odd"),
        (_OfItsOwn("odd"), ValueError, "_OfItsOwn", "odd"),
        (Exception("x"), AnswerError, "Exception", "x"),
        (SystemExit(0), AnswerError, "SystemExit", "0"),
        (GeneratorExit(), AnswerError, "GeneratorExit", ""),
        (KeyboardInterrupt("x"), AnswerError, "KeyboardInterrupt", "x"),
        (_Odd("x"), AnswerError, "_Odd", "x"),
        (_Mute(), AnswerError, "_Mute", "its message raised RuntimeError"),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "x"), ValueError, "UnicodeDecodeError", "codec"),
    ],
)
def test_an_exception_has_its_name_and_kind(pair, raised, caught, name, words):
    def fail():
        raise raised

    pair.defined["fail"] = fail
    with pytest.raises(caught) as found:
        pair["fail"]()
    assert type(found.value).__name__ == name
    assert words in str(found.value)
    assert not isinstance(found.value, AssertionError)


# --- What is no honest answer


class Impostor:
    """The student's end of a channel, in the hands of somebody who writes what he likes."""

    def __init__(self):
        self.relay = Relay()
        self.end = self.relay.connect()
        self.relay.begin(3)
        self.tests = Peer(Line(self.relay.tests), TestersObjects, tester._operations())

    def answers(self, *replies) -> None:
        def answer():
            with contextlib.suppress(Closed, OSError):  # when the test is over
                asked = Line(self.end).receive()
                for reply in replies:
                    self.end.sendall(reply(asked.number) if callable(reply) else reply)

        threading.Thread(target=answer, daemon=True).start()


@pytest.fixture
def impostor():
    made = Impostor()
    yield made
    made.end.close()
    made.relay.tests.close()
    made.relay.close()


def _reply(text) -> bytes:
    return lambda number: Frame(number, REPLY, json.dumps(text).encode()).pack()


@pytest.mark.parametrize(
    "text",
    [
        1,
        ["value"],
        ["value", ["remote", "x", 1, 2], []],
        ["value", ["local", 12345], []],
        ["value", ["layer", "{}", ["tuple"]], []],
        ["value", ["dataset", ["tensor", "int32", []], ["list"]], []],
        ["value", ["generator", "PCG64", {}, {}], []],
        ["value", 1, [[99, 1]]],
        ["value", 1, [[0, ["weights", ["list"], None]]]],
        ["value", 1, [[0, ["changed", 1]]]],
        ["value", 1, [[0, 5]]],
        ["error", [1], "x"],
        ["error", ["KeyboardInterrupt"], 5],
    ],
)
def test_a_made_up_answer_is_an_error_and_no_more(impostor, text):
    impostor.answers(_reply(text))
    with pytest.raises(ProtocolError):
        impostor.tests.ask("call", [np.zeros(2)])


def test_exceptions_that_would_end_the_tests_cannot_be_named(impostor):
    for name in ("KeyboardInterrupt", "SystemExit", "BaseException", "print", "__import__", "no name"):
        impostor.answers(_reply(["error", [name], "x"]))
        with pytest.raises(AnswerError):
            impostor.tests.ask("call")


def test_answers_that_nobody_has_asked_for_are_passed_over(impostor):
    early = Frame(5, REPLY, b'["value", "early", []]').pack()
    impostor.end.sendall(early * 3)
    time.sleep(0.1)
    impostor.answers(early, _reply(["value", "asked for", []]))
    assert impostor.tests.ask("call") == "asked for"


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("name", ["load"]), ("attribute", [["local", 1], "x"]), ("call", [["local", 1], ["list"], ["dict"]])],
)
def test_only_what_a_test_has_given_can_be_called(impostor, operation, arguments):
    threading.Thread(target=_ask_in_vain, args=(impostor.tests,), daemon=True).start()
    line = Line(impostor.end)
    line.receive()
    line.send(Frame(9, REQUEST, json.dumps([operation, arguments]).encode()))
    said = line.receive()
    assert (said.kind, said.number) == (REPLY, 9)
    assert codec.load(said.text)[0] == "error"


def _ask_in_vain(tests: Peer) -> None:
    with contextlib.suppress(AnswerError, Closed):
        tests.ask("call")


@pytest.mark.parametrize(
    ("does", "lost", "words"),
    [
        (lambda end: end.shutdown(socket.SHUT_RDWR), ENDED, "Python ended"),
        (lambda end: end.sendall(b"\xff" * 100), UNREADABLE, "could not be read"),
        (lambda end: None, TIMEOUT, "too long"),
    ],
)
def test_the_tests_get_an_answer_in_any_case(impostor, does, lost, words):
    does(impostor.end)
    began = time.monotonic()
    with pytest.raises(AnswerError, match=words):
        impostor.tests.ask("call")
    assert time.monotonic() - began < 60
    assert impostor.relay.lost == lost
    with pytest.raises(AnswerError, match=words):
        impostor.tests.ask("call")


def test_a_process_that_does_not_say_that_it_serves_is_not_waited_for():
    relay = Relay(ready_within=1)
    end = relay.connect()
    tests = Peer(Line(relay.tests), TestersObjects, tester._operations())
    try:
        for ready in (False, True):
            relay.begin(4)
            if ready:
                end.sendall(Frame(0, READY).pack())
            began = time.monotonic()
            with pytest.raises(AnswerError, match="too long"):
                tests.ask("call")
            assert (time.monotonic() - began > 3) == ready
            relay.end()
    finally:
        relay.tests.close()
        relay.close()
        end.close()


def test_after_it_took_too_long_the_same_process_is_asked_again_and_another_one_in_its_place(impostor):
    with pytest.raises(AnswerError, match="too long"):
        impostor.tests.ask("call")
    impostor.relay.end()
    impostor.relay.begin(3)
    asked = Line(impostor.end)
    asked.receive()  # what it has not answered
    impostor.answers(_reply(["value", 1, []]))
    assert impostor.tests.ask("call") == 1
    impostor.end = impostor.relay.connect()
    impostor.answers(_reply(["value", 2, []]))
    assert impostor.tests.ask("call") == 2


def test_a_flood_of_calls_does_not_hold_up_the_grader(impostor):
    flood = Frame(9, REQUEST, b'["length", [["list"]]]').pack() * 20_000
    impostor.end.settimeout(PATIENCE)
    impostor.answers(flood)
    began = time.monotonic()
    with pytest.raises(AnswerError, match="could not be read"):
        impostor.tests.ask("call")
    assert time.monotonic() - began < 60


def test_a_text_that_would_fill_the_memory_is_refused(impostor):
    text = b'["value", [' + b"[]," * (codec.MOST_LETTERS // 3) + b"1], []]"
    impostor.answers(lambda number: Frame(number, REPLY, text).pack())
    with pytest.raises(ProtocolError, match="too long"):
        impostor.tests.ask("call")


def test_a_process_that_reads_nothing_does_not_hold_up_the_grader(impostor):
    began = time.monotonic()
    with pytest.raises(AnswerError):
        impostor.tests.ask("call", np.zeros(2**22))
    assert time.monotonic() - began < 60


# --- Keras


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


def test_a_students_model_is_one_here_and_stays_there(pair, keras):
    layers = keras.layers
    pair.defined["build"] = lambda: keras.Sequential([keras.Input((None, 1)), layers.GRU(3), layers.Dense(2)])
    model = pair["build"]()
    assert isinstance(model, keras.Model)
    assert model.count_params() == 62
    assert model(np.ones((2, 4, 1), "float32")).shape == (2, 2)
    assert [weight.shape for weight in model.get_weights()] == [(1, 9), (3, 9), (2, 9), (3, 2), (2,)]
    # A copy: what the tests do to it does not reach the model.
    model.get_weights()[0][:] = 0
    assert np.abs(model.get_weights()[0]).max() > 0


@pytest.mark.parametrize("built", [False, True])
def test_a_model_that_is_given_away_to_be_trained_is_trained_here_too(pair, keras, built):
    def fit(model, inputs, targets):
        model.compile("sgd", "mse")
        return model.fit(inputs, targets, verbose=0)

    pair.defined["fit"] = fit
    layers = keras.layers
    model = keras.Sequential([layers.Embedding(5, 4), layers.Dense(3)])
    inputs, targets = np.arange(5).reshape(1, 5), np.ones((1, 5, 3), "float32")
    if built:
        model.build((None, 5))
        before = [weight.copy() for weight in model.get_weights()]
        pair["fit"](model, inputs, targets)
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True)), "nobody has asked"
    with marking.may_train(model):
        record = pair["fit"](model, inputs, targets)
    assert len(record.history["loss"]) == 1
    assert model.built
    assert model(inputs).shape == (1, 5, 3)
    if built:
        assert all(np.abs(a - b).max() > 0 for a, b in zip(model.get_weights(), before, strict=True))


def test_a_compiled_model_arrives_compiled(pair, keras):
    pair.defined["fit"] = lambda model, inputs, targets: model.fit(inputs, targets, verbose=0).history
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    assert set(pair["fit"](model, np.ones((4, 2), "float32"), np.ones((4, 1), "float32"))) == {"loss", "mae"}
    # And again, when it has been trained.
    assert len(pair["fit"](model, np.ones((4, 2), "float32"), np.ones((4, 1), "float32"))["loss"]) == 1


def test_models_of_operations_pass(pair, keras):
    pair.defined["call"] = lambda model, inputs: model(inputs)
    ops, inputs = keras.ops, keras.Input((8, 3))
    answers = [
        ops.einsum("ts,bsf->btf", np.float32(np.tri(8)), inputs),
        inputs * ops.relu(inputs[:, :1, :1] - 1),
        keras.layers.Attention()([inputs, inputs]) - ops.max(inputs, axis=1, keepdims=True),
    ]
    values = np.random.default_rng(3).normal(size=(2, 8, 3)).astype("float32")
    for answer in answers:
        model = keras.Model(inputs, answer)
        assert np.allclose(pair["call"](model, values), model(values), atol=1e-5)


def test_a_layer_of_the_tests_own_class_stays_here(pair, keras):
    class Twice(keras.layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    pair.defined["call"] = lambda model, inputs: model(inputs)
    assert np.allclose(pair["call"](Twice(), np.ones((2, 3), "float32")), 2)


def test_weights_of_a_wrong_shape_are_refused(impostor, keras):
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    kept = [weight.copy() for weight in layer.get_weights()]
    wrong = ["array", "<f4", [1], 0]
    impostor.answers(
        lambda number: Frame(
            number, REPLY, json.dumps(["value", 1, [[3, ["weights", ["list", wrong], None]]]]).encode(), (b"\0" * 4,)
        ).pack()
    )
    with pytest.raises((ProtocolError, ValueError)), marking.may_train(layer):
        impostor.tests.ask("call", layer)
    assert all(np.array_equal(a, b) for a, b in zip(layer.get_weights(), kept, strict=True))


def test_pipelines_pass_both_ways(pair, keras):
    import tensorflow as tf

    pair.defined["batches"] = lambda count: tf.data.Dataset.range(count).batch(2)
    found = pair["batches"](5)
    assert [batch.tolist() for batch in found] == [[0, 1], [2, 3], [4]]
    assert len(found) == 3
    assert [batch.tolist() for batch in found.take(1)] == [[0, 1]]

    def second(batches):
        return [label.numpy().tolist() for _, label in batches], len(batches), batches.element_spec[0].shape[1]

    pair.defined["second"] = second
    given_away = tf.data.Dataset.from_tensor_slices((np.zeros((3, 2), "int32"), np.arange(3.0))).batch(2)
    assert pair["second"](given_away) == ([[0.0, 1.0], [2.0]], 2, 2)


def test_tensors_and_columns_arrive_as_arrays(pair, keras):
    import pandas as pd
    import tensorflow as tf

    values = {"tensor": tf.ones((2, 1)), "variable": keras.Variable([1.0]), "column": pd.Series([1, 2])}
    pair.defined |= values
    assert all(isinstance(pair[name], np.ndarray) for name in values)
    pair.defined["ragged"] = tf.ragged.constant([[1], [2, 3]])
    with pytest.raises((TypeError, ValueError)):
        np.asarray(pair["ragged"])
