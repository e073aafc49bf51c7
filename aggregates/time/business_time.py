"""Business time: the open hours of a schedule, as spans of UTC, and the time that passes in them.

An instant is open if the wall clock of the schedule's zone then shows a time inside one of the
weekday's opening intervals, and the date is no holiday. So an hour that daylight saving time skips
is nobody's, an hour that it repeats is open twice, and an interval that begins in a skipped hour
opens with the clock's jump. Unit: ms. Imports no policy.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from aggregates.time.calendar import FIRST_YEAR, LAST_YEAR
from aggregates.time.tile import DAY_MS
from events.zone import zone

_SECOND_MS: Final = 1_000
_EPOCH_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; Monday is 0."""

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
        self._begins: list[int] = []
        self._ends: list[int] = []
        for week, (begin_ms, end_ms) in zip(ordered, pairwise(bounds), strict=True):
            for opens_ms, closes_ms in _open_spans(week, begin_ms, end_ms):
                if self._ends and self._ends[-1] == opens_ms:
                    self._ends[-1] = closes_ms
                else:
                    self._begins.append(opens_ms)
                    self._ends.append(closes_ms)
        passed = 0
        self._passed: list[int] = []  # open time up to the end of each span
        for opens_ms, closes_ms in zip(self._begins, self._ends, strict=True):
            passed += closes_ms - opens_ms
            self._passed.append(passed)

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


def _open_spans(week: Week, begin_ms: int, end_ms: int) -> Iterator[Span]:
    closed = {(day - date(1970, 1, 1)).days for day in week.holidays}
    for (from_ms, offset_ms), (until_ms, _) in pairwise(_offsets(week.timezone)):
        first_ms, last_ms = max(begin_ms, from_ms), min(end_ms, until_ms)
        for day in range((first_ms + offset_ms) // DAY_MS, (last_ms + offset_ms) // DAY_MS + 1):
            if day in closed:
                continue
            midnight_ms = day * DAY_MS - offset_ms
            for opens_ms, closes_ms in week.days[(day + _EPOCH_WEEKDAY) % 7]:
                span_begin = max(first_ms, midnight_ms + opens_ms)
                span_end = min(last_ms, midnight_ms + closes_ms)
                if span_begin < span_end:
                    yield span_begin, span_end


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
