"""Functions of Linux that Python does not have."""

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

_MNT_DETACH = 2
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_SECCOMP = 22
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
# The number of the system call kcmp
_COMPARE = {"x86_64": 312, "aarch64": 272}
_KCMP_VM = 1
_CAPABILITY_VERSION_3 = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    _call("unshare", flags)


def enter(namespace: int, flags: int) -> None:
    """Change into the namespace of an open file."""
    _call("setns", namespace, flags)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    encoded = (None if text is None else os.fsencode(text) for text in (source, target, kind))
    _call("mount", *encoded, ctypes.c_ulong(flags), None if options is None else options.encode())


def detach(target: str) -> None:
    """Take a mount away from this place; where else it is bound, it stays."""
    _call("umount2", os.fsencode(target), _MNT_DETACH)


def end_with_parent(signal: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal)


def own_itself() -> None:
    """Let a process that has changed its user read what /proc says about itself."""
    _prctl(_PR_SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Become the parent of all descendants that lose theirs."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def bound_capabilities() -> None:
    """Let no program that this process may run have any capability, whoever owns it."""
    with open("/proc/sys/kernel/cap_last_cap") as stream:
        last = int(stream.read())
    for capability in range(last + 1):
        _prctl(_PR_CAPBSET_DROP, capability)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def gain_no_privileges() -> None:
    """From now on no program that this process runs can gain any, by setuid or otherwise."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def filter_calls(program: bytes) -> None:
    """Install a seccomp filter: instructions of eight bytes each."""
    code = ctypes.create_string_buffer(program, len(program))
    length = len(program) // 8
    # struct sock_fprog: a short, and a pointer where pointers stand
    described = ctypes.create_string_buffer(struct.pack("@HP", length, ctypes.addressof(code)))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(described))


def share_memory(first: int, second: int) -> bool:
    """Whether two processes use one memory, as far as Linux tells."""
    number = _COMPARE.get(os.uname().machine)
    return number is not None and _libc.syscall(number, first, second, _KCMP_VM, 0, 0) == 0


def raise_loopback() -> None:
    """Turn on the loopback interface of a new network namespace, which has no other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack("16xh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def _prctl(option: int, *arguments: int) -> None:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    _call("prctl", option, *(ctypes.c_ulong(argument) for argument in padded))


def _call(name: str, *arguments) -> None:
    if getattr(_libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
