"""Pace: how far something is, how fast it goes, and when it will be done, in words."""

from collections import deque
from collections.abc import Callable
from typing import Final

from exporters.quantity import NARROW_SPACE, duration, number
from streams.clock import monotonic_s

BYTES: Final = "bytes"
"""The unit of what is shown in MB or GB."""

Total = int | Callable[[], int | None] | None
"""How much there is to do; a function where that is known only once it has begun."""

WINDOW_S: Final = 10.0
"""Over which a rate is taken: what came before says little of what is going on."""

_SCALES: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


class Pace:
    """Counts what is done.

    >>> now_s = 0.0
    >>> pace = Pace("bytes", 4_000_000, lambda: now_s)
    >>> now_s = 2.0
    >>> pace.advance(1_000_000, 5_000)
    >>> pace.text()
    '1.0 of 4.0 MB (25 %), 2,500 events/s, 6 s left'
    """

    def __init__(
        self, unit: str, total: Total = None, clock_s: Callable[[], float] = monotonic_s
    ) -> None:
        """Begins now.

        Args:
            unit: What is counted; ``bytes`` are shown in MB or GB.
            total: How much there is to do, if that is known.
            clock_s: A clock that is never set back, in seconds.
        """
        self._unit = unit
        self._total_of = total if callable(total) else lambda: total
        self._clock_s = clock_s
        self._done = 0
        self._records = 0
        self._seen = deque([(clock_s(), 0, 0)])

    def advance(self, done: int, records: int = 0) -> None:
        """Counts what more is done, and how many records that were, if bytes are counted."""
        self._done += done
        self._records += records
        now_s = self._clock_s()
        if now_s - self._seen[-1][0] >= WINDOW_S / 20:
            self._seen.append((now_s, self._done, self._records))
        while len(self._seen) > 2 and now_s - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()

    def text(self) -> str:
        """Returns how far it is, how fast it goes and how long it will take, as far as known."""
        then_s, done, records = self._seen[0]
        took_s = self._clock_s() - then_s
        parts = [self._amount()]
        if took_s > 0:
            rate = (self._done - done) / took_s
            parts += [self._rate(rate, (self._records - records) / took_s)]
            left = (self._total_of() or 0) - self._done
            if rate > 0 and left > 0:
                parts.append(f"{_spoken(left / rate)} left")
        return ", ".join(parts)

    def _amount(self) -> str:
        total = self._total_of()
        name, size, decimals = self._scale(total or self._done)
        done = number(self._done / size, decimals)
        if not total:
            return f"{done} {name}"
        percent = min(100 * self._done // total, 100)
        return f"{done} of {number(total / size, decimals)} {name} ({percent} %)"

    def _rate(self, rate: float, records_rate: float) -> str:
        if records_rate > 0:
            return f"{number(records_rate, 0)} events/s"
        name, size, decimals = self._scale(int(rate))
        return f"{number(rate / size, decimals)} {name}/s"

    def _scale(self, amount: int) -> tuple[str, float, int]:
        """Returns the unit that an amount is shown in, its size, and the decimals of a value."""
        for size, name in _SCALES:
            if self._unit == BYTES and amount >= size:
                return name, size, 1
        return self._unit, 1, 0


def _spoken(seconds: float) -> str:
    """Returns a duration for a line that changes while it is read: no tenths of a second."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    return duration(seconds).replace(NARROW_SPACE, " ")
