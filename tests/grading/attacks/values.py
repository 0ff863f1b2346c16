"""Functions that give back what no test expects: values that lie, that do not end, or that break who looks at them.

Eight of them make a submission, one for each function of the tiny assignment; each is to cost its own points
and no others.
"""

from tests.grading import tiny
from tests.grading.attacks.attack import Attack, answering

# name: (what it is, source of a function `hostile(values, right)`, points of the 10)
VALUES = {
    "equal_to_all": ("an object equal to everything", """
class Liar:
    def __eq__(self, other): return True
    def __len__(self): return 2
def hostile(values, right): return Liar()""", 0),
    "list_subclass": ("a list equal to everything", """
class Liar(list):
    def __eq__(self, other): return True
    def __len__(self): return 2
    def __iter__(self): return iter([1, 2])
def hostile(values, right): return Liar()""", 0),
    "int_subclass": ("numbers equal to everything", """
class Liar(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
def hostile(values, right): return [Liar(99), Liar(99)]""", 0),
    "float_subclass": ("a float that compares as it likes", """
class Liar(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __gt__ = __le__ = __ge__ = __eq__
    __hash__ = float.__hash__
def hostile(values, right): return [Liar('nan'), Liar('nan')]""", 0),
    "false_class": ("an object that says it is a list", """
class Liar:
    __class__ = list
    def __len__(self): return 2
    def __iter__(self): return iter(())
    def __getitem__(self, index): raise IndexError
    def __eq__(self, other): return True
def hostile(values, right): return Liar()""", 0),
    "array_protocol": ("an object with `__array__`, `__float__`, `__index__`", """
class Liar:
    def __array__(self, *args, **kwargs): import os; os._exit(0)
    def __len__(self): return 2
    def __float__(self): return 1.0
    __index__ = __int__ = lambda self: 2
    __array_interface__ = {"shape": (2,), "typestr": "<f8", "data": (8, False), "version": 3}
    def __eq__(self, other): return True
def hostile(values, right): return Liar()""", 0),
    "reduce": ("an object that runs a command when it is unpickled", """
class Liar:
    def __reduce__(self): import os; return os.system, ("touch @HOME@/@MARK@-reduce",)
    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    def __len__(self): return 2
    def __eq__(self, other): return True
def hostile(values, right): return Liar()""", 0),
    "ndarray_subclass": ("an array subclass that is always equal", """
import numpy
class Liar(numpy.ndarray):
    def __eq__(self, other): return True
    def __array_function__(self, *args): return True
    def __array_ufunc__(self, *args, **kwargs): return True
    def __len__(self): return 2
def hostile(values, right): return numpy.zeros(2).view(Liar)""", 0),
    "cyclic": ("a list that contains itself", """
def hostile(values, right):
    found = [1, 2]
    found[0] = found
    return found""", 0),
    "nested": ("a list nested 100,000 deep", """
def hostile(values, right):
    found = [1, 2]
    for _ in range(100_000): found = [found, 1]
    return found""", 0),
    "bush": ("a value of 2^60 parts that takes no room", """
def hostile(values, right):
    found = (1, 2)
    for _ in range(60): found = (found, found)
    return list(found)""", 0),
    "endless_generator": ("a generator without end", """
def hostile(values, right):
    import itertools
    return (number for number in itertools.count())""", 0),
    "endless_list": ("a list whose iterator does not end", """
class Endless(list):
    def __iter__(self):
        while True: yield 1
def hostile(values, right): return Endless([1, 2])""", 0),
    "growing": ("a list that grows while it is looked at", """
import threading
def hostile(values, right):
    found = []
    def grow():
        for _ in range(3_000_000): found.append(0)
    threading.Thread(target=grow, daemon=True).start()
    return found""", 0),
    "object_array": ("an array of objects equal to everything", """
import numpy
class Liar:
    def __eq__(self, other): return True
def hostile(values, right):
    found = numpy.empty(2, object)
    found[:] = [Liar(), Liar()]
    return found""", 0),
    "nan": ("NaN and infinity", """
def hostile(values, right): return [float("nan"), float("inf")]""", 0),
    "huge_int": ("a number with 10 million digits", """
def hostile(values, right): return [1 << 33_000_000, 2]""", 0),
    "huge_text": ("a text of 200 million letters", """
def hostile(values, right): return ["x" * 200_000_000, 2]""", 0),
    "huge_list": ("ten million numbers", """
def hostile(values, right): return list(range(10_000_000))""", 0),
    "broadcast": ("an array of 10^15 numbers that takes 8 bytes", """
import numpy
def hostile(values, right): return numpy.broadcast_to(numpy.zeros(()), (10**6, 10**6, 10**3))""", 0),
    "wild_strides": ("an array that looks outside its memory", """
import numpy
def hostile(values, right): return numpy.lib.stride_tricks.as_strided(numpy.zeros(2), (2, 10**6), (1 << 40, 8))""", 0),
    "odd_dtypes": ("structured, void, datetime and text arrays", """
import numpy
def hostile(values, right):
    return [numpy.zeros(2, [("a", "O"), ("b", "f8")]), numpy.datetime64("NaT"), numpy.array(["x" * 9]), numpy.void(b"1")]""", 0),
    "hostile_keys": ("a dictionary with keys that are objects", """
class Key:
    def __hash__(self): return 1
    def __eq__(self, other): raise SystemExit
def hostile(values, right): return {Key(): 1, Key: 2}""", 0),
    "class": ("a class and a module in place of a list", """
class Liar(type):
    def __len__(cls): return 2
    def __eq__(cls, other): return True
    __hash__ = type.__hash__
def hostile(values, right): return Liar("x", (), {})""", 0),
    # The test's sum would be an array, and no number: nbgrader gives full points for what is no number.
    "array_of_points": ("an array that makes an array of the points", """
import numpy
def hostile(values, right): return right if values == [1, 2] else numpy.zeros(3)""", 0),
    "right_once": ("right at the first call only", """
calls = []
def hostile(values, right):
    calls.append(values)
    return right if len(calls) == 1 else []""", 4),
    "changes_arguments": ("changes the list that it is given", """
def hostile(values, right):
    values.clear()
    values.append(3)
    return values""", 0),
    "keeps_answer": ("changes its answer after it has given it", """
import threading, time
def hostile(values, right):
    found = [0, 0]
    def later():
        time.sleep(0.05)
        found[:] = right
    threading.Thread(target=later, daemon=True).start()
    return found""", 0),
    "surrogates": ("text that is no text in any encoding", """
def hostile(values, right): return ["\\ud800\\x00", "\\udfff"]""", 0),
    "bytes": ("bytes and views of memory", """
def hostile(values, right): return [memoryview(bytearray(9)), b"1", bytearray(2)]""", 0),
    "coroutine": ("a coroutine", """
async def hostile_later(): return [1, 2]
def hostile(values, right): return hostile_later()""", 0),
    "not_implemented": ("NotImplemented and Ellipsis", """
def hostile(values, right): return [NotImplemented, ...]""", 0),
    "hollow": ("an object with the shape that is wanted and no numbers", """
import numpy
class Hollow:
    shape, ndim, size = (2,), 1, 2
    def __len__(self): return 2
    def __iter__(self): return iter(())
    def __getitem__(self, index): raise IndexError
    def __array__(self, *args, **kwargs): return numpy.zeros((0, 2))
def hostile(values, right): return Hollow()""", 0),
    "hollow_reference": ("an object that is no array, and is different each time", """
class Hollow:
    asked = 0
    def __len__(self): return 2
    def __iter__(self):
        self.asked += 1
        return iter([1, 2] if self.asked > 1 else ())
    def __ne__(self, other): return True
    def __eq__(self, other): return True
    __hash__ = None
def hostile(values, right): return Hollow()""", 0),
}  # fmt: skip

# name: (what it is, source of a function `hostile(values, right)` that raises)
ERRORS = {
    "str_raises": ("an error whose text cannot be had", """
class Bad(Exception):
    def __str__(self): raise RuntimeError
    __repr__ = __str__
def hostile(values, right): raise Bad"""),
    "str_huge": ("an error with a text of 200 million letters", """
def hostile(values, right): raise ValueError("x" * 200_000_000)"""),
    "str_html": ("an error with <script>, control sequences and line breaks", """
def hostile(values, right): raise type("<script>alert(1)</script>\\n\\x1b[2J", (Exception,), {})("<script>alert(1)</script>|`\\ud800\\x00")"""),
    "passed": ("an error that says that the test has passed", """
def hostile(values, right): raise AssertionError("\\npassed:  everything\\n10")"""),
    "system_exit": ("SystemExit(0)", """
def hostile(values, right): raise SystemExit(0)"""),
    "keyboard_interrupt": ("KeyboardInterrupt", """
def hostile(values, right): raise KeyboardInterrupt"""),
    "base_exception": ("a BaseException of its own", """
class Bad(BaseException): pass
def hostile(values, right): raise Bad(10)"""),
    "generator_exit": ("GeneratorExit and StopIteration", """
def hostile(values, right): raise (GeneratorExit if values == [1, 2] else StopIteration(10))"""),
    "cyclic_cause": ("errors that are each other's cause", """
def hostile(values, right):
    one, two = ValueError(1), ValueError(2)
    one.__cause__, two.__cause__, one.__context__ = two, one, one
    raise one"""),
    "group": ("100,000 errors in a group", """
def hostile(values, right): raise ExceptionGroup("many", [ValueError(number) for number in range(100_000)])"""),
    "recursion": ("a recursion without end", """
import sys
def hostile(values, right): return hostile(values, right)"""),
    "not_solved": ("NotImplementedError, as the cell that was handed out", """
def hostile(values, right): raise NotImplementedError"""),
    "timeout_error": ("the error that the grader raises for cells that take too long", """
class CellTimeoutError(TimeoutError): pass
class DeadKernelError(RuntimeError): pass
def hostile(values, right): raise (CellTimeoutError if values == [1, 2] else DeadKernelError)("A cell timed out")"""),
    "unicode_error": ("errors with arguments of the wrong types", """
def hostile(values, right):
    error = UnicodeDecodeError("utf-8", b"x", 0, 1, "x")
    error.object = error.args = None
    raise error"""),
    "deep_recursion": ("a recursion that breaks the stack", """
import sys
def hostile(values, right):
    sys.setrecursionlimit(10**9)
    def go(function): return go(lambda: function())
    return list(map(go, values))"""),
    "str_endless": ("an error whose text takes for ever", """
class Bad(Exception):
    def __str__(self):
        while True: pass
    __repr__ = __str__
def hostile(values, right): raise Bad"""),
    "stops": ("the end of an iteration in place of an answer", """
def hostile(values, right): raise StopIteration"""),
}  # fmt: skip

_ENDS = {"array_protocol": "died", "str_endless": "timeout", "wild_strides": "died"}
_MAY_END = {"deep_recursion": ("died", "timeout", "memory")}
_FUNCTION = """{source}
def add_{number}(values, hostile=hostile):
    return hostile(values, [value + {number} for value in values])"""


def _packs(kind: str, found: dict) -> list[Attack]:
    attacks = []
    for count, names in enumerate(_batched(found, 8)):
        answers = {
            f"add_{number}": _FUNCTION.format(source=found[name][1].strip("\n"), number=number)
            for number, name in enumerate(names)
        }
        points = {f"test_add_{number}": (*found[name], 0)[2] for number, name in enumerate(names)}
        told = sorted({_ENDS[name] for name in names if name in _ENDS})
        attacks.append(
            Attack(
                f"{kind}_{count}",
                "; ".join(found[name][0] for name in names),
                answering(tiny.NAME, answers),
                part=points,
                notes=tuple(told),
                perhaps=tuple(note for name in names for note in _MAY_END.get(name, ())),
            )
        )
    return attacks


def _batched(found, size: int) -> list[tuple]:
    names = list(found)
    return [tuple(names[start : start + size]) for start in range(0, len(names), size)]


ATTACKS = [*_packs("values", VALUES), *_packs("errors", ERRORS)]
