"""The terms of a formula: its largest parts that add up over accounts.

A sum of measures adds up: what all accounts have is the sum of what each has. A quotient does not,
but both of its sides may; of a smallest or largest one, a quantile or a number of different values,
only what they are taken of does.
"""

from collections.abc import Iterator
from dataclasses import replace

from aggregates.formula.expression import (
    Binary,
    Count,
    Distinct,
    Earlier,
    Formula,
    Mean,
    Negative,
    Number,
    Quantile,
    Read,
    Setting,
    Sum,
    Weekdays,
    Within,
)


def terms_of(formula: Formula) -> tuple[Formula, ...]:
    """Returns the terms of a formula from left to right, equal ones once.

    >>> from aggregates.formula.parser import parse
    >>> from aggregates.formula.text import as_text
    >>> [as_text(term) for term in terms_of(parse("100 * (a - b) / max(start(c), d)"))]
    ['100 * (a - b)', 'start(c)', 'd']
    """
    return tuple(dict.fromkeys(_terms(formula)))


def sides_of(formula: Formula) -> tuple[Formula, Formula] | None:
    """Returns numerator and denominator of a formula if both add up, else None."""
    match formula:
        case Mean():
            return Sum(formula.duration), Count(formula.duration)
        case Binary(operator="/") if adds_up(formula.left) and adds_up(formula.right):
            return formula.left, formula.right
        case _:
            return None


def adds_up(formula: Formula) -> bool:
    """Returns whether the figure of all accounts is the sum of the figures of each."""
    match formula:
        case Read() | Count() | Sum():
            return True
        case Negative() | Earlier() | Within():
            return adds_up(formula.operand)
        case Binary(operator="+" | "-", left=left, right=right):
            return adds_up(left) and adds_up(right)
        case Binary(operator="*", left=left, right=right):
            return (adds_up(left) and _is_alike(right)) or (_is_alike(left) and adds_up(right))
        case Binary(operator="/", left=left, right=right):
            return adds_up(left) and _is_alike(right)
        case _:
            return False


def _is_alike(formula: Formula) -> bool:
    """Returns whether a figure is the same for any accounts."""
    match formula:
        case Number() | Setting() | Weekdays():
            return True
        case Negative() | Earlier() | Within():
            return _is_alike(formula.operand)
        case Binary():
            return _is_alike(formula.left) and _is_alike(formula.right)
        case _:
            return False


def _terms(formula: Formula) -> Iterator[Formula]:
    if adds_up(formula):
        yield formula
        return
    match formula:
        case Mean():
            yield Sum(formula.duration)
            yield Count(formula.duration)
        case Quantile():
            yield Count(formula.duration)
        case Distinct():
            yield formula.measure
        case Negative():
            yield from _terms(formula.operand)
        case Earlier() | Within():
            for term in _terms(formula.operand):
                yield replace(formula, operand=term)
        case Binary():
            yield from _terms(formula.left)
            yield from _terms(formula.right)
        case _:  # a number or a setting is of no account
            return
