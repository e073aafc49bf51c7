"""A second evaluation of formulas, the dullest way: one edge, one label value, exact fractions.

It shares the expression tree and the calendar with the real one, and nothing else.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

from aggregates.formula.expression import (
    Binary,
    Count,
    Distinct,
    Earlier,
    Formula,
    Mean,
    Negative,
    Number,
    OverKpis,
    Quantile,
    Read,
    Setting,
    Sum,
    Weekdays,
    Within,
)
from aggregates.ledger.ledger import Cells
from aggregates.ledger.measure import REGROUPED, Kind
from aggregates.ledger.told_sums import Key
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILE_MS, TILES_A_DAY, edge_ms
from aggregates.time.window import TO_DATE
from events.zone import zone
from tests.aggregates.catalogue.kpi_measures import BY_NAME

Held = Mapping[Key, Cells]
"""The cells of a ledger, by series and segment."""

Figure = Fraction | None
"""An exact figure, in micro-units and ms; ``None`` for no value."""

ZERO = Fraction(0)
_SATURDAY = 5

SETTINGS = {"gross_margin": Fraction(4, 5), "ltv_cap_months": Fraction(60)}
"""The settings that shipped formulas read, at their defaults, whenever they are read."""


def exact(
    formula: Formula,
    cells: Held,
    calendar: Calendar,
    edge: int,
    window: str | None,
    labels: dict[str, str],
) -> Figure:
    """Returns the value of a formula at one edge for given values of the labels that it leaves."""

    def at(part: Formula) -> Figure:
        return exact(part, cells, calendar, edge, window, labels)

    match formula:
        case Number() | Setting() | Weekdays() | OverKpis():
            return _alone(formula, calendar, edge, window)
        case Negative():
            return _joined("-", Fraction(0), at(formula.operand))
        case Earlier():
            start = calendar.windows[str(window)].start(edge)
            return exact(formula.operand, cells, calendar, start, window, labels)
        case Within():
            return exact(formula.operand, cells, calendar, edge, formula.window, labels)
        case Distinct():
            return Fraction(_distinct(formula.measure, cells, calendar, edge, window))
        case Read():
            return Fraction(_read(formula, cells, calendar, edge, window, labels))
        case Mean() | Count() | Sum() | Quantile():
            return _statistic(formula, cells, edge, str(window), labels)
        case Binary():
            return _joined(formula.operator, at(formula.left), at(formula.right))


def _alone(
    formula: Number | Setting | Weekdays | OverKpis,
    calendar: Calendar,
    edge: int,
    window: str | None,
) -> Figure:
    match formula:
        case Number():
            return Fraction(formula.value)
        case Setting():
            return SETTINGS[formula.name]
        case Weekdays(whole=True):
            return Fraction(sum(day.weekday() < _SATURDAY for day in _days(calendar, edge, window)))
        case Weekdays():
            return weekdays(calendar, calendar.windows[str(window)].start(edge), edge)
        case OverKpis():
            raise AssertionError("KPIs about KPIs have tests of their own")


def weekdays(calendar: Calendar, start: int, edge: int) -> Fraction:
    """Asks every tile which day it is; an hour that a day has too much does not count."""
    rules, tiles = zone(calendar.timezone), Counter[date]()
    for tile in range(start, edge):
        day = datetime.fromtimestamp(edge_ms(tile) / 1000, rules).date()
        tiles[day] += day.weekday() < _SATURDAY
    return sum((Fraction(min(count, TILES_A_DAY), TILES_A_DAY) for count in tiles.values()), ZERO)


def _days(calendar: Calendar, edge: int, window: str | None) -> list[date]:
    """Returns the local days of a window up to the one that holds the last instant."""
    rules = zone(calendar.timezone)
    today = datetime.fromtimestamp(edge_ms(edge) / 1000 - 1, rules).date()
    if str(window).endswith("d"):
        count = int(str(window)[:-1])
    else:
        first_ms = edge_ms(calendar.windows[str(window)].start(edge))
        count = (today - datetime.fromtimestamp(first_ms / 1000, rules).date()).days + 1
    return [today - timedelta(days=back) for back in range(count)]


def _joined(operator: str, left: Figure, right: Figure) -> Figure:
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else None
        case "min":
            return min(left, right)
        case _:
            return max(left, right)


def _read(
    read: Read,
    cells: Held,
    calendar: Calendar,
    edge: int,
    window: str | None,
    labels: dict[str, str],
) -> int:
    measure = BY_NAME[read.measure]
    start = None
    if measure.kind is Kind.FLOW:
        start = calendar.windows[str(window)].start(edge)
        if measure.local_days:
            first = min(_days(calendar, edge, window))
            rules = zone(calendar.timezone)
            midnight = datetime(first.year, first.month, first.day, tzinfo=rules)
            start = ceil(midnight.timestamp() * 1000 / TILE_MS)
    total = 0
    if measure.regrouped and start is not None:
        more = replace(read, measure=measure.name + REGROUPED)
        seen = (str(window), edge) if window in TO_DATE else ("1d", start + 96)
        total += _read(more, cells, calendar, seen[1], seen[0], labels)
    for (series, _), deltas in cells.items():
        values = list(series[1:])
        if series[0] != measure.name:
            continue
        if measure.kind is Kind.WINDOWED and values.pop(0) != window:
            continue
        if not _is_wanted(read, values, labels):
            continue
        total += sum(d for t, d in deltas.items() if t < edge and (start is None or t >= start))
    return total


def _distinct(read: Read, cells: Held, calendar: Calendar, edge: int, window: str | None) -> int:
    names = BY_NAME[read.measure].labels
    kinds = {series[-len(names) :] for series, _ in cells if series[0] == read.measure}
    figures = [
        _read(read, cells, calendar, edge, window, dict(zip(names, kind, strict=True)))
        for kind in kinds
    ]
    return sum(figure > 0 for figure in figures)


def _is_wanted(read: Read, values: list[str], labels: dict[str, str]) -> bool:
    wanted = dict(read.where) | ({} if read.total else labels)
    names = BY_NAME[read.measure].labels + BY_NAME[read.measure].filters
    return all(wanted.get(name, v) == v for name, v in zip(names, values, strict=True))


def _statistic(
    formula: Mean | Count | Sum | Quantile,
    cells: Held,
    edge: int,
    window: str,
    labels: dict[str, str],
) -> Figure:
    counts: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    for (series, _), deltas in cells.items():
        if series[:2] != (formula.duration.measure, window):
            continue
        *values, bucket = series[2:]
        if not _is_wanted(formula.duration, values, labels):
            continue
        level = sum(delta for tile, delta in deltas.items() if tile < edge)
        into = sums if bucket.endswith("ms") else counts
        into[int(bucket.removesuffix("ms"))] += level
    count = sum(counts.values())
    if isinstance(formula, Count):
        return Fraction(count)
    if isinstance(formula, Sum):
        return Fraction(sum(sums.values()))
    if not count:
        return None
    if isinstance(formula, Mean):
        return Fraction(sum(sums.values()), count)
    buckets = [bucket for bucket in sorted(counts) for _ in range(counts[bucket])]
    found = buckets[ceil(formula.share * count) - 1]
    return Fraction(sums[found], counts[found])
