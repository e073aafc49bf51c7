"""Evaluation: reads a formula from a ledger, at all edges of a grid together.

One edge is a grid of one: live gauges and replayed history come from the same code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.expression import (
    Binary,
    Count,
    Distinct,
    Earlier,
    Formula,
    Mean,
    Negative,
    Number,
    OverKpis,
    Quantile,
    Read,
    Setting,
    Weekdays,
    Within,
)
from aggregates.formula.setting import setting_values
from aggregates.formula.values import (
    NEVER,
    Edges,
    LabelKey,
    Values,
    combine,
    constant,
    negative,
    unlabelled,
)
from aggregates.ledger.buckets import BOUNDS, value_of
from aggregates.ledger.measure import Kind, Measure
from aggregates.policies.policy import Policy
from aggregates.reading.layout import Indices, Segments, Selection
from aggregates.reading.prefix_sums import LedgerSums, MeasureSums
from aggregates.time.calendar import Calendar

_BUCKET_VALUES: Final = np.array([value_of(bucket) for bucket in range(len(BOUNDS))])
"""The duration in ms that is taken for each bucket."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expression is read.

    Attributes:
        window: The window in force.
        declared: Values of the KPI's fixed labels: they exist, as 0, before anything moved.
        path: The windows at whose starts the edges are, one inside the other.
    """

    window: str | None
    declared: Mapping[str, tuple[str, ...]]
    path: tuple[str, ...] = ()

    @property
    def at_start(self) -> "Context":
        """The same at the start of the window."""
        assert self.window is not None, "the checker wants a window"
        return replace(self, path=(*self.path, self.window))

    def keys(self, labels: tuple[str, ...]) -> list[LabelKey]:
        """Returns the declared combinations of label values; none unless all labels have some."""
        if not labels or not all(label in self.declared for label in labels):
            return []
        return list(product(*(self.declared[label] for label in labels)))


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """The durations of one combination of label values, by columns as in ``Values``.

    Attributes:
        key: The label values.
        buckets: Indices of the buckets that were ever used, ascending.
        counts: Durations in each bucket, buckets by columns.
        sums_ms: Sum of the durations.
        since: The tile of the first movement in each segment.
    """

    key: LabelKey
    buckets: Indices
    counts: NDArray[np.int64]
    sums_ms: NDArray[np.int64]
    since: NDArray[np.int64]


class Evaluation:
    """Evaluates formulas at given edges; what several formulas read is read once."""

    def __init__(
        self,
        measures: Mapping[str, Measure],
        calendar: Calendar,
        sums: LedgerSums,
        edges: Edges,
        segments: Segments,
        policy: Policy,
    ) -> None:
        self._measures = measures
        self._calendar = calendar
        self._sums = sums
        self._segments = segments
        self._policy = policy
        self._columns = len(edges) * len(segments)
        self._edges: dict[tuple[str, ...], Edges] = {(): edges}
        self._read_values: dict[tuple[object, ...], Values] = {}
        self._read_durations: dict[tuple[object, ...], tuple[Durations, ...]] = {}

    def values(  # noqa: C901 - a case for each kind of node
        self, formula: Formula, context: Context
    ) -> Values:
        """Returns the values of a formula that a ``Checker`` has accepted."""
        match formula:
            case Number():
                return constant(formula.value)
            case Setting():
                edges = self._edges_at(context)
                return self._in_all_segments(setting_values(self._policy, formula.name, edges))
            case Weekdays():
                begin, end = self._edges_at(context.at_start), self._edges_at(context)
                return self._in_all_segments(self._calendar.weekdays_between(begin, end))
            case Read():
                return _declared(self._measured(formula, context), context)
            case Mean():
                return combine("/", *self._mean(formula.duration, context))
            case Count():
                return self._mean(formula.duration, context)[1]
            case Quantile():
                found = self.durations(formula.duration, context)
                rows = [_nearest_rank(one, formula.share) for one in found]
                return self._by_key(formula.duration, found, rows)
            case Distinct():
                above = self.values(formula.measure, context).matrix > 0
                return unlabelled(above.sum(axis=0, dtype=np.int64))
            case Negative():
                return negative(self.values(formula.operand, context))
            case Earlier():
                return self.values(formula.operand, context.at_start)
            case Within():
                return self.values(formula.operand, replace(context, window=formula.window))
            case Binary():
                left = self.values(formula.left, context)
                return combine(formula.operator, left, self.values(formula.right, context))
            case OverKpis():
                raise ValueError("what is about KPIs is read with them, not from measures")

    def parts(self, formula: Formula, context: Context) -> tuple[Values, Values] | None:
        """Returns numerator and denominator of a formula that is a quotient or a mean."""
        match formula:
            case Binary(operator="/"):
                return self.values(formula.left, context), self.values(formula.right, context)
            case Mean():
                return self._mean(formula.duration, context)
            case _:
                return None

    def durations(self, read: Read, context: Context) -> tuple[Durations, ...]:
        """Returns the distribution of a duration measure for each combination of label values."""
        asked = (read, context.window, context.path)
        found = self._read_durations.get(asked)
        if found is None:
            found = self._read_durations[asked] = self._durations(read, context)
        missing = set(context.keys(self._labels(read))).difference(one.key for one in found)
        if not missing:
            return found
        every = [*found, *map(self._no_durations, missing)]
        return tuple(sorted(every, key=lambda one: one.key))

    def _edges_at(self, context: Context) -> Edges:
        """Returns the edges, or the starts of windows before them."""
        path: tuple[str, ...] = ()
        edges = self._edges[path]
        for name in context.path:
            path = (*path, name)
            if path not in self._edges:
                self._edges[path] = self._calendar.windows[name].starts(edges)
            edges = self._edges[path]
        return edges

    def _in_all_segments(self, figures: NDArray[Any]) -> Values:
        return unlabelled(np.tile(figures, len(self._segments)))

    def _labels(self, read: Read) -> tuple[str, ...]:
        if read.total:
            return ()
        selected = {name for name, _ in read.where}
        return tuple(n for n in self._measures[read.measure].labels if n not in selected)

    def _select(
        self, read: Read, window: str | None, more: tuple[int, ...] = ()
    ) -> tuple[MeasureSums, Selection]:
        """Returns a measure's sums and the selection from them.

        Args:
            read: What is read.
            window: The window that is a label of the measure's series, if one is.
            more: Positions in the series that are part of the key besides the labels.
        """
        measure = self._measures[read.measure]
        first = 2 if window else 1  # a series is name, window if it has one, labels, filters
        place = {name: n for n, name in enumerate(measure.labels + measure.filters, first)}
        where = tuple((place[name], value) for name, value in read.where)
        if window:
            where = ((1, window), *where)
        keep = (*(place[name] for name in self._labels(read)), *more)
        by_filter = any(name in measure.filters for name, _ in read.where)
        sums = self._sums.of(measure, by_filter=by_filter)
        return sums, sums.layout.select(where, keep, self._segments)

    def _measured(self, read: Read, context: Context) -> Values:
        kind = self._measures[read.measure].kind
        asked = (read, None if kind is Kind.LEVEL else context.window, context.path)
        values = self._read_values.get(asked)
        if values is not None:
            return values
        sums, selection = self._select(read, context.window if kind is Kind.WINDOWED else None)
        matrix = sums.before(selection, self._edges_at(context))
        if kind is Kind.FLOW:
            matrix -= sums.before(selection, self._edges_at(context.at_start))
        labels = self._labels(read)
        if labels:
            values = Values(labels, selection.keys, matrix, sums.since(selection))
        else:
            values = unlabelled(matrix if selection.keys else self._zeros())
        self._read_values[asked] = values
        return values

    def _durations(self, read: Read, context: Context) -> tuple[Durations, ...]:
        sums, selection = self._select(read, context.window, more=(-1,))  # the bucket is the last
        matrix = sums.before(selection, self._edges_at(context))
        since = sums.since(selection)
        found = tuple(
            Durations(
                of.key,
                of.buckets,
                matrix[of.counts],
                self._zeros() if of.total is None else matrix[of.total],
                since[of.counts].min(axis=0, initial=NEVER),
            )
            for of in selection.histograms
        )
        return found if found or self._labels(read) else (self._no_durations(()),)

    def _no_durations(self, key: LabelKey) -> Durations:
        """Returns the distribution of nothing."""
        none = self._zeros()
        never = np.full(len(self._segments), NEVER, dtype=np.int64)
        return Durations(key, np.zeros(0, dtype=np.intp), none[None, :][:0], none, never)

    def _zeros(self) -> NDArray[np.int64]:
        return np.zeros(self._columns, dtype=np.int64)

    def _by_key(self, read: Read, found: tuple[Durations, ...], rows: list[Edges]) -> Values:
        labels = self._labels(read)
        if not labels:
            return unlabelled(rows[0])
        if not found:
            since = np.zeros((0, len(self._segments)), dtype=np.int64)
            return Values(labels, (), self._zeros()[None, :][:0], since)
        keys = tuple(one.key for one in found)
        return Values(labels, keys, np.stack(rows), np.stack([one.since for one in found]))

    def _mean(self, read: Read, context: Context) -> tuple[Values, Values]:
        """Returns the sums and the counts of durations."""
        found = self.durations(read, context)
        sums = self._by_key(read, found, [one.sums_ms for one in found])
        counts = self._by_key(read, found, [one.counts.sum(axis=0) for one in found])
        return _declared(sums, context), _declared(counts, context)


def _declared(values: Values, context: Context) -> Values:
    """Returns values with those of the labels that are fixed."""
    keys = context.keys(values.labels)
    return values.with_keys(keys) if keys else values


def _nearest_rank(durations: Durations, share: Fraction) -> NDArray[np.int64]:
    """Returns the bucket value at rank ``ceil(share * count)``; NaN where the count is 0."""
    running = np.cumsum(durations.counts, axis=0)
    if not len(running):
        return np.full(running.shape[1], np.nan)
    count = running[-1]
    rank = -(-count * share.numerator // share.denominator)
    index = np.minimum((running < rank).sum(axis=0), len(running) - 1)
    return np.where(count > 0, _BUCKET_VALUES[durations.buckets[index]], np.nan)
