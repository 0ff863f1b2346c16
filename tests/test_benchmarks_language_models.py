"""What benchmarks/language_models.py reads in which order, and that the result which a chapter shows is a fair one."""

import json

import numpy as np
import pytest

from benchmarks import language_models as benchmark

STORED = json.loads(benchmark.RESULTS.read_text(encoding="utf-8"))


def test_rows_go_on_in_the_next_batch():
    """Read as a stateful network reads, each row is one piece of the text without a gap."""
    inputs, _ = benchmark.chunks(np.arange(1000), rows=3, length=10)
    batches = inputs.reshape(-1, 3, 10)
    assert len(batches) == 33
    for row in range(3):
        read = batches[:, row].ravel()
        assert (np.diff(read) == 1).all()
        assert read[0] == row * 330


def test_targets_are_one_step_ahead():
    inputs, targets = benchmark.chunks(np.arange(1000), rows=3, length=10)
    assert (targets == inputs + 1).all()


@pytest.mark.parametrize("numbers", [1, 30])
def test_a_text_too_short_for_a_chunk_gives_none(numbers):
    inputs, targets = benchmark.chunks(np.arange(numbers), rows=3, length=10)
    assert inputs.shape == targets.shape == (0, 10)


def test_the_networks_are_of_one_size():
    counts = STORED["weights"].values()
    assert set(STORED["weights"]) == set(benchmark.UNITS)
    assert max(counts) < 1.01 * min(counts)


def test_the_stored_result_is_of_this_benchmark():
    assert STORED["units"] == benchmark.UNITS
    assert (STORED["rows"], STORED["chunk"]) == (benchmark.ROWS, benchmark.CHUNK)
    pairs = [(run["layer"], run["rate"], run["seed"]) for run in STORED["runs"]]
    assert len(pairs) == len(set(pairs))
    for run in STORED["runs"]:
        assert len(run["looks"]) == run["updates"] // STORED["updates_a_look"]
