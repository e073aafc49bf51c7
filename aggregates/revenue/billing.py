"""Billing: the items that a subscription is charged for, and the intervals in which it is."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple

from events.instant import BAND_END_MS

_MONTHS: Final = {"month": 1, "year": 12}
_DAYS: Final = {"day": 1, "week": 7}
_LENGTHS: Final = {"day": 12, "week": 84, "month": 365, "year": 4_380}
"""Twelfths of a day in each interval, as long as it is on average."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_AFTER_BAND: Final = 2100


class LicensedItem(NamedTuple):
    """An item with a price of its own, whatever is used of it.

    Attributes:
        amount: Minor units an interval, for the whole quantity.
        currency: Their currency.
        interval: ``day``, ``week``, ``month`` or ``year``.
        interval_count: How many of these are a billing interval.
        plan: The plan that it belongs to, or None.
    """

    amount: int
    currency: str
    interval: str
    interval_count: int
    plan: str | None = None


def billing_order(item: LicensedItem) -> tuple[int, str, str, int, str]:
    """Returns a key by which items sort: first those that are billed most often.

    >>> year, quarter = LicensedItem(9, "USD", "year", 1), LicensedItem(5, "USD", "month", 3)
    >>> min(year, quarter, key=billing_order).interval
    'month'
    """
    length = item.interval_count * _LENGTHS[item.interval]
    return length, item.interval, item.currency, item.amount, item.plan or ""


def compact(record: tuple[Any, ...]) -> list[Any]:
    """Returns the fields of a record as a fact keeps them: without the absent ones at the end.

    >>> compact(LicensedItem(4_900, "USD", "month", 1))
    [4900, 'USD', 'month', 1]
    """
    fields = list(record)
    while fields[-1] is None:
        fields.pop()
    return fields


def interval_after(begin_ms: int, interval: str, count: int) -> int:
    """The instant one billing interval after another (ms), at most that of the latest event.

    >>> from events import format_instant, parse_instant
    >>> format_instant(interval_after(parse_instant("2026-01-31T12:00:00Z"), "month", 1))
    '2026-02-28T12:00:00Z'
    """
    begin = _EPOCH + timedelta(milliseconds=begin_ms)
    if interval in _DAYS:
        length_ms = count * _DAYS[interval] * 86_400_000
        return min(begin_ms + length_ms, BAND_END_MS)
    months = begin.month - 1 + count * _MONTHS[interval]
    year, month = begin.year + months // 12, months % 12 + 1
    if year >= _YEAR_AFTER_BAND:
        return BAND_END_MS
    first = begin.replace(year=year, month=month, day=1)
    last_day = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    end = first.replace(day=min(begin.day, last_day.day))
    return (end - _EPOCH) // timedelta(milliseconds=1)


def intervals_between(begin_ms: int, end_ms: int, interval: str, count: int) -> Fraction:
    """Returns how many billing intervals a span lasts: whole ones, and of the next its share.

    >>> from events import parse_instant
    >>> begin, end = parse_instant("2026-01-31T00:00:00Z"), parse_instant("2026-03-15T12:00:00Z")
    >>> intervals_between(begin, end, "month", 1), intervals_between(begin, end, "week", 2)
    (Fraction(3, 2), Fraction(87, 28))
    """
    if interval in _DAYS:
        return Fraction(end_ms - begin_ms, count * _DAYS[interval] * 86_400_000)
    begin, end = (_EPOCH + timedelta(milliseconds=ms) for ms in (begin_ms, end_ms))
    months = (end.year - begin.year) * 12 + end.month - begin.month
    whole = months // (count * _MONTHS[interval])
    if interval_after(begin_ms, interval, whole * count) > end_ms:
        whole -= 1
    last_ms = interval_after(begin_ms, interval, whole * count)
    next_ms = interval_after(begin_ms, interval, (whole + 1) * count)
    return whole + Fraction(end_ms - last_ms, next_ms - last_ms)
