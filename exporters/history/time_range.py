"""Time ranges: the times of a backfill's samples, aligned to the epoch and cut into windows.

A sample written at a time carries the reading at the tile edge at that time, or else the next one:
steps below a tile repeat its reading, as scrapes do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.values import Edges
from aggregates.time.tile import TILE_MS
from exporters.history.error import HistoryError

STEPS_S: Final = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "1d": 86_400}
"""Steps of a range, in seconds."""

WINDOW_S: Final = 486 * 3_600
"""Seconds of a window, counted from the epoch: the largest block, of 2 hours times a power of 3,
that Prometheus makes by itself. A window makes one block."""

SETTLED_S: Final = 3 * 3_600
"""Age from which samples are in blocks: Prometheus keeps younger ones in its head."""

BORDER_S: Final = 2 * 3_600
"""Seconds of Prometheus's smallest block, counted from the epoch."""

TIMES_MAX: Final = 3_000_000
"""Times of one backfill: over five years of minutes."""

_TILE_S: Final = TILE_MS // 1_000


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Times from a first to a last one, both included; in seconds of the epoch.

    >>> TimeRange(0, 7_200, 3_600).times().tolist()
    [0, 3600, 7200]
    """

    first_s: int
    last_s: int
    step_s: int

    def times(self) -> NDArray[np.int64]:
        """Returns the times, ascending."""
        return np.arange(self.first_s, self.last_s + 1, self.step_s, dtype=np.int64)

    def before(self, end_s: int) -> "TimeRange":
        """Returns the times before another, which may be none.

        >>> TimeRange(0, 7_200, 3_600).before(7_200)
        TimeRange(first_s=0, last_s=3600, step_s=3600)
        """
        last_s = _down(end_s - 1, self.step_s)
        return TimeRange(self.first_s, min(self.last_s, last_s), self.step_s)

    def readings(self) -> tuple[Edges, NDArray[np.intp]]:
        """Returns the tile edges to read at, and for each time the number of its edge."""
        edges, columns = np.unique(-(-self.times() // _TILE_S), return_inverse=True)
        return edges, columns.reshape(-1)

    def windows(self) -> "Iterator[TimeRange]":
        """Cuts the range at the borders of windows.

        >>> [(w.first_s, w.last_s) for w in TimeRange(0, WINDOW_S + 3_600, 3_600).windows()]
        [(0, 1746000), (1749600, 1753200)]
        """
        for number in range(self.first_s // WINDOW_S, self.last_s // WINDOW_S + 1):
            first_s = max(self.first_s, _up(number * WINDOW_S, self.step_s))
            last_s = min(self.last_s, _down((number + 1) * WINDOW_S - 1, self.step_s))
            if first_s <= last_s:
                yield TimeRange(first_s, last_s, self.step_s)


def settled_before_s(now_ms: int) -> int:
    """Returns the time before which samples may be written: a border between blocks, old enough."""
    return _down(now_ms // 1_000 - SETTLED_S, BORDER_S)


def fillable_from_s(time_s: int) -> int:
    """Returns the moment from which on samples up to a time may be written.

    >>> rfc3339(fillable_from_s(3_600))
    '1970-01-01T05:00:00Z'
    """
    return _up(time_s + 1, BORDER_S) + SETTLED_S


def last_time_s(last_ms: int | None, every: str, now_ms: int) -> int:
    """Returns the last time of a range.

    Args:
        last_ms: The instant at or before which it lies; None for the last one that may be written.
        every: The name of the step.
        now_ms: The time that it is.

    Raises:
        HistoryError: If the step is unknown, or the time belongs to live scraping.
    """
    step_s = _step_s(every)
    latest_s = _down(settled_before_s(now_ms) - 1, step_s)
    last_s = latest_s if last_ms is None else _down(last_ms // 1_000, step_s)
    if last_s > latest_s:
        raise HistoryError(
            f"--to {rfc3339(last_s)} is too late: the last three hours, and the block that they "
            "are in, belong to live scraping; leave --to out, or give "
            f"{rfc3339(latest_s)} or earlier"
        )
    return last_s


def range_from(first_ms: int, last_s: int, every: str) -> TimeRange:
    """Returns the times from an instant, included if it falls on it, to a last time.

    Raises:
        HistoryError: If the step is unknown, no time is left, or there are too many.
    """
    step_s = _step_s(every)
    first_s = _up(-(-first_ms // 1_000), step_s)
    if first_s > last_s:
        raise HistoryError(
            f"there is no time between {rfc3339(first_s)} and {rfc3339(last_s)} to fill"
        )
    if (last_s - first_s) // step_s >= TIMES_MAX:
        raise HistoryError(f"more than {TIMES_MAX} times; take a longer --every")
    return TimeRange(first_s, last_s, step_s)


def rfc3339(time_s: int) -> str:
    """Writes a time in RFC 3339.

    >>> rfc3339(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(time_s, UTC).isoformat().replace("+00:00", "Z")


def _step_s(every: str) -> int:
    if every not in STEPS_S:
        raise HistoryError(f"--every {every!r} is none of {', '.join(STEPS_S)}")
    return STEPS_S[every]


def _down(time_s: int, step_s: int) -> int:
    return time_s // step_s * step_s


def _up(time_s: int, step_s: int) -> int:
    return -(-time_s // step_s) * step_s
