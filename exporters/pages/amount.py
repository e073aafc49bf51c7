"""Amounts on pages: short for the eye, exact for who points at them or reads them by machine."""

from math import isfinite, isinf
from typing import Final, NamedTuple

from aggregates.catalogue.kpi import KpiUnit
from exporters.quantity import NARROW_SPACE
from exporters.wording import MINUS, NOTHING, change, figure

COMPACT_FROM: Final = 10_000_000
"""Amounts and counts from which millions are written as such: of more digits none is read."""

_SIZES: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"))

_SHORT: Final = frozenset(
    {KpiUnit.MONEY, KpiUnit.COUNT, KpiUnit.ACCOUNTS, KpiUnit.USERS, KpiUnit.TICKETS}
)

NO_VALUE: Final = "no value"
TOO_LARGE: Final = "too large to be shown"


class Amount(NamedTuple):
    """An amount as it is shown.

    Attributes:
        text: For people.
        unit: What follows the text, in smaller letters; empty for nothing.
        exact: The exact amount in words, or why there is none.
        value: The amount as a number that reads back as the same; empty for none.
    """

    text: str
    unit: str
    exact: str
    value: str


def amount(value: float, unit: KpiUnit, currency: str) -> Amount:
    r"""Writes a figure.

    >>> amount(12345678.9, KpiUnit.MONEY, "USD")
    Amount(text='12.35\u202fM', unit='USD', exact='12,345,678.9 USD', value='12345678.9')
    >>> amount(93900.0, KpiUnit.SECONDS, "")[0].replace(NARROW_SPACE, " ")
    '1 d 2 h'
    """
    if not isfinite(value):
        return Amount(NOTHING, "", TOO_LARGE if isinf(value) else NO_VALUE, "")
    sign = currency if unit is KpiUnit.MONEY else ""
    text = figure(value, unit, currency).removesuffix(sign).rstrip(NARROW_SPACE)
    if unit in _SHORT and abs(value) >= COMPACT_FROM:
        text = _compact(value)
    return Amount(text, sign, exactly(value, unit, currency), repr(value))


def moved(value: float, unit: KpiUnit, currency: str) -> str:
    """Writes by how much a figure changed, in short."""
    if unit in _SHORT and isfinite(value) and abs(value) >= COMPACT_FROM:
        sign = currency if unit is KpiUnit.MONEY else ""
        plus = "" if value < 0 else "+"
        return f"{plus}{_compact(value)}{NARROW_SPACE}{sign}".rstrip(NARROW_SPACE)
    return change(value, unit, currency)


def exactly(value: float, unit: KpiUnit, currency: str) -> str:
    """Writes a figure with all its digits, in the unit that it is counted in.

    >>> exactly(0.25, KpiUnit.RATIO, ""), exactly(90.0, KpiUnit.SECONDS, "")
    ('25 %', '90 seconds')
    """
    match unit:
        case KpiUnit.MONEY:
            return f"{value:,.15g} {currency}"
        case KpiUnit.RATIO:
            return f"{100 * value:,.12g} %"
        case KpiUnit.SECONDS:
            return f"{value:,.12g} seconds"
        case _:
            return f"{value:,.15g}"


def _compact(value: float) -> str:
    size, name = next((each for each in _SIZES if abs(value) >= each[0]), _SIZES[-1])
    return f"{MINUS if value < 0 else ''}{abs(value) / size:,.2f}{NARROW_SPACE}{name}"
