"""What the figures of a formula count, and whether a formula fits together.

A dimension is a product of powers of money, counts and time. Adding needs equal dimensions, a
ratio has none. The same walk checks names, labels and windows, so that a catalogue that loads can
always be evaluated.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

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
    nodes,
)
from aggregates.formula.terms import adds_up
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
    """What the values of an expression look like.

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
        attributes: Sequence[str] = (),
    ) -> None:
        """Takes what formulas may name.

        Args:
            measures: The measures by name.
            settings: Names of the settings that are numbers.
            attributes: The attributes of accounts of which any measure may select a value.
        """
        self._measures = measures
        self._settings = settings
        self._attributes = tuple(attributes)

    def shape(  # noqa: C901 - a case for each kind of node
        self, formula: Formula, window: str | None, at_start: bool = False
    ) -> Shape:
        """Returns the shape of an expression that is read over a window.

        Args:
            formula: The expression.
            window: The name of the window, ``None`` for a KPI without one.
            at_start: Whether the expression is inside ``start()``, which takes levels only.

        Raises:
            FormulaError: If the expression cannot be read, or does not fit together.
        """
        match formula:
            case Number():
                return Shape(PLAIN if formula.value else None)
            case Setting():
                if formula.name not in self._settings:
                    hint = _hint(formula.name, self._settings)
                    raise formula.error(f"no setting {formula.name!r} is a number{hint}")
                return Shape(PLAIN)
            case Weekdays():
                name = "local_weekdays" if formula.whole else "weekdays"
                _check_windowed(formula, name, window)
                return Shape(PLAIN)
            case Read():
                return self._read(formula, window, at_start)
            case Mean() | Quantile() | Sum():
                return self._read(formula.duration, window, at_start, is_duration=True)
            case Count():
                shape = self._read(formula.duration, window, at_start, is_duration=True)
                return Shape(COUNT, shape.labels)
            case Distinct():
                if not self._read(formula.measure, window, at_start).labels:
                    none = f"{formula.measure.measure} leaves none here"
                    raise formula.error(f"distinct() counts label values, and {none}")
                return Shape(COUNT if formula.counts else PLAIN)
            case Negative():
                return self.shape(formula.operand, window, at_start)
            case Earlier():
                _check_windowed(formula, formula.moment, window)
                return self.shape(formula.operand, window, at_start=formula.moment == "start")
            case Within():
                _check_window(formula, formula.window)
                return self.shape(formula.operand, formula.window, at_start)
            case Binary():
                left = self.shape(formula.left, window, at_start)
                return _joined(formula, left, self.shape(formula.right, window, at_start))
            case OverKpis():
                if window is not None:
                    raise formula.error("figures of KPIs are read over their own windows")
                if formula.window is not None:
                    _check_window(formula, formula.window)
                return Shape(PLAIN, ("kpi",))

    def flow(self, formula: Formula) -> Shape:
        """Returns the shape of a sum of flows.

        Raises:
            FormulaError: If it is none, or cannot be read.
        """
        shape = self.shape(formula, "1d")
        for node in nodes(formula):
            if isinstance(node, Read) and self._measures[node.measure].kind is not Kind.FLOW:
                raise node.error(f"{node.measure} is no flow")
            if isinstance(node, Earlier | Within):
                raise node.error("it is read between any two times, not over windows")
        if not adds_up(formula):
            raise formula.error("what several accounts have of it does not add up")
        return shape

    def _read(
        self, read: Read, window: str | None, at_start: bool, *, is_duration: bool = False
    ) -> Shape:
        measure = self._measures.get(read.measure)
        if measure is None:
            hint = _hint(read.measure, self._measures)
            raise read.error(f"unknown measure {read.measure!r}{hint}")
        name, kind = measure.name, measure.kind
        if is_duration and kind is not Kind.DURATION:
            raise read.error(
                f"{name} is a {kind}: mean(), sum(), quantile() and count() take durations"
            )
        if kind is Kind.DURATION and not is_duration:
            raise read.error(f"{name} is a duration: take its mean(), sum(), quantile() or count()")
        if kind is not Kind.LEVEL:
            _check_readable(read, measure, window, at_start)
        selected = [label for label, _ in read.where]
        known = measure.labels + measure.filters + self._attributes
        for label in selected:
            if label not in known:
                labels = ", ".join(known) or "none"
                raise read.error(f"{name} has no label {label!r} (its labels: {labels})")
        kept = () if read.total else measure.labels
        return Shape(_UNITS[measure.unit], tuple(n for n in kept if n not in selected))


def _check_readable(read: Read, measure: Measure, window: str | None, at_start: bool) -> None:
    name = measure.name
    if at_start:
        raise read.error(f"start() takes levels, {name} is a {measure.kind}: use prior()")
    if window is None:
        raise read.error(f"{name} is read over a window, and there is none")
    if measure.windows and window not in measure.windows:
        raise read.error(
            f"{name} has no window {window!r}, only {', '.join(measure.windows)}; "
            "the setting further_windows adds windows to a family"
        )


def _joined(binary: Binary, left: Shape, right: Shape) -> Shape:
    if left.labels and right.labels and left.labels != right.labels:
        names = f"({', '.join(left.labels)}) and ({', '.join(right.labels)})"
        raise binary.error(f"labels {names} do not match; use total()")
    labels = left.labels or right.labels
    if binary.operator == "*":
        return Shape((left.dimension or PLAIN) * (right.dimension or PLAIN), labels)
    if binary.operator == "/":
        return Shape((left.dimension or PLAIN) / (right.dimension or PLAIN), labels)
    if left.dimension and right.dimension and left.dimension != right.dimension:
        problem = f"{binary.operator} joins {left.dimension} with {right.dimension}"
        raise binary.error(f"units do not match: {problem}")
    return Shape(left.dimension or right.dimension, labels)


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _check_windowed(node: Weekdays | Earlier, function: str, window: str | None) -> None:
    if window is None:
        raise node.error(f"{function}() needs a window, and there is none")


def _check_window(node: Within | OverKpis, window: str) -> None:
    if not is_window(window):
        raise node.error(f"unknown window {window!r}, only {WINDOWS_SAID}")
