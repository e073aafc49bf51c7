"""Money: a subscription's state as monthly recurring revenue (MRR), exact and in one currency.

Everything is exact until the one rounding of a state to micro-units, half up.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final

from aggregates.policies.policy import Policy
from aggregates.policies.revenue import FACTORS, Factors
from aggregates.revenue.billing import LicensedItem
from aggregates.revenue.discount import AppliedDiscount
from events.currency import minor_digits
from events.errors import TidemarkError

RateOf = Callable[[str], Fraction]
"""Units of the reporting currency for one unit of a currency."""

_MICROS_DIGITS: Final = 6


class MissingRateError(TidemarkError, ValueError):
    """An amount is in a currency for which the policy has no rate at that time."""


def rates_of(policy: Policy, at_ms: Callable[[str], int]) -> RateOf:
    """Returns a policy's rates, each at the instant that ``at_ms`` returns for its currency.

    The function that is given raises ``MissingRateError`` for a currency without a rate.
    """

    def rate_of(currency: str) -> Fraction:
        rate = policy.rate(currency, at_ms(currency))
        if rate is None:
            raise MissingRateError(f"no exchange rate from {currency} to {policy.currency}")
        return rate

    return rate_of


def refusal(currencies: Iterable[str], at_ms: int, policy: Policy) -> str | None:
    """Refuses money in a currency without an exchange rate at an instant, ms of the epoch."""
    rate_of = rates_of(policy, lambda currency: at_ms)
    try:
        for currency in currencies:
            rate_of(currency)
    except MissingRateError as error:
        return str(error)
    return None


def mrr_micros(
    items: Sequence[LicensedItem],
    discounts: Iterable[AppliedDiscount],
    rate_of: RateOf,
    factors: Factors = FACTORS,
) -> int:
    """Returns the monthly recurring revenue of a state, in micro-units.

    Args:
        items: Its licensed items.
        discounts: The discounts to take off, in order; an amount is in the first item's currency,
            for its interval, so items are given as ``billing_order`` sorts them.
        rate_of: Returns the exchange rate of a currency.
        factors: How many of each interval are a month.

    Raises:
        MissingRateError: If a currency has no rate.

    >>> yearly, half = LicensedItem(120_000, "USD", "year", 1), AppliedDiscount(percent="50")
    >>> [mrr_micros([yearly], off, lambda currency: Fraction(1)) for off in ([], [half])]
    [100000000, 50000000]
    """
    if not items:
        return 0
    above, below = monthly_sum(items, rate_of, factors)
    for discount in discounts:
        if discount.percent is not None:
            kept, whole = _kept_share(discount.percent)
            above, below = above * kept, below * whole
        else:
            item = items[0]._replace(amount=discount.amount or 0)
            off, parts = _monthly(item, rate_of, factors)
            above, below = _added(above, below, -off, parts)
    if above <= 0:
        return 0
    return (2 * above + below) // (2 * below)


def monthly_sum(
    items: Iterable[LicensedItem], rate_of: RateOf, factors: Factors = FACTORS
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
    above, below = _monthly(LicensedItem(amount, currency, "month", 1), rate_of, FACTORS)
    return (2 * above + below) // (2 * below)


def _added(above: int, below: int, more: int, parts: int) -> tuple[int, int]:
    if below == parts:
        return above + more, below
    return above * parts + more * below, below * parts


def _monthly(item: LicensedItem, rate_of: RateOf, factors: Factors) -> tuple[int, int]:
    """Returns what an item makes in a month, as a quotient of micro-units."""
    amount, currency, interval, count, _ = item
    micros, parts = _micros_a_minor_unit(currency, count, factors[interval])
    rate = rate_of(currency)
    return amount * micros * rate.numerator, parts * rate.denominator


@lru_cache(maxsize=1024)
def _micros_a_minor_unit(currency: str, count: int, factor: tuple[int, int]) -> tuple[int, int]:
    """Returns the micro-units a month that one minor unit an interval makes, as a quotient."""
    digits = _MICROS_DIGITS - minor_digits(currency)
    times, months = factor
    return Fraction(10**digits * times, months * count).as_integer_ratio()


@lru_cache(maxsize=1024)
def _kept_share(percent: str) -> tuple[int, int]:
    """Returns what a discount by percent leaves, as a quotient."""
    return (1 - Fraction(percent) / 100).as_integer_ratio()
