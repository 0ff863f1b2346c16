"""What a kernel may not ask of Linux at all, by a seccomp filter.

The namespaces take away whatever there is to reach. The filter takes away means that no notebook
needs: new namespaces (with capabilities in them), mounts, looking into other processes, memory that
counts for no process, as that of memfd_create and of System V, and giving way to other processes: limits of time leave
out the seconds for which a kernel waits for a processor. For the same reason two calls do nothing: no process can hide
what its children have computed by ignoring their end, or crowd its threads on one processor.
"""

import errno
import os
import signal
import socket
import struct

from seqmodels.grading.sandbox import system

# name: its number on x86_64 and on aarch64
_DENIED = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioprio_set": (251, 30),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "request_key": (249, 218),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "semget": (64, 190),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "shmget": (29, 194),
    "swapon": (167, 224),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
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
_CLONE3 = (435, 435)
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
_NUMBER, _MACHINE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_PRETEND = _FAIL  # the call is not made, and seems to have succeeded
_X32 = 0x40000000


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
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
        # Its arguments lie in memory, where a filter cannot look: the C library then takes clone instead.
        (_EQUAL, 0, 1, _CLONE3[column]),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
    ]
    for numbers in _DENIED.values():
        lines += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _FAIL | errno.EPERM)]
    lines += [
        (_EQUAL, 0, 1, _PIN[column]),
        (_RETURN, 0, 0, _PRETEND),
        (_EQUAL, 0, 4, _HANDLE_SIGNAL[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 1, signal.SIGCHLD),
        (_RETURN, 0, 0, _PRETEND),
        (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 0, 4, _SCHEDULE[column]),
        (_LOAD, 0, 0, _SECOND_ARGUMENT),
        (_EQUAL, 0, 1, os.SCHED_OTHER),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_EQUAL, 0, 2 + len(_FAMILIES) + 1, _SOCKET[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *((_EQUAL, len(_FAMILIES) - number, 0, family) for number, family in enumerate(_FAMILIES)),
        (_RETURN, 0, 0, _FAIL | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 1, 0, _CLONE[column]),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACE),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
