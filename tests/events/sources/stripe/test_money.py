"""Stripe's minor units are not ISO's."""

from fractions import Fraction
from itertools import product
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.currency import minor_digits
from events.sources.source import GapError
from events.sources.stripe.money import STRIPE_DIGITS, exact, iso


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (4_900, "usd", 4_900),
        (500, "jpy", 500),
        (500, "isk", 5),
        (500, "ugx", 5),
        (71_280, "isk", 713),
        (11, "mga", 1_100),
        (5_120, "kwd", 5_120),
        (1_000, "huf", 1_000),
        (80_000, "twd", 80_000),
    ],
)
def test_amounts_in_iso_units(amount: int, currency: str, expected: int) -> None:
    """Crowns and shillings have two decimals at Stripe and none in ISO; ariary the other way."""
    assert iso(amount, currency) == (expected, currency.upper())


def test_where_the_tables_differ() -> None:
    """No other currency that Stripe has differs from ISO: IQD and LYD, UYI, CLF, UYW it has not."""
    codes = {"".join(code) for code in product(ascii_uppercase, repeat=3)}
    differ = {code for code in codes if minor_digits(code) != STRIPE_DIGITS.get(code, 2)}
    assert differ - {"IQD", "LYD", "UYI", "CLF", "UYW"} == {"ISK", "UGX", "MGA"}


@given(st.integers(0, 10**15), st.integers(1, 10**6))
def test_half_a_unit_is_rounded_up(above: int, below: int) -> None:
    """One rounding, half up, is never further off than half a unit."""
    rounded, _ = iso(Fraction(above, below), "usd")
    assert -Fraction(1, 2) < rounded - Fraction(above, below) <= Fraction(1, 2)


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e400", "1" * 41])
def test_what_is_no_decimal(text: str) -> None:
    """It is a gap, and no 0."""
    with pytest.raises(GapError):
        exact(None, text)
