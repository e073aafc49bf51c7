"""Units, decimals and thresholds of KPIs, as Grafana names them."""

from typing import Any, Final

from aggregates.catalogue.kpi import Kpi, KpiUnit

_CURRENCIES: Final = frozenset(
    "BRL CHF CZK DKK EUR GBP IDR INR ISK JPY KRW MYR NOK PHP PLN SEK TRY UAH USD VND ZAR".split()
)
"""Currencies that Grafana has a unit for; others are written with their code before them."""

_UNITS: Final = {
    KpiUnit.RATIO: ("percentunit", None),
    KpiUnit.SECONDS: ("s", 1),
    KpiUnit.RATE: ("none", 1),
    KpiUnit.SCORE: ("none", 1),
}

COUNTED: Final = ("locale", 0)
"""Whole numbers, with separators between thousands."""

MET, MISSED, PLAIN = "green", "red", "blue"

_BEYOND: Final = 1e-9
"""How far beyond an inclusive target a figure has missed it; Grafana's steps include their edge."""


def shown_in(unit: KpiUnit, currency: str) -> tuple[str, int | None]:
    """Returns Grafana's unit and the decimals for figures of a unit, None for what fits.

    >>> shown_in(KpiUnit.MONEY, "EUR"), shown_in(KpiUnit.MONEY, "CAD"), shown_in(KpiUnit.RATIO, "")
    (('currencyEUR', 2), ('currency:CAD ', 2), ('percentunit', None))
    """
    if unit is KpiUnit.MONEY:
        known = currency in _CURRENCIES
        return (f"currency{currency}" if known else f"currency:{currency} "), 2
    return _UNITS.get(unit, COUNTED)


def thresholds(kpi: Kpi) -> dict[str, Any]:
    """Returns the colours of a KPI: by the target in force, one neutral colour without a target."""
    if not kpi.targets:
        return steps(PLAIN)
    target = kpi.targets[0]
    whole = shown_in(kpi.unit, "") == COUNTED
    beyond = round(target.value + (1 if whole else _BEYOND), 12)
    match target.comparison:
        case "<":
            return steps(MET, (target.value, MISSED))
        case "<=":
            return steps(MET, (beyond, MISSED))
        case ">":
            return steps(MISSED, (beyond, MET))
        case _:
            return steps(MISSED, (target.value, MET))


def steps(base: str, *others: tuple[float, str]) -> dict[str, Any]:
    """Returns thresholds: a colour, and others from a value on."""
    first = {"color": base, "value": None}
    return {
        "mode": "absolute",
        "steps": [first, *({"color": color, "value": value} for value, color in others)],
    }
