"""Grade a class of strangers without a hand on it: ``python -m benchmarks.strangers``.

About a third of 200 students hand in an assignment of the course with hostile code in its first answer and no other
answer; they deserve nothing. The others hand in the submissions that the tests of the marks use (tests/submissions/), right, wrong
and blank, again and again. One command grades all of them. Each mark has to be the one that is deserved, and the
hostile code must not have left, changed or reached anything.
"""

import argparse
import copy
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from benchmarks.watched import Memory
from seqmodels.grading.runner.__main__ import DONE, SOME_SET_ASIDE
from tests.grading import submissions, tiny
from tests.grading.attacks.attack import Attack, Place
from tests.grading.attacks.batches import BATCHES
from tests.grading.attacks.scene import Harm, Scene
from tests.grading.course import Course

# An endless loop takes as long as it may: a teacher who knows that no cell needs more says so.
LIMITS = """
c.Execute.timeout = 60
c.ExecuteToTheEnd.total_timeout = 240
"""
_THEMES = ("process", "reach", "resources")
_OF_TINY = re.compile(r"\badd_\d|\bvalues\b")  # code that knows the functions of the small assignment


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="sentiment_lstm", help="default: %(default)s")
    parser.add_argument("--students", type=int, default=200, metavar="N", help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the runner's results")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seqmodels-strangers-") as folder:
        return _graded(Path(folder), options)


def _graded(folder: Path, options: argparse.Namespace) -> int:
    course = Course(folder)
    course.copy_source(options.assignment)
    course.nbgrader("generate_assignment", options.assignment)
    with open(course.folder / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write(LIMITS)
    scene = Scene(course, folder / "home")
    deserved = _hand_in(course, options.assignment, options.students, scene.place)
    results = options.json.resolve() if options.json else folder / "results.json"
    command = [sys.executable, "-m", "seqmodels.grading.runner", options.assignment, "--json", str(results)]
    begun = time.monotonic()
    with Memory() as used, scene.watched() as harm:
        done = subprocess.run(
            [*command, "--workers", str(options.workers)], cwd=course.folder, env=course.environment(), check=False
        )
    seconds = time.monotonic() - begun
    if done.returncode not in (DONE, SOME_SET_ASIDE):
        return done.returncode  # the runner has said why
    found = json.loads(results.read_text(encoding="utf-8"))
    print(f"\n{len(deserved)} submissions of {options.assignment}, {options.workers} workers, {os.cpu_count()} cores")
    print(f"exit code {done.returncode}; {seconds / 60:.1f} minutes; {60 * len(deserved) / seconds:.1f} a minute")
    print(f"at its peak {used.peak:,.0f} MB in all; {_largest(found['submissions'])}")
    print(", ".join(f"{count} {status}" for status, count in found["counts"].items() if count))
    wrong = [
        result["student"] for result in found["submissions"] if _tests(result, deserved) != deserved[result["student"]]
    ]
    print(f"{len(deserved) - len(wrong)} marks as deserved; not: {', '.join(wrong) or 'none'}")
    print(f"left behind, changed, reached, still running: {_in_words(harm)}")
    return 1 if wrong or len(found["submissions"]) != len(deserved) or any(vars(harm).values()) else 0


def _tests(result: dict, deserved: dict[str, dict[str, float]]) -> dict[str, float]:
    return {name: points for name, points in result["points"].items() if name in deserved[result["student"]]}


def _largest(results: list[dict]) -> str:
    largest = max(results, key=lambda result: result["peak_memory_mb"] or 0)
    return f"one submission at most {largest['peak_memory_mb'] or 0:,.0f} MB ({largest['student']})"


def _in_words(harm: Harm) -> str:
    return "; ".join(f"{kind}: {what}" for kind, what in vars(harm).items() if what) or "nothing"


def _hand_in(course: Course, assignment: str, students: int, place: Place) -> dict[str, dict[str, float]]:
    """Lay all submissions in their places, and return the points of each test that each deserves."""
    release, source = course.notebook("assignments", assignment), course.notebook("solutions", assignment)
    points, reference = submissions.tests(source), submissions.reference_answers(source)
    first = next(cell.id for cell in release.cells if cell.cell_type == "code" and cell.id in reference)
    stub = next(cell.source for cell in release.cells if cell.id == first)
    handed_in, deserved = {}, {}
    attacks = hostile(place)
    if students < len(attacks):
        raise SystemExit(f"There are {len(attacks)} hostile submissions: a class has as many students, or more.")
    print(f"{len(attacks)} of {students} submissions are hostile.")
    for name, code in attacks.items():
        handed_in[name] = {first: f"{stub}\n{code}"}
        deserved[name] = dict.fromkeys(points, 0)
    honest = [(found.name, reference | found.answers, found.loses) for found in submissions.read_all(assignment)]
    honest.append((submissions.BLANK, {}, points))
    for number, (name, answers, loses) in enumerate(
        itertools.islice(itertools.cycle(honest), students - len(handed_in))
    ):
        handed_in[f"{name}_{number}"] = answers
        deserved[f"{name}_{number}"] = {test: most - loses.get(test, 0) for test, most in points.items()}
    # Mixed by a number that has nothing to do with what they are, so that hostile ones have honest neighbours.
    for number, (name, answers) in enumerate(handed_in.items()):
        student = f"{number * 77 % len(handed_in):03}_{name}"
        course.put_submission(student, assignment, submissions.filled_in(release, answers))
        deserved[student] = deserved.pop(name)
    return deserved


def hostile(place: Place) -> dict[str, str]:
    """Code of the attacks of tests/grading/attacks that does its harm wherever it runs, by the attack's name."""
    source = tiny.notebook()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for attack in itertools.chain.from_iterable(BATCHES[theme][1] for theme in _THEMES):
            code = _appended(attack, Path(folder, attack.name), source, place)
            if code and not _OF_TINY.search(code):
                found[attack.name] = code
    return found


def _appended(attack: Attack, folder: Path, notebook: NotebookNode, place: Place) -> str | None:
    """What an attack puts behind an answer; None if it does something else, or more."""
    folder.mkdir()
    attack.make(folder, copy.deepcopy(notebook), place)
    written = folder / f"{tiny.NAME}.ipynb"
    if [*folder.iterdir()] != [written] or written.is_symlink():
        return None
    before, after = notebook.cells, nbformat.read(written, as_version=4).cells
    if len(before) != len(after):
        return None
    changed = [(old.source, new.source) for old, new in zip(before, after, strict=True) if old != new]
    if len(changed) != 1 or not changed[0][1].startswith(changed[0][0]):
        return None
    return changed[0][1].removeprefix(changed[0][0]).strip("\n")


if __name__ == "__main__":
    sys.exit(main())
