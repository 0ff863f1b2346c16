"""Code that uses up what there is: time, memory, disk, processes, output; and code that ends or stops itself."""

from collections.abc import Iterable

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.grading import tiny
from tests.grading.attacks.attack import Attack, Make, answering, edited
from tests.grading.crowd import TAKE

_DANGER = "would take the machine down"


def _in_cell(name: str, about: str, source: str, **more) -> Attack:
    """In an answer cell, behind a right answer."""
    return Attack(name, about, answering(tiny.NAME, {"add_1": "+" + source}), **more)


def _in_call(name: str, about: str, source: str, **more) -> Attack:
    """In a function, which a test calls."""
    indented = source.strip("\n").replace("\n", "\n    ")
    return _in_cell(name, about, f"def add_1(values):\n    {indented}", **({"loses": ("test_add_1",)} | more))


def _in_each(sources: Iterable[str]) -> Make:
    """One of these behind each answer."""
    return answering(tiny.NAME, {f"add_{number}": f"+{source}" for number, source in enumerate(sources)})


def _many_cells(notebook: NotebookNode) -> None:
    added = [new_code_cell("display({'text/plain': 'x' * 4_900_000}, raw=True)", id=f"more{n}") for n in range(60)]
    notebook.cells[1:1] = added


_DEAF = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try:
        while True: pass
    except BaseException: pass
"""

_DEAF_THREADS = """
import threading
def busy():
    while True: pass
for _ in range(4): threading.Thread(target=busy).start()
"""

# Ways to look as if others had the processors, for which no limit counts.
_CROWD = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
for _ in range(8):
    if os.fork() == 0:
        try:
            while True: pass
        finally: os._exit(0)
while True: pass
"""

_CHILDREN_IGNORED = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        try:
            end = time.process_time() + 0.02
            while time.process_time() < end: pass
        finally: os._exit(0)
"""

_GIVE_WAY = """
import os
for act in (lambda: open("/proc/self/autogroup", "w").write("19"), lambda: os.nice(19), lambda: os.setpriority(os.PRIO_PROCESS, 0, 19)):
    try: act()
    except OSError: pass
while True: pass
"""

_MEMORY = """
import numpy
kept = []
while True: kept.append(numpy.ones(10_000_000))
"""

_MEMORY_PIECES = """
def fill():
    kept = []
    for _ in range(5):
        try:
            while True: kept.append([object() for _ in range(1000)])
        except MemoryError: pass
fill()
"""

_MEMORY_CHILDREN = """
import os, time
for _ in range(30):
    if os.fork() == 0:
        kept = bytearray(400_000_000)
        for place in range(0, len(kept), 4096): kept[place] = 1
        time.sleep(60)
        os._exit(0)
time.sleep(3)
"""

_MEMORY_SHARED = """
import os
for number in range(100):
    with open(f"/dev/shm/{number}", "wb") as file:
        for _ in range(100): file.write(bytes(1_000_000))
"""

_OUTPUT = """
for _ in range(1000): print("x" * 1_000_000)
"""

_OUTPUT_RAW = """
import os
for descriptor in (1, 2):
    for _ in range(200): os.write(descriptor, b"x" * 1_000_000)
"""

_OUTPUT_DISPLAYS = """
for _ in range(100): display({"text/plain": "x" * 1_000_000, "text/html": "y" * 1_000_000}, raw=True)
"""

_OUTPUT_ONE = """
display({"text/plain": "x" * 100_000_000}, raw=True)
"""

_OUTPUT_MANY = """
import sys
for number in range(3_000): display(number); print(number); print(number, file=sys.stderr)
"""

_FORK_BOMB = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""

_FORK_CHILDREN = """
import os
for _ in range(10):
    if os.fork() == 0: break
"""

_SHELL_BOMB = """
get_ipython().system(":(){ :|:& };:")
"""

_THREADS = """
import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(3600,)).start()
    except RuntimeError: break
time.sleep(2)
"""

_DISK = """
import os
for folder in (".", "/tmp", "/var/tmp", os.path.expanduser("~"), "/dev/shm"):
    try:
        for number in range(60):
            with open(f"{folder}/@MARK@-{number}", "wb") as file: file.write(bytes(100_000_000))
    except OSError: pass
"""

_INODES = """
import os
for folder in (".", "/tmp"):
    try:
        for number in range(100_000): os.mkdir(f"{folder}/@MARK@-{number}")
    except OSError: pass
"""

_FILES_OPEN = """
import os
kept = []
while True:
    try: kept.append(os.open("/dev/null", 0))
    except OSError: break
"""

_CLOSE_ALL = """
import os
os.closerange(0, 65536)
"""

_LIMITS = """
import resource
for kind in (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_AS):
    for limits in ((-1, -1), (1 << 40, 1 << 40)):
        try: resource.setrlimit(kind, limits)
        except (OSError, ValueError): pass
"""

# Memory that stays when the process that has filled it shows none of it, each until it is refused. If it is not, Python
# ends, so that the tests see it.
_UNSEEN = (
    """
import ctypes, mmap, os
libc, kept = ctypes.CDLL(None), []
def number(x86, arm): return {"x86_64": x86, "aarch64": arm}[os.uname().machine]
def drop(file):
    kept.append(mmap.mmap(file, 100_000_000, flags=mmap.MAP_SHARED))
    kept[-1].write(bytes(100_000_000)); kept[-1].madvise(mmap.MADV_DONTNEED)
def held(): os._exit(1)
try:
    for _ in range(30): drop(-1)
    held()
except OSError: pass
""",
    """
try:
    for _ in range(30): drop(os.open("/dev/zero", os.O_RDWR))
    held()
except OSError: pass
""",
    """
class Piece(ctypes.Structure): _fields_ = [("begin", ctypes.c_void_p), ("length", ctypes.c_size_t)]
huge = 2 << 20
for _ in range(90):
    pages = mmap.mmap(-1, 17 * huge, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages.madvise(mmap.MADV_HUGEPAGE)
    begin = -(-ctypes.addressof(ctypes.c_char.from_buffer(pages)) // huge) * huge
    pipe = os.pipe()
    sent = [libc.vmsplice(pipe[1], ctypes.byref(Piece(begin + piece * huge, 4096)), 1, 0) for piece in range(16)]
    if min(sent) < 0: break
    kept.append(pipe)
else: held()
""",
    """
if 0 in [libc.prctl(78, 1, ctypes.c_ulong(1 << size), 0, 0) for size in range(10, 25)]: held()  # PR_FUTEX_HASH
""",
    """
import struct
rights = [(1, 7, -1), *[(2, 7, os.getuid())] * 8000, (4, 7, -1), (16, 7, -1), (32, 7, -1)]
rights = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *right) for right in rights)
try:
    for number_of in range(10_000):
        with open(f"/tmp/{number_of}", "w") as file: os.setxattr(file.fileno(), "system.posix_acl_access", rights)
    held()
except OSError: pass
""",
    """
queues = []
while len(queues) < 120 and (queue := libc.inotify_init()) >= 0:
    libc.inotify_add_watch(queue, b"/tmp", 0xFFF); queues.append(queue)
for _ in range(20_000 if queues else 0):
    open("/tmp/" + "x" * 200, "w").close(); os.remove("/tmp/" + "x" * 200)
if queues: held()
""",
    """
rules = libc.syscall(444, struct.pack("QQ", 0, 3), 16, 0)  # landlock
for port in range(60_000 if rules >= 0 else 0): libc.syscall(445, rules, 2, struct.pack("QQ", 1, port), 0)
if rules >= 0: held()
""",
    """
context = ctypes.c_long()
for _ in range(20):
    if libc.syscall(number(206, 0), 1000, ctypes.byref(context)) == 0: held()  # io_setup
    context.value = 0
""",
)

# Memory that has to be counted, as it cannot be refused: what a process holds that has lost its first thread; what
# Linux notes of each piece of memory, for each of many children; what it notes of locks.
_COUNTED = (
    """
import ctypes, os, threading, time
exit = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
def hold():
    kept = b"x" * 250_000_000
    time.sleep(60)
    os._exit(0)
for _ in range(10):
    if os.fork() == 0:
        threading.Thread(target=hold).start()
        ctypes.CDLL(None).syscall(exit, 0)
time.sleep(60)
""",
    """
import mmap, os, time
kept = mmap.mmap(-1, 60_000 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
for place in range(0, len(kept), 2 * 4096): kept.madvise(mmap.MADV_RANDOM, place, 4096)
for _ in range(200):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
time.sleep(60)
""",
    """
import fcntl
files = [open(f"/tmp/{number}", "w") for number in range(900)]
for number in range(10**6):
    for file in files: fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * number)
""",
)

# More than is kept, in ways in which the letters of one message do not tell.
_SHOWN = (
    "display({'application/json': {str(number): '' for number in range(400_000)}}, raw=True)",
    "display({f'a/{number}': '' for number in range(40_000)}, raw=True)",
    "for _ in range(95): display({'text/plain': ''}, raw=True, display_id='one')\n"
    "for _ in range(9): display({'text/plain': 'x' * 1_000_000}, raw=True, display_id='one', update=True)",
    "from IPython.display import clear_output\n"
    "for _ in range(60): clear_output(wait=True); display({'text/plain': 'x' * 1_000_000}, raw=True)",
    "for _ in range(9): display({}, raw=True, metadata={'x' * 1_000_000: ''})",
    "nested = list(range(90_000))\nfor _ in range(45): nested = [nested]\n"
    "for _ in range(9): display({'application/json': nested}, raw=True)",
    "get_ipython().payload_manager.write_payload({str(number): '' for number in range(200_000)})",
    "raise ValueError('x' * 6_000_000)",
)

# What it is, how it is done, and whether Python ends. The first process of a namespace, which a walled-in kernel is,
# is not stopped or ended by signals that it sends itself.
_ENDS = {
    "stops_itself": ("stops itself (SIGSTOP)", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", False),
    "alarm": ("sets an alarm that kills (SIGALRM)", "import signal, time; signal.alarm(1); time.sleep(2)", False),
    "segfault": ("breaks Python (SIGSEGV)", "import ctypes; ctypes.string_at(0)", True),
    "aborts": ("aborts", "import os; os.abort()", True),
    "exits": ("ends Python by os._exit(0)", "import os; os._exit(0)", True),
    "execs": ("becomes another program", "import os; os.execv('/bin/sleep', ['sleep', '3600'])", True),
}  # fmt: skip

_SLEEP = "import time; time.sleep(3600)"

ATTACKS = [
    _in_cell("endless", "a loop without end", "while True: pass", notes=("timeout",)),
    _in_cell("deaf", "a loop without end that ignores interrupts", _DEAF, loses=("test_add_1",), notes=("timeout",)),
    _in_call("deaf_call", "the same in a function", _DEAF, notes=("timeout",)),
    _in_cell("sleeps", "sleeps for an hour", _SLEEP, notes=("timeout",)),
    _in_call("sleeps_call", "a function that sleeps for an hour", _SLEEP, notes=("timeout",)),
    _in_call("regex", "one call of C that takes for ever", "import re; re.match(r'(a*)*b', 'a' * 60)", notes=("timeout",)),
    _in_cell("crowd", "eight processes without end on one processor", _CROWD, notes=("timeout",), perhaps=("processes",)),
    _in_cell("children_ignored", "computes in children whose end it ignores", _CHILDREN_IGNORED, loses=("test_add_1",), perhaps=("processes", "died", "timeout")),
    _in_cell("gives_way", "a loop without end that gives way to all others", _GIVE_WAY, notes=("timeout",)),
    _in_cell("busy_threads", "threads that go on for ever", _DEAF_THREADS),
    _in_cell("memory", "all memory, in large pieces", _MEMORY, stock_is_dangerous=_DANGER),
    _in_cell("memory_pieces", "all memory, in small pieces", _MEMORY_PIECES, perhaps=("timeout", "memory"), stock_is_dangerous=_DANGER),
    _in_call("memory_call", "all memory, in a function", _MEMORY, stock_is_dangerous=_DANGER),
    _in_cell("memory_children", "12 GB of memory in 30 children", _MEMORY_CHILDREN, notes=("memory",), loses=("test_add_1",), stock_is_dangerous=_DANGER),
    _in_cell("memory_shared", "10 GB in /dev/shm", _MEMORY_SHARED, stock_is_dangerous=_DANGER),
    Attack("memory_unseen", "4 GB that no process shows", _in_each(_UNSEEN), stock_is_dangerous=_DANGER),
    Attack("memory_counted", "what Linux holds for processes: notes, locks, lost threads", _in_each(("", *_COUNTED)), loses=("test_add_1", "test_add_2", "test_add_3"), notes=("memory",), stock_is_dangerous=_DANGER),
    _in_cell("crowd_of_one", "all that Linux counts for a user", TAKE),
    Attack("output_parts", "displays of a million parts, of one thing in many places, without end", _in_each(_SHOWN), notes=("output",)),
    _in_cell("output", "1 GB of printed text", _OUTPUT, notes=("output",), stock_is_dangerous="takes about 3 GB of memory"),
    _in_call("output_call", "1 GB printed by a function", _OUTPUT, stock_is_dangerous="takes about 3 GB of memory"),
    _in_cell("output_raw", "400 MB written to descriptors 1 and 2", _OUTPUT_RAW, perhaps=("output",)),
    _in_cell("output_displays", "200 MB of displays", _OUTPUT_DISPLAYS, notes=("output",)),
    Attack("output_cells", "5 MB shown by each of 60 added cells", edited(tiny.NAME, _many_cells), notes=("output",)),
    _in_cell("output_one", "one display of 100 MB", _OUTPUT_ONE, loses=("test_add_1",), notes=("messages",)),
    _in_cell("output_many", "9,000 small outputs", _OUTPUT_MANY, perhaps=("output", "timeout")),
    _in_cell("fork_bomb", "a fork bomb", _FORK_BOMB, loses=("test_add_1",), perhaps=("timeout", "died", "processes", "memory"), stock_is_dangerous=_DANGER),
    _in_cell("shell_bomb", "a fork bomb of the shell", _SHELL_BOMB, perhaps=("timeout", "died", "processes", "memory"), stock_is_dangerous=_DANGER),
    _in_cell("forked_kernels", "a kernel that forks into 1,024 kernels", _FORK_CHILDREN, perhaps=("timeout", "died", "processes", "memory"), stock_is_dangerous=_DANGER),
    _in_cell("threads", "as many threads as there may be", _THREADS, perhaps=("processes",), stock_is_dangerous=_DANGER),
    _in_cell("disk", "30 GB on disk", _DISK, stock_is_dangerous="fills the disk"),
    _in_cell("inodes", "200,000 folders", _INODES),
    _in_cell("open_files", "as many open files as there may be", _FILES_OPEN),
    _in_cell("closes_all", "closes every open file", _CLOSE_ALL, loses=("test_add_1",), perhaps=("died", "timeout")),
    _in_cell("limits", "raises its own limits", _LIMITS),
    *[_in_cell(name, f"a cell that {about}", source, loses=("test_add_1",) if ends else (), perhaps=("died", "messages", "timeout") if ends else ())
      for name, (about, source, ends) in _ENDS.items()],
    *[_in_call(f"{name}_call", f"a function that {about}", source, perhaps=("died", "messages", "timeout") if ends else ())
      for name, (about, source, ends) in _ENDS.items()],
    Attack("exits_always", "os._exit(0) in every answer", answering(tiny.NAME, {f"add_{number}": "import os; os._exit(0)" for number in range(8)}), loses="all",
           notes=("died", "not_run")),
    Attack("sleeps_always", "sleeps in every answer", answering(tiny.NAME, {f"add_{number}": _SLEEP for number in range(8)}), loses="all", notes=("timeout",), perhaps=("not_run",)),
]  # fmt: skip
