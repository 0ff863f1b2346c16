"""Code that writes to, reads from, floods or closes what connects its process with the grader's."""

from tests.grading import tiny
from tests.grading.attacks.attack import ALL, WRONG, Attack, answering

_SOCKETS = """
import os, socket, stat, threading, time
def descriptors():
    for name in os.listdir("/proc/self/fd"):
        try:
            if int(name) > 2 and stat.S_ISSOCK(os.fstat(int(name)).st_mode): yield int(name)
        except OSError: pass
def every(send):
    for number in descriptors():
        try:
            with socket.socket(fileno=os.dup(number)) as found: send(found)
        except OSError: pass
"""

_JUNK = (
    _SOCKETS
    + """
def junk(found):
    found.settimeout(1)
    found.send(os.urandom(5000)); found.send(b"\\n"); found.send(b"{" * 100000)
every(junk)
"""
)

_FLOOD = (
    _SOCKETS
    + """
def flood(found):
    found.settimeout(2)
    for _ in range(500): found.sendall(bytes(1_000_000))
for number in list(descriptors()): threading.Thread(target=every, args=(flood,), daemon=True).start()
time.sleep(1)
"""
)

_HALF = (
    _SOCKETS
    + """
def half(found):
    found.settimeout(1)
    found.send(b"\\x00\\x00\\x00\\x00\\x7f\\xff\\xff\\xff")
    found.send(b"{\\"")
every(half)
"""
)

_HUGE_LENGTH = (
    _SOCKETS
    + """
def huge(found):
    found.settimeout(1)
    found.send(b"\\xff" * 8 + b"\\x7f" * 8)
every(huge)
"""
)

_SHUT = (
    _SOCKETS
    + """
def shut(found): found.shutdown(socket.SHUT_RDWR)
every(shut)
"""
)

_STEAL = (
    _SOCKETS
    + """
def steal():
    import select
    while True:
        for number in list(descriptors()):
            try:
                with socket.socket(fileno=os.dup(number)) as found: print(found.recv(100000, socket.MSG_DONTWAIT)[:100])
            except OSError: pass
        time.sleep(0.001)
threading.Thread(target=steal, daemon=True).start()
"""
)

_PEEK = (
    _SOCKETS
    + """
seen = []
def peek():
    while True:
        for number in list(descriptors()):
            try:
                with socket.socket(fileno=os.dup(number)) as found: seen.append(found.recv(1000000, socket.MSG_DONTWAIT | socket.MSG_PEEK))
            except OSError: pass
        del seen[:-100]
        time.sleep(0.0005)
threading.Thread(target=peek, daemon=True).start()
def guess(number, values): return [number] * 100
"""
)

_REPLACE = (
    _SOCKETS
    + """
for number in list(descriptors()):
    mine, theirs = socket.socketpair()
    os.dup2(mine.fileno(), number)
"""
)

_PIPES = """
import os
for name in os.listdir("/proc/self/fd"):
    try: os.set_blocking(int(name), False); os.write(int(name), b"10\\n" * 1000)
    except OSError: pass
"""

_SECOND = """
import os
# Two processes that hold the same channel, and both answer.
if os.fork() == 0: os.setsid()
"""

_SEND_DESCRIPTORS = (
    _SOCKETS
    + """
def give(found):
    found.settimeout(1)
    for _ in range(200): socket.send_fds(found, [b"x"], [os.open("/dev/null", 0)] * 50)
every(give)
"""
)


# One message in parts: there is an end to each, but not to them.
_PARTS = (
    _SOCKETS
    + """
part = b"\\x03" + (16 << 20).to_bytes(8, "big") + bytes(16 << 20)
def parts(found):
    found.getpeername()
    if "/s-" not in str(found.getsockname()): return
    found.settimeout(10)
    while True: found.sendall(part)
every(parts)
time.sleep(3)
"""
)

# Messages that are none, so many that there is always one more to be read.
_NONE_AT_ALL = (
    _SOCKETS
    + """
def short(data): return b"\\x01" + bytes([len(data)]) + data
body = b"\\x02" + (1 << 20).to_bytes(8, "big") + bytes(1 << 20)
def flood(found):
    found.settimeout(3600)
    number = 0
    while True:
        number += 1
        found.sendall(short(b"<IDS|MSG>") + short(b"%064d" % number) + short(b"{}") * 3 + body)
if os.fork() == 0:
    os.setsid()
    for number in list(descriptors()):
        found = socket.socket(fileno=os.dup(number))
        if "/s-" in str(found.getsockname()): threading.Thread(target=flood, args=(found,), daemon=True).start()
    time.sleep(36000)
time.sleep(36000)
"""
)

# What nobody has asked for, or nobody can hold, on every socket of the kernel.
_OTHER_MESSAGES = """
import json
kernel = get_ipython().kernel
session, keys = kernel.session, {str(number): "" for number in range(60_000)}
def say(where, kind, content, **more): session.send(where, kind, content, parent=kernel.get_parent("shell"), **more)
for kind in ("comm_open", "comm_msg", "comm_close", "debug_event", "execute_input", "status"): say(kernel.iopub_socket, kind, keys)
for where in (kernel.shell_stream, kernel.stdin_socket, kernel.control_stream):
    for kind in ("input_request", "shutdown_reply", "interrupt_reply", "debug_reply", "kernel_info_reply", "execute_reply"):
        say(where, kind, keys | {"status": "ok"}, ident=kernel._parent_ident["shell"])
def parts(content, **heading):
    header = {"msg_type": "display_data", "msg_id": "1", "version": "5.3"} | heading
    return session.serialize({"header": header, "parent_header": kernel.get_parent("shell")["header"], "metadata": {}, "content": {}})
for version in ("4.1", "99", "x", 5, None, "9" * 5000): kernel.iopub_thread.send_multipart(parts({}, version=version))
kernel.iopub_thread.send_multipart(parts({}, more="x" * 20_000_000))
kernel.iopub_thread.send_multipart(parts({}, **keys))
for count in ("9" * 4200, "9" * 5000, "1e999", "NaN", "-Infinity"):
    raw = parts({}, msg_type="execute_result")
    raw[5] = f'{{"data": {{"application/json": {{"a": {count}}}}}, "metadata": {{}}, "execution_count": {count}}}'.encode()
    raw[1] = session.sign(raw[2:6])
    kernel.iopub_thread.send_multipart(raw)
"""


def _attack(name: str, about: str, source: str, **more) -> Attack:
    """No answer is right; whatever the attack breaks, it breaks for itself alone."""
    return Attack(name, about, answering(tiny.NAME, {"add_0": "+" + source}), WRONG, ALL, **more)


# It depends on the moment at which the grader gives its process up, and why.
ANY = ("died", "timeout", "not_run", "unreadable", "messages")

ATTACKS = [
    _attack("junk", "writes junk to every open socket", _JUNK, perhaps=ANY),
    _attack("flood", "500 MB to every open socket", _FLOOD, perhaps=ANY),
    _attack("half", "half a message to every open socket", _HALF, perhaps=ANY),
    _attack("huge_length", "the beginning of an endless message", _HUGE_LENGTH, perhaps=ANY),
    _attack("shut", "shuts every socket down", _SHUT, perhaps=ANY),
    _attack("steal", "reads what is meant for the kernel", _STEAL, perhaps=ANY),
    _attack("peek", "looks into every message", _PEEK),
    _attack("replace", "puts sockets of its own in their place", _REPLACE, perhaps=ANY),
    _attack("ten_everywhere", "writes 10 to every open file", _PIPES, perhaps=ANY),
    _attack("second", "a second process that answers too", _SECOND, perhaps=ANY),
    _attack("parts", "a message of parts without end", _PARTS, perhaps=ANY, stock_is_dangerous="fills the memory"),
    _attack("no_messages", "messages that are none, without end", _NONE_AT_ALL, perhaps=ANY),
    _attack(
        "other_messages",
        "what nobody has asked for, on every socket of the kernel",
        _OTHER_MESSAGES,
        perhaps=(*ANY, "output"),
    ),
    _attack("descriptors_sent", "sends open files to the grader", _SEND_DESCRIPTORS, perhaps=ANY),
]
