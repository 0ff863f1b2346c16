"""Tests that come by turns have passed with today's grader, and all of them have their turn."""

import datetime
import json
import shutil

import pytest

from tests.grading import kept, measured
from tests.grading.kept import ATTACKS, MISHAPS, PAGES, ROUNDS, RUNS, SUITES

SIX_HOURS = datetime.timedelta(hours=6)
DAY = datetime.datetime(2030, 1, 7, 9)


@pytest.mark.parametrize("suite", SUITES)
def test_all_have_passed_with_what_there_is_now(suite):
    if measured.wanted() == measured.EVERY:
        assert kept.read()[suite]["passed"], "they all come in this run"
    else:
        assert kept.complaint(suite) == ""


class Item:
    """A collected test, as far as turns are concerned."""

    def __init__(self, path, config, name="test_it", **values):
        self.path, self.config, self.name = config.rootpath / path, config, name
        if values:
            self.callspec = type("CallSpec", (), {"params": values})


def attack(name):
    return type("Attack", (), {"name": name})


@pytest.fixture
def items(pytestconfig):
    """Tests of each suite: two of each of 30 attacks, ...; and tests that every run takes."""

    def item(suite, file=0, **values):
        return Item(SUITES[suite].tests[file], pytestconfig, **values)

    by_suite = {
        ATTACKS: [item(ATTACKS, attack=attack(f"a{i}")) for i in range(30) for _ in "ab"],
        MISHAPS: [item(MISHAPS, kind=f"k{i}") for i in range(5)],
        RUNS: [item(RUNS, file, name=f"test_{i}") for i in range(20) for file in (0, 1)],
        PAGES: [item(PAGES, file, name=f"test_{i}") for i in range(3) for file in range(len(SUITES[PAGES].files))],
        ROUNDS: [item(ROUNDS, file, name=f"test_{i}") for i in range(4) for file in (0, 1)],
    }
    for number, round_of in enumerate(by_suite[ROUNDS]):
        round_of.callspec = type("CallSpec", (), {"params": {"name": f"assignment {number // 2}"}})
    others = [
        item(ATTACKS, name="a class"),
        item(MISHAPS),
        item(ROUNDS),
        Item("tests/grading/test_sandbox.py", pytestconfig, attack=attack("elsewhere")),
    ]
    return by_suite, others


def test_each_has_its_turn_once(items):
    by_suite, others = items
    everything = [*(item for tests in by_suite.values() for item in tests), *others]

    def taken(turn):
        out = kept.left_out(everything, "", DAY + turn * SIX_HOURS)
        return [item for item in everything if item not in out]

    for name, tests in by_suite.items():
        suite = SUITES[name]
        turns = [[item for item in taken(turn) if item in tests] for turn in range(suite.turns)]
        assert sorted(id(item) for of_turn in turns for item in of_turn) == sorted(map(id, tests))
        together = [{suite.one(item) for item in of_turn} for of_turn in turns]
        assert sum(map(len, together)) == len(set.union(*together)), "what belongs together has one turn"
        assert max(map(len, together)) - min(map(len, together)) <= 1
        assert [item for item in taken(suite.turns) if item in tests] == turns[0]
    assert all(item in taken(0) for item in others)


@pytest.mark.parametrize("which", [measured.EVERY, measured.CHANGED])
def test_everyone_has_a_turn_where_all_are_asked_for(items, which):
    by_suite, _ = items
    assert kept.left_out([item for tests in by_suite.values() for item in tests], which, DAY) == []


@pytest.fixture
def copy(monkeypatch, tmp_path):
    """A copy of what keys are made of, and a file that keeps them."""
    for folder in ("src/seqmodels", "tests", "requirements", "solutions"):
        shutil.copytree(kept.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(kept.ROOT / "nbgrader_config.py", tmp_path)
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(measured, "ROOT", tmp_path)
    file = tmp_path / "kept.json"
    for suite in SUITES:
        kept.keep(suite, file)
    return tmp_path, file


CHANGES = {
    "tests/grading/attacks/kernel.py": {ATTACKS: "they themselves"},
    "tests/grading/mishaps.py": dict.fromkeys((MISHAPS, RUNS), "they themselves"),
    "tests/patience.py": dict.fromkeys(SUITES, "they themselves"),
    "tests/grading/runs.py": {RUNS: "they themselves"},
    "tests/grading/test_feedback.py": {PAGES: "they themselves"},
    "tests/grading/tiny.py": dict.fromkeys((ATTACKS, MISHAPS, RUNS, PAGES), "they themselves"),
    "solutions/sentiment_lstm/sentiment_lstm.ipynb": {ROUNDS: "they themselves"},
    "src/seqmodels/strokes.py": {ROUNDS: "they themselves"},
    "src/seqmodels/grading/sandbox/limits.py": dict.fromkeys(SUITES, "the grader"),
    "src/seqmodels/grading/templates/feedback/index.html.j2": dict.fromkeys(SUITES, "the grader"),
    "nbgrader_config.py": dict.fromkeys(SUITES, "the grader"),
    "tests/grading/test_lms.py": {},
    "src/seqmodels/layers/peephole.py": {},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_by_name(copy, name):
    folder, file = copy
    with (folder / name).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    for suite in SUITES:
        complaint, part = kept.complaint(suite, file), CHANGES[name].get(suite)
        assert complaint.startswith(f"{suite}: {part} changed since 20") if part else complaint == ""
        assert ("make marks" in complaint) == bool(part)


def test_another_version_is_told(copy):
    folder, file = copy
    lock = folder / "requirements" / "course.lock"
    lock.write_text(lock.read_text().replace("\nnbclient==", "\nnbclient==9."))
    assert all("the versions of its packages changed" in kept.complaint(suite, file) for suite in SUITES)
    lock.write_text(lock.read_text().replace("\nnbclient==9.", "\nnbclient==").replace("\nsphinx==", "\nsphinx==9."))
    assert not any(kept.complaint(suite, file) for suite in SUITES)


def test_what_has_passed_is_noted(copy):
    _, file = copy
    file.write_text(json.dumps({MISHAPS: {"key": kept.key(MISHAPS), "passed": "2030-01-01"}}))
    assert "never run" in kept.complaint(ATTACKS, file)
    kept.keep(ATTACKS, file)
    assert kept.complaint(ATTACKS, file) == ""
    assert kept.read(file)[MISHAPS]["passed"] == "2030-01-01"
