"""The marks in tests/submissions/marks.json are those of today's submissions, and which submissions a run grades."""

import dataclasses
import datetime
import shutil

import pytest

from tests.grading import measured, submissions
from tests.grading.liars import LIAR
from tests.grading.measured import CHANGED, EVERY, REMEDY, Measurement, changed, due, everyone, key, source

FEWEST_RIGHT = 3
FEWEST_WRONG = 15


@pytest.mark.parametrize("assignment", measured.assignments())
def test_marks_were_measured_with_what_there_is_now(assignment):
    kept, complaints = measured.read().get(assignment, {}), []
    names = {submission.name for submission in everyone(assignment)}
    complaints += [f"{name}: there is no such submission any more" for name in kept if name not in names]
    for submission in everyone(assignment):
        now, found = key(assignment, submission), kept.get(submission.name)
        if found is None:
            complaints.append(f"{submission.name}: was never measured")
        elif found.lost != submission.loses:
            complaints.append(
                f"{submission.name}: lost {found.lost} when it was measured, and deserves {submission.loses}"
            )
        elif found.key != now and measured.wanted() != EVERY:
            parts = " and ".join(measured.changed(found.key, now))
            complaints.append(f"{submission.name}: {parts} changed since {found.measured}")
    assert not complaints, "\n  ".join([f"{assignment}: {REMEDY}", *complaints])


@pytest.mark.parametrize("assignment", measured.assignments())
def test_submissions_are_enough_and_name_real_cells(assignment):
    submitted, points = everyone(assignment), submissions.tests(source(assignment))
    right = [submission for submission in submitted if submission.name.startswith("right_")]
    wrong = [submission for submission in submitted if submission.name.startswith("wrong_")]
    mistaken = [submission for submission in wrong if not submission.name.startswith(LIAR)]
    assert len(right) >= FEWEST_RIGHT, f"{len(right)} right submissions"
    assert len(mistaken) >= FEWEST_WRONG, f"{len(mistaken)} wrong submissions"
    assert len(submitted) == 1 + len(right) + len(wrong), "a submission is neither right_* nor wrong_*"
    for submission in submitted:
        for name, lost in submission.loses.items():
            assert 0 < lost <= points.get(name, 0), f"{submission.name} cannot lose {lost} in '{name}'"
    assert all(submission.loses for submission in wrong), "a wrong submission loses nothing"


# On a copy of what marks are made of

ASSIGNMENT = "seven_day_forecast"
DAY = datetime.datetime(2030, 1, 7, 9)
SIX_HOURS = datetime.timedelta(hours=6)


@pytest.fixture
def copy(monkeypatch, tmp_path):
    """A copy of one assignment, its submissions, the library and the lock file, to be changed."""
    shutil.copytree(measured.ROOT / "solutions" / ASSIGNMENT, tmp_path / "solutions" / ASSIGNMENT)
    shutil.copytree(measured.FOLDER / ASSIGNMENT, tmp_path / "submissions" / ASSIGNMENT)
    shutil.copytree(measured._LIBRARY, tmp_path / "src" / "seqmodels", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "requirements").mkdir()
    shutil.copy(measured.ROOT / "requirements" / "course.lock", tmp_path / "requirements")
    monkeypatch.setattr(measured, "ROOT", tmp_path)
    monkeypatch.setattr(measured, "_LIBRARY", tmp_path / "src" / "seqmodels")
    monkeypatch.setattr(submissions, "FOLDER", tmp_path / "submissions")
    forget()
    yield tmp_path
    forget()


def forget():
    for function in (source, everyone, measured._of_assignment, measured._of_modules, measured._of_framework):
        function.cache_clear()


def keys():
    forget()
    return {submission.name: key(ASSIGNMENT, submission) for submission in everyone(ASSIGNMENT)}


def differences(before, after):
    """The parts of keys that differ, by the number of submissions for which they do."""
    found = {}
    for name in before.keys() & after.keys():
        for part in changed(before[name], after[name]):
            found[part] = found.get(part, 0) + 1
    return found


def add(path, text="\n# one line more\n"):
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)
    forget()


def test_each_change_is_told_and_is_for_those_whom_it_concerns(copy):
    before, everybody = keys(), len(everyone(ASSIGNMENT))
    assert differences(before, keys()) == {}
    add(copy / "submissions" / ASSIGNMENT / "wrong_off_by_one.py")
    assert differences(before, keys()) == {"the submission": 1}
    before = keys()
    add(copy / "src" / "seqmodels" / "marking.py")
    assert differences(before, keys()) == {"the library that marks": everybody}
    before = keys()
    add(copy / "src" / "seqmodels" / "grading" / "channel" / "codec.py")
    assert differences(before, keys()) == {"the library that marks": everybody}
    before = keys()
    lock = copy / "requirements" / "course.lock"
    lock.write_text(lock.read_text().replace("\nkeras==", "\nkeras==9."))
    assert differences(before, keys()) == {"the versions of the framework": everybody}
    before = keys()
    notebook = copy / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    # In a test: what changes in a solution changes the submissions that are made of it, too.
    content = notebook.read_text(encoding="utf-8").replace("with marks.part(", "with  marks.part(", 1)
    notebook.write_text(content, encoding="utf-8")
    assert differences(before, keys()) == {"its assignment": everybody}


def test_what_changes_no_mark_changes_no_key(copy):
    before = keys()
    notebook = source(ASSIGNMENT)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source += " A sentence more."
        else:
            cell.outputs, cell.execution_count = [], None
    measured.nbformat.write(notebook, copy / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    for name in ("plotting.py", "quiz.py", "grading/rendering.py", "datasets/shakespeare.py"):
        add(copy / "src" / "seqmodels" / name)
    assert keys() == before


def test_the_data_that_a_notebook_loads_and_what_it_imports_are_part_of_the_key(copy):
    before = keys()
    add(copy / "src" / "seqmodels" / "datasets" / "cta_ridership.py")
    assert set(differences(before, keys())) == {"the library that marks"}
    before = keys()
    add(copy / "src" / "seqmodels" / "datasets" / "_splits.py")
    assert set(differences(before, keys())) == {"the library that marks"}


def kept_today(day=DAY):
    return {
        submission.name: Measurement(key(ASSIGNMENT, submission), submission.loses, day.date().isoformat())
        for submission in everyone(ASSIGNMENT)
    }


def names(kept, *arguments):
    return [submission.name for submission in due(ASSIGNMENT, {ASSIGNMENT: kept}, *arguments)]


def test_all_are_graded_within_a_week_and_few_at_a_time(copy):
    kept, everybody = kept_today(DAY - datetime.timedelta(days=30)), names({}, EVERY)
    week = [names(kept, "", DAY + number * SIX_HOURS) for number in range(measured.TURNS)]
    assert set().union(*week) == set(everybody)
    assert all(turn[0] == "blank" and any(name.startswith("right_") for name in turn) for turn in week)
    assert max(map(len, week)) <= 2 + -(-(len(everybody) - 2) // measured.TURNS)
    assert names(kept, CHANGED, DAY) == []


def test_what_has_changed_is_graded_whatever_the_day(copy):
    kept = kept_today(DAY - datetime.timedelta(days=30))
    kept["wrong_off_by_one"] = dataclasses.replace(kept["wrong_off_by_one"], key="0-0-0-0")
    del kept["wrong_never_trained"]
    assert names(kept, CHANGED, DAY) == ["wrong_never_trained", "wrong_off_by_one"]
    for number in range(measured.TURNS):
        assert {"wrong_never_trained", "wrong_off_by_one"} <= set(names(kept, "", DAY + number * SIX_HOURS))


def test_a_new_measurement_is_tried_again_but_never_all_of_them(copy):
    kept = kept_today(DAY - datetime.timedelta(days=30))
    kept["wrong_off_by_one"] = dataclasses.replace(kept["wrong_off_by_one"], measured=DAY.date().isoformat())
    assert "wrong_off_by_one" in names(kept, "", DAY)
    share = -(-(len(kept) - 2) // measured.TURNS)
    assert len(names(kept_today(), "", DAY)) == 2 + share


def test_measurements_are_taken_over_only_if_they_are_of_today(copy, tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "assignments", lambda: [ASSIGNMENT])
    file, report = tmp_path / "marks.json", tmp_path / "report.json"
    kept = kept_today()
    gone = kept["blank"]
    measured.write({ASSIGNMENT: kept | {"wrong_gone": gone}}, file)
    assert measured.take_in(report, file) == []
    assert "wrong_gone" not in measured.read(file)[ASSIGNMENT]
    add(copy / "submissions" / ASSIGNMENT / "wrong_off_by_one.py")
    assert measured.take_in(report, file) == [f"{ASSIGNMENT}: wrong_off_by_one"]
    new = Measurement(keys()["wrong_off_by_one"], {"test_windows": 1}, DAY.date().isoformat())
    measured.write({ASSIGNMENT: {"wrong_off_by_one": new}}, report)
    assert measured.take_in(report, file) == []
    assert measured.read(file)[ASSIGNMENT]["wrong_off_by_one"] == new


def test_a_file_without_measurements_is_none(tmp_path):
    assert measured.read(tmp_path / "nothing.json") == {}
