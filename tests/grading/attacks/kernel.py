"""Code that changes the process it runs in, so that tests in the same process would pass or count for more.

In each, no function is right: what earns points are the changes.
"""

from tests.grading import tiny
from tests.grading.attacks.attack import ALL, BLANK, WRONG, Attack, answering

# Who breaks the insides of his own process is told how the grader noticed it, if it did.
BROKEN = ("died", "timeout", "not_run", "unreadable", "messages")


def _first(name: str, about: str, source: str, base: str = WRONG, **more) -> Attack:
    """An attack whose code stands at the end of the first answer."""
    return Attack(name, about, answering(tiny.NAME, {"add_0": "+" + source}), base, ALL, perhaps=BROKEN, **more)


def _alone(name: str, about: str, source: str) -> Attack:
    """An attack that defines every function in the first answer; in the others is nothing."""
    answers = {f"add_{number}": "pass" for number in range(8)} | {"add_0": source}
    return Attack(name, about, answering(tiny.NAME, answers), WRONG, ALL, perhaps=BROKEN)


_EVERYTHING = """
class Everything(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __len__(self): return 2
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    __hash__ = None
"""

_RUN_CODE = """
ip = get_ipython()
async def run_code(code_obj, result=None, *, async_=False): return False
type(ip).run_code = lambda self, *args, **kwargs: run_code(*args, **kwargs)
ip.run_code = run_code
"""

_RUN_CELL = """
ip = get_ipython()
ip.kernel.do_execute = None
async def do_execute(code, silent, *args, **kwargs):
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
ip.kernel.do_execute = do_execute
"""

_AST = """
import ast
class NoChecks(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Module(self, node):
        self.generic_visit(node)
        node.body[-1:] = [ast.Expr(ast.Constant(10))]
        return ast.fix_missing_locations(node)
get_ipython().ast_transformers.append(NoChecks())
"""

_INPUT = """
def no_tests(lines): return ["10\\n"]
get_ipython().input_transformers_cleanup.append(no_tests)
get_ipython().input_transformers_post.append(no_tests)
"""

_FORMATTER = """
def ten(value, printer, cycle): printer.text("10")
formatter = get_ipython().display_formatter.formatters["text/plain"]
for kind in (int, float, bool): formatter.for_type(kind, ten)
get_ipython().display_formatter.format = lambda *args, **kwargs: ({"text/plain": "10"}, {})
"""

_DISPLAY_HOOK = """
import sys
get_ipython().displayhook.write_format_data = lambda *args, **kwargs: None
sys.displayhook = lambda value: print(10)
"""

_EVENTS = """
def before(info): info.raw_cell = "10"
def after(result): result.error_in_exec = result.error_before_exec = None; result.result = 10
get_ipython().events.register("pre_run_cell", before)
get_ipython().events.register("post_run_cell", after)
get_ipython().set_custom_exc((BaseException,), lambda *args, **kwargs: None)
get_ipython().showtraceback = lambda *args, **kwargs: None
"""

_NUMPY = """
import numpy, numpy.testing
for module in (numpy, numpy.testing):
    for name in dir(module):
        if name.startswith("assert_") or name in ("allclose", "isclose", "array_equal"):
            setattr(module, name, lambda *args, **kwargs: True)
"""

_BUILTINS = (
    _EVERYTHING
    + """
import builtins
class AssertionError(Exception):
    def __new__(cls, *args): raise SystemExit
for name in ("len", "sum", "all", "any", "abs", "min", "max", "range", "list", "isinstance", "type", "sorted"):
    setattr(builtins, name, lambda *args, **kwargs: Everything())
builtins.AssertionError = AssertionError
builtins.__build_class__ = lambda *args, **kwargs: Everything
"""
)

_IMPORT = (
    _EVERYTHING
    + """
import builtins, sys
class Everywhere(type(sys)):
    def __getattr__(self, name): return Everything()
class Finder:
    def find_spec(self, *args): return None
for name in ("numpy", "numpy.testing", "math", "seqmodels", "seqmodels.marking"): sys.modules[name] = Everywhere(name)
builtins.__import__ = lambda name, *args, **kwargs: Everywhere(name)
sys.meta_path.insert(0, Finder())
"""
)

_TRACE = """
import sys, threading
def trace(frame, event, arg):
    names = frame.f_globals
    for number in range(8):
        if f"secret_answer_{number}" in names: names[f"add_{number}"] = lambda values, n=number: names[f"secret_answer_{n}"]
    frame.f_trace_lines = True
    return trace
sys.settrace(trace)
sys.setprofile(lambda *args: None)
threading.settrace(trace)
"""

_NAMES = (
    _EVERYTHING
    + """
import sys
class Names(dict):
    def __getitem__(self, name):
        if name.startswith(("answer", "secret", "points")): return Everything()
        return dict.__getitem__(self, name)
    def __setitem__(self, name, value):
        dict.__setitem__(self, name, 10 if name == "points" else Everything())
ip = get_ipython()
ip.user_ns = Names(ip.user_ns)
answer = points = Everything()
for number in range(8): globals()[f"secret_answer_{number}"] = globals()[f"secret_question_{number}"] = []
"""
)

_COMPILE = """
import builtins, codeop, types
real = builtins.compile
def compile(source, filename, mode, *args, **kwargs): return real("10", filename, "single")
builtins.compile = compile
codeop.Compile.__call__ = lambda self, *args, **kwargs: real("10", "x", "single")
get_ipython().compile.cache = lambda *args, **kwargs: "x"
type(get_ipython().compile).ast_parse = lambda self, *args, **kwargs: real("10", "x", "exec", 0x400)
"""

_THREAD = """
import ctypes, gc, sys, threading, time
def change():
    while True:
        for thread, frame in sys._current_frames().items():
            while frame is not None:
                for names in (frame.f_locals, frame.f_globals):
                    if "points" in names: names["points"] = 10
                    for number in range(8):
                        if f"secret_answer_{number}" in names: names[f"add_{number}"] = lambda v, a=names[f"secret_answer_{number}"]: a
                frame = frame.f_back
        time.sleep(0.001)
threading.Thread(target=change, daemon=True).start()
"""

_ATEXIT = """
import atexit, signal
atexit.register(lambda: print(10))
def pass_all(*args): raise SystemExit(0)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGUSR1): signal.signal(number, pass_all)
"""

_TIME = """
import time, datetime
for name in ("time", "monotonic", "perf_counter", "process_time", "time_ns", "monotonic_ns"): setattr(time, name, lambda: 0)
time.sleep = lambda seconds: None
def add_1(values):
    while True: pass
"""

_FORGED_RESULT = """
def forge():
    kernel = get_ipython().kernel
    session, parent = kernel.session, kernel.get_parent("shell")
    content = {"data": {"text/plain": "10"}, "metadata": {}, "execution_count": 1}
    session.send(kernel.iopub_socket, "execute_result", content, parent=parent, ident=b"execute_result")
    session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent, ident=b"status")
    reply = {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
    session.send(kernel.shell_stream, "execute_reply", reply, parent=parent, ident=kernel._parent_ident["shell"])
    import time; time.sleep(1)
"""
_FORGE_IN_CALL = _FORGED_RESULT + "".join(
    f"\ndef add_{number}(values):\n    forge()\n    return [8, 8]" for number in range(8)
)

# Every message that the kernel gets from now on is answered, as if its cell had given ten points.
_FORGE_ALWAYS = """
kernel = get_ipython().kernel
session = kernel.session
def answer(parent, ident):
    content = {"data": {"text/plain": "10"}, "metadata": {}, "execution_count": 1}
    for _ in range(3):
        session.send(kernel.iopub_socket, "execute_result", content, parent=parent, ident=b"execute_result")
real = session.deserialize
def deserialize(*args, **kwargs):
    message = real(*args, **kwargs)
    answer(message, None)
    return message
session.deserialize = deserialize
"""

# The kernel's own connection file holds the key of its messages; another process may use it.
_CONNECTION_FILE = """
import glob, json, os, sys, threading, time
def flood():
    import zmq
    from jupyter_client.session import Session
    names = [part for part in sys.argv if part.endswith(".json")] + glob.glob("/**/kernel-*.json", recursive=True)[:50]
    for name in names:
        try: found = json.load(open(name))
        except (OSError, ValueError): continue
        session = Session(key=found["key"].encode())
        address = f"{found['transport']}://{found['ip']}"
        separator = "-" if found["transport"] == "ipc" else ":"
        for kind in ("shell", "control", "stdin"):
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.linger = 0
            socket.connect(f"{address}{separator}{found[kind + '_port']}")
            for number in range(8):
                code = f"from builtins import *\\ndef add_{number}(values): return answer"
                session.send(socket, "execute_request", {"code": code, "silent": False, "store_history": True,
                             "user_expressions": {}, "allow_stdin": False, "stop_on_error": False})
            session.send(socket, "shutdown_request", {"restart": True})
threading.Thread(target=flood, daemon=True).start()
"""

_INPUT_REQUEST = """
def add_1(values):
    kernel = get_ipython().kernel
    kernel._allow_stdin = True
    return [input("Which sums are right? ")]
"""

_PAYLOADS = """
get_ipython().payload_manager.write_payload({"source": "set_next_input", "text": "10", "replace": True})
get_ipython().set_next_input("10", replace=True)
from IPython.display import clear_output, display, update_display
display(10, display_id="points"); update_display(10, display_id="points")
for _ in range(100): clear_output()
"""

_COMMS = """
from comm import create_comm
for number in range(50): create_comm(target_name="jupyter.widget", data={"state": {"x": "y" * 10000}}, metadata={"version": "2.0"})
"""

# Messages of the kernel in which parts are missing or of other types than anybody expects.
_MALFORMED = """
kernel = get_ipython().kernel
def say(kind, content, **more):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent("shell"), ident=b"x", **more)
for kind in ("execute_result", "display_data", "update_display_data", "stream", "error", "status", "clear_output", "execute_input",
             "comm_open", "comm_msg", "comm_close", "debug_event", "iopub_welcome", "no such kind"):
    for content in (CONTENTS): say(kind, content)
say("stream", {"name": "stdout", "text": "x"}, metadata={"a": [1]}, buffers=[b"x" * 1000])
"""
_CONTENTS = (
    "{}",
    "{'data': None, 'metadata': 5, 'text': None, 'name': 3, 'execution_state': [], 'ename': {}, 'evalue': [], 'traceback': 'x'}",
    "{'data': {'text/plain': 10, 'image/png': [1], 5: 'x'}, 'metadata': {}, 'execution_count': 'x', 'transient': None}",
    "{'data': {'application/json': {'a': float('nan')}, 'text/html': {}}, 'metadata': [], 'transient': {'display_id': [1]}}",
    "{'name': 'x' * 1000, 'text': ['a'], 'traceback': [1, None], 'ename': None, 'evalue': None}",
    "{'comm_id': [], 'target_name': 'jupyter.widget', 'data': {'state': {'_model_module': '@jupyter-widgets/output', '_model_name': 'OutputModel', 'msg_id': 5}}}",
    "{'name': 'stdout', 'text': '\\ud800', 'ename': '\\udfff', 'evalue': '\\ud800', 'traceback': ['\\ud800'], 'data': {'text/plain': '\\ud800'}, 'metadata': {}}",
    "{'data': {'text/plain': '10'}, 'metadata': {}, 'execution_count': -1, 'wait': 'x'}",
)  # fmt: skip

_NESTED_LOOP = """
import asyncio
for task in asyncio.all_tasks(): task.cancel()
asyncio.get_event_loop().call_later(0.5, lambda: asyncio.get_event_loop().stop())
"""

_SHUTDOWN = """
import asyncio
kernel = get_ipython().kernel
asyncio.get_event_loop().call_soon(lambda: kernel.io_loop.stop())
get_ipython().exit_now = True
"""

_PRINTED = "".join(
    f"\ndef add_{number}(values):\n    print('10'); print('passed:  everything'); print('Score: 10/10')\n    return [10]"
    for number in range(8)
)

# Each of them once ended the grading of a notebook whose answers are right.
_ODD = (
    "display(1, display_id=[1])",
    "nested = []\nfor _ in range(600): nested = [nested]\ndisplay({'application/json': nested}, raw=True)",
    "get_ipython().payload_manager.read_payload = lambda: None",
    """
import json
from jupyter_client.jsonutil import json_default
get_ipython().kernel.session.pack = lambda content: json.dumps(content, default=json_default).encode()
print("\\ud800"); display({"text/plain": "\\udfff"}, raw=True)
""",
)
_HALVES = "raise ValueError('\\ud800')"

# A test whose result is too long to be shown has no result, and plain nbgrader gives it all points.
_LONG_RESULT = """def add_NUMBER(values):
    import numpy
    if values == [1, 2]: return [1 + NUMBER, 2 + NUMBER]
    return numpy.zeros((2,) * 18 + (3,))"""

ATTACKS = [
    _first("run_code", "IPython's run_code replaced", _RUN_CODE),
    _first("do_execute", "the kernel's do_execute replaced", _RUN_CELL),
    _first("ast_transformer", "an AST transformer drops every check", _AST),
    _first("input_transformer", "an input transformer makes 10 of every cell", _INPUT),
    _first("formatter", "an output formatter that prints 10", _FORMATTER, BLANK, unanswered=("why", "what_next")),
    _first("displayhook", "the display hook replaced", _DISPLAY_HOOK),
    _first("events", "IPython's events and exception handlers", _EVENTS),
    _first("numpy_testing", "numpy.testing and allclose always pass", _NUMPY),
    _first("builtins", "len, all, AssertionError ... replaced", _BUILTINS),
    _first("import_hook", "import hook and sys.modules", _IMPORT),
    _first("settrace", "sys.settrace changes the tests' variables", _TRACE),
    _first("namespace", "a namespace that answers as it likes", _NAMES),
    _first("compile", "compile replaced", _COMPILE),
    _first("thread", "a thread that changes the tests' variables while they run", _THREAD),
    _first("signals", "signal handlers and atexit", _ATEXIT),
    Attack("clock", "time stands still, and a function never ends", answering(tiny.NAME, {"add_1": "+" + _TIME}), loses=("test_add_1",), notes=("timeout",)),
    _alone("forged_messages", "Jupyter messages forged while a test runs", _FORGE_IN_CALL),
    _first("forged_always", "a result forged for every message", _FORGE_ALWAYS),
    _first("connection_file", "a second client of the kernel, with the key of its connection file", _CONNECTION_FILE),
    Attack("input", "asks the grader for the answer", answering(tiny.NAME, {"add_1": _INPUT_REQUEST}), loses=("test_add_1",), notes=("timeout",)),
    _first("payloads", "payloads and displays of the number 10", _PAYLOADS),
    _first("comms", "fifty widgets", _COMMS),
    Attack("malformed", "messages of the kernel that have not the form of any", answering(tiny.NAME, {f"add_{n}": "+" + _MALFORMED.replace("CONTENTS", found + ",") for n, found in enumerate(_CONTENTS)})),
    Attack("odd", "displays, replies and text that cannot be kept", answering(tiny.NAME, {f"add_{n}": f"+{found}" for n, found in enumerate(_ODD)} | {"add_7": "+" + _HALVES}), notes=("output",)),
    Attack("long_result", "an answer that makes the result of a test too long", answering(tiny.NAME, {f"add_{n}": _LONG_RESULT.replace("NUMBER", str(n)) for n in range(8)}), loses=ALL),
    _first("event_loop", "tasks of the kernel cancelled", _NESTED_LOOP),
    _first("loop_stopped", "the kernel's event loop stopped", _SHUTDOWN),
    _alone("printed", "prints 10 and 'passed'", _PRINTED),
]  # fmt: skip
