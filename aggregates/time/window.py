"""Windows: spans of time that end at the edge at which they are read.

A window answers two questions that are each other's inverse: where does it start when read at
``T``, and at which tile does something leave it that happened at a given tile. There are rolling
windows of any number of days (``30d``), and those to date: the running month, quarter and year.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from aggregates.time.tile import TILES_A_DAY, Tiles

TO_DATE: Final = {"month": 1, "quarter": 3, "year": 12}
"""Windows to date by name, with their months."""

DAYS_MAX: Final = 999
"""The longest rolling window."""

WINDOWS_SAID: Final = f"{', '.join(TO_DATE)} or days from 1d to {DAYS_MAX}d"
"""The windows there are, for messages."""

_ROLLING: Final = re.compile(r"([1-9]\d{0,2})d")
_MONTH_DAYS: Final = 31


class Window(Protocol):
    """A span of time that ends at the edge at which it is read."""

    @property
    def name(self) -> str:
        """The value of the ``window`` label."""

    def start(self, edge: int) -> int:
        """Returns the first tile inside the window that is read at ``edge``."""

    def starts(self, edges: Tiles) -> Tiles:
        """Returns ``start`` of each edge of an array."""

    def end(self, tile: int) -> int:
        """Returns the tile from which on the window no longer holds ``tile``."""

    def ends(self, tiles: Tiles) -> Tiles:
        """Returns ``end`` of each tile of an array."""


class _Rolling:
    """The last ``days`` times 24 hours."""

    def __init__(self, name: str, days: int) -> None:
        self.name = name
        self.tiles = days * TILES_A_DAY

    def start(self, edge: int) -> int:
        return edge - self.tiles

    def starts(self, edges: Tiles) -> Tiles:
        return edges - self.tiles

    def end(self, tile: int) -> int:
        return tile + self.tiles

    def ends(self, tiles: Tiles) -> Tiles:
        return tiles + self.tiles


class _ToDate:
    """The calendar month, quarter or year, to date, that holds the last instant before the edge."""

    def __init__(self, name: str, edges: Sequence[int]) -> None:
        self.name = name
        self._edges = edges
        self._array = np.array(edges, dtype=np.int64)

    def start(self, edge: int) -> int:
        return self._edges[bisect_right(self._edges, edge - 1) - 1]

    def starts(self, edges: Tiles) -> Tiles:
        return self._array[np.searchsorted(self._array, edges - 1, side="right") - 1]

    def end(self, tile: int) -> int:
        return self._edges[bisect_right(self._edges, tile)]

    def ends(self, tiles: Tiles) -> Tiles:
        return self._array[np.searchsorted(self._array, tiles, side="right")]


class Windows(dict[str, Window]):
    """Windows by name; a rolling one is made when it is first asked for."""

    def __init__(self, month_edges: Sequence[int]) -> None:
        super().__init__((n, _ToDate(n, month_edges[::months])) for n, months in TO_DATE.items())

    def __missing__(self, name: str) -> Window:
        """Makes a rolling window.

        Raises:
            KeyError: If there is no window of that name.
        """
        match = _ROLLING.fullmatch(name)
        if match is None:
            raise KeyError(name)
        window = self[name] = _Rolling(name, int(match[1]))
        return window


def is_window(name: str) -> bool:
    """Returns whether a window has that name.

    >>> [is_window(name) for name in ("30d", "quarter", "0d", "1000d", "week")]
    [True, True, False, False, False]
    """
    return name in TO_DATE or _ROLLING.fullmatch(name) is not None


def length_days(name: str) -> int:
    """Returns the days that a window has at most.

    >>> sorted(["year", "30d", "month", "7d", "365d"], key=length_days)
    ['7d', '30d', 'month', '365d', 'year']
    """
    if name in TO_DATE:
        return TO_DATE[name] * _MONTH_DAYS
    return int(name.removesuffix("d"))
