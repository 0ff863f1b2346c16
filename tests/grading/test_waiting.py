"""What limits of time leave out: the seconds for which others had the processors, and no others."""

import contextlib
import os
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from seqmodels.grading.sandbox import processes, waiting
from seqmodels.grading.sandbox.waiting import Waiting, left_out
from tests.grading.runs import others
from tests.patience import PATIENCE

pytestmark = pytest.mark.needs("sandbox")
LOOK = 0.25  # seconds


# Seconds that the threads ran and waited together, of ten seconds on two processors.
@pytest.mark.parametrize(
    ("what", "ran", "waited", "expected"),
    [
        ("alone", 10, 0, 0),
        ("asleep", 0, 0, 0),
        ("alone for half of the time", 5, 0, 0),
        ("one thread with a quarter of a processor", 2.5, 7.5, 7.5),
        ("one thread that slept first", 1, 3, 3),
        ("two threads by turns, which share what one would have", 2, 8, 8),
        ("two threads with half a processor each", 10, 10, 5),
        ("a hundred threads that have both processors", 20, 980, 0),
        ("a hundred threads that have half of both", 10, 990, 5),
        ("hardly any", 0, 10, 10),
    ],
)
def test_what_is_left_out(what, ran, waited, expected):
    assert left_out(ran, waited, elapsed=10, processors=2) == pytest.approx(expected), what


class Machine:
    """Threads of which the test says what they do, from look to look."""

    def __init__(self, monkeypatch):
        self.now, self.used, self.threads = 0.0, {}, {}
        monkeypatch.setattr(waiting.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(waiting, "waits", lambda pid: self.threads[pid])
        self.waited = Waiting(2)

    def look(self, elapsed, used, threads):
        """Time passes; then each process has used so much, and each of its threads has waited so much, in all."""
        self.now, self.threads, before = self.now + elapsed, threads, self.waited.seconds
        self.waited.look(used)
        return round(self.waited.seconds - before, 2)


@pytest.fixture
def machine(monkeypatch):
    found = Machine(monkeypatch)
    found.look(1, {1: 0}, {1: {1: 0}})
    return found


def test_what_children_and_ended_threads_computed_counts_as_run(machine):
    assert machine.look(1, {1: 0.1}, {1: {1: 0.9}}) == 0.9, "others had the processors"
    # Its own children had both of them, and have ended.
    assert machine.look(1, {1: 2.1}, {1: {1: 1.8}}) == 0


def test_threads_that_come_and_go_with_each_call_cost_no_credit(machine):
    assert machine.look(1, {1: 0.2}, {1: {1: 0.8, 11: 0.0, 12: 0.0}}) == 0.8
    assert machine.look(1, {1: 0.4}, {1: {1: 1.6, 13: 0.0}}) == 0.8


def test_a_long_wait_is_told_when_it_ends_and_was_before(machine):
    for _ in range(4):
        assert machine.look(1, {1: 0}, {1: {1: 0}}) == 0, "it seems to sleep"
    assert machine.look(1, {1: 0}, {1: {1: 4.5}}) == 4.5, "and has waited for half of the first second, too"
    assert machine.look(1, {1: 0}, {1: {1: 4.5}}) == 0


def test_no_wait_reaches_back_further_than_it_was_long(machine):
    for _ in range(10):
        machine.look(1, {1: 0}, {1: {1: 0}})
    assert machine.look(1, {1: 0}, {1: {1: 2.0}}) == 2
    assert machine.look(1, {1: 0}, {1: {1: 4.0}}) == 1, "no second is left out twice"


def test_a_thread_that_becomes_the_process_brings_no_new_wait(machine):
    machine.look(1, {1: 0.1}, {1: {1: 0.1, 2: 0.9}})
    assert machine.look(1, {1: 0.1}, {1: {1: 0.9}}) == 0


def test_what_linux_counts_is_read():
    assert waiting.is_counted()
    assert os.getpid() in processes.waits(os.getpid())
    assert processes.waits(2**30) == {}, "no process has this number"
    assert processes.read(2**30) is None
    with running("time.sleep(1000)") as child:
        (found,) = [one for one in processes.descendants([os.getpid()]) if one.pid == child.pid]
        assert (found.parent, found.threads) == (os.getpid(), 1)


def test_quotas_of_control_groups_count(monkeypatch, tmp_path):
    allowed = len(os.sched_getaffinity(0))
    monkeypatch.setattr(waiting, "_PROC", str(tmp_path))
    monkeypatch.setattr(waiting, "_GROUPS", str(tmp_path / "groups"))
    assert waiting.processors() == allowed
    (tmp_path / "self").mkdir()
    (tmp_path / "groups" / "one" / "two").mkdir(parents=True)
    (tmp_path / "self" / "cgroup").write_text("0::/one/two\n")
    (tmp_path / "groups" / "one" / "cpu.max").write_text("50000 100000\n")
    (tmp_path / "groups" / "one" / "two" / "cpu.max").write_text("max 100000\n")
    assert waiting.processors() == 0.5
    (tmp_path / "self" / "cgroup").write_text("4:memory:/x\n3:cpu,cpuacct:/one\n")
    (tmp_path / "groups" / "cpu" / "one").mkdir(parents=True)
    (tmp_path / "groups" / "cpu" / "one" / "cpu.cfs_quota_us").write_text("25000\n")
    (tmp_path / "groups" / "cpu" / "one" / "cpu.cfs_period_us").write_text("100000\n")
    assert waiting.processors() == 0.25


# Real processes on one processor, which three others share.


@contextlib.contextmanager
def running(source):
    """A process on one processor that does something when it has said that it is there."""
    begin = f"import os, sys, time\nos.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\nprint(1, flush=True)\n"
    command = [sys.executable, "-c", begin + textwrap.dedent(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        process.stdout.readline()
        try:
            yield psutil.Process(process.pid)
        finally:
            for one in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()


def clock(process, seconds):
    """Watch a process for some seconds; returns how long that was without what is left out."""
    waited, begun = Waiting(1), time.monotonic()
    while time.monotonic() < begun + seconds and process.status() != psutil.STATUS_ZOMBIE:
        family = [processes.read(process.pid), *processes.descendants([process.pid])]
        waited.look({one.pid: one.seconds for one in family})
        time.sleep(LOOK)
    return time.monotonic() - begun - waited.seconds


@pytest.fixture(scope="module")
def crowd():
    with others(3, min(os.sched_getaffinity(0))):
        yield


def test_computing_goes_on_and_waiting_stands_still(crowd):
    with running("while time.process_time() < 1.5: pass") as process:
        begun = time.monotonic()
        assert clock(process, PATIENCE) < 2.5
        assert time.monotonic() - begun > 4, "each of four gets a quarter"


def test_many_threads_for_each_call_make_no_difference(crowd):
    threads = """
    import threading
    def work():
        end = time.thread_time() + 0.01
        while time.thread_time() < end: pass
    while True:
        some = [threading.Thread(target=work) for _ in range(8)]
        for one in some: one.start()
        for one in some: one.join()
    """
    with running(threads) as process:
        assert clock(process, 6) < 3.5


def test_sleep_is_no_waiting(crowd):
    with running("time.sleep(1000)") as process:
        assert clock(process, 2) > 1.5


@pytest.mark.parametrize("hides", ["forks", "forks many"])
def test_children_that_nobody_sees_are_seen_by_their_parent(crowd, hides):
    """They make their parent wait for the processor, and have ended before the next look."""
    many = 1 if hides == "forks" else 20
    source = f"""
    while True:
        for _ in range({many}):
            if os.fork() == 0:
                end = time.process_time() + 0.02
                while time.process_time() < end: pass
                os._exit(0)
        for _ in range({many}): os.wait()
    """
    with running(source) as process:
        seen = clock(process, 6)
        had = sum(process.cpu_times()[:4])
    assert had > 0.5, "they have had part of the processor"
    assert seen > 0.8 * had, "and the clock has gone on for them"
