"""Stripe's amounts in minor units as ISO 4217 has them, exact until one rounding, half up."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Final

from events.currency import minor_digits
from events.sources.source import GapError

_DIGITS: Final = 2

STRIPE_DIGITS: Final = {
    **dict.fromkeys(
        "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys("BHD JOD KWD OMR TND".split(), 3),
}
"""Decimals of the currencies that have not two in Stripe's amounts.

Source: docs.stripe.com/currencies, zero-decimal and three-decimal currencies and special cases. ISK
and UGX have no decimals any more, but two in Stripe's amounts, so that old programs go on.
"""

_TEXT_CHARS_MAX: Final = 40
"""Stripe has up to twelve decimals; what is longer is no price, and slow to read."""


@lru_cache(maxsize=512)
def _scale(currency: str) -> tuple[str, int, int]:
    code = currency.upper()
    digits = minor_digits(code) - STRIPE_DIGITS.get(code, _DIGITS)
    return code, 10 ** max(digits, 0), 10 ** max(-digits, 0)


def iso(amount: int | Fraction, currency: str) -> tuple[int, str]:
    """Returns an amount of Stripe's in minor units by ISO 4217, rounded half up, and the code.

    >>> iso(4_900, "usd"), iso(71_200, "isk"), iso(11, "mga"), iso(5_120, "kwd")
    ((4900, 'USD'), (712, 'ISK'), (1100, 'MGA'), (5120, 'KWD'))
    >>> iso(Fraction(5, 2), "usd"), iso(Fraction(249, 100), "usd")
    ((3, 'USD'), (2, 'USD'))
    """
    code, times, parts = _scale(currency)
    if type(amount) is int and parts == 1:
        return amount * times, code
    exact = Fraction(amount) * times / parts
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator), code


def exact(whole: int | None, decimal: str | int | float | None) -> int | Fraction | None:
    """Returns an amount that Stripe tells as a whole number, or as a decimal for what that lacks.

    Returns:
        None if it tells neither.

    Raises:
        GapError: If the decimal is none.

    >>> exact(4_900, "4900"), exact(None, "0.25"), exact(None, None)
    (4900, Fraction(1, 4), None)
    """
    if whole is not None:
        return whole
    if decimal is None:
        return None
    text = str(decimal)
    try:
        if len(text) > _TEXT_CHARS_MAX:
            raise ValueError(text)
        value = Decimal(text)
        if not value.is_finite() or abs(value.adjusted()) > _TEXT_CHARS_MAX:
            raise ValueError(text)
    except (InvalidOperation, ValueError) as error:
        raise GapError("amount_unreadable", "amounts that are decimal numbers") from error
    return Fraction(value)
