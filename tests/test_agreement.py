"""The difference between two computations: nothing is repeated to fit, and nothing is taken for agreement."""

import numpy as np
import pytest

from seqmodels.agreement import difference


def test_largest_difference_counts():
    assert difference([[1.0, 2.0], [3.0, 4.0]], np.array([[1.0, 2.5], [3.0, 3.0]])) == 1.0
    assert difference(2, 2) == 0


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [([1.0, 2.0], [1.0], "differ"), (np.ones((3, 1)), np.ones(3), "differ"), ([], [], "no number")],
)
def test_what_cannot_be_compared(one, other, words):
    with pytest.raises(ValueError, match=words):
        difference(one, other)


def test_nan_is_no_agreement():
    assert not difference([np.nan], [0.0]) < 1e-6
