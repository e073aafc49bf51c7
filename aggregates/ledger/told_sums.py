"""The running sums of a measure's series, kept as they were told until one of them changes."""

from collections.abc import Callable, Iterable
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from aggregates.ledger.integers import Integers
from aggregates.ledger.measure import Segment, Series

Key = tuple[Series, Segment]
Prefix = tuple[NDArray[np.int64], Integers]
"""The tiles of a series, ascending, and the running sums of its deltas."""


class ToldSums:
    """The series and segments of a measure that hold a cell, and the running sums of each.

    The lists are never changed, only replaced: who was told keeps them.

    Attributes:
        keys: The series and segments; those that are new follow the known ones.
        prefixes: The running sums of each; of a series that did not change the same objects.
        changed: What has changed since.
    """

    __slots__ = ("_places", "changed", "keys", "prefixes")

    def __init__(self, keys: Iterable[Key]) -> None:
        """Takes the series that there are; nothing is told yet."""
        self.keys: list[Key] = []
        self.prefixes: list[Prefix] = []
        self.changed = dict.fromkeys(keys)
        self._places: dict[Key, int] = {}

    def refresh(self, sums_of: Callable[[Series, Segment], Prefix]) -> None:
        """Takes in what has changed.

        Args:
            sums_of: Returns the running sums of a series as they are now.
        """
        keys, prefixes, places = self.keys, self.prefixes.copy(), self._places
        new: dict[Key, Prefix] = {}
        is_lost = False
        for key in self.changed:
            prefix, place = sums_of(*key), places.get(key)
            holds = len(prefix[0]) > 0
            if place is not None:
                prefixes[place] = prefix
                is_lost = is_lost or not holds
            elif holds:
                new[key] = prefix
        if is_lost:
            held = [len(tiles) > 0 for tiles, _ in prefixes]
            keys, prefixes = list(compress(keys, held)), list(compress(prefixes, held))
            places = self._places = {key: place for place, key in enumerate(keys)}
        if new:
            places.update({key: place for place, key in enumerate(new, len(keys))})
            keys, prefixes = [*keys, *new], [*prefixes, *new.values()]
        self.keys, self.prefixes = keys, prefixes
        self.changed.clear()
