"""Whole numbers in arrays: 64-bit integers, and Python's own where 64 bits might not do.

Sums of money have no ceiling. An array is ``int64`` as long as nothing that is computed of it can
leave 64 bits, which is what almost all are, and an array of Python's integers (``object``) else.
Both are exact, and both round once, in ``as_floats``: which of them a figure went through cannot be
seen in it.
"""

from collections.abc import Collection
from math import inf
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[Any]
"""Whole numbers: ``int64``, or ``object`` for Python's integers."""

INT64_MAX: Final = 2**63 - 1

_SUM_MAX: Final = 2.0**61
"""Sums of sizes up to it stay ``int64``: room for a difference, and for how floats add up."""


def integers(numbers: Collection[int]) -> Integers:
    """Returns numbers as an array.

    >>> integers([1, 2]).dtype.name, integers([1, 2**64]).tolist()
    ('int64', [1, 18446744073709551616])
    """
    try:
        return np.fromiter(numbers, dtype=np.int64, count=len(numbers))
    except OverflowError:
        wide = np.empty(len(numbers), dtype=object)
        wide[:] = list(numbers)
        return wide


def running_sums(deltas: Integers) -> Integers:
    """Returns the sum of each number and all before it.

    >>> running_sums(integers([2**62, 2**62, -(2**62)])).tolist()
    [4611686018427387904, 9223372036854775808, 4611686018427387904]
    """
    return np.cumsum(summable(deltas))


def deltas_of(sums: Integers) -> Integers:
    """Returns what running sums are the sums of.

    >>> deltas_of(integers([3, 5, 4])).tolist()
    [3, 2, -1]
    """
    deltas = sums.copy()
    deltas[1:] -= sums[:-1]
    return deltas


def summable(numbers: Integers) -> Integers:
    """Returns numbers of which any may be added up."""
    return numbers if _sizes(numbers).sum() <= _SUM_MAX else numbers.astype(object)


def narrowed(numbers: Integers) -> Integers:
    """Returns numbers as an array in which differences of two stay in 64 bits, if they do.

    >>> [narrowed(np.array([1, last], dtype=object)).dtype.name for last in (2, 2**62)]
    ['int64', 'object']
    """
    if numbers.dtype != object or largest_of(numbers) > _SUM_MAX:
        return numbers
    return numbers.astype(np.int64)


def addable(rows: Integers, begins: NDArray[np.intp]) -> Integers:
    """Returns rows that lie end to end so that one number of each can be added up.

    Args:
        rows: The numbers of all rows.
        begins: Where each row begins.
    """
    if rows.dtype == object or not len(begins):
        return rows
    largest = np.maximum.reduceat(_sizes(rows), begins)
    return rows if largest.sum() <= _SUM_MAX else rows.astype(object)


def is_narrow(bound: int) -> bool:
    """Returns whether results up to this size, above or below 0, stay in 64 bits."""
    return bound <= INT64_MAX


def largest_of(numbers: Integers) -> int:
    """Returns the largest size among numbers, 0 of none."""
    if not numbers.size:
        return 0
    return max(int(numbers.max()), -int(numbers.min()))


def as_floats(numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Returns the nearest floats; beyond their range, infinity.

    >>> as_floats(integers([3, 10**30, -(10**400)])).tolist()
    [3.0, 1e+30, -inf]
    """
    try:
        return numbers.astype(np.float64, copy=False)
    except OverflowError:
        floats = np.array([_as_float(number) for number in numbers.flat])
        return floats.reshape(numbers.shape)


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def _sizes(numbers: Integers) -> NDArray[np.float64]:
    return np.abs(as_floats(numbers))
