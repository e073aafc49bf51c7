"""Evaluation: reads a formula from a ledger, at all edges of a grid together.

One edge is a grid of one: live gauges and replayed history come from the same code.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
    Sum,
    Weekdays,
    Within,
)
from aggregates.formula.setting import setting_values
from aggregates.formula.values import (
    NEVER,
    Edges,
    Floats,
    LabelKey,
    Values,
    combine,
    constant,
    negative,
    unlabelled,
)
from aggregates.ledger.measure import REGROUPED, Kind, Measure
from aggregates.policies.policy import Policy
from aggregates.reading.context import Context
from aggregates.reading.durations import Durations, nearest_rank
from aggregates.reading.layout import Segments, Selection, Where
from aggregates.reading.prefix_sums import MeasureSums, Sums
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILES_A_DAY
from aggregates.time.window import TO_DATE


class Evaluation:
    """Evaluates formulas at given edges; what several formulas read is read once."""

    def __init__(
        self,
        measures: Mapping[str, Measure],
        calendar: Calendar,
        sums: Sums,
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
            case Weekdays(whole=True):
                assert context.window is not None, "the checker wants a window"
                days = self._calendar.weekdays_of(context.window, self._edges_at(context))
                return self._in_all_segments(days)
            case Weekdays():
                begin, end = self._edges_at(context.at_start), self._edges_at(context)
                return self._in_all_segments(self._calendar.weekdays_between(begin, end))
            case Read():
                return _declared(self._measured(formula, context), context)
            case Mean():
                return combine("/", *self._mean(formula.duration, context))
            case Count():
                return self._mean(formula.duration, context)[1]
            case Sum():
                return self._mean(formula.duration, context)[0]
            case Quantile():
                found = self.durations(formula.duration, context)
                rows = [nearest_rank(one, formula.share) for one in found]
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

    def ago(self, window: str) -> tuple[str, ...]:
        """Returns the path to the edges a window ago by the local clock."""
        path = (f"{window} ago",)
        if path not in self._edges:
            self._edges[path] = self._calendar.ago(window, self._edges[()])
        return path

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

    def _starts(self, measure: Measure, context: Context) -> Edges:
        """Returns where the window begins over which a flow is read."""
        if not measure.local_days:
            return self._edges_at(context.at_start)
        assert context.window is not None, "the checker wants a window"
        return self._calendar.first_tiles(context.window, self._edges_at(context))

    def _in_all_segments(self, figures: NDArray[Any]) -> Values:
        return unlabelled(np.tile(figures, len(self._segments)))

    def _labels(self, read: Read) -> tuple[str, ...]:
        if read.total:
            return ()
        labels = self._measures[read.measure].labels
        if not (labels and read.where):
            return labels
        selected = {name for name, _ in read.where}
        return tuple(name for name in labels if name not in selected)

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
        places = {name: n for n, name in enumerate(measure.labels + measure.filters, first)}
        of_series: Where = ((1, window),) if window else ()
        of_segments: Where = ()
        by_filter = False
        for name, value in read.where:
            if name in places:
                of_series += ((places[name], value),)
                by_filter = by_filter or name in measure.filters
            else:
                of_segments += ((self._policy.segments.index(name), value),)
        keep = (*[places[name] for name in self._labels(read)], *more)
        sums = self._sums.of(measure, by_filter=by_filter)
        return sums, sums.layout.select(of_series, keep, self._segments, of_segments)

    def _measured(self, read: Read, context: Context) -> Values:
        measure = self._measures[read.measure]
        kind = measure.kind
        asked = (read, None if kind is Kind.LEVEL else context.window, context.path)
        values = self._read_values.get(asked)
        if values is not None:
            return values
        edges = self._edges_at(context)
        if kind is Kind.FLOW:
            values = self._flow(read, context.window, edges, self._starts(measure, context))
        else:
            values = self._summed(read, context.window if kind is Kind.WINDOWED else None, edges)
        self._read_values[asked] = values
        return values

    def _flow(self, read: Read, window: str | None, ends: Edges, starts: Edges) -> Values:
        """Returns what is inside windows, by their edges.

        Where a flow is regrouped, rolling windows hold what the one of a day holds that begins at
        the same edge.
        """
        values = self._summed(read, None, ends, starts)
        if not self._measures[read.measure].regrouped:
            return values
        more = replace(read, measure=read.measure + REGROUPED)
        if window not in TO_DATE:
            window, ends = "1d", starts + TILES_A_DAY
        return combine("+", values, self._summed(more, window, ends))

    def _summed(
        self, read: Read, window: str | None, edges: Edges, less: Edges | None = None
    ) -> Values:
        """Returns sums before edges, less those before others."""
        sums, selection = self._select(read, window)
        matrix = sums.before(selection, edges)
        if less is not None:
            matrix = matrix - sums.before(selection, less)
        labels = self._labels(read)
        if labels:
            return Values(labels, selection.keys, matrix, sums.since(selection))
        return unlabelled(matrix if selection.keys else self._zeros())

    def _durations(self, read: Read, context: Context) -> tuple[Durations, ...]:
        sums, selection = self._select(read, context.window, more=(-1,))  # the bucket is the last
        matrix = sums.before(selection, self._edges_at(context))
        matrix = np.concatenate([matrix, self._zeros()[None, :]])  # for what has no key
        since = np.concatenate([sums.since(selection), self._never()[None, :]])
        found = tuple(
            Durations(
                of.key,
                of.buckets,
                matrix[of.counts].astype(np.int64, copy=False),
                matrix[of.sums],
                since[of.counts].min(axis=0, initial=NEVER),
            )
            for of in selection.histograms
        )
        return found if found or self._labels(read) else (self._no_durations(()),)

    def _no_durations(self, key: LabelKey) -> Durations:
        """Returns the distribution of nothing."""
        none = self._zeros()[None, :][:0]
        return Durations(key, np.zeros(0, dtype=np.intp), none, none, self._never())

    def _never(self) -> NDArray[np.int64]:
        return np.full(len(self._segments), NEVER, dtype=np.int64)

    def _zeros(self) -> NDArray[np.int64]:
        return np.zeros(self._columns, dtype=np.int64)

    def _by_key(
        self, read: Read, found: tuple[Durations, ...], rows: list[Edges] | list[Floats]
    ) -> Values:
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
