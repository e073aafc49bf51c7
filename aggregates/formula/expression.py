"""The formulas of KPIs: a small expression tree.

A new kind of node is a class here and in ``Formula``, a function of the parser, and a case in each
walk that gives nodes a meaning: ``Checker.shape``, ``Evaluation.values`` and ``in_words``. These
match on the whole union, so mypy names the walks that miss it. All others go through ``nodes``.

How a formula is written is in ``aggregates.formula.parser``; what its names mean, and whether units
and labels fit, is checked in ``aggregates.formula.dimension``; how it is read from a ledger is in
``aggregates.reading.evaluation``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all nodes of the tree have: the column of the text where they begin, for messages."""

    column: int = field(default=1, compare=False)

    def error(self, problem: str) -> FormulaError:
        """Makes an error of what is wrong there."""
        return FormulaError(self.column, problem)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number without a unit."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """The value of a policy as of the moment that is read; none before its first."""

    name: str


@dataclass(frozen=True, slots=True)
class Weekdays(Node):
    """The days from Monday to Friday that the window holds, a running one as far as it has run.

    Or, ``whole``, those among its local days, today included and whole.
    """

    whole: bool = False


@dataclass(frozen=True, slots=True)
class Read(Node):
    """A measure, some of whose labels may be selected, or summed over all of them."""

    measure: str
    where: tuple[tuple[str, str], ...] = ()
    total: bool = False


@dataclass(frozen=True, slots=True)
class Earlier(Node):
    """An expression read at the start of the window: a level then, or the window before."""

    operand: "Formula"
    moment: Moment


@dataclass(frozen=True, slots=True)
class Within(Node):
    """An expression read over another window than the KPI's own."""

    operand: "Formula"
    window: str


@dataclass(frozen=True, slots=True)
class Mean(Node):
    """The mean of a duration measure; it has no value where nothing was measured."""

    duration: Read


@dataclass(frozen=True, slots=True)
class Count(Node):
    """How many durations were measured."""

    duration: Read


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """The sum of a duration measure."""

    duration: Read


@dataclass(frozen=True, slots=True)
class Distinct(Node):
    """How many label values of a measure are above 0, in what is read together.

    Each may be one of what the measure counts, such as an account: then so is their number.
    """

    measure: Read
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Quantile(Node):
    """The shortest duration that at least this share of all durations does not exceed."""

    duration: Read
    share: Fraction


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """The negative of an expression."""

    operand: "Formula"


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two expressions and what joins them."""

    operator: Operator
    left: "Formula"
    right: "Formula"


@dataclass(frozen=True, slots=True)
class OverKpis(Node):
    """A figure for each KPI, from its headline; see ``aggregates.reading.overview``."""

    what: Overview
    window: str | None = None


Formula = (
    Number
    | Setting
    | Weekdays
    | Read
    | Earlier
    | Within
    | Mean
    | Count
    | Sum
    | Distinct
    | Quantile
    | Negative
    | Binary
    | OverKpis
)


def nodes(formula: Formula) -> Iterator[Formula]:
    """Yields all nodes of a formula, from left to right."""
    yield formula
    for part in fields(formula):
        child = getattr(formula, part.name)
        if isinstance(child, Formula):
            yield from nodes(child)


def reads(formula: Formula) -> Iterator[Read]:
    """Yields every reading of a measure in a formula, from left to right."""
    return (node for node in nodes(formula) if isinstance(node, Read))


def settings(formula: Formula) -> Iterator[Setting]:
    """Yields every reading of a setting in a formula, from left to right."""
    return (node for node in nodes(formula) if isinstance(node, Setting))
