"""The marks that submissions were given when they were last graded, and of what those marks are made.

To grade all submissions of tests/submissions takes most of an hour. Their marks depend on the submission, its assignment,
the library that marks, and the versions of the framework. tests/submissions/marks.json keeps the points that each
has lost, the day, and a key of exactly these four; while the key is that of today, the marks need not be measured again:

    "wrong_off_by_one": {"key": "0c5f3a1d-…", "lost": {"test_windows": 10}, "measured": "2026-12-01"}

What is common to all, such as the sandbox, the limits and the pages, is no part of the key. Each run grades enough
submissions to see it fail, and the weekly run grades every one.
"""

import ast
import dataclasses
import datetime
import functools
import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat

from tests.grading import submissions
from tests.grading.liars import liars
from tests.grading.submissions import BLANK, FOLDER, Submission

ROOT = Path(__file__).resolve().parents[2]
FILE = FOLDER / "marks.json"
REPORT = ROOT / "_build" / "reports" / "measured.json"
REMEDY = "run make marks, which grades what has changed, and commit tests/submissions/marks.json"

# The parts of a key, in its order.
PARTS = ("the submission", "its assignment", "the library that marks", "the versions of the framework")
_DIGITS = 8

_LIBRARY = ROOT / "src" / "seqmodels"
_MARKING = ("marking.py", "grading/channel/*.py")  # how a test asks, and what comes back
_PASSED_ON = {"relay.py"}  # the grader's part of the channel, which passes on what it does not read
# What a notebook imports of the library for its looks.
_FOR_LOOKS = {"seqmodels.plotting"}
_FRAMEWORK = ("keras", "numpy", "pandas", "scikit-learn", "scipy", "tensorflow", "tensorflow-datasets")

TURNS = 28  # of six hours each: a week, in which every submission is graded once if there is a push in each
_FRESH = 1  # days for which a new measurement is still tried on another machine
EVERY, CHANGED = "every", "changed"


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What a submission was given.

    Attributes:
      key: of what the marks are made.
      lost: the points lost, by grade_id of the test.
      measured: the day, as YYYY-MM-DD.
    """

    key: str
    lost: dict[str, float]
    measured: str


def read(file: Path = FILE) -> dict[str, dict[str, Measurement]]:
    """The measurements in a file, by assignment and submission; none if there is no file."""
    if not file.is_file():
        return {}
    kept = json.loads(file.read_text(encoding="utf-8"))
    return {
        assignment: {name: Measurement(**fields) for name, fields in found.items()}
        for assignment, found in kept.items()
    }


def write(measurements: dict[str, dict[str, Measurement]], file: Path = FILE) -> None:
    """Write a file of measurements, one line each, in alphabetical order."""
    blocks = []
    for assignment, found in sorted(measurements.items()):
        lines = [f"  {json.dumps(name)}: {json.dumps(dataclasses.asdict(found[name]))}" for name in sorted(found)]
        blocks.append(f" {json.dumps(assignment)}: {{\n" + ",\n".join(lines) + "\n }")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


@functools.cache
def source(assignment: str) -> nbformat.NotebookNode:
    """The teacher's notebook of an assignment."""
    return nbformat.read(ROOT / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)


@functools.cache
def everyone(assignment: str) -> list[Submission]:
    """All submissions of an assignment: the blank one, those in files, and the liars."""
    blank = Submission(BLANK, "nothing is answered", submissions.tests(source(assignment)), {})
    return [blank, *submissions.read_all(assignment), *liars(assignment, source(assignment))]


def key(assignment: str, submission: Submission) -> str:
    """A digest of each of PARTS, joined by hyphens."""
    answers = json.dumps(submission.answers, sort_keys=True)
    library = _of_library(assignment, "\n".join(submission.answers.values()))
    return "-".join([digest(answers), _of_assignment(assignment), library, _of_framework()])


def changed(old: str, new: str) -> list[str]:
    """Which of PARTS differ between two keys."""
    return [part for part, one, other in zip(PARTS, old.split("-"), new.split("-"), strict=True) if one != other]


def due(
    assignment: str, kept: dict[str, dict[str, Measurement]], which: str = "", moment: datetime.datetime | None = None
) -> list[Submission]:
    """The submissions of an assignment that a run grades.

    Args:
      assignment: its name.
      kept: the measurements of all assignments.
      which: EVERY one, those that have CHANGED, or, for any other word, those too that are always graded, and of the
        rest those whose turn it is.
      moment: when turns are taken; as turn().
    """
    all_of_them = everyone(assignment)
    if which == EVERY:
        return all_of_them
    own = kept.get(assignment, {})
    chosen = {one.name for one in all_of_them if one.name not in own or own[one.name].key != key(assignment, one)}
    if which != CHANGED:
        always = _always(all_of_them)
        chosen |= always | {name for found, name in _whose_turn_it_is(kept, moment) if found == assignment}
    return [one for one in all_of_them if one.name in chosen]


def _always(submitted: Sequence[Submission]) -> set[str]:
    """Those of an assignment that every run grades: the blank one, and a right one."""
    return {BLANK, *[one.name for one in submitted if one.name.startswith("right_")][:1]}


def _whose_turn_it_is(
    kept: dict[str, dict[str, Measurement]], moment: datetime.datetime | None
) -> list[tuple[str, str]]:
    """Of all the others, by assignment and name, a few; those first that were measured just now."""
    found = {assignment: everyone(assignment) for assignment in assignments()}
    others = sorted(
        (
            (assignment, one.name)
            for assignment in found
            for one in found[assignment]
            if one.name not in _always(found[assignment])
        ),
        key=lambda other: digest(" ".join(other)),
    )
    fresh = [
        (assignment, name)
        for assignment, name in others
        if name in kept.get(assignment, {}) and _age(kept[assignment][name], moment or _moment()) <= _FRESH
    ]
    in_turn = others[turn(moment) % TURNS :: TURNS]
    # No more than that, so that a day on which everything was measured costs no more than others.
    share = -(-len(others) // TURNS)
    return [*fresh, *(other for other in in_turn if other not in fresh)][:share]


def turn(moment: datetime.datetime | None = None) -> int:
    """The number of a turn of six hours: that of a moment, of MARKS_AT in the environment, or of now."""
    moment = moment or _moment()
    return 4 * moment.toordinal() + moment.hour // 6


def _moment() -> datetime.datetime:
    return datetime.datetime.fromisoformat(os.environ.get("MARKS_AT") or now())


def now() -> str:
    """This moment, as all processes of a run shall take it."""
    return datetime.datetime.now().isoformat(timespec="seconds")


def wanted() -> str:
    """What the environment asks for: EVERY, CHANGED, or nothing special."""
    return EVERY if os.environ.get("EVERY_SUBMISSION") == "true" else os.environ.get("SUBMISSIONS", "")


def take_in(report: Path = REPORT, file: Path = FILE) -> list[str]:
    """Write what the last runs have measured into the file; returns what it still lacks, as "assignment: name".

    What is no submission any more goes out of the file, and so does a measurement of what has changed since.
    """
    kept, new = read(file), read(report)
    measurements, lacking = {}, []
    for assignment in assignments():
        for one in everyone(assignment):
            today = key(assignment, one)
            candidates = (found.get(assignment, {}).get(one.name) for found in (new, kept))
            valid = next((found for found in candidates if found is not None and found.key == today), None)
            if valid is None:
                lacking.append(f"{assignment}: {one.name}")
            else:
                measurements.setdefault(assignment, {})[one.name] = valid
    write(measurements, file)
    return lacking


def assignments() -> list[str]:
    """The names of the assignments that have submissions."""
    return sorted(notebook.stem for notebook in ROOT.glob("solutions/*/*.ipynb"))


def _age(measurement: Measurement, moment: datetime.datetime) -> int:
    return (moment.date() - datetime.date.fromisoformat(measurement.measured)).days


@functools.cache
def _of_assignment(assignment: str) -> str:
    """All that runs, and the points; texts and outputs change no mark."""
    cells = [
        [cell.id, cell.cell_type, cell.source if cell.cell_type == "code" else "", cell.metadata.get("nbgrader", {})]
        for cell in source(assignment).cells
    ]
    return digest(json.dumps(cells, sort_keys=True))


def _of_library(assignment: str, answers: str) -> str:
    """The modules by which a test asks and marks, and those that the notebook imports."""
    code = "\n".join(cell.source for cell in source(assignment).cells if cell.cell_type == "code")
    return _of_modules(frozenset(_modules_in(f"{code}\n{answers}")))


@functools.cache
def _of_modules(modules: frozenset[str]) -> str:
    files = {path for pattern in _MARKING for path in _LIBRARY.glob(pattern) if path.name not in _PASSED_ON}
    return of_files(files | imported(modules))


@functools.cache
def _of_framework() -> str:
    """What the lock files pin, for every version of Python."""
    return pinned(_FRAMEWORK)


def _modules_in(code: str) -> set[str]:
    """The modules of the library that a notebook's code imports, and those of the data sets that it loads by name."""
    modules = set(re.findall(r"^\s*(?:from|import)\s+(seqmodels[\w.]*)", code, flags=re.MULTILINE)) - _FOR_LOOKS
    if "seqmodels.datasets" in modules:
        # The package imports every builder; the notebook uses those that it names, as in tfds.load("movie_reviews/imdb").
        modules.discard("seqmodels.datasets")
        names = set(re.findall(r"""["'](\w+)(?:/\w+)?["']""", code))
        modules |= {f"seqmodels.datasets.{name}" for name in names if (_LIBRARY / "datasets" / f"{name}.py").is_file()}
    return modules


def imported(modules: Iterable[str], package: str = "seqmodels", folder: str = "src") -> set[Path]:
    """The files that these modules are made of: their own, and what they import of their package in turn.

    Args:
      modules: their names, such as "seqmodels.strokes".
      package: the package whose modules are followed.
      folder: where it lies, from the course's folder.
    """
    found, ahead = set(), set(modules)
    while ahead:
        module = ahead.pop()
        path = ROOT / folder / Path(*module.split("."))
        file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        if module in _FOR_LOOKS or file in found or not file.is_file():
            continue
        found.add(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
                # What is imported from a package may be a module of it, as in "from seqmodels import strokes".
                ahead |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                ahead |= {alias.name for alias in node.names if alias.name.startswith(package)}
    return found


def pinned(packages: Iterable[str]) -> str:
    """A digest of the versions of some packages, for every version of Python."""
    lock = (ROOT / "requirements" / "course.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)==(\S+)", lock, flags=re.MULTILINE)
    return digest(json.dumps([pin for pin in pins if pin[0] in packages]))


def of_files(files: Iterable[Path]) -> str:
    """A digest of files, with their paths from the course's folder."""
    named = [(str(file.relative_to(ROOT)), hashlib.sha256(file.read_bytes()).hexdigest()) for file in sorted(files)]
    return digest(json.dumps(named))


def digest(text: str) -> str:
    """A short digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
