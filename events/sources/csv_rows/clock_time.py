"""Times as people's tools write them, as instants: exact, or not at all."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from events.instant import format_instant
from events.sources.source import GapError

Instants = Callable[[str], str]
"""Returns a time as RFC 3339 in UTC, to the millisecond; raises ``GapError``."""

UNIX: Final = {"unix": 1_000, "unix_ms": 1}
"""Formats that count from 1970 on, and the milliseconds of one."""

_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?)?"
    r"(?: ?([Zz]|(?:UTC|GMT)(?:[+-]\d\d?(?::\d\d)?)?|[+-]\d\d(?::?\d\d)?))?",
    re.ASCII,
)
_OF_THE_HOST: Final = re.compile("%[ZcxX]")
_OF_THE_CLOCK: Final = re.compile("%[HIMSfpz]")
_COUNT: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_PROBE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)

TEXTS_MAX: Final = 4_096
"""Times that are remembered: exports repeat days, and the time of one action."""


def is_format(form: str) -> bool:
    """Returns whether times are read by a format.

    Names of zones (`%Z`) are not: Python takes those of the host, and then forgets them. Nor is
    what goes by the host's language, or has no year, such as letters that are no codes.

    >>> [is_format(form) for form in ("unix", "%d.%m.%Y", "%Y-%m", "%c", "%d.%Q", "DD.MM.YYYY")]
    [True, True, True, False, False, False]
    """
    if form in UNIX:
        return True
    if _OF_THE_HOST.search(form.replace("%%", "")):
        return False
    try:
        found = datetime.strptime(_PROBE.strftime(form), form)  # noqa: DTZ007
    except ValueError:
        return False
    return found.date() == _PROBE.date()


def instants(place: str, form: str | None, rules: ZoneInfo | None, *, inclusive: bool) -> Instants:
    """Returns what reads the times of a column.

    Args:
        place: The column, in words.
        form: How they are written: a key of ``UNIX``, codes of strptime; None for ISO 8601.
        rules: The zone of those without an offset; None if nobody said it.
        inclusive: Whether each is the last day of something, of which the end is told.
    """

    def moment(text: str) -> datetime:
        if form in UNIX:
            if not _COUNT.fullmatch(text):
                raise GapError("unreadable_time", f"{place}: a whole number, as {form} is")
            return _EPOCH + int(text) * UNIX[form] * _MS
        if form is None:
            return _iso(place, text)
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is looked at below
        except ValueError as error:
            raise GapError("unreadable_time", f"{place}: a time that is as {form!r}") from error

    @lru_cache(TEXTS_MAX)
    def read(text: str) -> str:
        try:
            found = moment(text)
            if inclusive:
                found = _day_after(place, found)
            if found.tzinfo is None:
                is_day = inclusive or _is_day(text, form)
                found = _local(place, found, rules, is_day=is_day)
            return format_instant((found - _EPOCH) // _MS)
        except OverflowError as error:
            raise GapError("unreadable_time", f"{place}: a time in years from 2000 on") from error

    return read


def _iso(place: str, text: str) -> datetime:
    match = _ISO.fullmatch(text)
    needs = f"{place}: a time as ISO 8601 has it, or its format in the mapping"
    if match is None:
        raise GapError("unreadable_time", needs)
    day, clock, fraction, offset = match.groups()
    if offset and clock is None:
        raise GapError("unreadable_time", needs)
    digits = f".{fraction[:6].ljust(6, '0')}" if fraction else ""
    try:
        return datetime.fromisoformat(f"{day}T{clock or '00:00'}{digits}{_offset(offset or '')}")
    except ValueError as error:
        raise GapError("unreadable_time", needs) from error


def _offset(text: str) -> str:
    """Returns an offset as ISO 8601 has it, of `Z`, `UTC`, `GMT+5:30` and the like."""
    hours = text.lstrip("UTCGMZz")
    if hours == text:
        return text
    sign, (hour, _, minute) = hours[:1] or "+", hours[1:].partition(":")
    return f"{sign}{hour.rjust(2, '0')}:{minute or '00'}"


def _day_after(place: str, found: datetime) -> datetime:
    if found != found.replace(hour=0, minute=0, second=0, microsecond=0):
        raise GapError("unreadable_time", f"{place}: a day without a time, since it is inclusive")
    return found + _DAY


def _is_day(text: str, form: str | None) -> bool:
    """Returns whether a time is written as a day alone."""
    if form is None:
        return len(text) == len("2026-01-31")
    return form not in UNIX and not _OF_THE_CLOCK.search(form.replace("%%", ""))


def _local(place: str, found: datetime, rules: ZoneInfo | None, *, is_day: bool) -> datetime:
    """Returns a local time with its offset, if there is just one that it can have.

    A day begins at the first of two midnights, and where there is none when the clock has gone on.
    """
    if rules is None:
        raise GapError("time_without_zone", f"{place}: the timezone of its times, in the mapping")
    early, late = (found.replace(tzinfo=rules, fold=fold) for fold in (0, 1))
    if is_day or early.utcoffset() == late.utcoffset():
        return early
    back = early.astimezone(UTC).astimezone(rules).replace(tzinfo=None)
    if back == found:
        raise GapError(
            "time_ambiguous", f"{place}: times with an offset: some are there twice in {rules.key}"
        )
    raise GapError("time_missing", f"{place}: times that there were in {rules.key}")
