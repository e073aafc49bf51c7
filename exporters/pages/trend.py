"""Trends: series day by day, read from the ledger, with what they were a week and a month ago.

A line has the figure at each midnight of the reporting time zone, and the present one last. So a
figure of one day is that of each whole day, and its running day is not drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite, nan
from typing import Final

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import Headline
from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.running import DAY, last_whole, running_span
from aggregates.ledger.measure import Segment
from aggregates.reading.by_segment import read_segment
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.time.calendar import Calendar
from aggregates.time.window import TO_DATE

DAYS: Final = 90
"""Days before now that a trend has."""

WEEK: Final = 7
MONTH: Final = 30


class Moments:
    """The edges that trends are read at.

    Attributes:
        now: The edge of the present.
        every: All edges, ascending.
    """

    def __init__(self, edge: int, calendar: Calendar) -> None:
        """Finds the edges.

        Args:
            edge: That of the present.
            calendar: Days and months.
        """
        today = calendar.day_of(edge - 1)
        self.now = edge
        self.wholes = {span: last_whole(span, edge, calendar) for span in (DAY, *TO_DATE)}
        self._line = [calendar.day_start(today - ago) for ago in range(DAYS, -1, -1)]
        self._since = {days: calendar.days_ago(days, edge) for days in (WEEK, MONTH)}
        times = {*self._line, *self._since.values(), *self.wholes.values(), edge}
        self.every = sorted(times)
        place = {each: number for number, each in enumerate(self.every)}
        self._place = place
        self._line_places = [place[each] for each in (*self._line, edge)]

    def line(self, values: Sequence[float]) -> list[float]:
        """Returns the values day by day, the present one last."""
        return [values[place] for place in self._line_places]

    def at(self, values: Sequence[float], edge: int) -> float:
        """Returns the value at an edge."""
        return values[self._place[edge]]

    def before(self, edge: int, days: int) -> int:
        """Returns the edge so many days before the present, or before the last midnight."""
        return self._since[days] if edge == self.now else self._line[-1 - days]


@dataclass(frozen=True, eq=False)
class Trend:
    """A series day by day.

    Attributes:
        result: The series, with labels; at all of the moments.
        moments: The edges that it is read at.
        span: The span of the calendar that it is of, which may be running; None for none.
    """

    result: Result
    moments: Moments
    span: str | None = None

    @cached_property
    def all_values(self) -> Sequence[float]:
        """The values at all of the moments; NaN for none."""
        values: list[float] = self.result.values.tolist()
        return values

    @property
    def now(self) -> float:
        """The present value."""
        return self.moments.at(self.all_values, self.moments.now)

    @property
    def is_running(self) -> bool:
        """Whether it is of a span that is not over."""
        return self.span is not None and self.moments.wholes[self.span] != self.moments.now

    @property
    def whole(self) -> float:
        """The value of the last whole span; the present one unless it is of a running span."""
        if self.span is None:
            return self.now
        return self.moments.at(self.all_values, self.moments.wholes[self.span])

    @property
    def values(self) -> Sequence[float]:
        """The values day by day, the present one last, unless it is of a running day."""
        line = self.moments.line(self.all_values)
        return line[:-1] if self.span == DAY and self.is_running else line

    def since(self, days: int) -> float | None:
        """Returns by how much it changed in so many days; None if either has no value.

        Of a running day it is the change to the last whole one. Of any other running span it is
        None: that of a week ago is another stretch of time.
        """
        edge = self.moments.now
        if self.is_running:
            if self.span != DAY:
                return None
            edge = self.moments.wholes[DAY]
        values = self.all_values
        then = self.moments.at(values, self.moments.before(edge, days))
        change = self.moments.at(values, edge) - then
        return change if isfinite(change) else None

    def share_since(self, days: int) -> float:
        """Returns the same as a share of what it was; NaN where that says nothing."""
        change = self.since(days)
        then = nan if change is None else self.whole - change
        return change / then if change is not None and then > 0 else nan


def trends(reader: Reader, catalogue: Catalogue, edge: int, currency: str) -> Mapping[str, Trend]:
    """Returns the trend of each KPI that has a headline, by its id.

    Args:
        reader: Of the ledger.
        catalogue: The KPIs.
        edge: The tile edge of the present.
        currency: The reporting currency.
    """
    headlines = {kpi.id: headline for kpi in catalogue if (headline := Headline.of(kpi))}
    kpis = [headline.of_only(catalogue[name]) for name, headline in headlines.items()]
    found: dict[str, Trend] = {}
    for trend in series_trends(reader, catalogue, kpis, edge, currency):
        if headlines[trend.result.kpi.id].has(trend.result.labels):
            found.setdefault(trend.result.kpi.id, trend)
    return found


def series_trends(
    reader: Reader,
    catalogue: Catalogue,
    kpis: Iterable[Kpi],
    edge: int,
    currency: str,
    segment: Segment | None = None,
) -> list[Trend]:
    """Returns the trends of all series of the first formulas of KPIs, with one window at most.

    Args:
        reader: Of the ledger.
        catalogue: The KPIs.
        kpis: Those to read.
        edge: The tile edge of the present.
        currency: The reporting currency.
        segment: The only segment to count, as it is shown; None for all accounts.
    """
    moments = Moments(edge, reader.calendar)
    edges = np.array(moments.every, dtype=np.int64)
    asked = [replace(kpi, variants=kpi.variants[:1]) for kpi in kpis]
    if segment is None:
        results = reader.evaluate(catalogue, edges, currency=currency, kpis=asked)
    else:
        results = read_segment(reader, catalogue, segment, edges, currency, asked)
    spans = {
        kpi.id: running_span(kpi, next(iter(kpi.windows), None), catalogue.measures)
        for kpi in asked
    }
    return [Trend(result, moments, spans[result.kpi.id]) for result in results]
