"""A hostile submission gets what it deserves, sees nothing that is not for it, and harms nobody.

Real nbgrader commands grade all attacks of a theme in one batch, with an honest student before them and one
behind. What plain nbgrader does with the same attacks: tools/attack_table.py.
"""

import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from seqmodels.grading import messages
from seqmodels.grading.leaks import HIDDEN_TEST, MARK_SCHEME, SOLUTION, leaked, secrets
from tests.grading import submissions
from tests.grading.attacks import batches
from tests.grading.attacks.attack import Attack
from tests.grading.attacks.batches import BATCHES
from tests.grading.attacks.hidden import TOLD
from tests.grading.attacks.scene import Scene
from tests.grading.course import Course, feedback_html

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")

HONEST = ("0_honest", "zz_honest")
CELL_SECONDS = 4
NOTEBOOK_SECONDS = 45
# Of all that it may take to grade a submission: what is above the time of its notebook is start, end and restarts.
MOST_SECONDS = NOTEBOOK_SECONDS + 30
MOST_BYTES = 20_000_000
MEMORY = 700_000_000


class Batch:
    """A course in which all the attacks of a theme have been graded.

    Attributes:
      course: the course.
      source: the assignment with its solutions and all tests.
      harm: what the attacks have done that they must not.
      seconds: how long each student's submission took.
      table: the teacher's table.
      words: what no student may see.
    """

    def __init__(self, folder, theme: str, released: Course, attacks: list[Attack]):
        assignment = BATCHES[theme][0]
        self.name = assignment.NAME
        self.course = Course(folder)
        shutil.copytree(released.folder, self.course.folder, dirs_exist_ok=True)
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
        with scene.watched() as self.harm:
            log = self.course.nbgrader(
                "autograde",
                self.name,
                f"--Execute.timeout={CELL_SECONDS}",
                f"--ExecuteToTheEnd.total_timeout={NOTEBOOK_SECONDS}",
                "--ExecuteToTheEnd.patience=3",
                f"--SandboxedKernelManager.memory={MEMORY}",
                "--Application.log_format=%(created)f %(message)s",
            )
        self.seconds = _seconds(log, self.name)
        self.table = (self.course.folder / "autograded" / f"{self.name}.md").read_text(encoding="utf-8")
        self.course.nbgrader("generate_feedback", self.name)

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


def _seconds(log: str, assignment: str) -> dict[str, float]:
    """How long each submission took: from the line that begins it to the line that begins the next."""
    lines = re.findall(r"^(\d+\.\d+) (.*)", log, re.MULTILINE)
    starts = [
        (float(moment), match[1])
        for moment, words in lines
        if (match := re.match(rf"Converting notebook .*/([^/]+)/{assignment}/{assignment}\.ipynb", words))
    ]
    found = {}
    # Each notebook is converted twice: once to build it anew, once to run it.
    ends = [moment for moment, _ in starts[1:]] + [float(lines[-1][0])]
    for (start, student), end in zip(starts, ends, strict=True):
        found[student] = found.get(student, 0) + end - start
    return found


@pytest.fixture(scope="session")
def graded(request, tmp_path_factory):
    """A function that grades the attacks of a theme once: those of them that this run of pytest has selected."""
    released, found = {}, {}

    def release(assignment) -> Course:
        if assignment.NAME not in released:
            course = Course(tmp_path_factory.mktemp(f"attacks-{assignment.NAME}"))
            assignment.write(course.folder)
            course.nbgrader("generate_assignment", assignment.NAME)
            released[assignment.NAME] = course
        return released[assignment.NAME]

    def grade(theme: str) -> Batch:
        if theme not in found:
            assignment, attacks = BATCHES[theme]
            chosen = _selected(request.session.items, theme) or attacks
            found[theme] = None  # a batch that cannot be graded is not tried again for each of its tests
            found[theme] = Batch(tmp_path_factory.mktemp(f"attacks-{theme}"), theme, release(assignment), chosen)
        assert found[theme] is not None, "this batch could not be graded; the first of its tests says why"
        return found[theme]

    return grade


def _selected(items: list[pytest.Item], theme: str) -> list[Attack]:
    """The attacks of a theme that this run of pytest asks for by name."""
    parameters = [item.callspec.params for item in items if item.path == Path(__file__) and hasattr(item, "callspec")]
    names = {found["attack"].name for found in parameters if "attack" in found}
    return [attack for attack in BATCHES[theme][1] if attack.name in names]


# conftest.py keeps tests of a batch in one process by these names.
EACH = [
    pytest.param(theme, attack, id=f"batch {theme}: {attack.name}")
    for theme, (_, attacks) in BATCHES.items()
    for attack in attacks
]
THEMES = [pytest.param(theme, id=f"batch {theme}: all") for theme in BATCHES]
each_attack = pytest.mark.parametrize(("theme", "attack"), EACH)
each_theme = pytest.mark.parametrize("theme", THEMES)


@each_attack
def test_marks(theme, attack, graded, record_property):
    batch = graded(theme)
    deserved = attack.deserved(batch.points(), batch.written())
    marks = batch.course.marks(batch.name, attack.name)
    record_property("attack", f"{attack.name}: {marks} in {batch.seconds.get(attack.name, 0):.1f} s")
    assert marks == deserved, _said(batch, attack.name)


@each_attack
def test_status(theme, attack, graded):
    """Student and teacher are told what happened, in words, and nothing else."""
    batch = graded(theme)
    notes = {found.key for found in messages.read(batch.graded(attack.name))}
    assert set(attack.notes) <= notes <= {*attack.notes, *attack.perhaps}
    assert ("About what you handed in" in batch.page(attack.name)) == bool(notes)
    assert (f"| `{attack.name}` " in batch.table) == bool(notes)


@each_attack
def test_nothing_is_shown_that_is_not_for_the_student(theme, attack, graded):
    batch = graded(theme)
    page = batch.page(attack.name)
    own = "\n".join(cell.source for cell in batch.graded(attack.name).cells if not _is_locked(cell))
    kept = secrets(batch.source, [HIDDEN_TEST, MARK_SCHEME, SOLUTION])
    assert kept, "the assignment hides nothing; is this check looking at the right notebook?"
    shown = str([cell.get("outputs") for cell in batch.graded(attack.name).cells])
    words = [*batch.words, *([TOLD[attack.name]] if attack.name in TOLD else [])]
    assert not [word for word in words if word in page or word in shown]
    solved = attack.base == "solved"
    kinds = [secret for secret in kept if not (solved and secret.kind == SOLUTION)]
    assert not [str(secret) for secret in leaked(kinds, page, known=own)]
    # An attack turns what it finds round, so that it passes such checks.
    assert not [str(secret) for secret in kinds if secret.letters[::-1] in re.sub(r"[^a-z0-9]", "", page.lower())]
    assert "<script>alert" not in page
    assert "<script>document" not in page


@each_attack
def test_time_and_size_are_bounded(theme, attack, graded):
    batch = graded(theme)
    assert batch.seconds[attack.name] < MOST_SECONDS
    folder = batch.course.folder / "autograded" / attack.name
    assert sum(path.lstat().st_size for path in folder.rglob("*.ipynb")) < MOST_BYTES


@each_theme
def test_nobody_else_is_touched(theme, graded):
    batch = graded(theme)
    full = batch.points() | dict.fromkeys(batch.written())
    for student in HONEST:
        assert batch.course.marks(batch.name, student) == full
        assert "About what you handed in" not in batch.page(student)
        assert f"`{student}`" not in batch.table
        assert batch.seconds[student] < MOST_SECONDS


@each_theme
def test_nothing_is_left_or_changed_or_reached(theme, graded):
    harm = graded(theme).harm
    assert (harm.left, harm.changed, harm.reached, harm.running) == ([], [], [], [])


@each_theme
def test_gradebook_holds_the_assignment_as_it_is(theme, graded):
    batch = graded(theme)
    with batch.course.gradebook() as gradebook:
        assert gradebook.find_assignment(batch.name).max_score == sum(
            cell.metadata.nbgrader.get("points", 0) for cell in batch.source.cells if "nbgrader" in cell.metadata
        )
        students = {student.id for student in gradebook.students}
        by_hand = [
            grade
            for found in gradebook.assignment_submissions(batch.name)
            for notebook in found.notebooks
            for grade in notebook.grades
            if grade.manual_score is not None
        ]
    assert not by_hand
    assert students == {path.name for path in (batch.course.folder / "submitted").iterdir()}


def _is_locked(cell) -> bool:
    return cell.metadata.get("nbgrader", {}).get("locked", False)


def _said(batch: Batch, student: str) -> str:
    """What the test cells of a student said, for the report of a failed check."""
    lines = []
    for cell in batch.graded(student).cells:
        for output in cell.get("outputs", []):
            text = output.get("evalue") or output.get("text") or str(output.get("data", ""))
            lines.append(f"{cell.metadata.get('nbgrader', {}).get('grade_id', '?')}: {text[:300]}")
    return "\n".join(lines[:40])
