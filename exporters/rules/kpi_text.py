"""What alerts about KPIs say: the figure in its unit, out of how many, and what it should be.

Texts are templates of Prometheus. What stands beside the figure of an alert, such as "1 of 5", is
asked of what is recorded beside it; where that has no value, nothing is said.
"""

from typing import Final

from aggregates.catalogue.kpi import KpiUnit, Target
from aggregates.catalogue.watched import MOVES, WatchedSeries
from aggregates.formula.dimension import PLAIN, TIME, Dimension
from exporters.rules.watched import recorded, week_ago, words

_FORMATS: Final = {
    KpiUnit.MONEY: '{{ printf "%.2f" VALUE }} {{ $labels.currency }}',
    KpiUnit.RATIO: "{{ humanizePercentage VALUE }}",
    KpiUnit.SECONDS: "{{ humanizeDuration VALUE }}",
    KpiUnit.RATE: '{{ printf "%.1f" VALUE }}',
    KpiUnit.SCORE: '{{ printf "%.1f" VALUE }}',
}
_COUNTED: Final = '{{ printf "%.0f" VALUE }}'
"""How a value is written; VALUE stands for it."""


def off_target(series: WatchedSeries, limit: Target) -> str:
    """Says what a figure is and what is acceptable."""
    aim = f"{limit.comparison} {_amount(limit.value, series.kpi.unit)}"
    named = "" if limit.name == "acceptable" else f" ({limit.name})"
    return f"{_is_now(series)}; acceptable is {aim}{named}."


def worse(series: WatchedSeries, threshold: float) -> str:
    """Says what a figure is, what it was, and from which change on that is told."""
    kpi, relative = series.kpi, MOVES[series.kpi.unit].relative
    as_percent = relative or kpi.unit is KpiUnit.RATIO
    limit = f"{100 * threshold:.12g}%" if as_percent else f"{threshold:.12g}"
    limit += "" if relative else " points"
    if kpi.alert_change_min:
        limit += f" and at least {_amount(kpi.alert_change_min, kpi.unit)}"
    was = _beside(series, week_ago(series), f"; a week ago it was {_shown(kpi.unit, '(value .)')}")
    return f"{_is_now(series)}{was}. More than {limit} worse is worth a look."


def ended(series: WatchedSeries) -> str:
    """Says what a figure was that is no more."""
    where = _where(series, also_currency=True)
    was = _shown(series.kpi.unit, "$value")
    return f"{words(series)} has no value any more{where}; a week ago it was {was}."


def _is_now(series: WatchedSeries) -> str:
    return f"{words(series)} is {_shown(series.kpi.unit, '$value')}{_where(series)}{_of(series)}"


def _of(series: WatchedSeries) -> str:
    """Says out of how many: of a share "1 of 5", of another quotient or a mean "over 5"."""
    parts = series.parts
    if parts is None or parts[1] == PLAIN:
        return ""
    above, below = (_amount_of(part) for part in parts)
    if series.kpi.unit is not KpiUnit.RATIO or parts[0] != parts[1]:
        return _beside(series, recorded(series, "_denominator"), f" (over {below})")
    numerator = _beside(series, recorded(series, "_numerator"), f" ({above} of")
    return numerator + _beside(series, recorded(series, "_denominator"), f" {below})")


def _amount_of(part: Dimension) -> str:
    """Returns how an amount of a numerator or denominator is written; it has no currency."""
    if part == TIME:
        return _shown(KpiUnit.SECONDS, "(value .)")
    return f'{{{{ printf "%.{2 if part.money else 0}f" (value .) }}}}'


def _shown(unit: KpiUnit, value: str) -> str:
    return _FORMATS.get(unit, _COUNTED).replace("VALUE", value)


def _beside(series: WatchedSeries, record: str, text: str) -> str:
    """Asks what is recorded of the series of an alert, and says a text about each answer."""
    names = ("job", *series.labels)
    selector = f"{record}{{{', '.join(f'{name}=%q' for name in names)}}}"
    values = " ".join(f"$labels.{name}" for name in names)
    return f'{{{{ range printf "{selector}" {values} | query }}}}{text}{{{{ end }}}}'


def _where(series: WatchedSeries, *, also_currency: bool = False) -> str:
    """Names the label values that tell a KPI's alerts apart; amounts have their currency."""
    values = [
        f"{name} {{{{ $labels.{name} }}}}"
        for name in series.labels
        if name != "currency" or also_currency
    ]
    return f" for {', '.join(values)}" if values else ""


def _amount(value: float, unit: KpiUnit) -> str:
    """Writes an amount of the catalogue for people, in ASCII like all else in an alert."""
    match unit:
        case KpiUnit.RATIO:
            return f"{100 * value:.12g}%"
        case KpiUnit.SECONDS:
            return f"{value:.12g} s"
        case _:
            return f"{value:.12g}"
