"""Grids: the times of a series, from one on, a step apart, in days of the reporting time zone."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, islice, takewhile
from typing import Final
from zoneinfo import ZoneInfo

from aggregates.time.tile import TILES_A_DAY, edge_at, edge_ms
from exporters.api.problem import wrong

_TILES: Final[Mapping[str, int]] = {"15m": 1, "1h": TILES_A_DAY // 24}
"""Steps of one length, in tiles."""

_DAYS: Final[Mapping[str, int]] = {"1d": 1, "1w": 7, "7d": 7}
"""Steps of local days, which may have 23 or 25 hours."""

_MONTHS_A_YEAR: Final = 12

STEPS: Final = (*_TILES, *_DAYS, "1mo")
"""From the shortest on."""

POINTS_MAX: Final = 3_000
"""Times of a series: a month of quarter hours, eight years of days."""


def grid(first: int, last: int, step: str, zone: ZoneInfo) -> Sequence[int]:
    """Returns the tile edges from one to another, both included where they fall on the grid.

    Args:
        first: The first edge.
        last: The edge after which there is none.
        step: One of ``STEPS``.
        zone: The time zone of days and months.

    Raises:
        ProblemError: If the last is before the first, or there would be too many.
    """
    if last < first:
        raise wrong("from", "from is after to")
    found = list(islice(takewhile(lambda e: e <= last, _edges(first, step, zone)), POINTS_MAX + 1))
    if len(found) > POINTS_MAX:
        raise wrong("step", f"more than {POINTS_MAX} points at step={step}{_longer(last - first)}")
    return found


def _edges(first: int, step: str, zone: ZoneInfo) -> Iterator[int]:
    """Yields the edges of a grid, without end; a day or month is a step of the local clock."""
    if step in _TILES:
        yield from count(first, _TILES[step])
    begin = datetime.fromtimestamp(edge_ms(first) / 1000, zone)
    for number in count():
        if step in _DAYS:
            moment = begin + timedelta(days=number * _DAYS[step])  # of the clock, not of hours
        else:
            moment = _months_later(begin, number)
        yield edge_at(int(moment.timestamp() * 1000))


def _months_later(begin: datetime, months: int) -> datetime:
    """Returns the same day of a later month, or the last one if that is shorter."""
    years, month = divmod(begin.month - 1 + months, _MONTHS_A_YEAR)
    year = begin.year + years
    day = min(begin.day, monthrange(year, month + 1)[1])
    return begin.replace(year=year, month=month + 1, day=day)


def _longer(tiles: int) -> str:
    """Says which step is the shortest that a span of so many tiles can have."""
    lengths = {**_TILES, **{name: days * TILES_A_DAY for name, days in _DAYS.items()}}
    fits = [name for name, length in lengths.items() if tiles // length < POINTS_MAX - 1]
    shortest = fits[0] if fits else STEPS[-1]
    return f": the shortest step for this span is {shortest}, or take a shorter span"
