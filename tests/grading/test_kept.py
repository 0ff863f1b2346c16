"""Attacks and mishaps were graded by today's grader, and all of them have their turn."""

import datetime
import json
import shutil

import pytest

from tests.grading import kept, measured
from tests.grading.kept import ATTACKS, MISHAPS, TURNS

SIX_HOURS = datetime.timedelta(hours=6)
DAY = datetime.datetime(2030, 1, 7, 9)


@pytest.mark.parametrize("suite", TURNS)
def test_all_were_graded_by_what_there_is_now(suite):
    if measured.wanted() == measured.EVERY:
        assert kept.read()[suite]["graded"], "they are graded in this run"
    else:
        assert kept.complaint(suite) == ""


class Item:
    """A collected test, as far as turns are concerned."""

    def __init__(self, path, config, **values):
        self.path, self.config = config.rootpath / path, config
        if values:
            self.callspec = type("CallSpec", (), {"params": values})


def attack(name):
    return type("Attack", (), {"name": name})


@pytest.fixture
def items(pytestconfig):
    """Two tests of each of 30 attacks, one of each of five kinds, and tests that are no matter of turns."""
    attacks = [Item(kept.test_file(ATTACKS), pytestconfig, attack=attack(f"a{i}")) for i in range(30) for _ in "ab"]
    kinds = [Item(kept.test_file(MISHAPS), pytestconfig, kind=f"k{i}") for i in range(5)]
    others = [
        Item(kept.test_file(ATTACKS), pytestconfig, name="a class"),
        Item(kept.test_file(MISHAPS), pytestconfig),
        Item("tests/grading/test_runner.py", pytestconfig, attack=attack("elsewhere")),
    ]
    return attacks, kinds, others


def test_each_has_its_turn_once(items):
    attacks, kinds, others = items
    everything = [*attacks, *kinds, *others]

    def taken(turn):
        out = kept.left_out(everything, "", DAY + turn * SIX_HOURS)
        return [item for item in everything if item not in out]

    for suite, tests in ((ATTACKS, attacks), (MISHAPS, kinds)):
        turns = [[item for item in taken(turn) if item in tests] for turn in range(TURNS[suite])]
        assert sorted(id(item) for items_of_turn in turns for item in items_of_turn) == sorted(map(id, tests))
        assert max(map(len, turns)) - min(map(len, turns)) <= 2, "the two tests of one attack"
        assert [item for item in taken(TURNS[suite]) if item in tests] == turns[0]
    assert all(item in taken(0) for item in others)


@pytest.mark.parametrize("which", [measured.EVERY, measured.CHANGED])
def test_everyone_has_a_turn_where_all_are_asked_for(items, which):
    assert kept.left_out([item for group in items for item in group], which, DAY) == []


@pytest.fixture
def copy(monkeypatch, tmp_path):
    """A copy of what keys are made of, and a file that keeps them."""
    for folder in ("src/seqmodels/grading", "tests/grading", "requirements"):
        shutil.copytree(kept.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("src/seqmodels/marking.py", "nbgrader_config.py"):
        shutil.copy(kept.ROOT / name, tmp_path / name)
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(measured, "ROOT", tmp_path)
    file = tmp_path / "kept.json"
    for suite in TURNS:
        kept.keep(suite, file)
    return tmp_path, file


CHANGES = {
    "tests/grading/attacks/kernel.py": {ATTACKS: "they themselves"},
    "tests/grading/mishaps.py": {MISHAPS: "they themselves"},
    "tests/grading/tiny.py": dict.fromkeys(TURNS, "they themselves"),
    "src/seqmodels/grading/sandbox/limits.py": dict.fromkeys(TURNS, "the grader"),
    "src/seqmodels/grading/templates/feedback/index.html.j2": dict.fromkeys(TURNS, "the grader"),
    "nbgrader_config.py": dict.fromkeys(TURNS, "the grader"),
    "tests/grading/test_lms.py": {},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_by_name(copy, name):
    folder, file = copy
    with (folder / name).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    for suite in TURNS:
        complaint, part = kept.complaint(suite, file), CHANGES[name].get(suite)
        assert complaint.startswith(f"{suite}: {part} changed since 20") if part else complaint == ""
        assert ("make marks" in complaint) == bool(part)


def test_another_version_is_told(copy):
    folder, file = copy
    lock = folder / "requirements" / "course.lock"
    lock.write_text(lock.read_text().replace("\nnbclient==", "\nnbclient==9."))
    assert all("the versions of its packages changed" in kept.complaint(suite, file) for suite in TURNS)
    lock.write_text(lock.read_text().replace("\nnbclient==9.", "\nnbclient==").replace("\nsphinx==", "\nsphinx==9."))
    assert not any(kept.complaint(suite, file) for suite in TURNS)


def test_what_was_graded_is_noted(copy):
    _, file = copy
    file.write_text(json.dumps({MISHAPS: {"key": kept.key(MISHAPS), "graded": "2030-01-01"}}))
    assert "were never graded" in kept.complaint(ATTACKS, file)
    kept.keep(ATTACKS, file)
    assert kept.complaint(ATTACKS, file) == ""
    assert kept.read(file)[MISHAPS]["graded"] == "2030-01-01"
