"""How many submissions a minute are graded, and in how much memory: ``python -m benchmarks.grading``.

A class of students hands in the submissions that the tests of the marks use (tests/submissions/). It is graded by
nbgrader autograde as it comes, by the runner with one worker and with two, and by the runner over dask.distributed
with two workers. Each begins with an empty gradebook. The memory is that of all processes together, what they share
counted once; what comes and goes within a few seconds may be missed.
"""

import argparse
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.watched import Memory
from seqmodels.grading.runner.__main__ import DONE, SOME_SET_ASIDE
from tests.grading import submissions
from tests.grading.course import Course

# What nbgrader needs to know of a course of this form, and nothing of ours. 30 seconds for a cell are too few.
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "seqmodels"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.Execute.timeout = 180
"""
_PAUSE = 0.5  # seconds
_PATIENCE = 60  # seconds for Dask to start


def stock(course: Course, assignment: str) -> None:
    course.nbgrader("autograde", assignment)


def runner(*options: str) -> Callable[[Course, str], None]:
    def grade(course: Course, assignment: str) -> None:
        run(course, [sys.executable, "-m", "seqmodels.grading.runner", assignment, *options])

    return grade


def over_dask(course: Course, assignment: str) -> None:
    with _cluster(course, 2) as address:
        runner("--scheduler", address)(course, assignment)


WAYS = {
    "nbgrader autograde": stock,
    "one worker": runner("--workers", "1"),
    "two workers": runner("--workers", "2"),
    "two workers of Dask": over_dask,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="seven_day_forecast", help="default: %(default)s")
    parser.add_argument("--students", type=int, default=20, metavar="N", help="default: %(default)s")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="WAY", help=" / ".join(WAYS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers for other programs")
    options = parser.parse_args()
    rows = []
    print(f"{options.students} submissions of {options.assignment}, {os.cpu_count()} cores")
    print(f"{'':20}{'seconds':>10}{'a minute':>10}{'MB':>8}{'points':>10}", flush=True)
    for way in options.ways:
        row = _measured(way, options.assignment, options.students)
        rows.append(row)
        numbers = (
            f"{row['seconds']:10.0f}{row['submissions_a_minute']:10.1f}{row['peak_memory_mb']:8.0f}{row['points']:10g}"
        )
        print(f"{way:20}{numbers}", flush=True)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"cores": os.cpu_count(), "rows": rows}, indent=1), encoding="utf-8")
    return 0


def _measured(way: str, assignment: str, students: int) -> dict:
    with tempfile.TemporaryDirectory(prefix="seqmodels-benchmark-") as folder:
        course = Course(Path(folder))
        if way == "nbgrader autograde":
            (course.folder / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
        course.copy_source(assignment)
        course.nbgrader("generate_assignment", assignment)
        names = _hand_in(course, assignment, students)
        begun = time.monotonic()
        with Memory() as used:
            WAYS[way](course, assignment)
        seconds = time.monotonic() - begun
        marks = {name: course.marks(assignment, name) for name in names}
    points = sum(points for found in marks.values() for points in found.values() if points is not None)
    return {
        "way": way,
        "assignment": assignment,
        "submissions": students,
        "seconds": round(seconds, 1),
        "submissions_a_minute": round(60 * students / seconds, 2),
        "peak_memory_mb": round(used.peak),
        "points": points,  # of the whole class, to see that all of them have graded the same
    }


def _hand_in(course: Course, assignment: str, students: int) -> list[str]:
    release = course.notebook("assignments", assignment)
    reference = submissions.reference_answers(course.notebook("solutions", assignment))
    names = []
    for number, submission in enumerate(itertools.islice(itertools.cycle(submissions.read_all(assignment)), students)):
        names.append(f"{number:03}_{submission.name}")
        course.put_submission(names[-1], assignment, submissions.filled_in(release, reference | submission.answers))
    return names


def run(course: Course, command: list[str]) -> None:
    """Run the runner in a course.

    Raises:
      RuntimeError: it could not grade everybody.
    """
    done = subprocess.run(
        command,
        cwd=course.folder,
        env=course.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in (DONE, SOME_SET_ASIDE):
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")


@contextlib.contextmanager
def _cluster(course: Course, workers: int) -> Iterator[str]:
    """A scheduler of Dask and its workers on this machine; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    commands = [["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]]
    commands += [["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]] * workers
    with open(course.folder / "dask.log", "w", encoding="utf-8") as log:
        processes = []
        try:
            for command in commands:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "dask", *command],
                        cwd=course.folder,
                        env=course.environment(),
                        stdout=log,
                        stderr=log,
                    )
                )
            end = time.monotonic() + _PATIENCE
            while (course.folder / "dask.log").read_text(encoding="utf-8").count("Registered to:") < workers:
                if time.monotonic() > end:
                    raise RuntimeError((course.folder / "dask.log").read_text(encoding="utf-8"))
                time.sleep(_PAUSE)
            yield address
        finally:
            for process in processes:
                process.kill()
                process.wait()


if __name__ == "__main__":
    sys.exit(main())
