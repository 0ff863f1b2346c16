"""A hostile submission gets what it deserves, sees nothing that is not for it, and harms nobody.

For each of two small assignments, one command grades a whole class: all attacks, and honest students among them.
What plain nbgrader does with the same attacks: tools/attack_table.py.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from seqmodels.grading import messages
from seqmodels.grading.leaks import HIDDEN_TEST, MARK_SCHEME, SOLUTION, leaked, secrets
from seqmodels.grading.runner.__main__ import DONE, SOME_SET_ASIDE
from seqmodels.grading.runner.results import GRADED, LIMIT, LIMITS, NEEDS_PERSON, SET_ASIDE
from seqmodels.grading.wording import ASK, MESSAGES, NOTHING
from tests.grading import ordinary, submissions, tiny
from tests.grading.attacks import batches
from tests.grading.attacks.attack import Attack
from tests.grading.attacks.batches import BATCHES
from tests.grading.attacks.hidden import TOLD
from tests.grading.attacks.scene import Scene
from tests.grading.course import ROOT, Course, feedback_html
from tests.patience import PATIENCE_WITH_COMMANDS

pytestmark = pytest.mark.needs("sandbox")
# Attacks are graded in the order of their names: one before all of them, some between, one behind.
HONEST = ("0_honest", "f_honest", "m_honest", "s_honest", "zz_honest")
# More than the two cores that there are at least: many attacks sleep until a limit ends them.
WORKERS = 3
CELL_SECONDS = 8
NOTEBOOK_SECONDS = 60
# Of all that it may take to grade a submission: what is above the time of its notebook is start, end and a last
# restart, in which each answer may once more take as long as it may.
MOST_SECONDS = 3 * NOTEBOOK_SECONDS
MOST_BYTES = 20_000_000
MOST_MEGABYTES = 3000  # of all processes that grade a submission
CONFIGURATION = f"""
c.Execute.timeout = {CELL_SECONDS}
c.ExecuteToTheEnd.total_timeout = {NOTEBOOK_SECONDS}
c.ExecuteToTheEnd.patience = 3
c.ExecuteToTheEnd.busy = 1  # who meets a limit has met it, however busy the machine that runs the tests
c.SandboxedKernelManager.memory = 700_000_000
"""
# Messages after which nothing in a submission is graded, and those that ask a person for a look
ASIDE = {key for key, (_, _, teacher) in MESSAGES.items() if teacher == ASK}
LOOK = (
    {key for key, (_, _, teacher) in MESSAGES.items() if teacher != NOTHING}
    - ASIDE
    - LIMITS
    - {"late", "late_on_platform"}
)
REPORTS = ROOT / "_build" / "reports"


class Class:
    """A course in which a class has been graded that consists of attackers, and of a few who are honest.

    Attributes:
      course: the course.
      source: the assignment with its solutions and all tests.
      harm: what the attacks have done that they must not.
      results: what the runner says of each student.
      table: the teacher's table.
      words: what no student may see.
    """

    def __init__(self, folder: Path, assignment: ModuleType, attacks: list[Attack], user: Path | None = None):
        """Grade a class.

        Args:
          folder: where the course is made.
          assignment: the module of the assignment.
          attacks: those that are graded.
          user: the folder above all others, where an ordinary user is to grade, whose home it is then.
        """
        self.name = assignment.NAME
        self._user = user
        self.course = Course(folder)
        assignment.write(self.course.folder)
        self.course.nbgrader("generate_assignment", self.name)
        with open(self.course.folder / "nbgrader_config.py", "a", encoding="utf-8") as config:
            config.write(CONFIGURATION)
        self.source = self.course.notebook("solutions", self.name)
        release = self.course.notebook("assignments", self.name)
        solved = submissions.filled_in(release, submissions.reference_answers(self.source))
        for student in HONEST:
            self.course.put_submission(student, self.name, solved)
        scene = Scene(self.course, folder / "home")
        self.words = [scene.secret, scene.secret[::-1]]
        for attack in attacks:
            target = self.course.folder / "submitted" / attack.name / self.name
            target.parent.mkdir()
            attack.make(target, batches.base(attack, assignment, release, self.source), scene.place)
        # For tools/attack_table.py; a part of the class is not what it wants.
        whole = len(attacks) == len(_attacks(self.name)) and user is None
        results = (REPORTS if whole else folder) / f"attacks_{self.name}.json"
        results.parent.mkdir(parents=True, exist_ok=True)
        results.unlink(missing_ok=True)
        with scene.watched() as self.harm:
            self.results = self._graded_by_the_runner(results)
        self.table = (self.course.folder / "autograded" / f"{self.name}.md").read_text(encoding="utf-8")
        self.course.nbgrader("generate_feedback", self.name)

    def _graded_by_the_runner(self, results: Path) -> dict[str, dict]:
        command = [sys.executable, "-m", "seqmodels.grading.runner", self.name, "--workers", str(WORKERS)]
        command += ["--json", str(results), "--time-limit", str(MOST_SECONDS)]
        done = subprocess.run(
            command if self._user is None else ordinary.command(self._user, *command),
            cwd=self.course.folder,
            env=self.course.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_WITH_COMMANDS,
            check=False,
        )
        assert done.returncode in (DONE, SOME_SET_ASIDE), done.stdout
        return {found["student"]: found for found in json.loads(results.read_text(encoding="utf-8"))["submissions"]}

    def graded(self, student: str) -> nbformat.NotebookNode:
        return self.course.notebook("autograded", self.name, student)

    def page(self, student: str) -> str:
        return feedback_html(self.course.folder / "feedback" / student / self.name / f"{self.name}.html")

    def points(self) -> dict[str, float]:
        return submissions.tests(self.source)

    def written(self) -> list[str]:
        return [
            cell.id for cell in self.source.cells if cell.cell_type == "markdown" and "points" in cell.metadata.nbgrader
        ]


CLASSES = {assignment.NAME: assignment for assignment, _ in BATCHES.values()}


def _attacks(name: str) -> list[Attack]:
    return [attack for assignment, attacks in BATCHES.values() if assignment is CLASSES[name] for attack in attacks]


@pytest.fixture(scope="session")
def graded(request, tmp_path_factory):
    """A function that grades a class once: those of its attacks that this run of pytest has selected."""
    found = {}

    def grade(name: str) -> Class:
        if name not in found:
            found[name] = None  # a class that cannot be graded is not tried again for each of its tests
            chosen = _selected(request.session.items, name) or _attacks(name)
            found[name] = Class(tmp_path_factory.mktemp(f"attacks-{name}"), CLASSES[name], chosen)
        assert found[name] is not None, "this class could not be graded; the first of its tests says why"
        return found[name]

    return grade


def _selected(items: list[pytest.Item], name: str) -> list[Attack]:
    """The attacks of a class that this run of pytest asks for by name."""
    parameters = [item.callspec.params for item in items if item.path == Path(__file__) and hasattr(item, "callspec")]
    names = {found["attack"].name for found in parameters if "attack" in found}
    return [attack for attack in _attacks(name) if attack.name in names]


# conftest.py keeps tests of a batch in one process by these names.
EACH = [pytest.param(name, attack, id=f"batch {name}: {attack.name}") for name in CLASSES for attack in _attacks(name)]
each_attack = pytest.mark.parametrize(("name", "attack"), EACH)
each_class = pytest.mark.parametrize("name", [pytest.param(name, id=f"batch {name}: all") for name in CLASSES])


@each_attack
def test_marks(name, attack, graded, record_property):
    group = graded(name)
    deserved = attack.deserved(group.points(), group.written())
    marks = group.course.marks(group.name, attack.name)
    record_property("attack", f"{attack.name}: {marks} in {group.results[attack.name]['seconds']:.1f} s")
    assert marks == deserved, _said(group, attack.name)


@each_attack
def test_status(name, attack, graded):
    """Student and teacher are told what happened, in words, and nothing else."""
    group = graded(name)
    notes = {note.key for note in messages.read(group.graded(attack.name))}
    assert set(attack.notes) <= notes <= {*attack.notes, *attack.perhaps}
    calm = GRADED if attack.unanswered and not notes & LOOK else NEEDS_PERSON
    expected = SET_ASIDE if notes & ASIDE else LIMIT if notes & LIMITS else calm
    assert group.results[attack.name]["status"] == expected
    assert ("About what you handed in" in group.page(attack.name)) == bool(notes)
    assert (f"| `{attack.name}` " in group.table) == bool(notes)


@each_attack
def test_nothing_is_shown_that_is_not_for_the_student(name, attack, graded):
    group = graded(name)
    page = group.page(attack.name)
    own = "\n".join(cell.source for cell in group.graded(attack.name).cells if not _is_locked(cell))
    kept = secrets(group.source, [HIDDEN_TEST, MARK_SCHEME, SOLUTION])
    assert kept, "the assignment hides nothing; is this check looking at the right notebook?"
    shown = str([cell.get("outputs") for cell in group.graded(attack.name).cells])
    words = [*group.words, *([TOLD[attack.name]] if attack.name in TOLD else [])]
    assert not [word for word in words if word in page or word in shown]
    solved = attack.base == "solved"
    kinds = [secret for secret in kept if not (solved and secret.kind == SOLUTION)]
    assert not [str(secret) for secret in leaked(kinds, page, known=own)]
    # An attack turns what it finds round, so that it passes such checks.
    assert not [str(secret) for secret in kinds if secret.letters[::-1] in re.sub(r"[^a-z0-9]", "", page.lower())]
    assert "<script>alert" not in page
    assert "<script>document" not in page


@each_attack
def test_time_size_and_memory_are_bounded(name, attack, graded):
    group = graded(name)
    assert _seconds(group.results[attack.name]) < MOST_SECONDS
    folder = group.course.folder / "autograded" / attack.name
    assert sum(path.lstat().st_size for path in folder.rglob("*.ipynb")) < MOST_BYTES
    assert group.results[attack.name]["peak_memory_mb"] < MOST_MEGABYTES


@each_class
def test_nobody_else_is_touched(name, graded):
    group = graded(name)
    full = group.points() | dict.fromkeys(group.written())
    for student in HONEST:
        assert group.course.marks(group.name, student) == full
        assert "About what you handed in" not in group.page(student)
        assert f"| `{student}` " not in group.table, "below it the summary names everybody"
        assert _seconds(group.results[student]) < MOST_SECONDS


@each_class
def test_nothing_is_left_or_changed_or_reached(name, graded):
    harm = graded(name).harm
    assert (harm.left, harm.changed, harm.reached, harm.running) == ([], [], [], [])


@each_class
def test_gradebook_holds_the_assignment_as_it_is(name, graded):
    group = graded(name)
    with group.course.gradebook() as gradebook:
        assert gradebook.find_assignment(group.name).max_score == sum(
            cell.metadata.nbgrader.get("points", 0) for cell in group.source.cells if "nbgrader" in cell.metadata
        )
        students = {student.id for student in gradebook.students}
        by_hand = [
            grade
            for submission in gradebook.assignment_submissions(group.name)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.manual_score is not None
        ]
    assert not by_hand
    assert students == {path.name for path in (group.course.folder / "submitted").iterdir()}


@pytest.mark.skipif(os.geteuid() != 0, reason="all attacks are graded by an ordinary user")
@pytest.mark.parametrize("name", [pytest.param(tiny.NAME, id="batch ordinary: all")])
def test_attacks_on_what_linux_counts_for_a_user(name, tmp_path):
    """Of an ordinary user's, all kernels and the grader itself are one user."""
    attacks = [attack for attack in _attacks(name) if attack.name in ("crowd_of_one", "descriptors_sent")]
    group = Class(tmp_path, CLASSES[name], attacks, user=tmp_path)
    for attack in attacks:
        deserved = attack.deserved(group.points(), group.written())
        assert group.course.marks(name, attack.name) == deserved, _said(group, attack.name)
    for student in HONEST:
        assert group.course.marks(name, student) == group.points() | dict.fromkeys(group.written())
    assert (group.harm.left, group.harm.changed, group.harm.reached, group.harm.running) == ([], [], [], [])


def _seconds(result: dict) -> float:
    """How long grading took, on a machine that had nothing else to do."""
    return result["seconds"] - result["waited"]


def _is_locked(cell) -> bool:
    return cell.metadata.get("nbgrader", {}).get("locked", False)


def _said(group: Class, student: str) -> str:
    """What the test cells of a student said, for the report of a failed check."""
    lines = []
    for cell in group.graded(student).cells:
        for output in cell.get("outputs", []):
            text = output.get("evalue") or output.get("text") or str(output.get("data", ""))
            lines.append(f"{cell.metadata.get('nbgrader', {}).get('grade_id', '?')}: {text[:300]}")
    return "\n".join(lines[:40])
