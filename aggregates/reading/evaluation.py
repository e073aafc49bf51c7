"""Evaluation: reads a formula from a ledger, at all edges of a grid together.

One edge is a grid of one: live gauges and replayed history come from the same code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

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
from aggregates.reading.layout import Group, Numbers, Scopes
from aggregates.reading.stack import Stack, Stacks
from aggregates.time.calendar import Calendar

_BUCKET_VALUES: Final = np.array([value_of(bucket) for bucket in range(len(BOUNDS))])
"""The duration in ms that stands for each bucket."""

Declared = Mapping[str, tuple[str, ...]]
"""Values of labels that are fixed: they exist, as 0, before anything moved."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is read.

    Attributes:
        window: The window in force.
        path: The windows at whose starts the edges are, one inside the other.
        declared: Values of the KPI's fixed labels.
    """

    window: str | None
    declared: Declared
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """The durations of one combination of label values, by columns as in ``Values``.

    Attributes:
        key: The label values.
        buckets: Indices of the buckets that were ever used, ascending.
        counts: Durations in each bucket, buckets by columns.
        sums_ms: Sum of the durations.
        since: The tile of the first movement in each scope.
    """

    key: LabelKey
    buckets: Numbers
    counts: NDArray[np.int64]
    sums_ms: NDArray[np.int64]
    since: NDArray[np.int64]


class Evaluation:
    """Evaluates formulas at given edges; what several formulas read is read once."""

    def __init__(
        self,
        measures: Mapping[str, Measure],
        calendar: Calendar,
        stacks: Stacks,
        edges: Edges,
        scopes: Scopes,
        policy: Policy,
    ) -> None:
        self._measures = measures
        self._calendar = calendar
        self._stacks = stacks
        self._scopes = scopes
        self._policy = policy
        self._columns = len(edges) * len(scopes)
        self._edges: dict[tuple[str, ...], Edges] = {(): edges}
        self._read_values: dict[tuple[object, ...], Values] = {}
        self._read_durations: dict[tuple[object, ...], tuple[Durations, ...]] = {}

    def values(self, formula: Formula, scope: Scope) -> Values:
        """Returns the values of a formula that a ``Checker`` has accepted."""
        match formula:
            case Number() | Setting() | Weekdays() | OverKpis():
                return self._alone(formula, scope)
            case Read():
                return self._declare(self._measured(formula, scope), scope)
            case Binary():
                left = self.values(formula.left, scope)
                return combine(formula.operator, left, self.values(formula.right, scope))
            case Negative():
                return negative(self.values(formula.operand, scope))
            case Earlier():
                return self.values(formula.operand, self._earlier(scope))
            case Within():
                inside = Scope(formula.window, scope.declared, scope.path)
                return self.values(formula.operand, inside)
            case Mean() | Count() | Quantile():
                return self._statistic(formula, scope)
            case Distinct():
                above = self.values(formula.measure, scope).matrix > 0
                return unlabelled(above.sum(axis=0, dtype=np.int64))

    def _alone(self, formula: Number | Setting | Weekdays | OverKpis, scope: Scope) -> Values:
        """Returns the values of what reads no measure."""
        match formula:
            case Number():
                return constant(formula.value)
            case Setting():
                figures = setting_values(self._policy, formula.name, self._edges_at(scope.path))
            case Weekdays():
                begin = self._edges_at(self._earlier(scope).path)
                figures = self._calendar.weekdays_between(begin, self._edges_at(scope.path))
            case OverKpis():
                raise ValueError("what is about KPIs is read with them, not from measures")
        return unlabelled(np.tile(figures, len(self._scopes)))

    def _statistic(self, formula: Mean | Count | Quantile, scope: Scope) -> Values:
        match formula:
            case Mean():
                return combine("/", *self._mean(formula, scope))
            case Count():
                return self._mean(formula, scope)[1]
            case Quantile():
                return self._quantile(formula, scope)

    def parts(self, formula: Formula, scope: Scope) -> tuple[Values, Values] | None:
        """Returns numerator and denominator of a formula that is a quotient or a mean."""
        match formula:
            case Binary(operator="/"):
                return self.values(formula.left, scope), self.values(formula.right, scope)
            case Mean():
                return self._mean(formula, scope)
            case _:
                return None

    def durations(self, read: Read, scope: Scope) -> tuple[Durations, ...]:
        """Returns the distribution of a duration measure for each combination of label values."""
        asked = (read, scope.window, scope.path)
        found = self._read_durations.get(asked)
        if found is None:
            found = self._read_durations[asked] = self._durations(read, scope)
        labels = self._labels(read)
        if not labels or not all(label in scope.declared for label in labels):
            return found
        known = {one.key for one in found}
        declared = product(*(scope.declared[label] for label in labels))
        missing = [self._no_durations(key) for key in declared if key not in known]
        return tuple(sorted([*found, *missing], key=lambda one: one.key))

    def _edges_at(self, path: tuple[str, ...]) -> Edges:
        edges = self._edges.get(path)
        if edges is None:
            window = self._calendar.windows[path[-1]]
            edges = self._edges[path] = window.starts(self._edges_at(path[:-1]))
        return edges

    def _earlier(self, scope: Scope) -> Scope:
        assert scope.window is not None, "the checker wants a window"
        return Scope(scope.window, scope.declared, (*scope.path, scope.window))

    def _labels(self, read: Read) -> tuple[str, ...]:
        if read.total:
            return ()
        selected = {name for name, _ in read.where}
        return tuple(n for n in self._measures[read.measure].labels if n not in selected)

    def _group(self, read: Read, window: str | None, extra: tuple[int, ...] = ()) -> Group:
        measure = self._measures[read.measure]
        first = 2 if window else 1  # a series is name, window if it has one, labels, filters
        place = {name: n for n, name in enumerate(measure.labels + measure.filters, first)}
        where = tuple((place[name], value) for name, value in read.where)
        if window:
            where = ((1, window), *where)
        keep = (*(place[name] for name in self._labels(read)), *extra)
        return self._stack(read).layout.group(where, keep, self._scopes)

    def _stack(self, read: Read) -> Stack:
        measure = self._measures[read.measure]
        apart = any(name in measure.filters for name, _ in read.where)
        return self._stacks.of(measure, apart=apart)

    def _measured(self, read: Read, scope: Scope) -> Values:
        kind = self._measures[read.measure].kind
        window = None if kind is Kind.LEVEL else scope.window
        asked = (read, window, scope.path)
        values = self._read_values.get(asked)
        if values is not None:
            return values
        group = self._group(read, scope.window if kind is Kind.WINDOWED else None)
        edges = self._edges_at(scope.path)
        stack = self._stack(read)
        sums = stack.sums(group, edges)
        if kind is Kind.FLOW:
            sums -= stack.sums(group, self._edges_at(self._earlier(scope).path))
        labels = self._labels(read)
        if labels:
            values = Values(labels, group.keys, sums, stack.since(group))
        else:
            values = unlabelled(sums if group.keys else self._zeros())
        self._read_values[asked] = values
        return values

    def _declare(self, values: Values, scope: Scope) -> Values:
        if not values.labels or not all(label in scope.declared for label in values.labels):
            return values
        return values.with_keys(product(*(scope.declared[label] for label in values.labels)))

    def _durations(self, read: Read, scope: Scope) -> tuple[Durations, ...]:
        group = self._group(read, scope.window, extra=(-1,))  # the bucket is the last
        edges = self._edges_at(scope.path)
        stack = self._stack(read)
        sums = stack.sums(group, edges)
        since = stack.since(group)
        found = [
            Durations(
                of.key,
                of.buckets,
                sums[of.counts],
                self._zeros() if of.total is None else sums[of.total],
                since[of.counts].min(axis=0, initial=NEVER),
            )
            for of in stack.layout.histograms(group)
        ]
        if not found and not self._labels(read):
            found.append(self._no_durations(()))
        return tuple(found)

    def _no_durations(self, key: LabelKey) -> Durations:
        """Returns the distribution of nothing."""
        none = self._zeros()
        never = np.full(len(self._scopes), NEVER, dtype=np.int64)
        return Durations(key, np.zeros(0, dtype=np.intp), none[None, :][:0], none, never)

    def _zeros(self) -> NDArray[np.int64]:
        return np.zeros(self._columns, dtype=np.int64)

    def _by_key(self, read: Read, found: tuple[Durations, ...], rows: list[Edges]) -> Values:
        labels = self._labels(read)
        if not labels:
            return unlabelled(rows[0])
        if not found:
            none = np.zeros((0, self._columns), dtype=np.int64)
            return Values(labels, (), none, np.zeros((0, len(self._scopes)), dtype=np.int64))
        keys = tuple(one.key for one in found)
        return Values(labels, keys, np.stack(rows), np.stack([one.since for one in found]))

    def _mean(self, node: Mean | Count, scope: Scope) -> tuple[Values, Values]:
        found = self.durations(node.duration, scope)
        sums = self._by_key(node.duration, found, [one.sums_ms for one in found])
        counts = self._by_key(node.duration, found, [one.counts.sum(axis=0) for one in found])
        return self._declare(sums, scope), self._declare(counts, scope)

    def _quantile(self, node: Quantile, scope: Scope) -> Values:
        found = self.durations(node.duration, scope)
        share = node.share
        rows = [_nearest_rank(one, share.numerator, share.denominator) for one in found]
        return self._by_key(node.duration, found, rows)


def _nearest_rank(durations: Durations, part: int, whole: int) -> NDArray[np.int64]:
    """Returns the bucket value at rank ``ceil(part / whole * count)``; NaN where the count is 0."""
    running = np.cumsum(durations.counts, axis=0)
    if not len(running):
        return np.full(running.shape[1], np.nan)
    count = running[-1]
    rank = -(-count * part // whole)
    index = np.minimum((running < rank).sum(axis=0), len(running) - 1)
    return np.where(count > 0, _BUCKET_VALUES[durations.buckets[index]], np.nan)
