"""Inquiries: what one request asks, of what is known at its moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.question import QuestionError, ask, window_of
from aggregates.reading.reader import Reader
from aggregates.reading.segment_filter import SegmentFilterError, read_filters
from aggregates.time.calendar import Calendar
from aggregates.time.moment import MomentError, Moments
from aggregates.time.tile import edge_at, edge_ms
from events import format_instant
from events.spelling import did_you_mean
from exporters.api.problem import ProblemError, wrong
from exporters.api.query import Query, unknown
from exporters.api.table import Table
from exporters.figures import Figures
from exporters.live_reading import Reading
from exporters.pages.rows import Rows

AFTER: Final = "after"
"""The parameter that says where the page before ended."""

SOON: Final = {"Retry-After": "5"}
"""With what is not there by now: history is read, or workers publish, every few seconds."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an inquiry has found.

    Attributes:
        document: It as an object.
        table: It as a table; None where it is none.
        following: The query of the page that follows; None if there is none.
    """

    document: Any
    table: Table | None = None
    following: str | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One request.

    Attributes:
        path: The path that is asked for.
        subject: What the path names: a KPI or an account; empty if nothing.
        query: What the query says.
        reading: What is known now.
        ledger: The reader of the ledger; None where rows are asked, beside the lock of readings.
        calendar: Days and months of the reporting time zone.
        rows: The rows behind the figures; None where they are not at hand.
    """

    path: str
    subject: str
    query: Query
    reading: Reading
    ledger: Reader | None
    calendar: Calendar
    rows: Rows | None

    @property
    def catalogue(self) -> Catalogue:
        """The KPIs in force."""
        return self.reading.catalogue

    @property
    def figures(self) -> Figures:
        """The figures now."""
        assert self.reading.figures is not None, "an operation on figures is asked while there are"
        return self.reading.figures

    @property
    def reader(self) -> Reader:
        """Reads the ledger."""
        assert self.ledger is not None, "only rows are asked beside the lock of readings"
        return self.ledger

    @property
    def kpi(self) -> Kpi:
        """The KPI that the path names, by its id or its metric.

        Raises:
            ProblemError: If there is none.
        """
        name = self.subject.removeprefix("cs_")
        if name not in self.catalogue:
            meant = did_you_mean(name, [kpi.id for kpi in self.catalogue])
            raise ProblemError(
                HTTPStatus.NOT_FOUND,
                f"there is no KPI {self.subject!r}; /api/v1/kpis has all{meant}",
            )
        return self.catalogue[name]

    @property
    def window(self) -> str | None:
        """The window that is asked for, or else the one that is looked at first.

        Raises:
            ProblemError: If the KPI has none such.
        """
        try:
            return window_of(self.kpi, self.query.text("window"))
        except QuestionError as error:
            raise wrong("window", str(error)) from error

    @property
    def labels(self) -> Mapping[str, str]:
        """Values of labels that are asked for.

        Raises:
            ProblemError: If the KPI has no such label.
        """
        own = self.kpi.own_labels
        for name in self.query.labels:
            if name not in own:
                raise unknown(name, [*(each.name for each in self.query.parameters), *own])
        return self.query.labels

    @property
    def segment(self) -> Mapping[str, str]:
        """Values of attributes of the only accounts to count.

        Raises:
            ProblemError: If there is no such attribute.
        """
        attributes = self.catalogue.policy.segments
        texts = self.query.lists.get("segment", ())
        if len(attributes) == 1:  # a value says enough
            only = f"{attributes[0]}="
            texts = [text if text.startswith(only) else only + text for text in texts]
        try:
            return read_filters(texts, attributes, "segment")
        except SegmentFilterError as error:
            raise wrong("segment", str(error)) from error

    def edge(self, name: str, usual: str = "now") -> int:
        """Returns the tile edge at, or else after, the time that a parameter says.

        Now is the edge at which gauges are read.

        Raises:
            ProblemError: If it is no time.
        """
        moments = Moments(self.calendar.timezone, edge_ms(self.reading.edge) - 1)
        try:
            return edge_at(moments.read(name, self.query.text(name) or usual))
        except MomentError as error:
            raise wrong(name, str(error)) from error

    def following(
        self, end: str | None, times: Mapping[str, int | None] | None = None
    ) -> str | None:
        """Returns where the page that follows is; None if none does.

        Args:
            end: The name of the last entry of this page, if more follow.
            times: The edges that parameters meant, so that the next page is of the same.
        """
        if end is None:
            return None
        read = {name: instant(edge) for name, edge in (times or {}).items() if edge is not None}
        return f"{quote(self.path)}?{self.query.encoded({**read, AFTER: end})}"

    def fits(self, labels: Labels) -> bool:
        """Returns whether a series is one that is asked for."""
        has = dict(labels)
        return has.get("window") == self.window and self.labels.items() <= has.items()

    def explanation(self, at: int, since: int | None) -> Explanation:
        """Returns what accounts have in the figure that is asked for, or in its change.

        Raises:
            ProblemError: If there is no such figure, or history is still being read.
        """
        if since is not None and since >= at:
            raise wrong("since", "since is not before at")
        assert self.rows is not None, "an operation on rows is asked only where they are"
        kpi, window, labels, segment = self.kpi, self.window, self.labels, self.segment
        try:
            question = ask(
                self.catalogue, kpi.id, at, since, window=window, labels=labels, segment=segment
            )
            found = self.rows.explain(self.catalogue, question)
        except QuestionError as error:
            raise ProblemError(HTTPStatus.BAD_REQUEST, str(error)) from error
        if found is None:
            reason = "history is still being read; accounts are known once it is"
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers=SOON)
        return found


def stale(reading: Reading) -> ProblemError:
    """Returns the problem of a reading without figures."""
    reason = f"there are no figures by now: {reading.state.reason}"
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers=SOON)


def instant(edge: int) -> str:
    """Writes a tile edge."""
    return format_instant(edge_ms(edge))
