"""The course of a figure: one series of a KPI over a span of time, beside the span before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Kpi
from aggregates.formula.expression import OverKpis
from aggregates.reading.reader import Reader, Result
from aggregates.time.tile import TILES_A_DAY
from exporters.live_reading import Reading
from exporters.wording import window_title

SPANS: Final = {"30": 30, "90": 90, "365": 365, "730": 730}
"""Days that are shown, by what a link says."""

USUAL_SPAN: Final = "90"

POINTS_MAX: Final = 366
"""Points of a line: a span of more days has one each week."""

_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """Which series of a KPI is looked at, and how far back.

    Attributes:
        window: Its window; None for a figure of the moment.
        labels: Values of its labels.
        span: One of ``SPANS``.
    """

    window: str | None
    labels: Mapping[str, str]
    span: str = USUAL_SPAN

    @classmethod
    def of(cls, kpi: Kpi, asked: Mapping[str, str]) -> "Choice":
        """Returns the choice that a query makes; what it does not know is left out."""
        window = asked.get("window", "")
        if window not in kpi.windows:
            window = main_window(kpi.windows) if kpi.windows else ""
        labels = {name: value for name, value in asked.items() if name in kpi.own_labels}
        span = asked.get("days", USUAL_SPAN)
        return cls(window or None, labels, span if span in SPANS else USUAL_SPAN)

    def fits(self, result: Result) -> bool:
        """Returns whether a series is the one that is looked at."""
        labels = dict(result.labels)
        return labels.get("window") == self.window and self.labels.items() <= labels.items()

    @property
    def query(self) -> dict[str, str]:
        """The query that makes this choice."""
        window = {"window": self.window} if self.window else {}
        return {**window, **self.labels, "days": self.span}

    @property
    def title(self) -> str:
        """Names the series that is looked at, for people."""
        window = [window_title(self.window)] if self.window else []
        return ", ".join([*window, *self.labels.values()]) or "now"

    @property
    def heading(self) -> str:
        """The title with a capital; values of labels stay as they are."""
        return self.title[0].upper() + self.title[1:]

    @property
    def spans(self) -> list[dict[str, object]]:
        """The links to the same series over each span."""
        choices = [replace(self, span=span) for span in SPANS]
        return [
            {
                "text": f"{each.span} days",
                "href": f"?{urlencode(each.query)}",
                "current": each.span == self.span,
            }
            for each in choices
        ]

    @property
    def days(self) -> int:
        """Days that are shown."""
        return SPANS[self.span]

    @property
    def is_daily(self) -> bool:
        """Whether a line has a point each day; otherwise one each week."""
        return self.days < POINTS_MAX

    @property
    def edges(self) -> Sequence[int]:
        """Edges of the line's points, as distances from the present in tiles, ascending."""
        days = 1 if self.is_daily else _WEEK
        count = self.days // days
        return range(-count * days * TILES_A_DAY, 1, days * TILES_A_DAY)


@dataclass(frozen=True, slots=True)
class Course:
    """A series over a span of time.

    Attributes:
        result: The series at each edge; NaN for no value.
        before: Its values over the span before.
        edges: The tile edges.
    """

    result: Result
    before: Sequence[float]
    edges: Sequence[int]

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
    catalogue, currency = reading.catalogue, reading.currency
    if isinstance(kpi.variants[0].formula, OverKpis):
        windowed = kpi
    else:
        windowed = replace(kpi, windows=(choice.window,) if choice.window else ())
    now = [reading.edge + distance for distance in choice.edges]
    length = now[-1] - now[0]
    edges = [each - length for each in now[:-1]] + now
    for result in reader.evaluate(catalogue, edges, currency=currency, kpis=[windowed]):
        if choice.fits(result):
            cut = len(now) - 1
            own = replace(
                result,
                values=result.values[cut:],
                numerator=None if result.numerator is None else result.numerator[cut:],
                denominator=None if result.denominator is None else result.denominator[cut:],
            )
            return Course(own, result.values[: cut + 1].tolist(), now)
    return None


def series_of(kpi: Kpi, reading: Reading) -> list[Result]:
    """Returns all series of a KPI over all accounts now; none while there are no figures."""
    results = () if reading.figures is None else reading.figures.results
    return [result for result in results if result.kpi.id == kpi.id]


def choice_of(kpi: Kpi, asked: Mapping[str, str], reading: Reading) -> Choice:
    """Returns the choice that a query makes, with all labels of the first series that fits it."""
    choice = Choice.of(kpi, asked)
    for result in series_of(kpi, reading):
        if choice.fits(result):
            labels = {name: value for name, value in result.labels if name in kpi.own_labels}
            return replace(choice, labels=labels)
    return choice
