"""A second evaluation of formulas, the dullest way: one edge, one label value, exact fractions.

It shares the expression tree and the calendar with the real one, and nothing else.
"""

from fractions import Fraction
from math import ceil

from aggregates.buckets import value_of
from aggregates.calendar import Calendar
from aggregates.formula import (
    Binary,
    Count,
    Earlier,
    Formula,
    Mean,
    Negative,
    Number,
    Quantile,
    Read,
    Within,
)
from aggregates.ledger import Ledger
from aggregates.measure import Kind
from tests.aggregates.kpi_measures import BY_NAME

Figure = Fraction | None
"""An exact figure, in micro-units and ms; ``None`` for no value."""


def exact(
    formula: Formula,
    ledger: Ledger,
    calendar: Calendar,
    edge: int,
    window: str | None,
    labels: dict[str, str],
) -> Figure:
    """Gives the value of a formula at one edge for given values of the labels that it leaves."""

    def at(part: Formula) -> Figure:
        return exact(part, ledger, calendar, edge, window, labels)

    match formula:
        case Number():
            return Fraction(formula.value)
        case Negative():
            operand = at(formula.operand)
            return None if operand is None else -operand
        case Earlier():
            start = calendar.windows[str(window)].start(edge)
            return exact(formula.operand, ledger, calendar, start, window, labels)
        case Within():
            return exact(formula.operand, ledger, calendar, edge, formula.window, labels)
        case Read():
            return Fraction(_read(formula, ledger, calendar, edge, window, labels))
        case Mean() | Count() | Quantile():
            return _statistic(formula, ledger, edge, str(window))
        case Binary():
            return _joined(formula.operator, at(formula.left), at(formula.right))


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
    ledger: Ledger,
    calendar: Calendar,
    edge: int,
    window: str | None,
    labels: dict[str, str],
) -> int:
    measure = BY_NAME[read.measure]
    start = None
    if measure.kind is Kind.FLOW:
        start = calendar.windows[str(window)].start(edge)
    total = 0
    for (series, _), cells in ledger.cells.items():
        values = list(series[1:])
        if series[0] != measure.name:
            continue
        if measure.kind is Kind.WINDOWED and values.pop(0) != window:
            continue
        wanted = dict(read.where) | ({} if read.total else labels)
        if any(wanted.get(n, v) != v for n, v in zip(measure.labels, values, strict=True)):
            continue
        total += sum(d for t, d in cells.items() if t < edge and (start is None or t >= start))
    return total


def _statistic(formula: Mean | Count | Quantile, ledger: Ledger, edge: int, window: str) -> Figure:
    total, durations = 0, []
    for (series, _), cells in ledger.cells.items():
        if series[:2] != (formula.duration.measure, window):
            continue
        level = sum(delta for tile, delta in cells.items() if tile < edge)
        if series[2] == "sum":
            total += level
        else:
            durations += [value_of(int(series[2]))] * level
    if isinstance(formula, Count):
        return Fraction(len(durations))
    if not durations:
        return None
    if isinstance(formula, Mean):
        return Fraction(total, len(durations))
    rank = ceil(formula.share * len(durations))
    return Fraction(sorted(durations)[rank - 1])
