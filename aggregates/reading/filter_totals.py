"""Filter totals: the series of a measure that differ only in its filters, added up once.

Few formulas select a filter; all others would add the same series up at every reading. A total is
kept until one of its parts changes.
"""

from collections.abc import Sequence
from operator import is_
from typing import Final

import numpy as np

from aggregates.ledger.integers import deltas_of, running_sums
from aggregates.ledger.measure import Measure
from aggregates.ledger.told_sums import Key, Prefix

_NONE: Final[Prefix] = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)


class FilterTotals:
    """The series of one measure without the values of its filters."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._begin()

    def _begin(self) -> None:
        self._keys: list[Key] = []
        self._prefixes: list[Prefix] = []
        self._total_of: list[int] = []
        self._totals: dict[Key, int] = {}
        self._members: list[list[int]] = []
        self._sums: list[Prefix] = []

    def of(self, keys: list[Key], prefixes: Sequence[Prefix]) -> tuple[list[Key], list[Prefix]]:
        """Returns the totals with their segments, and their prefix sums.

        Args:
            keys: The series with filters, and their segments.
            prefixes: Their prefix sums: of a series that did not change the same object as before.
        """
        known = len(self._keys)
        if keys[:known] != self._keys:  # those that are new mostly follow the known ones
            self._begin()
            known = 0
        changed = {
            total
            for total, new, old in zip(self._total_of, prefixes, self._prefixes, strict=False)
            if new is not old
        }
        changed.update(map(self._add, range(known, len(keys)), keys[known:]))
        self._keys, self._prefixes = keys, list(prefixes)
        self._sums += [_NONE] * (len(self._members) - len(self._sums))
        for total in changed:
            self._sums[total] = _added_up([prefixes[number] for number in self._members[total]])
        return list(self._totals), list(self._sums)

    def _add(self, number: int, key: Key) -> int:
        """Adds a series to its total, whose number it returns."""
        series, segment = key
        total = self._totals.setdefault(
            (self._measure.unfiltered(series), segment), len(self._totals)
        )
        if total == len(self._members):
            self._members.append([])
        self._members[total].append(number)
        self._total_of.append(total)
        return total


def is_same(some: Sequence[Prefix], others: Sequence[Prefix]) -> bool:
    """Returns whether no series changed: the ledger makes new arrays for one that did."""
    return some is others or (len(some) == len(others) and all(map(is_, some, others)))


def _added_up(parts: Sequence[Prefix]) -> Prefix:
    """Adds prefix sums up; a tile may then be there more than once, the last time with the sum.

    >>> import numpy as np
    >>> one, other = (np.array([1, 5]), np.array([2, 3])), (np.array([2, 5]), np.array([1, 0]))
    >>> [row.tolist() for row in _added_up([one, other])]
    [[1, 2, 5, 5], [2, 3, 4, 3]]
    """
    if len(parts) == 1:
        return parts[0]
    tiles = np.concatenate([tiles for tiles, _ in parts])
    deltas = np.concatenate([deltas_of(sums) for _, sums in parts])
    order = tiles.argsort(kind="stable")
    return tiles[order], running_sums(deltas[order])
