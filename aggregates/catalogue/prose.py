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
    Weekdays,
    Within,
)

_ACRONYMS: Final = {"mrr": "MRR", "nps": "NPS", "csat": "CSAT"}

_MOMENTS: Final = {"start": "at the start of the window", "prior": "over the window before"}

_JOINED: Final = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}

_READS_ON: Final[dict[str, str]] = {"+": "+-", "-": "+-", "*": "*/"}
"""What may follow an operation without brackets around it."""


def in_words(formula: Formula) -> str:
    """Says a formula in English.

    >>> from aggregates.formula.parser import parse
    >>> in_words(parse("(mrr - start(mrr)) / start(mrr)"))
    'change of MRR divided by MRR at the start of the window'
    """
    match formula:
        case Number() | Setting() | Weekdays() | OverKpis():
            return _alone(formula)
        case Read():
            return _measure(formula)
        case Earlier():
            return f"{_grouped(formula.operand)} {_MOMENTS[formula.moment]}"
        case Within():
            return f"{_grouped(formula.operand)} over {formula.window}"
        case Mean() | Count() | Quantile():
            return _statistic(formula)
        case Distinct():
            return f"number of kinds of {_measure(formula.measure)}"
        case Negative():
            return f"minus {_grouped(formula.operand)}"
        case Binary():
            return _joined(formula)


def kpi_in_words(kpi: Kpi) -> str:
    """Says a KPI's formulas in English, each after the value of its variant label."""
    return "; ".join(
        in_words(variant.formula)
        if variant.value is None
        else f"{variant.value}: {in_words(variant.formula)}"
        for variant in kpi.variants
    )


def _alone(formula: Number | Setting | Weekdays | OverKpis) -> str:
    match formula:
        case Number():
            return f"{formula.value:,}"
        case Setting():
            return formula.name.replace("_", " ")
        case Weekdays():
            return "weekdays of the window"
        case OverKpis(what="change"):
            return f"change of each KPI over {formula.window}"
        case OverKpis(what="target"):
            return "target of each KPI"
        case OverKpis():
            return "1 where a KPI meets its target, else 0"


def _measure(read: Read) -> str:
    words = [_ACRONYMS.get(word, word) for word in read.measure.split("_")]
    where = ", ".join(f"{name} {value}" for name, value in read.where)
    return " ".join(words) + (f" ({where})" if where else "")


def _grouped(formula: Formula) -> str:
    """Says an operand, in brackets if it would read on into what follows."""
    words = in_words(formula)
    whole = not isinstance(formula, Binary | Negative) or _is_change(formula)
    return words if whole else f"({words})"


def _is_change(formula: Formula) -> bool:
    match formula:
        case Binary(operator="-", left=left, right=Earlier(operand=operand, moment="start")):
            return left == operand
        case _:
            return False


def _joined(binary: Binary) -> str:
    if _is_change(binary):
        return f"change of {_grouped(binary.left)}"
    right = _grouped(binary.right)
    if binary.operator in ("min", "max"):
        which = "smaller" if binary.operator == "min" else "larger"
        return f"the {which} of {_grouped(binary.left)} and {right}"
    return f"{_left(binary)} {_JOINED[binary.operator]} {right}"


def _left(binary: Binary) -> str:
    """Says the left side; no brackets where reading from left to right is right anyway."""
    left = binary.left
    reads_on = isinstance(left, Binary) and binary.operator in _READS_ON.get(left.operator, "")
    return in_words(left) if reads_on else _grouped(left)


def _statistic(formula: Mean | Count | Quantile) -> str:
    measure = _measure(formula.duration)
    match formula:
        case Mean():
            return f"mean {measure}"
        case Count():
            return f"number of {measure}"
        case Quantile():
            return f"{float(formula.share * 100):g} % quantile of {measure}"
