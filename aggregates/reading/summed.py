"""Summed series: those of a measure that differ in its filters alone, added up once.

Few formulas select a filter; all others would add the same series up at every reading. A sum is
kept until one of its parts changes.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from aggregates.ledger.ledger import Key, Prefix
from aggregates.ledger.measure import Measure


class Summed:
    """The series of one measure without the values of its filters."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._keys: list[Key] = []
        self._wholes: list[Key] = []
        self._members: dict[Key, list[int]] = {}
        self._prefixes: Sequence[Prefix] = ()
        self._sums: dict[Key, tuple[list[Prefix], Prefix]] = {}

    def of(self, keys: list[Key], prefixes: Sequence[Prefix]) -> tuple[list[Key], list[Prefix]]:
        """Returns the summed series with their segments, and their prefix sums.

        Args:
            keys: The series with filters, and their segments.
            prefixes: Their prefix sums: of a series that did not change the same object as before.
        """
        changed: Iterable[Key]
        if keys == self._keys:
            pairs = zip(self._wholes, prefixes, self._prefixes, strict=True)
            changed = {whole for whole, new, old in pairs if new is not old}
        else:
            self._group(keys)
            changed = self._members
        for whole in changed:
            parts = [prefixes[number] for number in self._members[whole]]
            known = self._sums.get(whole)
            if known is None or list(map(id, known[0])) != list(map(id, parts)):
                self._sums[whole] = parts, _added_up(parts)
        self._prefixes = prefixes
        return list(self._members), [self._sums[whole][1] for whole in self._members]

    def _group(self, keys: list[Key]) -> None:
        """Finds out which series make up which sum, and forgets sums that are gone."""
        self._keys = keys
        self._wholes = [self._whole(key) for key in keys]
        self._members = {}
        for number, whole in enumerate(self._wholes):
            self._members.setdefault(whole, []).append(number)
        self._sums = {whole: self._sums[whole] for whole in self._members if whole in self._sums}

    def _whole(self, key: Key) -> Key:
        (series, segment), measure = key, self._measure
        if len(series) < measure.length:  # from a worker of a version that knew no filters
            return key
        return series[: measure.depth] + series[measure.depth + len(measure.filters) :], segment


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
    sums = np.concatenate([sums for _, sums in parts])
    deltas = sums.copy()
    deltas[1:] -= sums[:-1]
    first = 0
    for part, _ in parts:
        deltas[first] = sums[first]
        first += len(part)
    order = tiles.argsort(kind="stable")
    return tiles[order], np.cumsum(deltas[order])
