"""The course of a figure: one series of a KPI over a span of time, beside the span before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Kpi
from aggregates.formula.expression import OverKpis
from aggregates.reading.reader import Reader, Result
from aggregates.time.tile import TILES_A_DAY
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
        names = set(kpi.label_names) - {"window", "currency"} - {name for name, _ in kpi.labels}
        labels = {name: value for name, value in asked.items() if name in names}
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
    def days(self) -> int:
        """Days that are shown."""
        return SPANS[self.span]

    @property
    def edges(self) -> Sequence[int]:
        """Edges of the line's points, as distances from the present in tiles, ascending."""
        days = 1 if self.days < POINTS_MAX else _WEEK
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


def course_of(
    reader: Reader, catalogue: Catalogue, kpi: Kpi, choice: Choice, edge: int, currency: str
) -> Course | None:
    """Returns the course of the series that is looked at; None if there is none.

    Args:
        reader: Of the ledger.
        catalogue: The KPIs.
        kpi: The KPI.
        choice: Which series, and how far back.
        edge: The tile edge of the present.
        currency: The reporting currency.
    """
    if isinstance(kpi.variants[0].formula, OverKpis):
        windowed = kpi
    else:
        windowed = replace(kpi, windows=(choice.window,) if choice.window else ())
    now = [edge + distance for distance in choice.edges]
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


def settled(choice: Choice, results: Sequence[Result]) -> Choice:
    """Returns the choice with all labels of the first series that fits it."""
    for result in results:
        if choice.fits(result):
            fixed = {name for name, _ in result.kpi.labels} | {"window", "currency"}
            labels = {name: value for name, value in result.labels if name not in fixed}
            return Choice(choice.window, labels, choice.span)
    return choice
