"""Segments as they are shown: bounded in the values of each attribute, whatever accounts bring.

The ledger keeps every value apart. Which of them are shown by name depends on nothing but its
cells, so it is the same after any order of events and any split over partitions; and as those that
came first stay, what comes later takes no name from what was shown before.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aggregates.ledger.measure import UNKNOWN, Segment

OTHER: Final = "other"
"""Stands for all values of an attribute that are not shown by name."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownSegments:
    """The segments that are shown.

    Attributes:
        members: The segments of the ledger that each is made of, in the order of the names.
        beginnings: The tile of the first cell of each.
        values: How many values each attribute has, ``unknown`` apart; none of them without a cell.
    """

    members: Mapping[Segment, frozenset[Segment]]
    beginnings: Mapping[Segment, int]
    values: tuple[int, ...]


def shown_segments(beginnings: Mapping[Segment, int], values_max: int) -> ShownSegments:
    """Returns how the segments of a ledger are shown.

    Args:
        beginnings: The tile of the first cell of each segment.
        values_max: Values of each attribute that are shown by name, besides ``unknown``.

    >>> shown = shown_segments({("a",): 7, ("b",): 5, ("c",): 5, ("unknown",): 1}, 1)
    >>> {segment: len(members) for segment, members in shown.members.items()}, shown.values
    ({('b',): 1, ('other',): 2, ('unknown',): 1}, (3,))
    """
    firsts: list[dict[str, int]] = [{} for _ in next(iter(beginnings), ())]
    for segment, tile in beginnings.items():
        for first, value in zip(firsts, segment, strict=True):
            first[value] = min(tile, first.get(value, tile))
    named = [_named(first, values_max) for first in firsts]
    members: defaultdict[Segment, set[Segment]] = defaultdict(set)
    for segment in beginnings:
        pairs = zip(segment, named, strict=True)
        members[tuple([value if value in kept else OTHER for value, kept in pairs])].add(segment)
    return ShownSegments(
        {segment: frozenset(members[segment]) for segment in sorted(members)},
        {segment: min(beginnings[one] for one in members[segment]) for segment in sorted(members)},
        tuple(len(first.keys() - {UNKNOWN}) for first in firsts),
    )


def _named(first: Mapping[str, int], values_max: int) -> set[str]:
    """Returns the values of an attribute that are shown by name, given their first tiles."""
    values = sorted(first.keys() - {UNKNOWN}, key=lambda value: (first[value], value))
    return {UNKNOWN, *values[:values_max]}
