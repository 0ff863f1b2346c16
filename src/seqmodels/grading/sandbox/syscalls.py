"""What a kernel may not ask of Linux at all, by a seccomp filter.

The namespaces take away whatever there is to reach. The filter takes away means that no notebook needs:

- new namespaces (with capabilities in them), mounts, looking into other processes, filters of its own;
- memory that counts for no process: shared memory without a file, as of mmap, memfd_create and System V, pages that a
  pipe keeps when their process has given them up, queues of events and of requests, lists of rights of files;
- what Linux has learnt since, but for what is known here: it is as if this were an older one;
- giving way to other processes: limits of time leave out the seconds for which a kernel waits for a processor. For the
  same reason two calls do nothing: no process can hide what its children have computed by ignoring their end, or crowd
  its threads on one processor.
"""

import errno
import os
import signal
import socket
import struct
from collections.abc import Iterable

from seqmodels.grading.sandbox import system

# name: its number on x86_64 and on aarch64
_DENIED = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "init_module": (175, 105),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mbind": (237, 235),
    "memfd_create": (319, 279),
    "migrate_pages": (256, 238),
    "mount": (165, 40),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "request_key": (249, 218),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "seccomp": (317, 277),
    "semget": (64, 190),
    "set_mempolicy": (238, 237),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "shmget": (29, 194),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
# Programs do without these where a system has not got them.
_MISSING = {
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "io_setup": (206, 0),
    "splice": (275, 76),
    "tee": (276, 77),
    "vmsplice": (278, 75),
}
# Where a file system has no attributes; cp and shutil look for this error.
_UNSUPPORTED = {
    "fsetxattr": (190, 7),
    "lsetxattr": (189, 6),
    "setxattr": (188, 5),
}
# From this number on calls have the same one everywhere. Those after it that are known here; the others are missing.
_NEWER = 424
_KNOWN = {
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "close_range": 436,
    "openat2": 437,
    "faccessat2": 439,
    "epoll_pwait2": 441,
    "futex_waitv": 449,
    "cachestat": 451,
    "fchmodat2": 452,
    "mseal": 462,
}
_SOCKET = (41, 198)
# Only these are behind the wall of the network namespace, or have no other side. Not so AF_VSOCK: it leads from a
# virtual machine to its host.
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
# ZeroMQ asks for the ordinary way of scheduling, which its threads have anyway.
_SCHEDULE = (144, 119)
# Without a handler Linux adds the time of ended children to that of their parent; if their signal is ignored, to nobody's.
_HANDLE_SIGNAL = (13, 134)
_PIN = (203, 122)  # sched_setaffinity
_CLONE = (56, 220)
_MMAP = (9, 222)
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20
_PRCTL = (157, 167)
_SET_SECCOMP = 22
_NEWER_OPTIONS = 62  # of prctl, from here on: among them a table of any size for each process
_FCNTL = (72, 25)
_LOCKS_OF_FILES = (37, 38)  # F_OFD_SETLK and F_OFD_SETLKW: they stay where no process shows them
_SET_PIPE_SIZE = 1031
_SET_SOCKET_OPTION = (54, 208)
_SIZES = (socket.SO_SNDBUF, socket.SO_RCVBUF)
_FILTERS = (26, 50, 51, 52)  # SO_ATTACH_FILTER, SO_ATTACH_BPF and, for a group of sockets, the same
_NEW_NAMESPACE = (
    0x02000000  # CLONE_NEWCGROUP
    | system.CLONE_NEWNS
    | system.CLONE_NEWUTS
    | system.CLONE_NEWIPC
    | system.CLONE_NEWUSER
    | system.CLONE_NEWPID
    | system.CLONE_NEWNET
)

# machine: which of the two numbers, and the mark by which the filter knows calls of this kind
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Instructions of the classic Berkeley packet filter, and where seccomp_data holds what
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, (16, 24, 32, 40)
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_PRETEND = _FAIL  # the call is not made, and seems to have succeeded
_X32 = 0x40000000

_Lines = list[tuple[int, int, int, int]]


def is_known(machine: str) -> bool:
    """Whether there is a filter for this kind of processor, by its name in ``os.uname``."""
    return machine in _MACHINES


def deny() -> None:
    """Deny these calls to this process and to all that it starts, for ever."""
    system.filter_calls(_program(os.uname().machine))


def _program(machine: str) -> bytes:
    column, mark = _MACHINES[machine]
    lines = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, mark),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        # x86_64 has most calls twice, the second time under numbers from here on
        *_if(_AT_LEAST, _X32, _fail(errno.ENOSYS)),
    ]
    for numbers, then in _BY_ARGUMENTS.items():
        lines += _if(_EQUAL, numbers[column], [*then, (_RETURN, 0, 0, _ALLOW)])
    for calls, error in ((_DENIED, errno.EPERM), (_MISSING, errno.ENOSYS), (_UNSUPPORTED, errno.ENOTSUP)):
        for numbers in calls.values():
            if numbers[column] is not None:
                lines += _if(_EQUAL, numbers[column], _fail(error))
    lines += _if(_EQUAL, _PIN[column], [(_RETURN, 0, 0, _PRETEND)])
    for number in _KNOWN.values():
        lines += _if(_EQUAL, number, [(_RETURN, 0, 0, _ALLOW)])
    # Of these clone3 has arguments that lie in memory, where a filter cannot look: the C library then takes clone.
    lines += [*_if(_AT_LEAST, _NEWER, _fail(errno.ENOSYS)), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _if(test: int, value: int, then: _Lines) -> _Lines:
    """Do this if what was loaded last passes the test, otherwise go on behind it."""
    return [(test, 0, len(then), value), *then]


def _fail(error: int) -> _Lines:
    return [(_RETURN, 0, 0, _FAIL | error)]


def _load(argument: int) -> tuple[int, int, int, int]:
    return (_LOAD, 0, 0, _ARGUMENTS[argument])


def _any_of(values: Iterable[int], then: _Lines) -> _Lines:
    return [line for value in values for line in _if(_EQUAL, value, then)]


# What is done with a call depends on its arguments; if nothing is, it is allowed.
_BY_ARGUMENTS: dict[tuple[int, int], _Lines] = {
    _MMAP: [_load(3), *_if(_ANY_BIT, _MAP_ANONYMOUS, _if(_ANY_BIT, _MAP_SHARED, _fail(errno.EPERM)))],
    _FCNTL: [
        _load(1),
        *_any_of(_LOCKS_OF_FILES, _fail(errno.EINVAL)),
        *_if(_EQUAL, _SET_PIPE_SIZE, _fail(errno.EPERM)),
    ],
    _PRCTL: [
        _load(0),
        *_if(_EQUAL, _SET_SECCOMP, _fail(errno.EINVAL)),
        *_if(_AT_LEAST, _NEWER_OPTIONS, _fail(errno.EINVAL)),
    ],
    _HANDLE_SIGNAL: [_load(0), *_if(_EQUAL, signal.SIGCHLD, [(_RETURN, 0, 0, _PRETEND)])],
    _SCHEDULE: [_load(1), *_if(_EQUAL, os.SCHED_OTHER, [(_RETURN, 0, 0, _ALLOW)]), *_fail(errno.EPERM)],
    _SOCKET: [
        _load(0),
        *_any_of(_FAMILIES, [(_RETURN, 0, 0, _ALLOW)]),
        *_fail(errno.EAFNOSUPPORT),
    ],
    _SET_SOCKET_OPTION: [
        _load(1),
        *_if(
            _EQUAL,
            socket.SOL_SOCKET,
            [
                _load(2),
                *_any_of(_SIZES, [(_RETURN, 0, 0, _PRETEND)]),
                *_any_of(_FILTERS, _fail(errno.EPERM)),
            ],
        ),
    ],
    _CLONE: [_load(0), *_if(_ANY_BIT, _NEW_NAMESPACE, _fail(errno.EPERM))],
}
