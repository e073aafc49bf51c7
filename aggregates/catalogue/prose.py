"""Formulas in plain English, for the page and the documentation."""

from typing import Final

from aggregates.catalogue.kpi import Kpi
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

_ACRONYMS: Final = {"mrr": "MRR", "nps": "NPS", "csat": "CSAT"}

_MOMENTS: Final = {"start": "at the start of the window", "prior": "over the window before"}

_JOINED: Final = {
    "+": "{} plus {}",
    "-": "{} minus {}",
    "*": "{} times {}",
    "/": "{} divided by {}",
    "min": "the smaller of {} and {}",
    "max": "the larger of {} and {}",
}

_PLAIN_ON_THE_LEFT: Final[dict[str, str]] = {"+": "+-", "-": "+-", "*": "*", "/": "*"}
"""By operator, those that need no brackets on its left: reading from left to right is right."""


def in_words(formula: Formula) -> str:  # noqa: C901 - a case for each kind of node
    """Returns a formula in English.

    >>> from aggregates.formula.parser import parse
    >>> in_words(parse("(mrr - start(mrr)) / start(mrr)"))
    'change of MRR divided by MRR at the start of the window'
    """
    match formula:
        case Number():
            return f"{formula.value:,}"
        case Setting():
            return formula.name.replace("_", " ")
        case Weekdays():
            return f"{'local ' * formula.whole}weekdays of the window"
        case Read():
            words = " ".join(_ACRONYMS.get(word, word) for word in formula.measure.split("_"))
            where = ", ".join(f"{name} {value}" for name, value in formula.where)
            return f"{words} ({where})" if where else words
        case Mean():
            return f"mean {in_words(formula.duration)}"
        case Count():
            return f"number of {in_words(formula.duration)}"
        case Sum():
            return f"sum of {in_words(formula.duration)}"
        case Quantile():
            return f"{float(formula.share * 100):g} % quantile of {in_words(formula.duration)}"
        case Distinct():
            kinds = "different" if formula.counts else "kinds of"
            return f"number of {kinds} {in_words(formula.measure)}"
        case Negative():
            return f"minus {_operand(formula.operand)}"
        case Earlier():
            return f"{_operand(formula.operand)} {_MOMENTS[formula.moment]}"
        case Within():
            return f"{_operand(formula.operand)} over {formula.window}"
        case Binary():
            if _is_change(formula):
                return f"change of {_operand(formula.left)}"
            left = _operand(formula.left, _PLAIN_ON_THE_LEFT.get(formula.operator, ""))
            return _JOINED[formula.operator].format(left, _operand(formula.right))
        case OverKpis(what="change"):
            return f"change of each KPI over {formula.window}"
        case OverKpis(what="target"):
            return "target of each KPI"
        case OverKpis():
            return "1 where a KPI meets its target, else 0"


def kpi_in_words(kpi: Kpi) -> str:
    """Returns a KPI's formulas in English, each after the value of its variant label."""
    return "; ".join(
        in_words(variant.formula)
        if variant.value is None
        else f"{variant.value}: {in_words(variant.formula)}"
        for variant in kpi.variants
    )


def _operand(formula: Formula, plain: str = "") -> str:
    """Returns an operand in English, in brackets if it would read on into what follows.

    Args:
        formula: The operand.
        plain: Operations that need no brackets here.
    """
    words = in_words(formula)
    match formula:
        case Binary() if formula.operator not in plain and not _is_change(formula):
            return f"({words})"
        case Negative():
            return f"({words})"
        case _:
            return words


def _is_change(formula: Formula) -> bool:
    match formula:
        case Binary(operator="-", left=left, right=Earlier(operand=operand, moment="start")):
            return left == operand
        case _:
            return False
