"""Spreads: an amount that belongs to a period, handed out over its days to the last unit."""

from aggregates.calendar import Calendar
from aggregates.measure import Contributions, Series
from aggregates.tile import TILE_MS, tile_of


def spread(
    series: Series, begin_ms: int, end_ms: int, amount: int, calendar: Calendar
) -> Contributions:
    """Gives an amount evenly over ``[begin, end)``, a local day's part where the day begins.

    Up to the end of each day it has given what is due by then, rounded down, so that the parts add
    up to the amount exactly. An empty period gets it at once.

    >>> day_ms = 86_400_000
    >>> list(spread(("cost",), 0, 3 * day_ms, 10, Calendar()))
    [(('cost',), 0, 3), (('cost',), 96, 3), (('cost',), 192, 4)]
    >>> list(spread(("cost",), day_ms // 2, day_ms // 2, 10, Calendar()))
    [(('cost',), 48, 10)]
    """
    if end_ms <= begin_ms:
        if amount:
            yield series, tile_of(begin_ms), amount
        return
    day_end = calendar.days_end(1)
    at_ms, given = begin_ms, 0
    while at_ms < end_ms:
        next_ms = min(day_end(tile_of(at_ms)) * TILE_MS, end_ms)
        due = amount * (next_ms - begin_ms) // (end_ms - begin_ms)
        if due > given:
            yield series, tile_of(at_ms), due - given
        at_ms, given = next_ms, due
