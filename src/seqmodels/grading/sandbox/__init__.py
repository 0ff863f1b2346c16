"""Kernels in which code that nobody has read can run: fast to start, walled in, and limited in what they use.

A student's notebook runs in one of these, and can neither see nor change anything but itself.

    manager.py    SandboxedKernelManager, for nbclient and nbgrader: the place to begin
    client.py     reads what a kernel says, as far as it is short enough and makes sense
    kernels.py    the grader's end of the template process and of each kernel
    outer.py      the outer wall: bubblewrap, around the template process
    template.py   the template process: it has imported what notebooks import, and forks a keeper for each kernel
    keeper.py     starts one kernel, watches over it, and tells the grader how it ended
    kernel.py     becomes the kernel
    inner.py      the inner wall, around each kernel: namespaces, mounts, user, capabilities
    syscalls.py   what a kernel may not ask of Linux at all
    limits.py     memory, processor, processes and disk, and how much of them a kernel uses
    memory.py     what processes hold of memory, and what Linux holds for them
    processes.py  which processes have come from others, and what they have had of the processors
    waiting.py    how long processes waited for a processor that others had
    system.py     Linux's functions that Python does not have

The processes, each the parent of the next: grader, bubblewrap, template, keeper, kernel. The walls
between are bubblewrap's and the kernel's own. Whatever ends, all that follow it end with it.
"""
