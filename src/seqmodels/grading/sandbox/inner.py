"""The inner wall: around each kernel, built by the forked process itself before any code of the kernel runs.

It separates the kernels from one another and from the template: each has its own processes, network,
folders and memory in common, and, if the grader is root, a user of its own. Afterwards no right is left
with which to change that.

Run as a program, it tries all of it: ``python -P -m seqmodels.grading.sandbox.inner KIND``.
"""

import os
import sys

from seqmodels.grading.sandbox import outer, syscalls, system

_FOLDER = system.MS_NOSUID | system.MS_NODEV
_FILES = 100_000  # at most, in its folders
_TERMINALS = 64  # at most: the machine has some thousand, and each shell command in a notebook takes one
_STREAM = "4096 65536 212992"  # bytes that may wait at an end of a TCP connection: at least, at first, at most


def begin(kind: str) -> None:
    """Let the next fork of this process be the first process of a namespace of its own.

    Args:
      kind: "root" or "user", as ``outer.kind``.
    """
    if kind == "root":
        system.unshare(system.CLONE_NEWPID)
        return
    user, group = os.getuid(), os.getgid()
    system.unshare(system.CLONE_NEWUSER | system.CLONE_NEWPID)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as stream:
            stream.write(text)


def separate(scratch: str, folder: str, disk: int) -> int:
    """Give this process namespaces and folders of its own.

    Args:
      scratch: the folder in which there is one folder for each kernel.
      folder: that of this kernel, for its sockets.
      disk: bytes that its other folders may hold together.

    Returns:
      an open file in those other folders.
    """
    system.unshare(system.CLONE_NEWNS | system.CLONE_NEWIPC | system.CLONE_NEWNET | system.CLONE_NEWUTS)
    system.raise_loopback()
    system.mount("none", "/", flags=system.MS_REC | system.MS_PRIVATE)
    system.mount("proc", "/proc", "proc", _FOLDER | system.MS_NOEXEC)
    for name in ("tcp_rmem", "tcp_wmem"):
        with open(f"/proc/sys/net/ipv4/{name}", "w") as stream:
            stream.write(_STREAM)
    # Read-only: through /proc/self/autogroup a process could give way to others, and so stop the clock of its limits.
    system.mount("none", "/proc", flags=system.MS_REMOUNT | _FOLDER | system.MS_NOEXEC | system.MS_RDONLY)
    terminals = f"newinstance,ptmxmode=0666,mode=0600,max={_TERMINALS}"
    system.mount("devpts", "/dev/pts", "devpts", system.MS_NOSUID | system.MS_NOEXEC, terminals)
    # What lies in a folder that is about to be covered is put back into the new one.
    covered = [path for path in outer.needed() if path.startswith("/tmp/")]
    kept = {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in (*covered, folder)}
    system.mount("tmpfs", outer.SCRATCH, "tmpfs", _FOLDER, f"size={disk},nr_inodes={_FILES},mode=0755")
    opened = os.open(outer.SCRATCH, os.O_RDONLY | os.O_DIRECTORY)
    for name, place in (("home", outer.HOME), ("shared", "/dev/shm"), ("temporary", "/tmp")):
        made = os.path.join(outer.SCRATCH, name)
        os.mkdir(made)
        os.chmod(made, 0o755 if name == "home" else 0o1777)
        system.mount(made, place, flags=system.MS_BIND)
    system.detach(outer.SCRATCH)
    if os.path.isdir(scratch):
        system.mount("tmpfs", scratch, "tmpfs", _FOLDER, "size=4k,mode=0755")
    for path, file in kept.items():
        os.makedirs(path, exist_ok=True)
        system.mount(f"/proc/self/fd/{file}", path, flags=system.MS_BIND)
        os.close(file)
    return opened


def give_away(kind: str, user: int, paths: list[str]) -> None:
    """Let the kernel's user own these folders, and what lies in them."""
    if kind != "root":
        return
    for path in paths:
        for place, folders, files in os.walk(path):
            for name in (".", *folders, *files):
                os.chown(os.path.join(place, name), user, user, follow_symlinks=False)


def close_for_ever(kind: str, user: int) -> None:
    """Become the kernel's user, without any right but to compute."""
    system.bound_capabilities()
    if kind == "root":
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        system.own_itself()
    system.drop_capabilities()
    system.gain_no_privileges()
    syscalls.deny()


def freeze(namespace: int, folder: str) -> None:
    """Make a folder read-only in another process's mount namespace, which only a process in it can."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            system.enter(namespace, system.CLONE_NEWNS)
            flags = system.MS_REMOUNT | system.MS_BIND | system.MS_RDONLY | _FOLDER | system.MS_NOEXEC
            system.mount("none", folder, flags=flags)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise OSError(f"the folder of the kernel's sockets could not be made read-only: {folder}")


def _try(kind: str) -> None:
    begin(kind)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.makedirs("/tmp/trial/sockets")
            separate("/tmp/trial", "/tmp/trial/sockets", 1 << 20)
            close_for_ever(kind, os.getuid() or 65534)
            code = 0
        except OSError as error:
            print(error, file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    _try(sys.argv[1])
