"""The page of attacks shows each of them, as it is now."""

import json
import re

import pytest

from tests.grading.attacks.batches import BATCHES
from tools import attack_table

NAMES = [attack.name for _, attacks in BATCHES.values() for attack in attacks]


def test_names_are_different():
    assert len(set(NAMES)) == len(NAMES) >= 200


@pytest.mark.parametrize("file", [attack_table.STOCK, attack_table.HERE], ids=lambda file: file.name)
def test_what_was_measured_is_of_these_attacks(file):
    assert sorted(json.loads(file.read_text(encoding="utf-8"))) == sorted(NAMES)


def test_page_is_as_the_tool_writes_it():
    assert attack_table.PAGE.read_text(encoding="utf-8").partition(attack_table.MARK)[2] == attack_table.tables(), (
        "run python -m tools.attack_table"
    )


def test_nothing_else_is_bold():
    without_code = re.sub(r"`[^`]*`", "", attack_table.PAGE.read_text(encoding="utf-8"))
    assert {bold for bold in re.findall(r"\*\*(.+?)\*\*", without_code) if "points" not in bold} == set()
    assert re.findall(r"\b__\w+__\b", without_code) == []


def test_points_that_were_not_earned_are_bold():
    earned = {"points": 80.0, "of": 80.0, "exit": 0, "neighbours": {}, "shows": 0, "changed": 0, "left": 0}
    earned |= {"reached": [], "running": 0}
    assert attack_table._plain(earned, 80) == "80 of 80 points"
    assert attack_table._plain(earned, 70) == "**80 of 80 points**"
