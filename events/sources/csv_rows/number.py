"""Numbers and amounts of money as cells have them, read exactly."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from events.currency import minor_digits
from events.sources.source import GapError

DIGITS_MAX: Final = 25
"""Digits of a number: more is no number that any field takes."""


class Number(NamedTuple):
    """A decimal number: `whole` times ten to the power of minus `decimals`."""

    whole: int
    decimals: int = 0

    def times(self, other: "Number") -> "Number":
        """Returns the product."""
        return Number(self.whole * other.whole, self.decimals + other.decimals)

    def shifted(self, digits: int) -> int | None:
        """Returns it times ten to a power, if that is a whole number.

        >>> Number(4950, 2).shifted(2), Number(4950, 2).shifted(0), Number(4900, 2).shifted(0)
        (4950, None, 49)
        """
        missing = digits - self.decimals
        if missing >= 0:
            return int(self.whole * 10**missing)
        found, rest = divmod(self.whole, 10**-missing)
        return None if rest else found


TEXTS_MAX: Final = 4_096
"""Numbers that are remembered: quantities and prices repeat."""

Numbers = Callable[[str, str], Number]
"""Returns the number of a cell's text; takes the column, in words, and raises ``GapError``."""


def numbers(decimal: str, thousands: str) -> Numbers:
    """Returns what reads numbers that are written with these signs."""
    point = re.escape(decimal)
    whole = r"\d+"
    if thousands:
        whole = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|\d+"
    form = re.compile(rf"([+-]?)({whole})(?:{point}(\d*))?", re.ASCII)

    between = repr(thousands) if thousands else "nothing"
    needs = f"numbers with {decimal!r} before the fraction and {between} between thousands"

    @lru_cache(TEXTS_MAX)
    def read(text: str, place: str) -> Number:
        match = form.fullmatch(text)
        if match is None:
            raise GapError("unreadable_number", f"{place}: {needs}")
        sign, digits, fraction = match[1], match[2], match[3] or ""
        if thousands:
            digits = digits.replace(thousands, "")
        if len(digits) + len(fraction) > DIGITS_MAX:
            raise GapError("unreadable_number", f"{place}: a number of fewer digits")
        return Number(int(f"{sign}{digits}{fraction}"), len(fraction))

    return read


def minor_units(amount: Number, currency: str, place: str) -> int:
    """Returns an amount in major units as minor ones.

    Raises:
        GapError: If it has more decimals than its currency.

    >>> minor_units(Number(4990, 2), "EUR", "price"), minor_units(Number(4990), "jpy", "price")
    (4990, 4990)
    """
    digits = minor_digits(currency.upper())
    found = amount.shifted(digits)
    if found is None:
        raise GapError("amount_too_fine", f"{place}: amounts with the decimals of their currency")
    return found


def whole_number(number: Number, place: str) -> int:
    """Returns a number that has no fraction.

    Raises:
        GapError: If it has one.
    """
    found = number.shifted(0)
    if found is None:
        raise GapError("unreadable_number", f"{place}: whole numbers")
    return found
