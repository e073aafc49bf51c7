"""Running: figures of a day, month, quarter or year of the calendar that is not over.

Such a figure begins at nothing: daily usage is a tenth of a percent a quarter of an hour after
midnight. What it will be is not known before the end, so the last whole one is told beside it.
Which figures are such follows from their formulas: all that are read over a window to date, and
those over a day that read a measure of local days.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from aggregates.catalogue.kpi import Kpi, Variant
from aggregates.formula.expression import Within, nodes, reads
from aggregates.ledger.measure import Measure
from aggregates.time.calendar import Calendar
from aggregates.time.window import TO_DATE

DAY: Final = "day"
"""The span that a window of one local day is of; windows to date are of the span of their name."""

_ONE_DAY: Final = "1d"


def running_span(kpi: Kpi, window: str | None, measures: Mapping[str, Measure]) -> str | None:
    """Returns the span of the calendar that a KPI is of over a window: ``day``, ``month``, ...

    Args:
        kpi: The KPI.
        window: One of its windows; None for a figure of the moment.
        measures: The measures that formulas read, by name.

    Returns:
        The longest there is; None if it is of no such span.
    """
    spans = [DAY, *TO_DATE]
    found = {span for variant in kpi.variants for span in _spans(variant, window, measures)}
    return max(found, key=spans.index, default=None)


def last_whole(span: str, edge: int, calendar: Calendar) -> int:
    """Returns the edge at which the last whole span ended: the edge itself if one ends there.

    >>> utc = Calendar("UTC")
    >>> [last_whole("day", edge, utc) for edge in (959, 960, 961)]
    [864, 960, 960]
    """
    if span == DAY:
        begin, end = calendar.day_around(edge - 1)
    else:
        window = calendar.windows[span]
        begin = window.start(edge)
        end = window.end(begin)
    return edge if end == edge else begin


def running_windows(kpi: Kpi, measures: Mapping[str, Measure]) -> dict[str, tuple[str, ...]]:
    """Returns the windows over which a KPI is of a span of the calendar, by that span.

    There are none of a KPI that has no windows, and is of such a span nevertheless.
    """
    found: dict[str, tuple[str, ...]] = {}
    for window in kpi.windows or (None,):
        span = running_span(kpi, window, measures)
        if span is not None:
            found[span] = (*found.get(span, ()), *([window] if window else []))
    return found


def _spans(variant: Variant, window: str | None, measures: Mapping[str, Measure]) -> Iterator[str]:
    inner = [node.window for node in nodes(variant.formula) if isinstance(node, Within)]
    windows = {*inner, *([window] if window else [])}
    yield from windows & TO_DATE.keys()
    if _ONE_DAY in windows and any(measures[r.measure].local_days for r in reads(variant.formula)):
        yield DAY
