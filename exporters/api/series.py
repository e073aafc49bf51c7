"""Series: a KPI over a grid of times."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from aggregates.ledger.measure import Segment
from aggregates.reading.segment_filter import SegmentFilterError, matching
from aggregates.reading.table import Result
from aggregates.time.tile import TILES_A_DAY
from events.spelling import did_you_mean
from events.zone import zone
from exporters.api.figure import VALUE
from exporters.api.grid import POINTS_MAX, STEPS, grid
from exporters.api.inquiry import Answered, Inquiry, instant
from exporters.api.operation import SEGMENT, WINDOW, Operation, time_of
from exporters.api.page import PAGING, page_of
from exporters.api.parameter import Parameter, one_of
from exporters.api.problem import wrong
from exporters.api.table import Cell, Table, labels_name, labels_text

DAYS: Final = 30
"""Days before the last time that a series begins, unless it is said."""

VALUES_MAX: Final = 150_000
"""Values that are read for one answer: some megabytes, and a second or two for the dearest KPIs,
in which nobody else reads the ledger."""

STEP: Final = Parameter(
    "step",
    "How far times are apart; days, weeks and months are of the reporting time zone, from the "
    "first time on.",
    one_of(*STEPS),
    "1d",
)

_VALUES: Final = Meta(description="At each of the times; null for no value.")


class Series(Struct, omit_defaults=True):
    """A series over the times of the answer."""

    labels: dict[str, str]
    values: Annotated[list[float | None], _VALUES]
    numerators: Annotated[list[float | None] | UnsetType, _VALUES] = UNSET
    denominators: Annotated[list[float | None] | UnsetType, _VALUES] = UNSET


class SeriesList(Struct):
    """A KPI over a grid of times."""

    kpi: str
    unit: Annotated[str, VALUE]
    currency: Annotated[str, Meta(description="The reporting currency.")]
    window: str | None
    segment: Annotated[dict[str, str], Meta(description="The only accounts that are counted.")]
    step: str
    times: Annotated[list[str], Meta(description="Edges at which it is read, ascending.")]
    series: Annotated[list[Series], Meta(description="Each combination of other labels.")]
    next: Annotated[str | None, Meta(description="Where the series that follow are.")]


def _course(inquiry: Inquiry) -> Answered:
    kpi, window, step = inquiry.kpi, inquiry.window, inquiry.query.text("step") or "1d"
    last = inquiry.edge("to")
    first = inquiry.edge("from") if inquiry.query.text("from") else last - DAYS * TILES_A_DAY
    edges = grid(first, last, step, zone(inquiry.calendar.timezone))
    _check_count(inquiry, len(edges))
    results = _chosen(_read(inquiry, edges), inquiry)
    names = [labels_name(dict(result.labels)) for result in results]
    page = page_of(results, names, inquiry.query)
    link = inquiry.following(page.end, {"from": first, "to": last})
    times = [instant(edge) for edge in edges]
    series = [_series(result) for result in page.items]
    segment = dict(inquiry.segment)
    unit, currency = str(kpi.unit), inquiry.reading.currency
    document = SeriesList(kpi.id, unit, currency, window, segment, step, times, series, link)
    heads = ("at", "kpi", "labels", "value", "numerator", "denominator")
    return Answered(document, Table(heads, _rows(document)), link)


def _check_count(inquiry: Inquiry, points: int) -> None:
    """Looks whether there are as few series of a KPI now as can be read at so many points.

    Raises:
        ProblemError: If there are more.
    """
    kpi, window = inquiry.kpi, inquiry.window
    every = [dict(each.labels) for each in inquiry.figures.results if each.kpi.id == kpi.id]
    count = sum(labels.get("window") == window for labels in every)
    if count * points > VALUES_MAX:
        most = VALUES_MAX // count
        raise wrong("step", f"{kpi.id} has {count} series: ask for at most {most} points of each")


def _read(inquiry: Inquiry, edges: Sequence[int]) -> list[Result]:
    """Returns the series of a KPI over one window at some edges."""
    kpi, reading = inquiry.kpi.over(inquiry.window), inquiry.reading
    catalogue, chosen = reading.catalogue, _accounts(inquiry)
    return inquiry.reader.evaluate(catalogue, edges, chosen, reading.currency, [kpi])


def _accounts(inquiry: Inquiry) -> frozenset[Segment] | None:
    """Returns the segments of the accounts that are asked for; None for all.

    Raises:
        ProblemError: If no account has a value that is asked for.
    """
    wanted, catalogue = inquiry.segment, inquiry.catalogue
    if not wanted:
        return None
    try:
        every = inquiry.reader.beginnings(catalogue)
        return matching(every, catalogue.policy.segments, wanted, "segment")
    except SegmentFilterError as error:
        raise wrong("segment", str(error)) from error


def _chosen(results: Sequence[Result], inquiry: Inquiry) -> list[Result]:
    """Returns the series whose labels have the values that are asked for.

    Raises:
        ProblemError: If there is none.
    """
    found = [result for result in results if inquiry.fits(result.labels)]
    if not found:
        for name, value in inquiry.labels.items():
            known = sorted({dict(result.labels).get(name, "") for result in results})
            if value not in known:
                there = did_you_mean(value, known) or f"; there are {', '.join(known) or 'none'}"
                raise wrong(name, f"{inquiry.kpi.id} has no {name} {value!r}{there}")
    return found


def _series(result: Result) -> Series:
    above, below = result.numerator, result.denominator
    return Series(
        dict(result.labels),
        _values(result.values.tolist()),
        UNSET if above is None else _values(above.tolist()),
        UNSET if below is None else _values(below.tolist()),
    )


def _values(values: Sequence[float]) -> list[float | None]:
    return [value if isfinite(value) else None for value in values]


def _rows(course: SeriesList) -> Iterator[tuple[Cell, ...]]:
    """Yields a row for each time and series, those without a value too."""
    nothing = [None] * len(course.times)
    for each in course.series:
        name = labels_text(each.labels)
        above = nothing if each.numerators is UNSET else each.numerators
        below = nothing if each.denominators is UNSET else each.denominators
        for at, *parts in zip(course.times, each.values, above, below, strict=True):
            yield (at, course.kpi, name, *parts)


OPERATIONS: Final = (
    Operation(
        "get_series",
        "/kpis/{kpi}/series",
        "A KPI over a grid of times",
        "Values over one window, of each combination of labels unless one is asked for. They are "
        f"what `tidemark replay` gives at the same times. At most {POINTS_MAX} times.",
        SeriesList,
        _course,
        (
            time_of("from", f"The first time; by default {DAYS} days before the last."),
            time_of("to", "The last time, now by default.", "now"),
            STEP,
            WINDOW,
            SEGMENT,
            *PAGING,
        ),
        labels=True,
    ),
)
