"""Business time: the open hours of a schedule, as spans of UTC, and the time that passes in them.

An instant is open if the wall clock of the schedule's zone then shows a time inside one of the
weekday's opening intervals, and the date is no holiday. So an hour that daylight saving time skips
is nobody's, an hour that it repeats is open twice, and an interval that begins in a skipped hour
opens with the clock's jump. Unit: ms. Imports no policy.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregates.time.calendar import FIRST_YEAR, LAST_YEAR
from aggregates.time.tile import DAY_MS
from events.zone import zone

_SECOND_MS: Final = 1_000
_EPOCH: Final = date(1970, 1, 1)
_EPOCH_WEEKDAY: Final = _EPOCH.weekday()

_BEGIN_MS: Final = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()) * _SECOND_MS
_END_MS: Final = int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()) * _SECOND_MS
"""The span that is tabulated; it holds every instant that an event may carry."""

Span = tuple[int, int]
"""``[begin, end)`` in ms."""


class Week(NamedTuple):
    """The opening hours of one version of a schedule.

    Attributes:
        valid_ms: The instant from which it holds.
        timezone: An IANA time zone.
        days: For each weekday from Monday on, spans of ms after local midnight, ascending.
        holidays: Local dates on which it is closed.
    """

    valid_ms: int
    timezone: str
    days: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()


class CalendarTime:
    """A schedule that is always open.

    >>> CalendarTime().open_ms(5, 9), CalendarTime().until(5, 4), CalendarTime().until(5, -4)
    (4, 9, 5)
    """

    def open_ms(self, begin_ms: int, end_ms: int) -> int:
        """Returns the time in a span."""
        return end_ms - begin_ms

    def until(self, begin_ms: int, open_ms: int) -> int | None:
        """Returns the last instant at which no more than some time has passed, or the beginning."""
        return begin_ms + max(open_ms, 0)


class OpeningHours:
    """The open spans of a schedule over all its versions.

    >>> nine_to_five = ((9 * 3_600_000, 17 * 3_600_000),)
    >>> hours = OpeningHours([Week(0, "UTC", (nine_to_five,) * 7)])
    >>> midnight = 1_767_225_600_000
    >>> hours.open_ms(midnight, midnight + DAY_MS) // 3_600_000
    8
    >>> [(hours.until(midnight, n * 3_600_000) - midnight) // 3_600_000 for n in (0, 1, 8)]
    [9, 10, 33]
    """

    def __init__(self, versions: Iterable[Week]) -> None:
        """Tabulates the open spans of the versions of a schedule, of which there is at least one.

        Each holds until the next one is valid; the first also holds before.
        """
        ordered = sorted(versions, key=lambda week: week.valid_ms)
        bounds = [_BEGIN_MS, *(week.valid_ms for week in ordered[1:]), _END_MS]
        spans = [
            _open_spans(week, *own) for week, own in zip(ordered, pairwise(bounds), strict=True)
        ]
        begins, ends = np.sort(np.concatenate(spans, axis=1))  # both: no two spans overlap
        touches = begins[1:] == ends[:-1]
        begins = np.delete(begins, np.flatnonzero(touches) + 1)
        ends = np.delete(ends, np.flatnonzero(touches))
        self._begins: list[int] = begins.tolist()
        self._ends: list[int] = ends.tolist()
        self._passed: list[int] = np.cumsum(ends - begins).tolist()
        """Open time up to the end of each span."""

    def open_ms(self, begin_ms: int, end_ms: int) -> int:
        """Returns the open time in a span."""
        return self._open_until(end_ms) - self._open_until(begin_ms)

    def until(self, begin_ms: int, open_ms: int) -> int | None:
        """Returns the last instant at which no more than some open time has passed.

        That is the beginning if even then more has (``open_ms`` is below 0), and None if it never
        has. Where the time is used up at closing time, it is the next opening.
        """
        if open_ms < 0:
            return begin_ms
        allowed = self._open_until(begin_ms) + open_ms
        at = bisect_right(self._passed, allowed)
        return None if at == len(self._passed) else self._ends[at] - (self._passed[at] - allowed)

    def _open_until(self, at_ms: int) -> int:
        at = bisect_right(self._begins, at_ms) - 1
        return 0 if at < 0 else self._passed[at] - max(self._ends[at] - at_ms, 0)


@lru_cache(maxsize=8)
def tabulated(versions: tuple[Week, ...]) -> OpeningHours:
    """Returns the open spans of a schedule, tabulated once for all policies that have it."""
    return OpeningHours(versions)


def _open_spans(week: Week, begin_ms: int, end_ms: int) -> NDArray[np.int64]:
    """Returns the open spans between two instants: a row of where they begin, and one of ends."""
    changes = np.array(_offsets(week.timezone), dtype=np.int64)
    firsts = np.maximum(changes[:-1, 0], begin_ms)
    lasts = np.minimum(changes[1:, 0], end_ms)
    offsets = changes[:-1, 1]
    first_days = (firsts + offsets) // DAY_MS
    counts = np.maximum((lasts + offsets) // DAY_MS + 1 - first_days, 0)
    # A local day on which clocks are changed is there under each offset, cut where that ends.
    under = np.repeat(np.arange(len(counts)), counts)
    days = (first_days - np.cumsum(counts) + counts)[under] + np.arange(len(under))
    closed = [(day - _EPOCH).days for day in week.holidays]
    is_open = np.isin(days, closed, invert=True)
    days, under = days[is_open], under[is_open]
    weekdays, midnights = (days + _EPOCH_WEEKDAY) % 7, days * DAY_MS - offsets[under]
    found = [np.zeros((2, 0), dtype=np.int64)]
    for weekday, spans in enumerate(week.days):
        own = np.flatnonzero(weekdays == weekday)
        for opens_ms, closes_ms in spans:
            begins = np.maximum(midnights[own] + opens_ms, firsts[under[own]])
            ends = np.minimum(midnights[own] + closes_ms, lasts[under[own]])
            found.append(np.stack([begins, ends])[:, begins < ends])
    return np.concatenate(found, axis=1)


@lru_cache(maxsize=64)
def _offsets(timezone: str) -> Sequence[tuple[int, int]]:
    """Returns the instants (ms) from which a zone is offset from UTC, each with the offset in ms.

    The last one is the end of what is tabulated.
    """
    rules = zone(timezone)
    offsets = [(_BEGIN_MS, _offset_ms(rules, _BEGIN_MS))]
    for day_ms in range(_BEGIN_MS, _END_MS, DAY_MS):  # no zone changes twice within a day
        tomorrow_ms = day_ms + DAY_MS
        if _offset_ms(rules, tomorrow_ms) != offsets[-1][1]:
            seconds = range(day_ms // _SECOND_MS, tomorrow_ms // _SECOND_MS)
            before = offsets[-1][1]
            changed = bisect_left(
                seconds, True, key=lambda second: _offset_ms(rules, second * _SECOND_MS) != before
            )
            offsets.append(((seconds.start + changed) * _SECOND_MS, _offset_ms(rules, tomorrow_ms)))
    return [*offsets, (_END_MS, 0)]


def _offset_ms(rules: tzinfo, at_ms: int) -> int:
    offset = datetime.fromtimestamp(at_ms // _SECOND_MS, rules).utcoffset()
    assert offset is not None, "an IANA zone knows its offset"
    return int(offset.total_seconds()) * _SECOND_MS
