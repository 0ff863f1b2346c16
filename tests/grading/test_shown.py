"""How much a notebook may show, and that what it has taken back counts no longer."""

import pytest

from seqmodels.grading.sandbox import client
from seqmodels.grading.shown import Shown


@pytest.fixture
def shown():
    return Shown(most_of_cell=1000, most_of_all=2500)


def test_a_cell_has_its_room_and_all_together_have_theirs(shown):
    assert shown.takes(0, 600, [(0, 0)])
    assert not shown.takes(0, 600, [(0, 1)])
    assert shown.takes(0, 400, [(0, 1)])
    assert shown.takes(1, 1000, [(1, 0)])
    assert not shown.takes(2, 600, [(2, 0)])
    assert shown.takes(2, 500, [(2, 0)])


def test_what_stands_in_the_place_of_another_counts_in_its_place(shown):
    assert shown.takes(0, 900, [(0, 0)])
    for _ in range(5):
        assert shown.takes(0, 950, [(0, 0)])
    assert not shown.takes(0, 100, [(0, 1)])
    assert shown.takes(0, 100, [(0, 0)])
    assert shown.takes(0, 900, [(0, 1)])


def test_what_was_taken_back_counts_no_longer(shown):
    assert shown.takes(0, 1000, [(0, 0)])
    shown.clear(0)
    assert shown.takes(0, 500, [(0, 0)])
    assert shown.takes(0, 500, [(0, 1)])
    for _ in range(3):
        assert shown.takes(0, 1000, [(0, 0)], clears=True)
    assert not shown.takes(0, 10, [(0, 1)])


def test_what_does_not_fit_takes_nothing_back(shown):
    assert shown.takes(0, 800, [(0, 0)])
    assert not shown.takes(0, 1100, [(0, 0)], clears=True)
    assert not shown.takes(0, 300, [(0, 1)])


def test_one_thing_in_many_places_counts_in_each(shown):
    for output in range(10):
        assert shown.takes(0, 10, [(0, output)])
    everywhere = [(0, output) for output in range(10)]
    assert not shown.takes(1, 150, everywhere)
    assert shown.takes(1, 100, everywhere)
    assert not shown.takes(0, 1, [(0, 10)])
    assert not shown.takes(1, 0, [(1, output) for output in range(101)])


def test_there_is_an_end_to_what_is_shown_and_taken_back(shown):
    for _ in range(10):
        assert not shown.is_read(0)
        assert shown.read(0, 400, 10) == 1000
    assert not shown.is_read(0)
    shown.read(0, 1, 0)
    assert shown.is_read(0)
    assert not shown.is_read(1)
    for cell in (1, 2):
        shown.read(cell, 7500, 0)
    assert shown.is_read(3)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ({"data": {"text/plain": "x" * 1000}, "metadata": {}}, 3),
        ({"data": {"application/json": [[1, 2], {"a": []}]}, "metadata": {}}, 8),
        ({"data": {f"a/{n}": "" for n in range(101)}}, None),
        ({"data": {}, "metadata": {str(n): n for n in range(100_000)}}, None),
        ({"data": {"application/json": [[]] * 100_000}}, None),
    ],
)
def test_parts_are_counted(content, parts):
    assert client._parts(content) == parts


def test_what_is_too_deep_is_not_counted_to_its_end():
    nested = []
    for _ in range(40):
        nested = [nested, nested]  # a million million lists for whoever goes down into each
    assert client._parts({"data": nested}) is None
    nested = []
    for _ in range(60):
        nested = [nested]
    assert client._parts({"data": nested}) is None
