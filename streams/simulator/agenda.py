"""The agenda of the made-up company: who acts when, and what has been told, in the order of time.

A *life* is a generator that acts now and yields the instant at which it wants to act next. It may
tell lines for its present or any later instant, never for an earlier one; so whatever lies before
the next wake of all lives is final and can leave in the order of time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator
from heapq import heappop, heappush
from operator import itemgetter
from typing import TypeAlias

Life: TypeAlias = Generator[int, None, None]
"""Acts, then yields its next instant (ms); ends when it has nothing more to do."""

TimedLine: TypeAlias = tuple[int, bytes]
"""(instant in ms, one JSON event without newline)."""

_instant = itemgetter(0)


class Agenda:
    """Wakes lives in the order of time and collects the lines they tell.

    Memory grows with the lives and with the lines told ahead of time, not with the history.
    """

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, Life]] = []
        self._started = 0
        self._done_ms: int | None = None
        self.lines: list[TimedLine] = []

    def start(self, time_ms: int, life: Life) -> None:
        """Let a life act for the first time at `time_ms`."""
        self._started += 1
        heappush(self._queue, (time_ms, self._started, life))

    def until(self, end_ms: int) -> list[TimedLine]:
        """Let everybody act up to `end_ms` (exclusive) and take the lines told before it.

        Raises:
            ValueError: if a life does not move forward in time, or told a line for the past.
        """
        queue = self._queue
        while queue and queue[0][0] < end_ms:
            time_ms, number, life = heappop(queue)
            wake_ms = next(life, None)
            if wake_ms is None:
                continue
            if wake_ms <= time_ms:
                msg = f"a life at {time_ms} asked to wake at {wake_ms}"
                raise ValueError(msg)
            heappush(queue, (wake_ms, number, life))
        self.lines.sort(key=_instant)
        cut = bisect_left(self.lines, end_ms, key=_instant)
        ready = self.lines[:cut]
        del self.lines[:cut]
        if ready and self._done_ms is not None and ready[0][0] < self._done_ms:
            msg = f"told too late: {ready[0][1]!r}"
            raise ValueError(msg)
        self._done_ms = end_ms
        return ready
