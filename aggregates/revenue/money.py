"""Money: a subscription's state as monthly recurring revenue (MRR), exact and in one currency.

Everything is exact until the one rounding of a state to micro-units, half up. An item is kept as
``[amount, currency, interval, interval_count]``: minor units an interval, for the whole quantity;
its plan, if it has one, comes fifth.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from aggregates.policies.policy import Policy
from aggregates.policies.revenue import FACTORS, Factors
from events.errors import TidemarkError
from events.instant import BAND_END_MS

Item = Sequence[Any]
"""Amount (minor units), currency, interval and number of intervals of a licensed item, and perhaps
its plan."""

RateOf = Callable[[str], Fraction]
"""Units of the reporting currency for one unit of a currency."""

MRR_MAX_MICROS: Final = 10**16
"""Ten thousand million units a month in one subscription: above lies a wrong unit. A ledger's
sums are 64-bit and hold nine hundred of these."""

_MICROS_DIGITS: Final = 6
_MINOR_DIGITS: Final = 2
_OTHER_MINOR_DIGITS: Final = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""Decimals of ISO 4217 currencies that have not two."""

_MONTHS: Final = {"month": 1, "year": 12}
_DAYS: Final = {"day": 1, "week": 7}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_AFTER_BAND: Final = 2100


class MissingRateError(TidemarkError, ValueError):
    """An amount is in a currency for which the policy has no rate at that time."""


def rates_of(policy: Policy, at_ms: Callable[[str], int]) -> RateOf:
    """Returns a policy's rates, each at the instant that ``at_ms`` tells for its currency.

    The function that is given raises ``MissingRateError`` for a currency without a rate.
    """

    def rate_of(currency: str) -> Fraction:
        rate = policy.rate(currency, at_ms(currency))
        if rate is None:
            raise MissingRateError(f"no exchange rate from {currency} to {policy.currency}")
        return rate

    return rate_of


def mrr_micros(
    items: Sequence[Item],
    discounts: Iterable[tuple[str | None, int | None]],
    rate_of: RateOf,
    factors: Factors = FACTORS,
) -> int:
    """Returns the monthly recurring revenue of a state, in micro-units.

    Args:
        items: Its licensed items.
        discounts: Share (percent, as decimal text) or amount (minor units of the first item's
            currency for the first item's interval) of each discount to take off, in order.
        rate_of: Returns the exchange rate of a currency.
        factors: How many of each interval are a month.

    Raises:
        MissingRateError: If a currency has no rate.

    >>> mrr_micros([[120_000, "USD", "year", 1]], [], lambda currency: Fraction(1))
    100000000
    >>> mrr_micros([[1_000, "USD", "week", 1]], [("50", None)], lambda currency: Fraction(1))
    21666667
    """
    if not items:
        return 0
    above, below = monthly_sum(items, rate_of, factors)
    for percent, amount in discounts:
        if percent is not None:
            kept, whole = _kept_share(percent)
            above, below = above * kept, below * whole
        else:
            off, parts = _monthly([amount, *items[0][1:]], rate_of, factors)
            above, below = _added(above, below, -off, parts)
    if above <= 0:
        return 0
    return (2 * above + below) // (2 * below)


def monthly_sum(
    items: Iterable[Item], rate_of: RateOf, factors: Factors = FACTORS
) -> tuple[int, int]:
    """Returns what items make in a month without discounts, as a quotient of micro-units.

    Raises:
        MissingRateError: If a currency has no rate.
    """
    above, below = 0, 1  # a quotient of integers: several times as quick as a Fraction
    for item in items:
        above, below = _added(above, below, *_monthly(item, rate_of, factors))
    return above, below


def amount_micros(amount: int, currency: str, rate_of: RateOf) -> int:
    """Returns minor units of a currency in micro-units of the reporting one, rounded half up.

    Raises:
        MissingRateError: If the currency has no rate.

    >>> amount_micros(1_999, "EUR", lambda currency: Fraction(11, 10))
    21989000
    """
    above, below = _monthly((amount, currency, "month", 1), rate_of, FACTORS)
    return (2 * above + below) // (2 * below)


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


def _added(above: int, below: int, more: int, parts: int) -> tuple[int, int]:
    """Adds two quotients."""
    if below == parts:
        return above + more, below
    return above * parts + more * below, below * parts


def _monthly(item: Item, rate_of: RateOf, factors: Factors) -> tuple[int, int]:
    """Returns what an item makes in a month, as a quotient of micro-units."""
    amount, currency, interval, count = item[:4]
    micros, parts = _micros_a_minor_unit(currency, count, factors[interval])
    rate = rate_of(currency)
    return amount * micros * rate.numerator, parts * rate.denominator


@lru_cache(maxsize=1024)
def _micros_a_minor_unit(currency: str, count: int, factor: tuple[int, int]) -> tuple[int, int]:
    """Returns the micro-units a month that one minor unit an interval makes, as a quotient."""
    digits = _MICROS_DIGITS - _OTHER_MINOR_DIGITS.get(currency, _MINOR_DIGITS)
    times, months = factor
    return Fraction(10**digits * times, months * count).as_integer_ratio()


@lru_cache(maxsize=1024)
def _kept_share(percent: str) -> tuple[int, int]:
    """Returns what a discount by percent leaves, as a quotient."""
    return (1 - Fraction(percent) / 100).as_integer_ratio()
