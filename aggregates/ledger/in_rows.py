"""Numbers of rows that lie end to end in one array, each row as long as it is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aggregates.ledger.integers import Integers, deltas_of, summable

Indices = NDArray[np.intp]


def indices(numbers: Sequence[int]) -> Indices:
    """Returns numbers as an array, of none too."""
    return np.array(numbers, dtype=np.intp)


def begins_of(sorted_numbers: NDArray[np.integer]) -> Indices:
    """Returns where another number than the one before begins.

    >>> begins_of(np.array([3, 3, 5])).tolist()
    [0, 2]
    """
    differs = np.ones(len(sorted_numbers), dtype=np.bool_)
    differs[1:] = sorted_numbers[1:] != sorted_numbers[:-1]
    return np.flatnonzero(differs)


def begins_after(lengths: Indices) -> Indices:
    """Returns where rows of some lengths begin that lie end to end.

    >>> begins_after(np.array([2, 1, 3])).tolist()
    [0, 2, 3]
    """
    return np.cumsum(lengths) - lengths


def ranges(begins: Indices, lengths: Indices) -> Indices:
    """Returns the places of some rows, one after the other.

    >>> ranges(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    return np.repeat(begins - begins_after(lengths), lengths) + np.arange(lengths.sum())


def running_sums_of(deltas: Integers, lengths: Indices) -> Integers:
    """Returns the sum of each number of a row and all before it in that row; no row is empty.

    >>> running_sums_of(np.array([1, 2, 5, 1]), np.array([2, 2])).tolist()
    [1, 3, 5, 6]
    """
    begins = begins_after(lengths)
    sums = np.cumsum(summable(deltas))
    sums -= np.repeat(sums[begins] - deltas[begins], lengths)
    return sums


def deltas_in(sums: Integers, lengths: Indices) -> Integers:
    """Returns what running sums of rows are the sums of; no row is empty.

    >>> deltas_in(np.array([1, 3, 5, 6]), np.array([2, 2])).tolist()
    [1, 2, 5, 1]
    """
    begins = begins_after(lengths)
    deltas = deltas_of(sums)
    deltas[begins] = sums[begins]
    return deltas
