"""A choice: which series of a KPI is looked at, of whose accounts, and over which time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Kpi
from aggregates.reading.table import Result, results_of
from aggregates.time.calendar import FIRST_YEAR, LAST_YEAR, Calendar
from aggregates.time.tile import TILES_A_DAY
from exporters.live_reading import Reading
from exporters.pages.wall import segments_of
from exporters.wording import window_title

SPANS: Final = {"30": 30, "90": 90, "365": 365, "730": 730}
"""Days that are shown, by what a link says."""

ALL: Final = "all"
"""Stands for all time since the first event."""

USUAL_SPAN: Final = "90"

_ONE_DAY: Final = timedelta(days=1)

POINTS: Final = ("day", "week", "month")
"""How far a line's points may be from each other, the closest first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which series of a KPI is looked at, and how far back.

    Attributes:
        window: Its window; None for a figure of the moment.
        labels: Values of its labels.
        span: One of ``SPANS``, or ``ALL``; a range of days wins over it.
        since: The first day; None without a range.
        until: The last day; None for the present.
        points: One of ``POINTS``; empty for what fits the span.
        segment: The name of a segment; empty for all accounts.
    """

    window: str | None
    labels: Mapping[str, str]
    span: str = USUAL_SPAN
    since: date | None = None
    until: date | None = None
    points: str = ""
    segment: str = ""

    @classmethod
    def of(cls, kpi: Kpi, asked: Mapping[str, str]) -> "Choice":
        """Returns the choice that a query makes; what it does not know is left out."""
        window = asked.get("window", "")
        if window not in kpi.windows:
            window = main_window(kpi.windows) if kpi.windows else ""
        span, points = asked.get("days", USUAL_SPAN), asked.get("points", "")
        since, until = _range(asked) or (None, None)
        return cls(
            window or None,
            {name: value for name, value in asked.items() if name in kpi.own_labels},
            span if span in SPANS or span == ALL else USUAL_SPAN,
            since,
            until,
            points if points in POINTS else "",
            asked.get("segment", ""),
        )

    def fits(self, result: Result) -> bool:
        """Returns whether a series is the one that is looked at."""
        labels = dict(result.labels)
        return labels.get("window") == self.window and self.labels.items() <= labels.items()

    @property
    def series(self) -> dict[str, str]:
        """The part of the query that says which series."""
        window = {"window": self.window} if self.window else {}
        segment = {"segment": self.segment} if self.segment else {}
        return {**window, **self.labels, **segment}

    @property
    def query(self) -> dict[str, str]:
        """The query that makes this choice."""
        points = {"points": self.points} if self.points else {}
        if self.since is None:
            return {**self.series, "days": self.span, **points}
        until = {"to": self.until.isoformat()} if self.until else {}
        return {**self.series, "from": self.since.isoformat(), **until, **points}

    @property
    def address(self) -> str:
        """The query as it stands in an address."""
        return urlencode(self.query)

    @property
    def title(self) -> str:
        """Names the series that is looked at, for people."""
        window = [window_title(self.window)] if self.window else []
        segment = [self.segment] if self.segment else []
        return ", ".join([*window, *self.labels.values(), *segment]) or "now"

    @property
    def heading(self) -> str:
        """The title with a capital; values of labels stay as they are."""
        return self.title[0].upper() + self.title[1:]

    @property
    def time(self) -> str:
        """Names the time that is shown."""
        if self.since is not None:
            return f"{self.since} to {self.until or 'now'}"
        return "all time" if self.span == ALL else f"the last {self.span} days"

    @property
    def bounded(self) -> "Choice":
        """The same over the longest span, where it is of all time."""
        is_of_all = self.span == ALL and self.since is None
        return replace(self, span=list(SPANS)[-1]) if is_of_all else self

    def end_at(self, calendar: Calendar, edge: int) -> int:
        """Returns the edge at which the time that is shown ends.

        Args:
            calendar: Days.
            edge: That of the present.
        """
        if self.since is None or self.until is None:
            return edge
        return min(calendar.begin_of(self.until + _ONE_DAY), edge)

    def begin_at(self, calendar: Calendar, end: int) -> int | None:
        """Returns the edge at which that time begins, given where it ends; None for all time.

        Days of one's own begin with one.
        """
        if self.since is not None:
            return calendar.day_start(calendar.day_of(min(calendar.begin_of(self.since), end - 1)))
        return None if self.span == ALL else end - SPANS[self.span] * TILES_A_DAY

    @property
    def spans(self) -> list[dict[str, object]]:
        """The links to the same series over each span."""
        return list(self._links((*SPANS, ALL)))

    @property
    def day_spans(self) -> list[dict[str, object]]:
        """The same without all time."""
        return list(self._links(SPANS))

    def _links(self, spans: Any) -> Iterator[dict[str, object]]:
        for span in spans:
            other = replace(self, span=span, since=None, until=None)
            current = self.since is None and span == self.span
            text = "all" if span == ALL else f"{span} days"
            yield {"text": text, "href": f"?{other.address}", "current": current}


def series_of(kpi: Kpi, reading: Reading, segment: str = "") -> list[Result]:
    """Returns all series of a KPI now, of a segment or all accounts; none without figures."""
    if reading.figures is None:
        return []
    by_segment = reading.figures.by_segment
    chosen = segments_of(reading).get(segment)
    column = 0 if chosen is None else by_segment.columns[chosen]
    tables = [table for table in by_segment.tables if table.kpi.id == kpi.id]
    return results_of(tables, column)


def choice_of(kpi: Kpi, asked: Mapping[str, str], reading: Reading) -> Choice:
    """Returns the choice that a query makes, with all labels of the first series that fits it.

    A segment that there is not is left out.
    """
    choice = Choice.of(kpi, asked)
    if choice.segment not in segments_of(reading):
        choice = replace(choice, segment="")
    for result in series_of(kpi, reading):
        if choice.fits(result):
            labels = {name: value for name, value in result.labels if name in kpi.own_labels}
            return replace(choice, labels=labels)
    return choice


def left_out(asked: Mapping[str, str], reading: Reading) -> dict[str, str]:
    """Returns what of a query a choice leaves out, and what is shown instead, in words."""
    said = {}
    segment = asked.get("segment", "")
    if segment and reading.figures is not None and segment not in segments_of(reading):
        said[f"There is no segment {segment} by now."] = "Figures are those of all accounts."
    if _range(asked) is None:
        days = f"From {asked.get('from') or 'nothing'} to {asked.get('to') or 'now'}"
        said[f"{days} is no range of days."] = "Another time is shown."
    return said


def _range(asked: Mapping[str, str]) -> tuple[date | None, date | None] | None:
    """Returns the first and the last day that are asked for; None if that is no range."""
    first, last = asked.get("from", ""), asked.get("to", "")
    since, until = _day(first), _day(last)
    if since is None:
        return None if first or last else (None, None)
    if last and (until is None or until < since):
        return None
    return since, until


def _day(text: str) -> date | None:
    """Reads a date that events may be of."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < LAST_YEAR else None
