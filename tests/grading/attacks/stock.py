"""What plain nbgrader does with the attacks: a table, for the documentation and for comparison.

    python -m tests.grading.attacks.stock FILE.json [--only NAME ...]

Each attack is graded with an honest student before it and one behind, by nbgrader with the settings that a
careful teacher would give it and nothing of this course. Attacks reach what they want here, so each runs with
its own view of the disk, on which nothing is kept, its own processes, and limits of memory and processes
that plain nbgrader does not have. It takes Linux, root, and half an hour.
"""

import argparse
import ctypes
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from tests.grading import submissions
from tests.grading.attacks import batches, keras_tiny
from tests.grading.attacks.attack import Attack
from tests.grading.attacks.hidden import TOLD
from tests.grading.attacks.scene import Scene
from tests.grading.course import ROOT, Course

HONEST = ("0_honest", "zz_honest")
SECONDS = 100
_MEMORY = 4 << 30
_PROCESSES = 300
_NEWNS, _NEWPID, _NEWIPC = 0x00020000, 0x20000000, 0x08000000
_PRIVATE = 0x44000  # MS_REC | MS_PRIVATE

_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "seqmodels"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.Execute.timeout = {seconds}
c.Execute.shutdown_kernel = "immediate"
c.OverwriteCells.add_missing_cells = True
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    found = json.loads(asked.file.read_text()) if asked.file.exists() else {}
    for theme, (assignment, attacks) in batches.BATCHES.items():
        prepared = None
        for attack in attacks:
            if attack.name in asked.only or (not asked.only and attack.name not in found):
                if attack.stock_is_dangerous:
                    found[attack.name] = {"theme": theme, "about": attack.about, "not_run": attack.stock_is_dangerous}
                else:
                    prepared = prepared or _prepared(assignment)
                    found[attack.name] = {"theme": theme, "about": attack.about} | _graded(prepared, assignment, attack)
                print(attack.name, found[attack.name], flush=True)
                asked.file.write_text(json.dumps(found, indent=1))


def _prepared(assignment) -> Course:
    course = Course(Path(tempfile.mkdtemp(prefix="stock-attacks-", dir="/var/tmp")))
    # To import TensorFlow takes many times as long as what the other attacks wait for.
    (course.folder / "nbgrader_config.py").write_text(_CONFIG.format(seconds=60 if assignment is keras_tiny else 5))
    assignment.write(course.folder)
    course.nbgrader("generate_assignment", assignment.NAME)
    return course


def _graded(prepared: Course, assignment, attack: Attack) -> dict:
    """Grade the attack in a process that dies with all that it has started."""
    scratch = Path(tempfile.mkdtemp(prefix="stock-attack-", dir="/var/tmp"))
    report = scratch / "report.json"
    group = _limits(scratch.name)
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        try:
            for folder in group:
                (folder / "cgroup.procs").write_text(str(os.getpid()))
            _inside(prepared, assignment, attack, scratch, report)
        finally:
            os._exit(0)
    limit = start + SECONDS + 30
    while os.waitpid(process, os.WNOHANG)[0] == 0:
        if time.monotonic() > limit:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.1)
    found = json.loads(report.read_text()) if report.exists() else {"lost": "the process of the grader ended, or hung"}
    found["seconds"] = round(time.monotonic() - start, 1)
    memory = int((group[0] / "memory.max_usage_in_bytes").read_text())
    found["peak_megabytes"] = memory >> 20
    time.sleep(0.3)
    for folder in group:
        folder.rmdir()
    shutil.rmtree(scratch, ignore_errors=True)
    return found


def _limits(name: str) -> list[Path]:
    memory, processes = Path("/sys/fs/cgroup/memory", name), Path("/sys/fs/cgroup/pids", name)
    for folder in (memory, processes):
        folder.mkdir()
    (memory / "memory.limit_in_bytes").write_text(str(_MEMORY))
    (processes / "pids.max").write_text(str(_PROCESSES))
    return [memory, processes]


def _inside(prepared: Course, assignment, attack: Attack, scratch: Path, report: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEWNS | _NEWPID | _NEWIPC) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        return
    # The first process of its own world: when it ends, all others do.
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    libc.mount(b"none", b"/", None, _PRIVATE, None)
    libc.mount(b"proc", b"/proc", b"proc", 0, None)
    layers = scratch / "layers"
    layers.mkdir()
    libc.mount(b"none", str(layers).encode(), b"tmpfs", 0, b"size=2g")
    for number, folder in enumerate((ROOT, Path("/etc"), Path("/root"), Path("/tmp"))):
        (layers / f"{number}-up").mkdir()
        (layers / f"{number}-work").mkdir()
        options = f"lowerdir={folder},upperdir={layers}/{number}-up,workdir={layers}/{number}-work"
        if libc.mount(b"overlay", str(folder).encode(), b"overlay", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), f"overlay on {folder}")
    libc.mount(b"none", b"/dev/shm", b"tmpfs", 0, b"size=1g")
    course = Course(scratch)
    shutil.copytree(prepared.folder, course.folder, dirs_exist_ok=True)
    report.write_text(json.dumps(_outcome(course, assignment, attack, scratch)))


def _outcome(course: Course, assignment, attack: Attack, scratch: Path) -> dict:
    release, source = (course.notebook(step, assignment.NAME) for step in ("assignments", "solutions"))
    solved = submissions.filled_in(release, submissions.reference_answers(source))
    for student in HONEST:
        course.put_submission(student, assignment.NAME, solved)
    scene = Scene(course, scratch / "home")
    folder = course.folder / "submitted" / attack.name / assignment.NAME
    folder.parent.mkdir(parents=True)
    attack.make(folder, batches.base(attack, assignment, release, source), scene.place)
    with scene.watched() as harm:
        status = _autograde(course, assignment.NAME)
    shown = ""
    path = course.folder / "autograded" / attack.name / assignment.NAME / f"{assignment.NAME}.ipynb"
    if path.exists() and path.stat().st_size < 50_000_000:
        shown = "\n".join(str(cell.get("outputs")) for cell in nbformat.read(path, 4).cells)
    words = [scene.secret, scene.secret[::-1], *([TOLD[attack.name]] if attack.name in TOLD else [])]
    return {
        "exit": status,
        "points": _points(course, assignment.NAME, attack.name),
        "of": sum(submissions.tests(source).values()),
        "neighbours": {student: _points(course, assignment.NAME, student) for student in HONEST},
        "shows": sum(word in shown for word in words),
        "left": len(harm.left),
        "changed": len(harm.changed),
        "reached": harm.reached,
        "running": len(harm.running),
    }


def _autograde(course: Course, assignment: str) -> int | str:
    with open(course.folder.parent / "log", "wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", assignment],
            cwd=course.folder,
            env=course.environment() | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            status = "hung"
            process.kill()
            process.wait()
    return status


def _points(course: Course, assignment: str, student: str) -> float | str:
    """What somebody has got for the tests and, without anybody's reading them, for written answers."""
    try:
        with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}", course_id="seqmodels") as gradebook:
            try:
                grades = gradebook.find_submission_notebook(assignment, assignment, student).grades
            except MissingEntry:
                return "no score"
            scores = [grade.auto_score if grade.manual_score is None else grade.manual_score for grade in grades]
            pending = any(grade.needs_manual_grade and "test" in grade.name for grade in grades)
            return "waits for a person" if pending else sum(filter(None, scores))
    except (SQLAlchemyError, sqlite3.Error) as error:  # an attack has broken it
        return f"gradebook unreadable: {type(error).__name__}"


if __name__ == "__main__":
    main()
