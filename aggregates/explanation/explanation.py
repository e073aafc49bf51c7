"""Explanations: what each account adds to a figure, or to its change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from aggregates.explanation.question import Question
from aggregates.formula.expression import Formula
from aggregates.formula.terms import adds_up, sides_of
from aggregates.formula.text import as_text

Amount = int | float
"""Micro-units of money, ms or a count; a float where a formula divides."""

Amounts = Mapping[Formula, Sequence[Amount]]
"""By term, its amount at each edge of a question."""


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the formula that adds up over accounts.

    Attributes:
        formula: The part.
        scale: What its amounts are divided by to be in major units, or in seconds.
    """

    formula: Formula
    scale: float

    @property
    def text(self) -> str:
        """The part, as formulas are written."""
        return as_text(self.formula)


@dataclass(frozen=True, slots=True)
class Part:
    """What one account has in a figure.

    Attributes:
        account: Its id.
        amounts: Its terms at each edge of the question.
        figures: The KPI of this account alone at each edge, in the KPI's unit; NaN for none.
        effect: By how much it makes the figure, or its change, what it is, in micro-units, ms or
            counts; None where no account has such a part.
        movements: Its movements between both edges, by name.
    """

    account: str
    amounts: Amounts
    figures: tuple[float, ...]
    effect: Fraction | None
    movements: Mapping[str, Amount] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether it makes a difference: to the figure, or to its change if that was asked for."""
        if self.effect or any(self.movements.values()):
            return True
        return self.effect is None and any(map(change_of, self.amounts.values()))


@dataclass(frozen=True, slots=True)
class Explanation:
    """What accounts have in a figure, or in its change.

    Attributes:
        question: What was asked.
        figures: The figure at each edge, in the KPI's unit; NaN for none.
        terms: The terms of its formula.
        amounts: Their amounts, of all accounts.
        movements: Why it changed between both edges, by the names of the KPI's movements.
        parts: What each account has that has something, the largest effect or change first.
    """

    question: Question
    figures: tuple[float, ...]
    terms: tuple[Term, ...]
    amounts: Amounts
    movements: Mapping[str, Amount]
    parts: tuple[Part, ...]

    @property
    def effects(self) -> "Effects":
        """By how much parts make the figure, or its change, what it is."""
        return Effects(self.question.variant.formula, self.amounts)


def together(parts: Sequence[Part]) -> Part:
    """Returns what several accounts have together, one at least; it has no figures of its own."""
    effects = [part.effect for part in parts if part.effect is not None]
    amounts = {
        term: tuple(map(sum, zip(*(part.amounts[term] for part in parts), strict=True)))
        for term in parts[0].amounts
    }
    movements = {name: sum(part.movements[name] for part in parts) for name in parts[0].movements}
    return Part("", amounts, (), sum(effects, Fraction(0)) if effects else None, movements)


class Effects:
    """By how much parts of the accounts make a figure, or its change, what it is.

    What adds up changes by the changes of its parts. A quotient changes from r = n / d by the sum
    of what each part's change of n is more than r times its change of d, divided by the new d. A
    figure at one edge is a change from 0.
    """

    def __init__(self, formula: Formula, whole: Amounts) -> None:
        """Takes a formula and the amounts of its terms, of all accounts."""
        self._sides = (formula, None) if adds_up(formula) else sides_of(formula)
        self._before, self._below = Fraction(0), Fraction(1)
        match self._sides:
            case above, below if below is not None:
                self._below = Fraction(whole[below][-1])
                if len(whole[below]) > 1 and (first := Fraction(whole[below][0])):
                    self._before = Fraction(whole[above][0]) / first
                elif len(whole[below]) > 1:
                    self._sides = None

    def of(self, amounts: Amounts) -> Fraction | None:
        """Returns the effect of a part; None where no part has any."""
        if self._sides is None or not self._below:
            return None
        above, below = self._sides
        change = Fraction(change_of(amounts[above]))
        if below is not None:
            change -= self._before * Fraction(change_of(amounts[below]))
        return change / self._below


def change_of(amounts: Sequence[Amount]) -> Amount:
    """Returns the last amount less the first of two; the amount itself if there is one."""
    return amounts[-1] - amounts[0] if len(amounts) > 1 else amounts[0]
