"""Layouts: which series of a measure are added up to what, by label values and by segment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.values import LabelKey
from aggregates.ledger.ledger import Key
from aggregates.ledger.measure import SUM, Segment

Indices = NDArray[np.intp]

Segments = tuple[frozenset[Segment] | None, ...]
"""What is read together: sets of segments, each added up, and ``None`` for the whole."""

Where = tuple[tuple[int, str], ...]
"""Positions, and the values that must be there."""

_Asked = tuple[Where, tuple[int, ...], Segments, Where]
"""What ``Layout.select`` is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Which keys of a selection of durations belong to one combination of label values.

    Attributes:
        key: The label values.
        buckets: Indices of the buckets that were ever used, ascending.
        counts: The number of each bucket's key, or how many keys there are where it has none.
        sums: The same of the key of the sum of its durations.
    """

    key: LabelKey
    buckets: Indices
    counts: Indices
    sums: Indices


@dataclass(frozen=True, eq=False)
class Selection:
    """Series that are read together, and the sums that they belong to.

    Attributes:
        rows: Numbers of the series, those of one sum next to each other; one may be in several.
        bounds: Where the series of each sum begin in ``rows``.
        places: Where each sum belongs: key by key, in each of them segment by segment.
        keys: Label values, ascending.
        segments: How many segments there are.
    """

    rows: Indices
    bounds: Indices
    places: Indices
    keys: tuple[LabelKey, ...]
    segments: int

    def members(self) -> dict[LabelKey, dict[int, list[int]]]:
        """Returns the numbers of the series, by key and segment of the sum that they belong to."""
        found: dict[LabelKey, dict[int, list[int]]] = {key: {} for key in self.keys}
        bounds = pairwise([*self.bounds.tolist(), len(self.rows)])
        for place, (begin, end) in zip(self.places.tolist(), bounds, strict=True):
            key, segment = divmod(place, self.segments)
            found[self.keys[key]][segment] = self.rows[begin:end].tolist()
        return found

    @cached_property
    def histograms(self) -> tuple[Histogram, ...]:
        """The histograms of a selection of durations, whose keys end in a bucket."""
        return tuple(self._histograms())

    def _histograms(self) -> Iterator[Histogram]:
        for key, members in groupby(enumerate(self.keys), key=lambda member: member[1][:-1]):
            numbers = {labels[-1]: number for number, labels in members}
            buckets = sorted({int(label.removesuffix(SUM)) for label in numbers})
            none = len(self.keys)
            counts = [numbers.get(str(bucket), none) for bucket in buckets]
            sums = [numbers.get(f"{bucket}{SUM}", none) for bucket in buckets]
            yield Histogram(key, _indices(buckets), _indices(counts), _indices(sums))


class Layout:
    """The series of one measure; selections from them are kept.

    Attributes:
        series: The series and their segments.
        segments: The segments, ascending.
        segment_of: The number, in ``segments``, of each series' segment.
    """

    def __init__(self, series: Sequence[Key]) -> None:
        self.series = series
        self.segments = tuple(sorted({segment for _, segment in series}))
        number = {segment: place for place, segment in enumerate(self.segments)}
        self.segment_of = _indices([number[segment] for _, segment in series])
        self._selections: dict[_Asked, Selection] = {}
        self._before: dict[_Asked, Selection] = {}
        self._known = 0

    def grown(self, series: Sequence[Key]) -> "Layout":
        """Returns the layout of other series; those that follow known ones are added to selections.

        Most often a series is new, and of the others all is known.
        """
        layout, known = Layout(series), len(self.series)
        if series[:known] == self.series and layout.segments == self.segments:
            layout._before, layout._known = dict(self._selections), known
        return layout

    def select(
        self, where: Where, keep: tuple[int, ...], segments: Segments, among: Where = ()
    ) -> Selection:
        """Picks series and says how to sum them.

        Args:
            where: Positions in the series and the values they must have.
            keep: Positions in the series whose values make up the key of a sum.
            segments: Sets of segments, and ``None`` for the whole.
            among: Positions in the segment and the values they must have.
        """
        asked = (where, keep, segments, among)
        if asked in self._selections:
            return self._selections[asked]
        into = self._places(segments, among)
        before = self._before.pop(asked, None)
        found = {} if before is None else before.members()
        known = 0 if before is None else self._known
        for row, (series, segment) in enumerate(self.series[known:], known):
            if into.get(segment) and all(series[position] == value for position, value in where):
                sums = found.setdefault(tuple([series[position] for position in keep]), {})
                for place in into[segment]:
                    sums.setdefault(place, []).append(row)
        keys = tuple(sorted(found))
        rows: list[int] = []
        bounds, places = [], []
        for number, key in enumerate(keys):
            for place, members in found[key].items():
                bounds.append(len(rows))
                places.append(number * len(segments) + place)
                rows += members
        selection = Selection(
            _indices(rows), _indices(bounds), _indices(places), keys, len(segments)
        )
        self._selections[asked] = selection
        return selection

    def _places(self, segments: Segments, among: Where) -> dict[Segment, list[int]]:
        """Returns to which of the sums that are read together each segment adds."""
        places: dict[Segment, list[int]] = {
            segment: []
            for segment in self.segments
            if all(segment[position] == value for position, value in among)
        }
        for place, members in enumerate(segments):
            for segment in places if members is None else members:
                if segment in places:
                    places[segment].append(place)
        return places


def _indices(numbers: list[int]) -> Indices:
    return np.array(numbers, dtype=np.intp)
