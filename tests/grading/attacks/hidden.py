"""Code that looks for the hidden tests or for the right answers, and answers with what it has found.

No function is right by itself; whoever earns points has found something. What is found is printed as well, turned
round, so that no filter of lines takes it for a line of a hidden test.
"""

from tests.grading import tiny
from tests.grading.attacks.attack import ALL, WRONG, Attack, Place, answering, cell, write

# A text that holds the hidden tests, as they are written, gives the number that each function adds.
_LEARN = r"""
import re
answers = {}
def learn(text):
    if isinstance(text, bytes): text = text.decode("latin-1")
    for number, added in re.findall(r"secret_answer_(\d) = \[value \+ (\d) for value in secret_question", text):
        answers[int(number)] = int(added)
        print("found", text[:1000][::-1])
    for added, number in re.findall(r"return \[value \+ (\d) for value in (value)s", text):
        answers.setdefault(int(added), int(added))
def guess(number, values):
    return [value + answers[number] for value in values] if number in answers else []
"""
_ASK = "".join(f"\ndef add_{number}(values): look(); return guess({number}, values)" for number in range(8))


def _looking(name: str, about: str, look: str, **more) -> Attack:
    source = f"{_LEARN}\n{look.strip()}\n{_ASK}"
    loses = tuple(f"test_add_{number}" for number in range(8) if f"test_add_{number}" not in more.get("part", {}))
    return Attack(name, about, answering(tiny.NAME, _all_in_first(source)), WRONG, loses, **more)


def _all_in_first(source: str) -> dict[str, str]:
    """One cell that defines every function; in the other answer cells is nothing."""
    return {"add_0": source} | {f"add_{number}": "pass" for number in range(1, 8)}


_HISTORY = """
def look():
    ip = get_ipython()
    for found in (ip.user_ns.get("In", []), ip.history_manager.input_hist_raw, ip.history_manager.input_hist_parsed): learn("\\n".join(map(str, found)))
    learn(str(ip.history_manager.get_range(output=False)))
    learn(str(ip.kernel.get_parent("shell")))
"""

_FRAMES = """
import sys
def look():
    frame = sys._getframe()
    while frame is not None:
        for names in (frame.f_globals, frame.f_locals):
            for name, value in list(names.items()):
                if name.startswith("secret_answer_"): answers[int(name[-1])] = value[0] - names[f"secret_question_{name[-1]}"][0]
                if isinstance(value, (str, bytes)): learn(value)
        learn("\\n".join(str(found) for found in frame.f_code.co_consts))
        frame = frame.f_back
    for thread, frame in sys._current_frames().items(): learn(str(frame.f_locals)[:100000])
"""

_TRACEBACK = """
import inspect, linecache, traceback
def look():
    for info in inspect.stack(): learn("".join(info.code_context or []))
    for name, (size, time, lines, path) in [(name, found) for name, found in linecache.cache.items() if len(found) == 4]: learn("".join(lines))
    learn("".join(traceback.format_stack()))
"""

_GARBAGE = """
import gc
def look():
    if answers: return
    for found in gc.get_objects():
        if isinstance(found, (list, tuple, dict)):
            for part in (found.values() if isinstance(found, dict) else found):
                if isinstance(part, (str, bytes)) and len(part) < 100000: learn(part)
"""

_OWN_MEMORY = """
import re
def look(process="self"):
    if answers: return
    try:
        with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
            for line in maps:
                start, end = (int(part, 16) for part in line.split()[0].split("-"))
                if " rw" in line and end - start < 1 << 28:
                    try: memory.seek(start); learn(memory.read(end - start))
                    except (OSError, ValueError, OverflowError): pass
    except OSError: pass
"""

_OTHER_MEMORY = (
    _OWN_MEMORY
    + """
import os
own = look
def look():
    for process in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
        if process != os.getpid(): own(process)
"""
)

_PTRACE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def look():
    for process in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
        if process != os.getpid() and libc.ptrace(16, process, None, None) == 0:
            for _ in range(8): answers.update({number: number for number in range(8)})
            libc.ptrace(17, process, None, None)
"""

_FILES = """
import os
def look():
    if answers: return
    answers[99] = 0
    for top in ("@COURSE@", os.path.abspath("../../../.."), "/tmp", "/home", "/root", os.getcwd(), "/proc/1/root/tmp"):
        for folder, folders, names in os.walk(top):
            if folder.count("/") > 12 or "site-packages" in folder or "/proc/" in folder[1:]: folders.clear(); continue
            for name in names:
                if name.endswith((".ipynb", ".db", ".json", ".py", ".md", ".log")):
                    try:
                        with open(os.path.join(folder, name), "rb") as file: learn(file.read(10_000_000).replace(b'\\\\"', b'"'))
                    except OSError: pass
"""

_SOLUTION = """
def look():
    for path in ("@COURSE@", "../../..", "/proc/1/cwd", "/proc/1/root@COURSE@"):
        try: learn(open(path + "/solutions/tiny/tiny.ipynb").read())
        except OSError: pass
"""

_GRADEBOOK = """
import sqlite3
def look():
    for path in ("@COURSE@/gradebook.db", "../../../gradebook.db"):
        try: learn("".join(map(str, sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute("select source from source_cell").fetchall())).replace("\\\\n", "\\n"))
        except sqlite3.Error: pass
"""

_OTHERS = """
import json
def look():
    for student in ("0_honest", "zz_honest"):
        for step in ("submitted", "autograded"):
            for top in ("@COURSE@", "../../.."):
                try: learn(open(f"{top}/{step}/{student}/tiny/tiny.ipynb").read())
                except OSError: pass
"""

_DESCRIPTORS = """
import os
def look():
    for name in os.listdir("/proc/self/fd"):
        try: learn(os.pread(int(name), 10_000_000, 0))
        except OSError: pass
        try: learn(os.readlink(f"/proc/self/fd/{name}")); learn(open(f"/proc/self/fd/{name}", "rb", 0).read(0))
        except OSError: pass
"""

# What a test asks is known to the function that is asked: it is not to come back to the student.
_TELLS = "".join(
    f"""
def add_{number}(values):
    told = "asked " + "|".join(str(value * 1001) for value in values)
    print(told)
    import sys; print(told, file=sys.stderr)
    display(told)
    get_ipython().kernel.session.send(get_ipython().kernel.iopub_socket, "stream", {{"name": "stdout", "text": told}},
                                      parent=get_ipython().kernel.get_parent("shell"), ident=b"stream.stdout")
    return [value + {number} for value in values]"""
    for number in range(8)
)
_TELLS_LATER = """
asked = []
def add_0(values):
    asked.append("|".join(str(value * 1001) for value in values))
    return [value + 0 for value in values]
def add_7(values): return [value + 7 for value in values]
"""
_TELLS_IN_ERROR = "".join(
    f"\ndef add_{number}(values):\n    if len(values) > 2: raise ValueError('asked ' + '|'.join(str(value * 1001) for value in values))\n    return [value + {number} for value in values]"
    for number in range(8)
)
_TOLD = "3003|-4004|5005"  # what the hidden tests ask, as these attacks tell it


def _telling_later(folder, notebook, place: Place) -> None:
    cell(notebook, "add_0").source = _TELLS_LATER
    cell(notebook, "add_7").source += "\nprint(asked)\nraise ValueError(str(asked))"
    write(folder, notebook, f"{tiny.NAME}.ipynb")


_LEARN_BY_CALLS = """
# Answers the hidden question with what the last visible one was called with.
last = []
def look(): pass
def guess(number, values):
    last.append(values)
    return [value for value in last[0]]
"""

# What each attack tells, and what must not come back. The two that are not defended are not in it.
TOLD = {"tells": _TOLD}

ATTACKS = [
    _looking("history", "reads In and the history", _HISTORY),
    _looking("frames", "walks the frames of who calls it", _FRAMES),
    _looking("traceback", "inspect and linecache", _TRACEBACK),
    _looking("garbage", "gc.get_objects()", _GARBAGE),
    _looking("own_memory", "reads the memory of its own process", _OWN_MEMORY),
    _looking("other_memory", "reads the memory of other processes", _OTHER_MEMORY),
    _looking("ptrace", "attaches to other processes", _PTRACE),
    _looking("files_of_disk", "searches the disk for the tests", _FILES, perhaps=("timeout",)),
    _looking("solution", "reads the solution", _SOLUTION),
    _looking("gradebook", "reads the gradebook", _GRADEBOOK),
    _looking("others", "reads other students' work", _OTHERS),
    _looking("descriptors", "reads every open file", _DESCRIPTORS),
    # To give back what one is given is right for the sum with 0, as far as everybody can see.
    _looking("by_calls", "learns from the calls", _LEARN_BY_CALLS, part={"test_add_0": 4}),
    Attack("tells", "prints what the hidden tests ask", answering(tiny.NAME, _all_in_first(_TELLS))),
    Attack("tells_later", "NOT DEFENDED: prints what hidden tests asked, in a later answer", _telling_later),
    Attack("tells_in_error", "NOT DEFENDED: raises what the hidden tests ask", answering(tiny.NAME, _all_in_first(_TELLS_IN_ERROR)), loses=ALL),
]  # fmt: skip
