"""What limits of time leave out: the seconds for which others had the processors, and no others."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from seqmodels.grading.sandbox import waiting
from seqmodels.grading.sandbox.waiting import Waiting, left_out
from tests.grading.runs import three_others_on
from tests.patience import PATIENCE

pytestmark = pytest.mark.needs("sandbox")

HERE = os.getpid()


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
    """A namespace of processes in which the test says what happens."""

    def __init__(self, monkeypatch, tmp_path):
        self.threads, self.now, self._births = {HERE: (0.0, 0.0)}, 0.0, tmp_path / "loadavg"
        self.last_born(100)
        monkeypatch.setattr(waiting, "threads_of", lambda pid: {pid: self.threads[pid]})
        monkeypatch.setattr(waiting.time, "monotonic", lambda: self.now)
        self.opened = os.open(self._births, os.O_RDONLY)

    def last_born(self, number):
        self._births.write_text(f"0.00 0.00 0.00 1/1 {number}\n")

    def starved(self, waited, pids=(HERE,)):
        """A second passes in which each of these processes runs for 0.1 seconds and waits for 0.9."""
        self.now += 1
        for pid in pids:
            ran, waits = self.threads.get(pid, (0.0, 0.0))
            self.threads[pid] = ran + 0.1, waits + 0.9
        before = waited.seconds
        waited.look({pid: self.threads[pid][0] for pid in pids})
        return round(waited.seconds - before, 2)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    found = Machine(monkeypatch, tmp_path)
    yield found
    os.close(found.opened)


def test_nothing_is_left_out_where_processes_come_and_go_unseen(machine):
    waited = Waiting(2, machine.opened)
    machine.starved(waited)
    assert machine.starved(waited) == 0.9
    machine.last_born(101)
    assert machine.starved(waited) == 0, "one was born, and is not there any more"
    assert machine.starved(waited) == 0.9
    machine.last_born(102)
    assert machine.starved(waited, [HERE, 102]) > 0.8, "it is there, and what it does is counted"
    assert machine.starved(waited, [HERE]) == 0, "it has gone, and nobody knows what it did last"
    machine.last_born(5)
    assert machine.starved(waited) == 0, "the numbers have begun again"


def test_without_a_namespace_of_their_own_none_is_taken_to_be_hidden(machine):
    waited = Waiting(2)
    machine.starved(waited)
    machine.last_born(500)
    assert machine.starved(waited) == 0.9


def test_last_born_is_what_linux_says():
    opened = os.open("/proc/loadavg", os.O_RDONLY)
    try:
        waited = Waiting(2, opened)
        before = waited._last_born()
        subprocess.run([sys.executable, "-c", ""], check=True)
        assert waited._last_born() != before
    finally:
        os.close(opened)


def test_threads_of_this_process_are_read():
    begin = time.process_time()
    while time.process_time() < begin + 0.2:
        pass
    ran, _ = waiting.threads_of(HERE)[HERE]
    assert ran > 0.2
    # A number that no process has.
    assert waiting.threads_of(waiting._most_numbers() + 1) == {}


def test_a_crowded_processor_is_noticed():
    processor = min(os.sched_getaffinity(0))
    work = f"import os, time\nos.sched_setaffinity(0, {{{processor}}})\nprint(1, flush=True)\nwhile time.process_time() < 2: pass"
    with three_others_on(processor), subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        waited, begun = Waiting(len(os.sched_getaffinity(0))), time.monotonic()
        while other.poll() is None and time.monotonic() < begun + PATIENCE:
            time.sleep(0.25)
            waited.look({other.pid: sum(psutil.Process(other.pid).cpu_times()[:2])})
        took = time.monotonic() - begun
    assert took > 4, "each of four gets a quarter"
    assert took - waited.seconds < 3.5, (
        "the clock of its limits shows little more than the two seconds that it computed"
    )
