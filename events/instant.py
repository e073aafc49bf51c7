"""Instants: RFC 3339 text to whole milliseconds since the epoch, and back.

The one definition of a timestamp, used by the pydantic models and by the structs that are
made from them. Pure: imports no model library and reads no clock.

A timestamp must name its offset, follow the calendar, carry at most nine fraction digits (floored
to milliseconds) and lie in the sanity band. A leap second ``:60`` is taken as ``:59.999`` and is
accepted only where one can be: in the last minute of a month in UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from events.errors import TidemarkError

BAND_START_MS: Final = 946_684_800_000
"""2000-01-01T00:00:00Z, inclusive: older instants are unset clocks, not customer events."""

BAND_END_MS: Final = 4_102_444_800_000
"""2100-01-01T00:00:00Z, exclusive: later instants are "never" markers or wrong units."""

CACHE_ENTRIES_MAX: Final = 65_536
"""Entries in each cache: every date of the band, or every millisecond of a minute with one offset.

A full cache is emptied. At about 120 bytes an entry all stay under 24 MB together.
"""

_DATE_CHARS: Final = 10
_MINUTE_CHARS: Final = 16
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEAP_SECOND: Final = 60
_LEAP_SECOND_MS: Final = 59_999

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"[Tt]([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_TAIL = re.compile(
    r":([0-5]\d|60)(?:\.(\d{1,3}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)
_BEYOND_MS = re.compile(r"(:\d\d\.\d{3})\d{1,6}([Zz+-].*)", re.ASCII)

# Text of the date -> ms, hour and minute -> ms to add, and the rest (with the offset) -> ms to add.
# Only dates well inside the band are kept, so that no offset can leave it; tails are kept to the
# millisecond and without a leap second, which depends on the minute.
_dates: dict[str, int] = {}
_times: dict[str, int] = {}
_tails: dict[str, int] = {}


class InstantOutOfBandError(TidemarkError, ValueError):
    """A well-formed instant before 2000 or after 2099."""


def parse_instant(text: str) -> int:
    """Read an RFC 3339 timestamp as milliseconds since the epoch.

    Args:
        text: For example ``2026-02-01T00:00:00Z`` or ``2026-02-01T01:00:00.5+01:00``.

    Returns:
        Milliseconds since 1970-01-01T00:00:00Z, floored.

    Raises:
        InstantOutOfBandError: The instant lies outside of 2000..2099.
        ValueError: The text is no RFC 3339 timestamp with an offset.

    >>> parse_instant("1970-01-01T00:00:00Z")
    Traceback (most recent call last):
    events.instant.InstantOutOfBandError: instant outside of 2000-01-01..2100-01-01
    >>> parse_instant("2026-02-01T01:00:00.5+01:00")
    1769904000500
    """
    try:
        return (
            _dates[text[:_DATE_CHARS]]
            + _times[text[_DATE_CHARS:_MINUTE_CHARS]]
            + _tails[text[_MINUTE_CHARS:]]
        )
    except KeyError:
        return _parse_uncached(text)


def format_instant(instant_ms: int) -> str:
    """Write an instant in UTC; the fraction is written only when there is one.

    >>> format_instant(1769904000000)
    '2026-02-01T00:00:00Z'
    >>> format_instant(1769904000500)
    '2026-02-01T00:00:00.500Z'
    """
    moment = _EPOCH + timedelta(milliseconds=instant_ms)
    precision = "milliseconds" if instant_ms % 1000 else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _parse_uncached(text: str) -> int:
    date, time = text[:_DATE_CHARS], text[_DATE_CHARS:_MINUTE_CHARS]
    date_ms, time_ms = _dates.get(date), _times.get(time)
    minute_ms = _parse_date(date) if date_ms is None else date_ms
    minute_ms += _parse_time(time) if time_ms is None else time_ms
    tail = text[_MINUTE_CHARS:]
    long = _BEYOND_MS.fullmatch(tail)
    if long is not None:
        tail = long[1] + long[2]
    tail_ms = _tails.get(tail)
    if tail_ms is None:
        tail_ms = _parse_tail(tail, minute_ms)
    instant_ms = minute_ms + tail_ms
    if not BAND_START_MS <= instant_ms < BAND_END_MS:
        raise InstantOutOfBandError("instant outside of 2000-01-01..2100-01-01")
    return instant_ms


def _parse_date(text: str) -> int:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 timestamp")
    year, month, day = map(int, match.groups())
    date_ms = (datetime(year, month, day, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
    if BAND_START_MS + _DAY_MS <= date_ms < BAND_END_MS - 2 * _DAY_MS:
        _remember(_dates, text, date_ms)
    return date_ms


def _parse_time(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 timestamp")
    hour, minute = map(int, match.groups())
    time_ms = (hour * 60 + minute) * _MINUTE_MS
    _remember(_times, text, time_ms)
    return time_ms


def _parse_tail(text: str, minute_ms: int) -> int:
    match = _TAIL.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 timestamp with an offset")
    second, fraction, sign, hours, minutes = match.groups()
    offset_ms = 0
    if sign is not None:
        offset_ms = (int(hours) * 60 + int(minutes)) * _MINUTE_MS
        if sign == "-":
            offset_ms = -offset_ms
    if int(second) == _LEAP_SECOND:
        _check_leap_minute(minute_ms - offset_ms)
        return _LEAP_SECOND_MS - offset_ms
    fraction_ms = int(fraction.ljust(3, "0")) if fraction is not None else 0
    tail_ms = int(second) * 1000 + fraction_ms - offset_ms
    _remember(_tails, text, tail_ms)
    return tail_ms


def _check_leap_minute(minute_ms: int) -> None:
    if not BAND_START_MS <= minute_ms < BAND_END_MS:
        raise InstantOutOfBandError("instant outside of 2000-01-01..2100-01-01")
    following = _EPOCH + timedelta(milliseconds=minute_ms + _MINUTE_MS)
    if (following.day, following.hour, following.minute) != (1, 0, 0):
        raise ValueError("a leap second can only end a month in UTC")


def _remember(cache: dict[str, int], text: str, value_ms: int) -> None:
    if len(cache) >= CACHE_ENTRIES_MAX:
        cache.clear()
    cache[text] = value_ms
