"""Code that takes all that Linux counts for a user.

Run as a program, for test_sandbox.py, it lets a kernel do so, and prints what another one of the same grader then says:
where an ordinary user grades, both have that user's number.
"""

# Each until it is refused, and kept.
TAKE = """
import ctypes, os, select, socket, threading, time
kept, libc = [], ctypes.CDLL(None)
def take(one):
    try:
        while True: kept.append(one())
    except OSError: pass

def send(pair=[]):
    if not pair or len(pair[-1]) > 200: pair.append([])
    ends = socket.socketpair(); pair[-1].append(ends)
    socket.send_fds(ends[0], [b"x"], [0] * 250)
    return ends

def pipe():
    ends = os.pipe()
    os.set_blocking(ends[1], False)
    os.write(ends[1], bytes(1 << 16))
    return ends

def clock():
    number = ctypes.c_void_p()
    if libc.timer_create(time.CLOCK_MONOTONIC, None, ctypes.byref(number)): raise OSError

take(send)
take(os.openpty)
take(clock)
watches, ends = [select.epoll() for _ in range(100)], [pipe() for _ in range(200)]
for watch in watches:
    for end in ends: watch.register(end[0])
take(pipe)
threading.stack_size(1 << 16)
for _ in range(150): threading.Thread(target=time.sleep, args=[1000]).start()
print("taken")
"""

_WORK = """
import asyncio, multiprocessing, signal, subprocess, time
with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))
print(subprocess.run(["sh", "-c", "echo here | cat"], capture_output=True, text=True).stdout.strip())
get_ipython().system("echo there")
async def run():
    process = await asyncio.create_subprocess_exec("echo", "and", stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0].decode().strip()
print(await run())
signal.signal(signal.SIGALRM, lambda *_: print("rings"))
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(0.1)
"""


def main() -> None:
    from tests.grading.test_sandbox import Session  # which this file serves

    with Session() as greedy:
        print(greedy.run(TAKE))
        with Session() as neighbour:
            print(neighbour.run(_WORK))
        print(greedy.run("print(len(kept) > 100)"))


if __name__ == "__main__":
    main()
