"""How far two computations of the same numbers are apart."""

import numpy as np
from numpy.typing import ArrayLike


def difference(ours: ArrayLike, theirs: ArrayLike) -> float:
    """The largest absolute difference between two arrays of one shape.

    Args:
      ours: an array, or what NumPy makes one of.
      theirs: another, of the same shape.

    Raises:
      ValueError: the shapes differ, so that NumPy would repeat one to fit the other; or there is no number to compare.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise ValueError(f"the shapes differ: {ours.shape} and {theirs.shape}")
    if ours.size == 0:
        raise ValueError(f"there is no number in arrays of shape {ours.shape}")
    return float(np.abs(ours - theirs).max())
