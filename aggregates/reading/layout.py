"""Layouts: which series of a measure are added up to what, by label values and by segment."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from typing import Final, NamedTuple

import numpy as np

from aggregates.formula.values import LabelKey
from aggregates.ledger.in_rows import Indices, begins_after, begins_of, indices, ranges
from aggregates.ledger.measure import SUM, Segment, Series
from aggregates.ledger.told_sums import Key

Segments = tuple[frozenset[Segment] | None, ...]
"""What is read together: sets of segments, each added up, and ``None`` for the whole."""

Where = tuple[tuple[int, str], ...]
"""Positions, and the values that must be there."""

_Asked = tuple[Where, tuple[int, ...], Segments, Where]
"""What ``Layout.select`` is asked for."""

SELECTIONS_MAX: Final = 256
"""Selections that a layout keeps: a scrape has 26 from the one of nothing, and each set of segments
that somebody asks for some more."""

HISTOGRAMS_MAX: Final = 64
"""Selections whose histograms are kept: a scrape has six, and a large one takes 200 kB."""


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

    @property
    def histograms(self) -> tuple[Histogram, ...]:
        """The histograms of a selection of durations, whose keys end in a bucket."""
        return _histograms(self.keys)


@lru_cache(maxsize=HISTOGRAMS_MAX)
def _histograms(keys: tuple[LabelKey, ...]) -> tuple[Histogram, ...]:
    """Returns the histograms of keys: most new series have a key that was there."""
    found = []
    for key, members in groupby(enumerate(keys), key=lambda member: member[1][:-1]):
        numbers = {labels[-1]: number for number, labels in members}
        buckets = sorted({int(label.removesuffix(SUM)) for label in numbers})
        none = len(keys)
        counts = [numbers.get(str(bucket), none) for bucket in buckets]
        sums = [numbers.get(f"{bucket}{SUM}", none) for bucket in buckets]
        found.append(Histogram(key, indices(buckets), indices(counts), indices(sums)))
    return tuple(found)


class Layout:
    """The series of one measure; selections from them are kept.

    Attributes:
        segments: The segments that have a series, ascending.
        segment_of: The number, in ``segments``, of each series' segment.
    """

    def __init__(
        self,
        series: "NumberedSeries",
        segments: Sequence[Segment],
        series_of: Indices,
        segment_of: Indices,
    ) -> None:
        """Takes pairs of a series and a segment.

        Args:
            series: What series there may be.
            segments: What segments there may be, each once.
            series_of: The number, in ``series``, of the series of each pair.
            segment_of: The same of its segment.
        """
        self._series = series
        self._series_of = series_of
        used = sorted(np.unique(segment_of).tolist(), key=segments.__getitem__)
        self.segments = tuple([segments[number] for number in used])
        places = np.zeros(len(segments), dtype=np.intp)
        places[used] = np.arange(len(used))
        self.segment_of = places[segment_of]
        self._selections: dict[_Asked, Selection] = {}

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
        found = self._selections.get(asked)
        if found is None:
            if len(self._selections) >= SELECTIONS_MAX:
                self._selections.clear()
            found = self._selections[asked] = self._select(*asked)
        return found

    def _select(
        self, where: Where, keep: tuple[int, ...], segments: Segments, among: Where
    ) -> Selection:
        into, counts = self._places(segments, among)
        keys, key_of_series = self._series.keys(where, keep)
        key_of = key_of_series[self._series_of]
        rows = np.flatnonzero((key_of >= 0) & (counts[self.segment_of] > 0))
        key_of = key_of[rows]
        ordered = sorted(np.unique(key_of).tolist(), key=keys.__getitem__)
        place_of = np.zeros(len(keys), dtype=np.intp)
        place_of[ordered] = np.arange(len(ordered))
        segment_of = self.segment_of[rows]
        counts_of = counts[segment_of]
        each = into[ranges(begins_after(counts)[segment_of], counts_of)]
        sums = np.repeat(place_of[key_of] * len(segments), counts_of) + each
        order = np.argsort(sums, kind="stable")
        sums = sums[order]
        bounds = begins_of(sums)
        rows = np.repeat(rows, counts_of)[order]
        found = tuple([keys[number] for number in ordered])
        return Selection(rows, bounds, sums[bounds], found, len(segments))

    def _places(self, segments: Segments, among: Where) -> tuple[Indices, Indices]:
        """Returns to which of the sums that are read together each segment adds, and to how many.

        The sums of all segments lie one after the other.
        """
        places: dict[Segment, list[int]] = {
            segment: []
            for segment in self.segments
            if all(segment[position] == value for position, value in among)
        }
        for place, members in enumerate(segments):
            for segment in places if members is None else members:
                if segment in places:
                    places[segment].append(place)
        found = [places.get(segment, []) for segment in self.segments]
        into = [place for those in found for place in those]
        return indices(into), indices([len(those) for those in found])


class NumberedSeries:
    """Series by number as they come, and their keys in selections, each found once."""

    def __init__(self, series: Iterable[Series] = ()) -> None:
        """Takes series, each once."""
        self._numbers = {one: number for number, one in enumerate(series)}
        self._found: dict[tuple[Where, tuple[int, ...]], _Keys] = {}

    def number(self, series: Series) -> int:
        """Returns the number of a series, the next one if it is new."""
        return self._numbers.setdefault(series, len(self._numbers))

    def keys(self, where: Where, keep: tuple[int, ...]) -> tuple[Sequence[LabelKey], Indices]:
        """Returns keys, each once, and of each series the number of its key; see ``Layout.select``.

        A series that lacks one of the values has -1.
        """
        found = self._found.setdefault((where, keep), _Keys({}, array("q")))
        for series in islice(self._numbers, len(found.key_of), None):
            number = -1
            if all(series[position] == value for position, value in where):
                key = tuple([series[position] for position in keep])
                number = found.numbers.setdefault(key, len(found.numbers))
            found.key_of.append(number)
        return tuple(found.numbers), np.array(found.key_of, dtype=np.intp)


class _Keys(NamedTuple):
    """Keys by number, and the number of each series' key."""

    numbers: dict[LabelKey, int]
    key_of: "array[int]"


class Numbering:
    """Numbers series and segments as they come: most often one is new, the others are known."""

    def __init__(self, nothing: Layout) -> None:
        """Begins without a series.

        Args:
            nothing: The layout of no series, one for all that have none.
        """
        self._keys: list[Key] = []
        self._series = NumberedSeries()
        self._segments: dict[Segment, int] = {}
        self._series_of, self._segment_of = array("q"), array("q")
        self._layout = nothing

    def layout(self, keys: list[Key]) -> Layout:
        """Returns the layout of series and their segments, the same as before of the same keys."""
        if keys == self._keys:
            return self._layout
        known = len(self._keys)
        if keys[:known] != self._keys:
            known = 0
            self._series, self._segments = NumberedSeries(), {}
            self._series_of, self._segment_of = array("q"), array("q")
        for series, segment in keys[known:]:
            self._series_of.append(self._series.number(series))
            self._segment_of.append(self._segments.setdefault(segment, len(self._segments)))
        self._keys = keys
        self._layout = Layout(
            self._series,
            tuple(self._segments),
            np.array(self._series_of, dtype=np.intp),
            np.array(self._segment_of, dtype=np.intp),
        )
        return self._layout
