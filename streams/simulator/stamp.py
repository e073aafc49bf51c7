"""Instants of the made-up company: milliseconds since the epoch, UTC, as text and in office hours.

Owns the arithmetic of days, months and office hours. Imports nothing of Tidemark. The company
lives in whole seconds, so a text never needs a fraction.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

OFFICE_OPENS_MS = 8 * HOUR_MS
"""Local time of day at which an office opens, ms after midnight."""
OFFICE_CLOSES_MS = 18 * HOUR_MS
"""Local time of day at which an office closes, ms after midnight."""

_EPOCH = date(1970, 1, 1)
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday (Monday is 0)."""
_SATURDAY = 5
_DATES_KEPT = 4_096
"""Dates kept as text: eleven years, more than one history needs at a time."""

CLOCK = tuple(
    f"T{hour:02d}:{minute:02d}:{second:02d}Z"
    for hour in range(24)
    for minute in range(60)
    for second in range(60)
)
"""The text after the date for each second of a day."""


@lru_cache(maxsize=_DATES_KEPT)
def date_text(day: int) -> str:
    """Writes a day counted from the epoch, such as 2026-02-13."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def stamp(time_ms: int) -> str:
    """Writes an instant as RFC 3339 in UTC, whole seconds.

    >>> stamp(1_771_000_000_999)
    '2026-02-13T16:26:40Z'
    """
    day, rest_ms = divmod(time_ms, DAY_MS)
    return date_text(day) + CLOCK[rest_ms // SECOND_MS]


def quarter(time_ms: int) -> str:
    """Writes the quarter of the year that holds an instant, in UTC.

    >>> quarter(1_771_000_000_999)
    '2026_q1'
    """
    year, month, _ = date_text(time_ms // DAY_MS).split("-")
    return f"{year}_q{(int(month) + 2) // 3}"


def whole_second(time_ms: int) -> int:
    """Rounds an instant down to its second."""
    return time_ms - time_ms % SECOND_MS


def weekday(local_ms: int) -> int:
    """Returns the day of the week of a local instant, Monday being 0.

    >>> weekday(0)
    3
    """
    return (local_ms // DAY_MS + _EPOCH_WEEKDAY) % 7


def is_weekend(local_ms: int) -> bool:
    """Returns whether a local instant lies on a Saturday or Sunday."""
    return weekday(local_ms) >= _SATURDAY


@lru_cache(maxsize=_DATES_KEPT)
def month_number(day: int) -> int:
    """Numbers the calendar month of a day counted from the epoch: 12 x year + month - 1."""
    at = _EPOCH + timedelta(days=day)
    return at.year * 12 + at.month - 1


def add_months(time_ms: int, months: int) -> int:
    """Moves an instant by calendar months; the 31st becomes the last day of a shorter month.

    >>> stamp(add_months(1_769_860_800_000, 1))
    '2026-02-28T12:00:00Z'
    """
    at = datetime.fromtimestamp(time_ms // SECOND_MS, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    moved = at.replace(year=year, month=month + 1, day=day)
    return int(moved.timestamp()) * SECOND_MS


def office_instant(time_ms: int, offset_ms: int) -> int:
    """Finds the first instant at or after `time_ms` within office hours, Monday to Friday.

    Args:
        time_ms: where to begin.
        offset_ms: the office's local time minus UTC.

    >>> stamp(office_instant(1_771_000_000_000 + 4 * HOUR_MS, 0))
    '2026-02-16T08:00:00Z'
    """
    local_ms = time_ms + offset_ms
    midnight_ms = local_ms - local_ms % DAY_MS
    if local_ms - midnight_ms >= OFFICE_CLOSES_MS:
        midnight_ms += DAY_MS
    beyond_days = max(0, weekday(midnight_ms) - _SATURDAY + 1)
    if beyond_days:
        midnight_ms += (3 - beyond_days) * DAY_MS
    return max(local_ms, midnight_ms + OFFICE_OPENS_MS) - offset_ms


def after_office_time(time_ms: int, delay_ms: int, offset_ms: int) -> int:
    """Adds a delay that passes only during office hours.

    >>> stamp(after_office_time(1_771_000_000_000, 4 * HOUR_MS, 0))
    '2026-02-16T10:26:40Z'
    """
    at_ms = office_instant(time_ms, offset_ms)
    days, rest_ms = divmod(delay_ms, OFFICE_CLOSES_MS - OFFICE_OPENS_MS)
    for _ in range(days):
        at_ms = office_instant(at_ms + DAY_MS, offset_ms)
    left_ms = OFFICE_CLOSES_MS - (at_ms + offset_ms) % DAY_MS
    if rest_ms < left_ms:
        return at_ms + rest_ms
    return office_instant(at_ms + left_ms, offset_ms) + rest_ms - left_ms
