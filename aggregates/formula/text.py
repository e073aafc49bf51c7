"""Formulas as they are written: the text that the parser reads as the same tree."""

import json
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
)

_STRENGTH: Final = {"+": 1, "-": 1, "*": 2, "/": 2}
_ATOM: Final = 4
_MINUS: Final = 3


def as_text(formula: Formula) -> str:
    """Returns a formula as it is written.

    >>> from aggregates.formula.parser import parse
    >>> as_text(parse("(mrr - start(mrr)) / start(mrr)"))
    '(mrr - start(mrr)) / start(mrr)'
    """
    return _text(formula)[0]


def _text(formula: Formula) -> tuple[str, int]:  # noqa: C901 - a case for each kind of node
    """Returns a formula's text, and how strongly it holds together."""
    match formula:
        case Number():
            return str(formula.value), _ATOM if formula.value >= 0 else _MINUS
        case Setting():
            return f"setting({_quoted(formula.name)})", _ATOM
        case Weekdays():
            return ("local_weekdays()" if formula.whole else "weekdays()"), _ATOM
        case Read():
            return _read(formula), _ATOM
        case Mean() | Count() | Sum():
            name = type(formula).__name__.lower()
            return f"{name}({as_text(formula.duration)})", _ATOM
        case Quantile():
            return f"quantile({as_text(formula.duration)}, {float(formula.share):g})", _ATOM
        case Distinct():
            name = "distinct_accounts" if formula.counts else "distinct"
            return f"{name}({as_text(formula.measure)})", _ATOM
        case Negative():
            return f"-{_within(formula.operand, _MINUS)}", _MINUS
        case Earlier():
            return f"{formula.moment}({as_text(formula.operand)})", _ATOM
        case Within():
            return f"in_window({as_text(formula.operand)}, {_quoted(formula.window)})", _ATOM
        case Binary(operator="min" | "max"):
            parts = f"{as_text(formula.left)}, {as_text(formula.right)}"
            return f"{formula.operator}({parts})", _ATOM
        case Binary():
            own = _STRENGTH[formula.operator]
            right = _within(formula.right, own + 1)  # 1 - (2 - 3) is not 1 - 2 - 3
            return f"{_within(formula.left, own)} {formula.operator} {right}", own
        case OverKpis():
            window = _quoted(formula.window) if formula.window else ""
            return f"kpi_{formula.what}({window})", _ATOM


def _read(read: Read) -> str:
    where = ", ".join(f"{name}={_quoted(value)}" for name, value in read.where)
    text = f"{read.measure}({where})" if where else read.measure
    return f"total({text})" if read.total else text


def _within(formula: Formula, strength: int) -> str:
    text, own = _text(formula)
    return text if own >= strength else f"({text})"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
