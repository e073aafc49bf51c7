"""Figures in words: values as people write them, by unit."""

from collections.abc import Sequence
from math import isfinite
from typing import Final

from aggregates.catalogue.kpi import KpiUnit, Target
from aggregates.formula.dimension import MICROS_A_UNIT, MS_A_SECOND
from aggregates.time.window import TO_DATE, length_days
from exporters.quantity import NARROW_SPACE, duration, number

NOTHING: Final = "\N{EN DASH}"
"""Stands where a figure has no value; never a 0."""

MINUS: Final = "\N{MINUS SIGN}"

CENTS_BELOW: Final = 1_000
"""Amounts of money from which cents are noise."""


_UNITS: Final = {MICROS_A_UNIT: KpiUnit.MONEY, MS_A_SECOND: KpiUnit.SECONDS}


def figure(value: float, unit: KpiUnit, currency: str | None = None) -> str:
    r"""Writes a value in its unit.

    >>> figure(0.0423, KpiUnit.RATIO)
    '4.2\u202f%'
    >>> figure(-1234567.8, KpiUnit.MONEY, "USD")
    '\u22121,234,568\u202fUSD'
    >>> figure(float("nan"), KpiUnit.COUNT)
    '\u2013'
    """
    if not isfinite(value):
        return NOTHING
    sign = MINUS if value < 0 else ""
    size = abs(value)
    match unit:
        case KpiUnit.MONEY:
            text = f"{number(size, 0 if size >= CENTS_BELOW else 2)}{NARROW_SPACE}{currency or ''}"
        case KpiUnit.RATIO:
            text = f"{number(100 * size, 1)}{NARROW_SPACE}%"
        case KpiUnit.SECONDS:
            text = duration(size)
        case KpiUnit.RATE | KpiUnit.SCORE:
            text = number(size, 1)
        case _:
            text = number(size, 0 if size == int(size) else 1)
    return sign + text.rstrip(NARROW_SPACE)


def change(value: float, unit: KpiUnit, currency: str | None = None) -> str:
    r"""Writes by how much a value changed; a share in percentage points.

    >>> change(-0.0423, KpiUnit.RATIO), change(12.0, KpiUnit.COUNT), change(0.0, KpiUnit.COUNT)
    ('\u22124.23\u202fpp', '+12', '0')
    """
    if unit is KpiUnit.RATIO and isfinite(value):
        text = f"{number(abs(100 * value), 2)}{NARROW_SPACE}pp"
    else:
        text = figure(abs(value), unit, currency)
    if text == NOTHING or not value:
        return text
    return (MINUS if value < 0 else "+") + text


def span(amounts: Sequence[int | float], scale: float, currency: str) -> str:
    """Writes an amount, or what it was and is, as what a formula is made of.

    Args:
        amounts: One amount, or two in order of time.
        scale: What amounts are divided by, which tells money, durations and counts apart.
        currency: The reporting currency.

    >>> span([2_500_000, 5_000_000], 1e6, "USD").replace(NARROW_SPACE, " ")
    '2.50 USD \u2192 5.00 USD'
    """
    unit = _UNITS.get(int(scale), KpiUnit.COUNT)
    return " \N{RIGHTWARDS ARROW} ".join(figure(each / scale, unit, currency) for each in amounts)


def benchmark(target: Target, unit: KpiUnit, currency: str | None = None) -> str:
    r"""Writes a target.

    >>> benchmark(Target("b2b", "<=", 0.05), KpiUnit.RATIO).replace(NARROW_SPACE, " ")
    '\u2264 5.0 %'
    """
    sign = target.comparison
    sign = {"<=": "\N{LESS-THAN OR EQUAL TO}", ">=": "\N{GREATER-THAN OR EQUAL TO}"}.get(sign, sign)
    return f"{sign} {figure(target.value, unit, currency)}"


def window_title(window: str) -> str:
    """Writes a window.

    >>> [window_title(window) for window in ("month", "1d", "30d")]
    ['month to date', '1 day', '30 days']
    """
    if window in TO_DATE:
        return f"{window} to date"
    days = length_days(window)
    return "1 day" if days == 1 else f"{days} days"
