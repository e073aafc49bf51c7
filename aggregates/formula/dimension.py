"""What the figures of a formula count, and whether a formula fits together.

A dimension is a product of powers of money, counts and time. Adding needs equal dimensions, a
ratio has none. The same walk checks names, labels and windows, so that a catalogue that loads can
always be evaluated.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from aggregates.formula.expression import (
    Binary,
    Count,
    Distinct,
    Earlier,
    Formula,
    FormulaError,
    Mean,
    Negative,
    Number,
    OverKpis,
    Quantile,
    Read,
    Setting,
    Weekdays,
    Within,
)
from aggregates.ledger.measure import Kind, Measure, Unit
from aggregates.time.window import WINDOWS_SAID, is_window

MICROS_A_UNIT: Final = 1_000_000
"""Micro-units of money in one major unit."""

MS_A_SECOND: Final = 1_000
"""Milliseconds in a second."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """Powers of money, of a count and of time.

    >>> str(Dimension(money=1) / Dimension(count=1))
    'money / count'
    >>> (Dimension(money=1) / Dimension(count=1)).scale
    1000000.0
    """

    money: int = 0
    count: int = 0
    time: int = 0

    def __mul__(self, other: "Dimension") -> "Dimension":
        return Dimension(self.money + other.money, self.count + other.count, self.time + other.time)

    def __truediv__(self, other: "Dimension") -> "Dimension":
        return Dimension(self.money - other.money, self.count - other.count, self.time - other.time)

    @property
    def scale(self) -> float:
        """What figures are divided by to be in major units of money and in seconds."""
        return float(MICROS_A_UNIT) ** self.money * float(MS_A_SECOND) ** self.time

    def __str__(self) -> str:
        powers = (("money", self.money), ("count", self.count), ("time", self.time))
        above = [name for name, power in powers for _ in range(power)]
        below = [name for name, power in powers for _ in range(-power)]
        if not above and not below:
            return "a plain number"
        return " / ".join([" * ".join(above) or "1", *below])


PLAIN: Final = Dimension()
TIME: Final = Dimension(time=1)
COUNT: Final = Dimension(count=1)

_UNITS: Final = {Unit.MONEY: Dimension(money=1), Unit.COUNT: COUNT, Unit.MS: TIME}


@dataclass(frozen=True, slots=True)
class Shape:
    """What an expression gives.

    Attributes:
        dimension: What its figures count; ``None`` for the number 0, which fits everywhere.
        labels: Names of its labels, in order.
    """

    dimension: Dimension | None
    labels: tuple[str, ...] = ()


class Checker:
    """Checks formulas against the measures, windows and settings that exist."""

    def __init__(
        self,
        measures: Mapping[str, Measure],
        settings: Collection[str] = (),
    ) -> None:
        self._measures = measures
        self._settings = settings

    def shape(self, formula: Formula, window: str | None, at_start: bool = False) -> Shape:
        """Returns the shape of an expression that is read over a window.

        Args:
            formula: The expression.
            window: The name of the window, ``None`` for a KPI without one.
            at_start: Whether the expression stands inside ``start()``, which takes levels only.

        Raises:
            FormulaError: If the expression cannot be read, or does not fit together.
        """
        match formula:
            case Number() | Setting() | Weekdays() | OverKpis():
                return self._alone(formula, window)
            case Read():
                return self._read(formula, window, at_start)
            case Mean() | Quantile() | Count():
                labels = self._duration(formula.duration, window, at_start).labels
                return Shape(COUNT if isinstance(formula, Count) else TIME, labels)
            case Distinct():
                return self._distinct(formula, window, at_start)
            case Negative():
                return self.shape(formula.operand, window, at_start)
            case Earlier():
                return self._earlier(formula, window)
            case Within():
                return self._within(formula, at_start)
            case Binary():
                return self._binary(formula, window, at_start)

    def _alone(self, formula: Number | Setting | Weekdays | OverKpis, window: str | None) -> Shape:
        """Returns the shape of what reads no measure."""
        match formula:
            case Number():
                return Shape(PLAIN if formula.value else None)
            case Setting():
                return self._setting(formula)
            case Weekdays():
                if window is None:
                    problem = "weekdays() needs a window, and there is none"
                    raise FormulaError(formula.column, problem)
                return Shape(PLAIN)
            case OverKpis():
                return self._over_kpis(formula, window)

    def _setting(self, setting: Setting) -> Shape:
        if setting.name not in self._settings:
            near = get_close_matches(setting.name, self._settings, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise FormulaError(setting.column, f"no setting {setting.name!r} is a number{hint}")
        return Shape(PLAIN)

    def _read(self, read: Read, window: str | None, at_start: bool) -> Shape:
        measure = self._measure(read)
        if measure.kind is Kind.DURATION:
            problem = "is a duration: take its mean(), quantile() or count()"
            raise FormulaError(read.column, f"{measure.name} {problem}")
        self._readable(measure, read, window, at_start)
        return Shape(_UNITS[measure.unit], self._labels(measure, read))

    def _distinct(self, distinct: Distinct, window: str | None, at_start: bool) -> Shape:
        measure = distinct.measure
        if not self._read(measure, window, at_start).labels:
            problem = f"distinct() counts label values, and {measure.measure} leaves none here"
            raise FormulaError(distinct.column, problem)
        return Shape(PLAIN)

    def _duration(self, read: Read, window: str | None, at_start: bool) -> Shape:
        measure = self._measure(read)
        if measure.kind is not Kind.DURATION:
            problem = f"is a {measure.kind}: mean(), quantile() and count() take durations"
            raise FormulaError(read.column, f"{measure.name} {problem}")
        self._readable(measure, read, window, at_start)
        return Shape(TIME, self._labels(measure, read))

    def _measure(self, read: Read) -> Measure:
        measure = self._measures.get(read.measure)
        if measure is None:
            near = get_close_matches(read.measure, self._measures, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise FormulaError(read.column, f"unknown measure {read.measure!r}{hint}")
        return measure

    def _readable(self, measure: Measure, read: Read, window: str | None, at_start: bool) -> None:
        if measure.kind is Kind.LEVEL:
            return
        if at_start:
            problem = f"start() takes levels, {measure.name} is a {measure.kind}: use prior()"
            raise FormulaError(read.column, problem)
        if window is None:
            problem = f"{measure.name} is read over a window, and there is none"
            raise FormulaError(read.column, problem)
        if measure.windows and window not in measure.windows:
            known = ", ".join(measure.windows)
            problem = (
                f"{measure.name} has no window {window!r}, only {known}; "
                "the setting further_windows adds windows to a family"
            )
            raise FormulaError(read.column, problem)

    def _labels(self, measure: Measure, read: Read) -> tuple[str, ...]:
        selected = [name for name, _ in read.where]
        for name in selected:
            if name not in measure.labels + measure.filters:
                known = ", ".join(measure.labels + measure.filters) or "none"
                problem = f"{measure.name} has no label {name!r} (its labels: {known})"
                raise FormulaError(read.column, problem)
        if read.total:
            return ()
        return tuple(name for name in measure.labels if name not in selected)

    def _earlier(self, earlier: Earlier, window: str | None) -> Shape:
        if window is None:
            problem = f"{earlier.moment}() needs a window, and there is none"
            raise FormulaError(earlier.column, problem)
        return self.shape(earlier.operand, window, at_start=earlier.moment == "start")

    def _within(self, within: Within, at_start: bool) -> Shape:
        _check_window(within.window, within.column)
        return self.shape(within.operand, within.window, at_start)

    def _over_kpis(self, formula: OverKpis, window: str | None) -> Shape:
        if window is not None:
            raise FormulaError(formula.column, "figures of KPIs are read over their own windows")
        if formula.window is not None:
            _check_window(formula.window, formula.column)
        return Shape(PLAIN, ("kpi",))

    def _binary(self, binary: Binary, window: str | None, at_start: bool) -> Shape:
        left = self.shape(binary.left, window, at_start)
        right = self.shape(binary.right, window, at_start)
        if left.labels and right.labels and left.labels != right.labels:
            names = f"({', '.join(left.labels)}) and ({', '.join(right.labels)})"
            raise FormulaError(binary.column, f"labels {names} do not match; use total()")
        labels = left.labels or right.labels
        if binary.operator == "*":
            return Shape((left.dimension or PLAIN) * (right.dimension or PLAIN), labels)
        if binary.operator == "/":
            return Shape((left.dimension or PLAIN) / (right.dimension or PLAIN), labels)
        if left.dimension and right.dimension and left.dimension != right.dimension:
            problem = f"{binary.operator} joins {left.dimension} with {right.dimension}"
            raise FormulaError(binary.column, f"units do not match: {problem}")
        return Shape(left.dimension or right.dimension, labels)


def _check_window(window: str, column: int) -> None:
    if not is_window(window):
        raise FormulaError(column, f"unknown window {window!r}, only {WINDOWS_SAID}")
