"""The course of a figure: one series of a KPI over a span of time, beside the span before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import nan
from typing import Final

import numpy as np

from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.running import DAY, last_whole, running_span
from aggregates.formula.values import NEVER
from aggregates.reading.by_segment import read_by_segment, read_segment
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.time.calendar import FIRST_YEAR, Calendar
from aggregates.time.tile import TILES_A_DAY
from exporters.live_reading import Reading
from exporters.pages.choice import ALL, POINTS, Choice
from exporters.pages.view import segment_name
from exporters.pages.wall import segments_of

POINTS_MAX: Final = 366
"""Points of a line: a longer time has them farther from each other."""

SEGMENTS_MAX: Final = 8
"""Segments whose courses are drawn; the largest."""

_ONE_DAY: Final = timedelta(days=1)

_DAYS: Final = {"day": 1, "week": 7, "month": 31}


@dataclass(frozen=True, slots=True)
class Course:
    """A series over a span of time.

    Attributes:
        result: The series at each edge; NaN for no value.
        before: Its values over the span before.
        edges: The tile edges.
        points: How far they are from each other, as in ``POINTS``.
    """

    result: Result
    before: Sequence[float]
    edges: Sequence[int]
    points: str

    @property
    def values(self) -> Sequence[float]:
        """The values, edge by edge."""
        values: list[float] = self.result.values.tolist()
        return values


def course_of(reader: Reader, reading: Reading, kpi: Kpi, choice: Choice) -> Course | None:
    """Returns the course of the series that is looked at; None if there is none.

    Args:
        reader: Of the ledger.
        reading: What is known now; it must have figures.
        kpi: The KPI.
        choice: Which series, and how far back.
    """
    points, now, before = edges_of(reader, reading, kpi, choice)
    result = _read(reader, reading, kpi, choice, [*before, *now])
    if result is None:
        return None
    cut = len(before)
    return Course(_from(result, cut), result.values[:cut].tolist(), now, points)


def changes_of(
    reader: Reader, reading: Reading, kpi: Kpi, choice: Choice, spans: Sequence[int]
) -> list[float]:
    """Returns by how much the figure changed in so many days, NaN where either has no value.

    Of a running day it is the change to the last whole one; of a longer running span there is none,
    since that of some days ago is another stretch of time.
    """
    calendar, base = reader.calendar, reading.edge
    span = running_span(kpi, choice.window, reading.catalogue.measures)
    if span is not None:
        base = last_whole(span, reading.edge, calendar)
    if span not in (None, DAY) and base != reading.edge:
        return [nan for _ in spans]
    then = [calendar.days_ago(days, base) for days in spans]
    result = _read(reader, reading, kpi, choice, [base, *then])
    if result is None:
        return [nan for _ in spans]
    now, *before = result.values.tolist()
    return [now - each for each in before]


def whole_of(
    reader: Reader, reading: Reading, kpi: Kpi, choice: Choice
) -> tuple[str, float] | None:
    """Returns the span that a figure is of and its last whole value; None unless it is running."""
    span = running_span(kpi, choice.window, reading.catalogue.measures)
    if span is None:
        return None
    edge = last_whole(span, reading.edge, reader.calendar)
    if edge == reading.edge:
        return None
    result = _read(reader, reading, kpi, choice, [edge])
    return None if result is None else (span, float(result.values[0]))


def _read(
    reader: Reader, reading: Reading, kpi: Kpi, choice: Choice, at: Sequence[int]
) -> Result | None:
    """Reads the series that is looked at, at some edges; None if there is none."""
    edges = np.array(at, dtype=np.int64)
    catalogue, currency = reading.catalogue, reading.currency
    segment = segments_of(reading).get(choice.segment)
    asked = [kpi.over(choice.window)]
    if segment is None:
        results = reader.evaluate(catalogue, edges, currency=currency, kpis=asked)
    else:
        results = read_segment(reader, catalogue, segment, edges, currency, asked)
    return next((result for result in results if choice.fits(result)), None)


def courses_by_segment(
    reader: Reader, reading: Reading, kpi: Kpi, choice: Choice
) -> Mapping[str, Sequence[float]]:
    """Returns the values of the same series of each segment, of the largest now first."""
    _, now, _ = edges_of(reader, reading, kpi, choice)
    edges = np.array(now, dtype=np.int64)
    kpis = [kpi.over(choice.window)]
    if kpi.is_about_kpis:
        return {}
    read = read_by_segment(reader, reading.catalogue, edges, reading.currency, kpis)
    if len(read.columns) < 2:
        return {}
    found = {
        segment_name(segment): result.values.tolist()
        for segment, results in read.segments.items()
        for result in results
        if choice.fits(result)
    }
    names = sorted(found, key=lambda name: -np.nan_to_num(found[name][-1], nan=-np.inf))
    return {name: found[name] for name in names[:SEGMENTS_MAX]}


def edges_of(
    reader: Reader, reading: Reading, kpi: Kpi, choice: Choice
) -> tuple[str, list[int], list[int]]:
    """Returns how far points are from each other, the edges of a line, and those before them.

    Points are at the present time of each day, or at its midnights where days are named, and where
    the figure is of a day, which is whole then.
    """
    calendar = reader.calendar
    running = running_span(kpi, choice.window, reading.catalogue.measures)
    is_by_day = running == DAY or choice.since is not None or choice.span == ALL
    end = choice.end_at(calendar, reading.edge)
    if running == DAY:
        end = last_whole(DAY, end, calendar)
    begin = _begin(reader, reading, choice, end)
    points = _points(choice, (end - begin) // TILES_A_DAY)
    if points == "month":
        now = _months(calendar, begin, end)
        return points, now, _months_until(calendar, now[0], len(now))
    step = _DAYS[points]
    if not is_by_day:
        count = max((end - begin) // (step * TILES_A_DAY), 1)
        now = [calendar.days_ago(ago * step, end) for ago in range(count, -1, -1)]
        return points, now, [calendar.days_ago(count * step, edge) for edge in now]
    last = calendar.day_of(end - 1) + 1
    first = calendar.day_of(begin + TILES_A_DAY // 2)  # whatever an hour of summer time adds
    count = max((last - first) // step, 1)
    days = [last - ago * step for ago in range(count, -1, -1)]
    now = [min(calendar.day_start(max(day, 0)), reading.edge) for day in days]
    return points, now, [calendar.day_start(max(day - count * step, 0)) for day in days]


def _begin(reader: Reader, reading: Reading, choice: Choice, end: int) -> int:
    """Returns the edge at which the time that is shown begins."""
    begin = choice.begin_at(reader.calendar, end)
    if begin is not None:
        return begin
    first = min(reader.beginnings(reading.catalogue).values(), default=NEVER)
    return reader.calendar.day_start(reader.calendar.day_of(min(first, end - 1)))


def _points(choice: Choice, days: int) -> str:
    """Returns how far points are from each other: as asked, or farther where they are too many."""
    asked = POINTS.index(choice.points) if choice.points else 0
    fitting = [points for points in POINTS[asked:] if days // _DAYS[points] < POINTS_MAX]
    return fitting[0] if fitting else POINTS[-1]


def _months(calendar: Calendar, begin: int, end: int) -> list[int]:
    """Returns the begins of months in a time, and its end; at least two edges."""
    month, edges = calendar.windows["month"], [end]
    while edges[0] > begin and len(edges) <= POINTS_MAX:
        edges.insert(0, month.start(edges[0]))
    return edges if len(edges) > 1 else [begin, end]


def _months_until(calendar: Calendar, end: int, count: int) -> list[int]:
    """Returns so many begins of months, up to an edge; none is before the calendar."""
    month, first = calendar.windows["month"], calendar.begin_of(date(FIRST_YEAR, 1, 1))
    edges = [end]
    while len(edges) < count:
        edges.insert(0, month.start(edges[0]) if edges[0] > first else first)
    return edges


def _from(result: Result, cut: int) -> Result:
    return replace(
        result,
        values=result.values[cut:],
        numerator=None if result.numerator is None else result.numerator[cut:],
        denominator=None if result.denominator is None else result.denominator[cut:],
    )
