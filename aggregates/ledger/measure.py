"""A measure: what is summed over all entities, as a step function of time.

Rows give contributions to measures, the ledger keeps them as cells, and KPIs are formulas over
them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Protocol, Self, TypedDict, Unpack

import msgspec
import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from aggregates.ledger.alike import apart

Column = NDArray[np.int64]

Series = tuple[str, ...]
"""A measure's name and its label values, for instance ``("churned_mrr", "voluntary")``."""

Segment = tuple[str, ...]
"""The values of the configured account attributes, for instance ``("enterprise",)``."""

UNKNOWN: Final = "unknown"
"""The value of an attribute that no event has given yet, or that was taken away."""

Contribution = tuple[Series, int, int]
"""A series, a tile and the integer by which the series changes there."""

Deltas = Iterator[Contribution]


class Columns(Protocol):
    """What takes contributions of many units at once."""

    def number(self, series: Series, segment: Segment) -> int:
        """Returns the number of a series in a segment."""

    def put(self, rows: Column, tiles: Column, deltas: Column) -> None:
        """Takes contributions: the numbers of their series, their tiles and deltas."""


class Together(Protocol):
    """Outlines of one class, which are written out together."""

    def take(self, outline: Any, segment: Segment) -> int:
        """Takes one more, and returns about how many contributions it stands for.

        Raises:
            OverflowError: If it is to be written out by itself: a delta does not fit into 64 bits.
        """

    def move_to(self, columns: Columns) -> None:
        """Writes all out."""


class Outline(msgspec.Struct, frozen=True, gc=False):
    """Several contributions in short: written out one by one, or those of many units at once."""

    def contributions(self) -> Iterable[Contribution]:
        """Returns what it stands for."""
        raise NotImplementedError

    @classmethod
    def together(cls) -> Together:
        """Returns what takes outlines of this class, none by now."""
        raise NotImplementedError


class SeriesOutline(Outline, frozen=True, gc=False, eq=False):
    """Changes of one series, of which those of a unit mostly stay as they were.

    Attributes:
        series: The series.
    """

    series: Series

    @property
    def length(self) -> int:
        """About how many contributions it stands for."""
        raise NotImplementedError

    def changes(self) -> Column:
        """Returns where the series changes, and by how much at each: two rows."""
        raise NotImplementedError

    @override
    def contributions(self) -> list[Contribution]:
        return self._written(self.changes())

    def changes_from(self, old: "SeriesOutline") -> tuple[list[Contribution], list[Contribution]]:
        """Returns contributions that an old one of the series has besides, and those it has not."""
        less, more = apart(old.changes(), self.changes())
        return self._written(less), self._written(more)

    def _written(self, changes: Column) -> list[Contribution]:
        return [(self.series, tile, delta) for tile, delta in zip(*changes.tolist(), strict=True)]


Contributions = Iterator[Contribution | Outline]


def written(contributions: Iterable[Contribution | Outline]) -> Deltas:
    """Yields contributions one by one, outlines as what they stand for."""
    for each in contributions:
        if isinstance(each, Outline):
            yield from each.contributions()
        else:
            yield each


SUM: Final = "ms"
"""Follows the bucket where a duration measure keeps the sum of a bucket's durations, in ms."""

REGROUPED: Final = "_regrouped"
"""After the name of a regrouped flow the name of the measure of what windows hold besides it."""


class Kind(StrEnum):
    """How a series is read at a tile edge ``T``."""

    LEVEL = "level"
    """Value at ``T``: the sum of all deltas before ``T``."""
    FLOW = "flow"
    """Value over a window: the sum of the deltas inside ``[window start, T)``."""
    WINDOWED = "windowed"
    """A level of its own for each window, whose name is the series' first label."""
    DURATION = "duration"
    """A windowed distribution: its last label is a bucket index (counts), or with ``ms`` (sums)."""


class Unit(StrEnum):
    """What a measure's integers count."""

    MONEY = "money"
    """Micro-units of the reporting currency."""
    COUNT = "count"
    MS = "ms"


class _More(TypedDict, total=False):
    """What any measure may have besides its name, its unit and its text."""

    labels: tuple[str, ...]
    filters: tuple[str, ...]
    policies: tuple[str, ...]
    local_days: bool
    regrouped: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """Declares a measure.

    Attributes:
        name: Identifier, used in formulas and as the first element of its series.
        kind: How it is read.
        unit: What its integers count.
        doc: One sentence: what is summed, and over what.
        labels: Names of its labels, without the window and the bucket.
        windows: Windows of a windowed or duration measure; levels and flows take any window.
        filters: Names of further labels, after those: a formula may select a value of one, and is
            the sum over all of its values where it does not.
        policies: Names of the policies that it depends on, besides those of its family.
        local_days: Whether a window is of so many local days, today included, rather than of so
            many times 24 hours. A flow is read so where it says so, for what is divided by those
            who were active on such days; a windowed measure is so by what is put into it.
        regrouped: Whether windows hold another part of a flow where they begin inside a group of
            changes, see ``aggregates.revenue.regrouping``.
    """

    name: str
    kind: Kind
    unit: Unit
    doc: str
    labels: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    local_days: bool = False
    regrouped: bool = False

    @classmethod
    def level(cls, name: str, doc: str, unit: Unit = Unit.COUNT, **more: Unpack[_More]) -> Self:
        """Declares a level: its value at ``T`` is the sum of all deltas before ``T``."""
        return cls(name, Kind.LEVEL, unit, doc, **more)

    @classmethod
    def flow(cls, name: str, doc: str, unit: Unit = Unit.COUNT, **more: Unpack[_More]) -> Self:
        """Declares a flow: its value over any window is the sum of the deltas inside it."""
        return cls(name, Kind.FLOW, unit, doc, **more)

    @classmethod
    def windowed(
        cls,
        name: str,
        doc: str,
        windows: tuple[str, ...],
        unit: Unit = Unit.COUNT,
        **more: Unpack[_More],
    ) -> Self:
        """Declares a level of its own for each of some windows."""
        return cls(name, Kind.WINDOWED, unit, doc, windows=windows, **more)

    @classmethod
    def duration(cls, name: str, doc: str, windows: tuple[str, ...], **more: Unpack[_More]) -> Self:
        """Declares a distribution of durations in ms, for each of some windows."""
        return cls(name, Kind.DURATION, Unit.MS, doc, windows=windows, **more)

    @property
    def depth(self) -> int:
        """Elements of its series before those of filters: its name, a window, its labels."""
        return 1 + bool(self.windows) + len(self.labels)

    @property
    def length(self) -> int:
        """All elements of its series: those, filters, and the bucket of a duration."""
        return self.depth + len(self.filters) + (self.kind is Kind.DURATION)

    def unfiltered(self, series: Series) -> Series:
        """Returns one of its series without the values of filters."""
        return series[: self.depth] + series[self.depth + len(self.filters) :]

    def over(self, further: Iterable[str]) -> "Measure":
        """Returns the measure with further windows, if it has windows of its own."""
        if not self.windows:
            return self
        return replace(self, windows=tuple(dict.fromkeys((*self.windows, *further))))
