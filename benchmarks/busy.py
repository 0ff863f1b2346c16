"""Does a busy machine cost an honest student points? ``python -m benchmarks.busy``

The right submissions of some assignments are graded while other processes use the processors as much as they can, and
their points are compared with those that they deserve. Shown too: how long it took, and how much of that the runner
takes for waiting.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.grading import run
from tests.grading import submissions
from tests.grading.course import Course
from tests.grading.runs import others

ASSIGNMENTS = ("bidirectional_models", "sketchrnn_classifier")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignments", nargs="+", default=ASSIGNMENTS, metavar="NAME", help="default: %(default)s")
    parser.add_argument("--others", type=int, default=8, metavar="N", help="other processes (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="default: %(default)s")
    options = parser.parse_args()
    print(f"{options.others} other processes on {os.cpu_count()} cores, {options.workers} submissions at a time")
    lost = 0
    for assignment in options.assignments:
        lost += _graded(assignment, options.others, options.workers)
    print(f"{lost} submissions did not get what they deserve.")
    return 1 if lost else 0


def _graded(assignment: str, count: int, workers: int) -> int:
    """Grade the right submissions of an assignment; returns how many lost points."""
    lost = 0
    with tempfile.TemporaryDirectory(prefix="seqmodels-busy-") as folder:
        course = Course(Path(folder))
        course.copy_source(assignment)
        course.nbgrader("generate_assignment", assignment)
        release, source = course.notebook("assignments", assignment), course.notebook("solutions", assignment)
        reference = submissions.reference_answers(source)
        for one in submissions.read_all(assignment):
            if not one.loses:
                answers = submissions.filled_in(release, reference | one.answers)
                course.put_submission(one.name, assignment, answers)
        results = course.folder / "results.json"
        command = [sys.executable, "-m", "seqmodels.grading.runner", assignment, "--workers", str(workers)]
        with others(count):
            run(course, [*command, "--json", str(results)])
        found = json.loads(results.read_text(encoding="utf-8"))["submissions"]
        deserved = sum(submissions.tests(source).values())
        for result in found:
            lost += result["total"] != deserved
            notes = ", ".join(note["key"] for note in result["notes"])
            print(
                f"{assignment} {result['student']}: {result['total']:g} of {deserved:g} points, {result['status']}, "
                f"{result['seconds']:.0f} s, of which it waited {result['waited']:.0f}{'; ' if notes else ''}{notes}",
                flush=True,
            )
    return lost


if __name__ == "__main__":
    sys.exit(main())
