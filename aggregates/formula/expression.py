"""The formulas of KPIs: a small expression tree.

How a formula is written is in ``aggregates.formula.parser``; what its names mean, and whether units
and labels fit, is checked in ``aggregates.formula.dimension``; how it is read from a ledger is in
``aggregates.reading.evaluation``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from events.errors import TidemarkError

Operator = Literal["+", "-", "*", "/", "min", "max"]
Moment = Literal["start", "prior"]
Overview = Literal["change", "target", "on_target"]


class FormulaError(TidemarkError, ValueError):
    """A formula cannot be understood; the message says what is wrong, and where."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"{problem} (formula, column {column})")
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Number:
    """A number without a unit."""

    value: int | float
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of a policy as of the moment that is read; none before its first."""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Weekdays:
    """The days from Monday to Friday that the window holds, a running one as far as it has run."""

    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Read:
    """A measure, some of whose labels may be selected, or summed over all of them."""

    measure: str
    where: tuple[tuple[str, str], ...] = ()
    total: bool = False
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An expression read at the start of the window: a level then, or the window before."""

    operand: "Formula"
    moment: Moment
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Within:
    """An expression read over another window than the KPI's own."""

    operand: "Formula"
    window: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a duration measure; it has no value where nothing was measured."""

    duration: Read
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Count:
    """How many durations were measured."""

    duration: Read
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many label values of a measure are above 0, in what is read together."""

    measure: Read
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Quantile:
    """The shortest duration that at least this share of all durations does not exceed."""

    duration: Read
    share: Fraction
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """The negative of an expression."""

    operand: "Formula"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions and what joins them."""

    operator: Operator
    left: "Formula"
    right: "Formula"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class OverKpis:
    """A figure for each KPI, from its headline; see ``aggregates.reading.overview``."""

    what: Overview
    window: str | None = None
    column: int = field(default=1, compare=False)


Formula = (
    Number
    | Setting
    | Weekdays
    | Read
    | Earlier
    | Within
    | Mean
    | Count
    | Distinct
    | Quantile
    | Negative
    | Binary
    | OverKpis
)


def reads(formula: Formula) -> Iterator[Read]:
    """Yields every reading of a measure in a formula, from left to right."""
    match formula:
        case Read():
            yield formula
        case Binary():
            yield from reads(formula.left)
            yield from reads(formula.right)
        case Earlier() | Within() | Negative():
            yield from reads(formula.operand)
        case Mean() | Count() | Quantile():
            yield formula.duration
        case Distinct():
            yield formula.measure
        case Number() | Setting() | Weekdays() | OverKpis():
            return


def settings(formula: Formula) -> Iterator[Setting]:
    """Yields every reading of a setting in a formula, from left to right."""
    match formula:
        case Setting():
            yield formula
        case Binary():
            yield from settings(formula.left)
            yield from settings(formula.right)
        case Earlier() | Within() | Negative():
            yield from settings(formula.operand)
        case _:
            return
