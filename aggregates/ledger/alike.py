"""How far two sequences are alike: what both begin with need not be looked at again."""

from collections.abc import Sequence
from typing import Any


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
