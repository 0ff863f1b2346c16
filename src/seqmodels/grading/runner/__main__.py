"""``python -m seqmodels.grading.runner ASSIGNMENT``: grade a class, or go on with it."""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nbgrader.api import Notebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DBAPIError
from traitlets.config import Config

from seqmodels.grading import converter
from seqmodels.grading.runner import cluster, course, keys, locks, pool, progress, results, summary, written
from seqmodels.grading.runner.course import WrongUse
from seqmodels.grading.runner.results import FAILED, SET_ASIDE, Result
from seqmodels.grading.runner.unit import PATIENCE, Job, forget_marks, unchanged
from seqmodels.grading.sandbox.manager import remark

# A program that Python ends for an error of its own has 1 as well.
DONE, CANNOT_GO_ON, WRONG_USE, SOME_SET_ASIDE, SOME_FAILED, BROKEN_OFF = 0, 1, 2, 3, 4, 130

_ABOUT = """\
Grade what students have handed in for an assignment, several submissions at a time.

Run in the course folder, after nbgrader generate_assignment. The graded notebooks, the gradebook and the table
autograded/ASSIGNMENT.md are those of nbgrader autograde, and Formgrader, generate_feedback and export go on with them.

What is graded and has not changed since is left as it is, so the same command carries on a run that was broken off,
in whatever way (with --force it begins anew). Changed are: the files handed in, the assignment, its tests and points, the date by which it was due,
the course's own code and configuration, or the version of a package that runs the notebooks. Marks given by hand are
kept."""

_AFTER = """\
status, in the table and in the JSON file:
  graded        graded, and there is nothing to do
  limit         graded, but a cell took too long, wrote too much or ended Python
  needs_person  written answers are to be marked, or something in it asks for a look
  set_aside     nothing in it could be graded (no notebook, an unreadable one, another one): no score is exported
                until the student sends it again, or a person gives a mark for it
  failed        the grader itself did not get to an end; tried again in the next run; no marks, but for those of an
                earlier grading if this one could not even begin

JSON file: {"assignment", "seconds", "counts": {status: number}, "questions": [...], "submissions": [...]}, each
submission with
  student, status, reason, points {cell: number, or null where a person marks}, total (of the automatic points),
  possible (of the tests), pending [cells], notes [{key, happened, student, teacher}], said {test: first line of what
  it said}, seconds, waited (of these, for a processor that others had, or null), peak_memory_mb (or null), unchanged
  (graded in an earlier run), by_hand {written answer: points that a person has given, or null}
each question, a written answer, with
  name, points, answered, marked, pending (numbers of submissions), mean and spread (the standard deviation) of the
  marks that a person has given, or null

exit code:
  0    all are graded
  1    the runner itself cannot go on, for example as the gradebook or the disk cannot be used
  2    wrong use
  3    all the others are graded, but some are set aside; make grade takes it for success
  4    all the others are graded, but with some the grader itself has failed
  130  broken off

several machines:
  on one:   dask scheduler
  on each:  dask worker tcp://HOST:8786 --nworkers CORES --nthreads 1
  then:     make grade ASSIGNMENT=... OPTIONS="--scheduler tcp://HOST:8786"
  All of them see the course folder under the same path, have the course installed in the same versions with its extra
  "dask" and the same configuration of nbgrader outside the folder, if any, and reach the gradebook: c.CourseDirectory.db_url = "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except WrongUse as error:
        print(f"make grade: {error}", file=sys.stderr)
        return WRONG_USE
    except locks.Held as error:
        print(f"make grade: this assignment is being graded already, by {error}", file=sys.stderr)
        return WRONG_USE
    except DBAPIError as error:
        print(f"make grade: the gradebook cannot be used: {error.orig}", file=sys.stderr)
        return CANNOT_GO_ON
    except OSError as error:
        print(f"make grade: {error}. What is graded is kept; the same command carries on.", file=sys.stderr)
        return CANNOT_GO_ON
    except KeyboardInterrupt:
        print("\nmake grade: broken off. The same command carries on.", file=sys.stderr)
        return BROKEN_OFF


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m seqmodels.grading.runner",
        description=_ABOUT,
        epilog=_AFTER,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="the assignment's name")
    parser.add_argument("--student", nargs="+", metavar="NAME", help="these students only")
    parser.add_argument("--force", action="store_true", help="grade what has not changed, too")
    parser.add_argument(
        "--workers", type=_positive(int), metavar="N", help="submissions at a time (default: the number of cores)"
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a scheduler of dask.distributed, in place of --workers")
    parser.add_argument(
        "--time-limit",
        type=_positive(float),
        metavar="SECONDS",
        help="for one submission, after which its worker is ended and it counts as failed (default: three times "
        "c.ExecuteToTheEnd.total_timeout for each of its notebooks)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results of this run for other programs")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="FOLDER", help="the course folder (default: this)"
    )
    return parser


def _positive(kind):
    def number(text: str):
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is not more than 0")
        return value

    return number


def _run(options: argparse.Namespace) -> int:
    begun = time.monotonic()
    json_file = options.json and options.json.resolve()
    if json_file and not json_file.parent.is_dir():
        raise WrongUse(f"There is no folder {json_file.parent} for the file of --json.")
    coursedir, config, files = course.load(options.course.resolve(), options.assignment)
    course.check(coursedir)
    students = _students(coursedir, options.student)
    environment = keys.environment(config, files)
    if text := remark(environment["sandbox"] == "on"):
        print(text, file=sys.stderr)
    with locks.held(course.unfinished(coursedir) / f".{options.assignment}.lock"):
        found, tests = [], _possible(coursedir, course.tests)
        asked = _possible(coursedir, course.questions)
        try:
            for result in progress.shown(_results(coursedir, config, students, environment, options), len(students)):
                if result.status == FAILED:
                    _forget(coursedir, result.student)
                found.append(result)
        finally:
            failures = {result.student: result.reason for result in found if result.status == FAILED}
            questions = written.questions(results.marked(found), asked)
            whole = summary.summary(found, tests, questions) if found else ""
            converter.write_report(coursedir, failures, whole)
    print(whole)
    if json_file:
        text = results.as_json(options.assignment, found, questions, time.monotonic() - begun)
        json_file.write_text(text, encoding="utf-8")
    print(f"It took {progress.in_words(time.monotonic() - begun)}. The table for you: {_report(coursedir)}")
    statuses = {result.status for result in found}
    return SOME_FAILED if FAILED in statuses else SOME_SET_ASIDE if SET_ASIDE in statuses else DONE


def _forget(coursedir: CourseDirectory, student: str) -> None:
    """Take marks out of the gradebook that a grading left there which did not get to its end."""
    # With a graded notebook beside them they are those of an earlier one. A gradebook that is locked has been named.
    if not any(course.graded(coursedir, student).glob("*.ipynb")):
        with contextlib.suppress(DBAPIError), course.opened(coursedir) as gradebook:
            forget_marks(gradebook, coursedir.assignment_id, student)


def _students(coursedir: CourseDirectory, asked: Sequence[str] | None) -> list[str]:
    everybody = course.students(coursedir)
    if not everybody:
        raise WrongUse(
            f"Nobody has handed in {coursedir.assignment_id}: there is no {course.handed_in(coursedir, '<student>')}."
        )
    if missing := sorted(set(asked or ()) - set(everybody)):
        raise WrongUse(f"Nothing was handed in for {coursedir.assignment_id} by {', '.join(missing)}.")
    return [student for student in everybody if asked is None or student in asked]


def _results(
    coursedir: CourseDirectory,
    config: Config,
    students: Sequence[str],
    environment: dict[str, str],
    options: argparse.Namespace,
) -> Iterator[Result]:
    left = []
    with course.opened(coursedir) as gradebook:
        for student in students:
            if not options.force and (result := unchanged(coursedir, gradebook, student, environment)):
                yield result
            else:
                left.append(student)
    jobs = [Job(coursedir.root, options.assignment, student, environment, options.force) for student in left]
    limit = options.time_limit or PATIENCE * course.time_limit(coursedir, config)
    if not jobs:
        return
    if options.scheduler:
        yield from cluster.grade(jobs, options.scheduler, limit, course.is_sqlite(coursedir))
    else:
        course.check_sandbox(config)
        yield from pool.grade(jobs, options.workers or os.cpu_count() or 1, limit)


def _possible(coursedir: CourseDirectory, of: Callable[[Notebook], dict[str, float]]) -> dict[str, float]:
    """The points of the cells of a kind, by their names, in the order of the assignment."""
    with course.opened(coursedir) as gradebook:
        notebooks = gradebook.find_assignment(coursedir.assignment_id).notebooks
        return {
            results.cell_name(notebook, name, notebooks): points
            for notebook in notebooks
            for name, points in of(notebook).items()
        }


def _report(coursedir: CourseDirectory) -> Path:
    return Path(coursedir.autograded_directory, f"{coursedir.assignment_id}.md")


if __name__ == "__main__":
    sys.exit(main())
