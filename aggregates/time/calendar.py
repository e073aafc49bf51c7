"""Days and months of the reporting time zone, as tile arithmetic; with them, the windows."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from aggregates.time.tile import TILE_MS, TILES_A_DAY, Tiles, edge_at, edge_ms
from aggregates.time.window import TO_DATE, Windows, length_days
from events.zone import zone

FIRST_YEAR: Final = 1999
"""A year before the earliest instant that an event may carry."""
LAST_YEAR: Final = 2101
"""A year after the latest instant that an event may carry, so that a window's end is in the table.
"""

_WEEK: Final = 7
_WEEKDAYS: Final = 5
"""Days of a week, and those of them that come before its end."""


class Calendar:
    """Days, months and windows of one time zone.

    >>> from aggregates.time.tile import edge_at
    >>> utc = Calendar("UTC")
    >>> february = edge_at(1_769_904_000_000)  # 2026-02-01T00:00:00Z
    >>> utc.windows["month"].start(february) == february - 31 * 96
    True
    """

    def __init__(self, timezone: str = "UTC") -> None:
        """Tabulates the day and month edges of an IANA time zone.

        Raises:
            UnknownZoneError: If there is no such time zone.
        """
        self.timezone = timezone
        self._uniform = timezone == "UTC"
        self._days, months = _first_tiles(timezone)
        self._day_array = np.array(self._days, dtype=np.int64)
        self.windows = Windows(months)
        self._ends: dict[int, Callable[[int], int]] = {}
        first = date(1970, 1, 1) if self._uniform else date(FIRST_YEAR, 1, 1)
        self._first_weekday = first.weekday()

    def day_of(self, tile: int) -> int:
        """Returns the number of the local day that holds a tile, from an arbitrary day on."""
        if self._uniform:
            return tile // TILES_A_DAY
        return bisect_right(self._days, tile) - 1

    def days_of(self, tiles: Tiles) -> Tiles:
        """Returns ``day_of`` of each tile of an array."""
        if self._uniform:
            return tiles // TILES_A_DAY
        return np.searchsorted(self._day_array, tiles, side="right") - 1

    def days_end(self, days: int) -> Callable[[int], int]:
        """Returns the function from a tile to that at which ``days`` local days are over.

        The day of the tile is the first of them.
        """
        if days not in self._ends:
            self._ends[days] = self._end_of(days)
        return self._ends[days]

    def _end_of(self, days: int) -> Callable[[int], int]:
        span = days * TILES_A_DAY

        def uniform_end(tile: int) -> int:
            return tile - tile % TILES_A_DAY + span

        def end(tile: int) -> int:
            return self.day_start(self.day_of(tile) + days)

        return uniform_end if self._uniform else end

    def days_ends(self, days: int, tiles: Tiles) -> Tiles:
        """Returns what ``days_end`` gives for each tile of an array."""
        return self.day_starts(self.days_of(tiles) + days)

    def day_around(self, tile: int) -> tuple[int, int]:
        """Returns the first tile of the local day that holds a tile, and that of the next day."""
        if self._uniform:
            begin = tile - tile % TILES_A_DAY
            return begin, begin + TILES_A_DAY
        day = self.day_of(tile)
        return self.day_start(day), self.day_start(day + 1)

    def is_weekday(self, day: int) -> bool:
        """Returns whether a local day that ``day_of`` numbered is one from Monday to Friday."""
        return (day + self._first_weekday) % _WEEK < _WEEKDAYS

    def weekdays_between(self, begins: Tiles, ends: Tiles) -> NDArray[np.float64]:
        """Returns the days from Monday to Friday in spans of tiles, a part of a day as such.

        Whole days count as one, also those that an hour is added to or taken from.
        """
        return (self._weekday_tiles(ends) - self._weekday_tiles(begins)) / TILES_A_DAY

    def weekdays_of(self, window: str, edges: Tiles) -> NDArray[np.int64]:
        """Returns how many of the local days of a window are from Monday to Friday, today whole."""
        first, last = self.days_of(self.first_tiles(window, edges)), self.days_of(edges - 1)
        return self._weekdays_before(last + 1) - self._weekdays_before(first)

    def first_tiles(self, window: str, edges: Tiles) -> Tiles:
        """Returns where the local days of a window begin that ends at each edge.

        The day of the last instant before the edge is the last of them. A window to date is of
        local days as it is.

        >>> utc = Calendar("UTC")
        >>> utc.first_tiles("2d", np.array([960, 961])).tolist()
        [768, 864]
        """
        if window in TO_DATE:
            return self.windows[window].starts(edges)
        return self.day_starts(np.maximum(self.days_of(edges - 1) + 1 - length_days(window), 0))

    def ago(self, window: str, edges: Tiles) -> Tiles:
        """Returns edges a window ago: for days what ``days_ago`` gives, to date where it begins."""
        if window in TO_DATE:
            return self.windows[window].starts(edges)
        days = length_days(window)
        return np.array([self.days_ago(days, edge) for edge in edges.tolist()], dtype=np.int64)

    def days_ago(self, days: int, edge: int) -> int:
        """Returns the edge so many local days earlier, at the same local time of day.

        Where a day ends it is where the other one ends. A time that the clock skipped then is taken
        as so long after midnight as without the skip; of one that it showed twice it is the first.

        >>> berlin = Calendar("Europe/Berlin")  # clocks go from 2 to 3 on 29 March
        >>> sunday = berlin.begin_of(date(2026, 3, 29))
        >>> [(edge - berlin.days_ago(7, edge)) // 4 for edge in (sunday + 8, sunday + 92)]
        [167, 167]
        """
        if self._uniform:
            return edge - days * TILES_A_DAY
        today = self.day_of(edge - 1)
        if edge == self.day_start(today + 1):
            return self.day_start(max(today + 1 - days, 0))
        shown = datetime.fromtimestamp(edge_ms(edge) // 1000, zone(self.timezone))
        return edge_at(int((shown - timedelta(days)).replace(fold=0).timestamp()) * 1000)

    def _weekday_tiles(self, tiles: Tiles) -> Tiles:
        """Returns the tiles of weekdays before each tile, counted from an arbitrary one."""
        days = self.days_of(tiles)
        weekday = (days + self._first_weekday) % _WEEK
        begun = np.minimum(tiles - self.day_starts(days), TILES_A_DAY)
        whole = self._weekdays_before(days)
        return whole * TILES_A_DAY + np.where(weekday < _WEEKDAYS, begun, 0)

    def _weekdays_before(self, days: Tiles) -> Tiles:
        """Returns the weekdays before each local day, counted from an arbitrary one."""
        weeks, weekday = np.divmod(days + self._first_weekday, _WEEK)
        return weeks * _WEEKDAYS + np.minimum(weekday, _WEEKDAYS)

    def begin_of(self, day: date) -> int:
        """Returns the first tile of a local date; one beyond the calendar is its first or last.

        >>> Calendar("UTC").begin_of(date(1970, 1, 2))
        96
        """
        first, last = date(1970, 1, 1), date(LAST_YEAR, 12, 31)
        return _first_tile(min(max(day, first), last), zone(self.timezone))

    def day_start(self, day: int) -> int:
        """Returns the first tile of a local day that ``day_of`` numbered."""
        if self._uniform:
            return day * TILES_A_DAY
        return self._days[day]

    def day_starts(self, days: Tiles) -> Tiles:
        """Returns ``day_start`` of each day of an array."""
        return days * TILES_A_DAY if self._uniform else self._day_array[days]


@cache
def _first_tiles(timezone: str) -> tuple[Sequence[int], Sequence[int]]:
    """Returns the first tile of each day, of none in UTC, and that of each month."""
    rules = zone(timezone)
    days = () if timezone == "UTC" else [_first_tile(day, rules) for day in _days()]
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    months = [date(year, month, 1) for year in years for month in range(1, 13)]
    return days, [_first_tile(month, rules) for month in months]


def _days() -> Iterator[date]:
    first, over = date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1)
    return map(date.fromordinal, range(first.toordinal(), over.toordinal()))


def _first_tile(day: date, rules: ZoneInfo) -> int:
    """Returns the first tile of a local day; a day that begins inside a tile has the next one."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=rules).astimezone(UTC)
    return -(-int(midnight.timestamp() * 1000) // TILE_MS)
