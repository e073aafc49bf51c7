"""How far two sequences are alike: what both begin with need not be looked at again."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def common(one: Sequence[Any], other: Sequence[Any]) -> int:
    """Returns how many elements two sequences begin with alike.

    >>> common("abcd", "abed"), common([], [1])
    (2, 0)
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        half = (low + high + 1) // 2
        if one[low:half] == other[low:half]:
            low = half
        else:
            high = half - 1
    return low


def apart(one: Numbers, other: Numbers) -> tuple[Numbers, Numbers]:
    """Returns the columns of two arrays without those that both begin, and end, with.

    >>> less, more = apart(np.array([[1, 5, 7, 9]]), np.array([[1, 6, 9]]))
    >>> less.tolist(), more.tolist()
    ([[5, 7]], [[6]])
    """
    length = min(one.shape[1], other.shape[1])
    first = _begun(one[:, :length], other[:, :length])
    one, other, length = one[:, first:], other[:, first:], length - first
    last = _begun(one[:, ::-1][:, :length], other[:, ::-1][:, :length])
    return one[:, : one.shape[1] - last], other[:, : other.shape[1] - last]


def _begun(one: Numbers, other: Numbers) -> int:
    """Returns how many columns two arrays of one shape begin with alike."""
    unlike = (one != other).any(axis=0)
    return int(unlike.argmax()) if unlike.any() else len(unlike)
