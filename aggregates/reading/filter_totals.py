"""Filter totals: the series of a measure that differ only in its filters, added up once.

Few formulas select a filter; all others would add the same series up at every reading. A total is
kept until one of its parts changes.
"""

from collections.abc import Sequence
from operator import is_

import numpy as np

from aggregates.ledger.integers import deltas_of, running_sums
from aggregates.ledger.ledger import Key, Prefix
from aggregates.ledger.measure import Measure


class FilterTotals:
    """The series of one measure without the values of its filters."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._keys: list[Key] = []
        self._members: dict[Key, list[int]] = {}
        self._totals: dict[Key, tuple[list[Prefix], Prefix]] = {}

    def of(self, keys: list[Key], prefixes: Sequence[Prefix]) -> tuple[list[Key], list[Prefix]]:
        """Returns the totals with their segments, and their prefix sums.

        Args:
            keys: The series with filters, and their segments.
            prefixes: Their prefix sums: of a series that did not change the same object as before.
        """
        if keys != self._keys:
            self._group(keys)
        for total, members in self._members.items():
            parts = [prefixes[number] for number in members]
            known = self._totals.get(total)
            if known is None or not is_same(parts, known[0]):
                self._totals[total] = parts, _added_up(parts)
        return list(self._members), [self._totals[total][1] for total in self._members]

    def _group(self, keys: list[Key]) -> None:
        """Finds the series of each total; those that are new mostly follow the known ones."""
        known = len(self._keys)
        if keys[:known] != self._keys:
            known = 0
            self._members = {}
        for number, (series, segment) in enumerate(keys[known:], known):
            total = self._measure.unfiltered(series), segment
            self._members.setdefault(total, []).append(number)
        if not known:  # totals may be gone
            self._totals = {key: kept for key, kept in self._totals.items() if key in self._members}
        self._keys = keys


def is_same(some: Sequence[Prefix], others: Sequence[Prefix]) -> bool:
    """Returns whether no series changed: the ledger makes new arrays for one that did."""
    return len(some) == len(others) and all(map(is_, some, others))


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
