"""Layouts: which series of a measure are summed into what, by label values and by segment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.values import LabelKey
from aggregates.ledger.ledger import Key
from aggregates.ledger.measure import SUM, Segment

Numbers = NDArray[np.intp]

Scopes = tuple[Segment | None, ...]
"""What is read together: segments, or ``None`` for the whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Series that are read together, and what they are summed into.

    Attributes:
        rows: Numbers of the series, those of one sum next to each other; one may be in several.
        bounds: Where the series of each sum begin in ``rows``.
        places: Where each sum belongs: key by key, in each of them scope by scope.
        keys: Label values, ascending.
        scopes: How many scopes there are.
    """

    rows: Numbers
    bounds: Numbers
    places: Numbers
    keys: tuple[LabelKey, ...]
    scopes: int


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Which keys of a duration group belong to one combination of label values.

    Attributes:
        key: The label values.
        buckets: Indices of the buckets that were ever used, ascending.
        counts: The number of each bucket's key.
        total: The number of the key of the durations' sum.
    """

    key: LabelKey
    buckets: Numbers
    counts: Numbers
    total: int | None


class Layout:
    """The series of one measure; what is found out about them is kept.

    Attributes:
        series: The series and their segments.
        segments: The segments, ascending.
        segment_of: The number, in ``segments``, of each series' segment.
    """

    def __init__(self, series: Sequence[Key]) -> None:
        self.series = series
        self.segments = tuple(sorted({segment for _, segment in series}))
        number = {segment: place for place, segment in enumerate(self.segments)}
        self.segment_of = _numbers([number[segment] for _, segment in series])
        self._groups: dict[tuple[object, ...], Group] = {}
        self._histograms: dict[int, tuple[Histogram, ...]] = {}  # by the id of a kept group

    def group(
        self, where: tuple[tuple[int, str], ...], keep: tuple[int, ...], scopes: Scopes
    ) -> Group:
        """Picks series and says how to sum them.

        Args:
            where: Positions in the series and the values they must have.
            keep: Positions in the series whose values make up the key of a sum.
            scopes: Segments, or ``None`` for the whole.
        """
        asked = (where, keep, scopes)
        group = self._groups.get(asked)
        if group is None:
            group = self._groups[asked] = self._group(where, keep, scopes)
        return group

    def histograms(self, group: Group) -> tuple[Histogram, ...]:
        """Tells apart the keys of a duration group, which end in a bucket."""
        histograms = self._histograms.get(id(group))
        if histograms is None:
            histograms = self._histograms[id(group)] = tuple(_histograms(group))
        return histograms

    def _group(
        self, where: tuple[tuple[int, str], ...], keep: tuple[int, ...], scopes: Scopes
    ) -> Group:
        at = {scope: place for place, scope in enumerate(scopes)}
        whole = at.get(None)
        found: dict[LabelKey, dict[int, list[int]]] = {}
        for row, (series, segment) in enumerate(self.series):
            places = [place for place in (whole, at.get(segment)) if place is not None]
            if places and all(series[position] == value for position, value in where):
                sums = found.setdefault(tuple([series[position] for position in keep]), {})
                for place in places:
                    sums.setdefault(place, []).append(row)
        keys = tuple(sorted(found))
        rows: list[int] = []
        bounds, places = [], []
        for number, key in enumerate(keys):
            for place, members in found[key].items():
                bounds.append(len(rows))
                places.append(number * len(scopes) + place)
                rows += members
        return Group(_numbers(rows), _numbers(bounds), _numbers(places), keys, len(scopes))


def _numbers(numbers: list[int]) -> Numbers:
    return np.array(numbers, dtype=np.intp)


def _histograms(group: Group) -> Iterator[Histogram]:
    for key, members in groupby(enumerate(group.keys), key=lambda member: member[1][:-1]):
        numbers = {labels[-1]: number for number, labels in members}
        total = numbers.pop(SUM, None)
        ordered = sorted((int(bucket), number) for bucket, number in numbers.items())
        buckets, counts = [bucket for bucket, _ in ordered], [number for _, number in ordered]
        yield Histogram(key, _numbers(buckets), _numbers(counts), total)
