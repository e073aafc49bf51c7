"""The formula language: reads a formula's text into an expression tree.

A formula is written in Python's expression syntax. It is read with ``ast`` and a list of allowed
forms, and never evaluated as Python.
"""

import ast
from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Final, NoReturn

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
    Operator,
    OverKpis,
    Overview,
    Quantile,
    Read,
    Setting,
    Weekdays,
    Within,
)

MAX_LENGTH: Final = 2_000
"""Longest formula in characters: far above any real one, low enough to parse in a moment."""

MAX_DEPTH: Final = 60
"""Deepest nesting of a tree: far below Python's recursion limit of 1,000."""

MAX_NUMBER: Final = 1_000_000_000
"""Largest number in a formula: a product with micro-units of money should stay in 64 bits."""

PERCENTILES: Final = {
    "p50": Fraction(1, 2),
    "p90": Fraction(9, 10),
    "p99": Fraction(99, 100),
}
"""Functions that are short for ``quantile``."""

_OVERVIEWS: Final[dict[str, Overview]] = {
    "kpi_change": "change",
    "kpi_target": "target",
    "kpi_on_target": "on_target",
}
"""Functions that are about KPIs and make up a whole formula."""

_OPERATORS: Final[dict[type[ast.operator], Operator]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


def parse(text: str) -> Formula:
    """Reads a formula.

    >>> parse("100 * churned_mrr(reason='voluntary')").operator
    '*'

    Raises:
        FormulaError: If the text is no formula.
    """
    text = text.strip()
    if not text:
        raise FormulaError(1, "the formula is empty")
    if len(text) > MAX_LENGTH:
        raise FormulaError(MAX_LENGTH, f"the formula is longer than {MAX_LENGTH} characters")
    try:
        body = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        # offset 0 means that the text ends too early; some errors have none
        column = len(text) + 1 if error.offset == 0 else error.offset or 1
        raise FormulaError(column, f"not an expression: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(1, "not an expression") from error
    return _over_kpis(body) or _expression(body, MAX_DEPTH)


def _fail(node: ast.expr | ast.keyword, problem: str) -> NoReturn:
    raise FormulaError(node.col_offset + 1, problem)


def _expression(node: ast.expr, depth: int) -> Formula:
    column = node.col_offset + 1
    if depth <= 0:
        _fail(node, f"the formula is nested deeper than {MAX_DEPTH}")
    match node:
        case ast.Constant(value=value):
            return _number(node, value)
        case ast.Name(id=name):
            if name in _FUNCTIONS:
                _fail(node, f"{name} is a function and needs its arguments")
            return Read(name, column=column)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Negative(_expression(operand, depth - 1), column)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            before, after = _expression(left, depth - 1), _expression(right, depth - 1)
            return Binary(_OPERATORS[type(op)], before, after, column)
        case ast.Call():
            return _call(node, depth)
        case _:
            _fail(node, f"{ast.unparse(node)!r} is not allowed in a formula")


def _over_kpis(node: ast.expr) -> Formula | None:
    """Reads a whole formula that is about KPIs; gives None for any other."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    what = _OVERVIEWS.get(node.func.id)
    if what is None:
        return None
    arity = int(what == "change")
    if node.keywords or len(node.args) != arity:
        _fail(node, f"{node.func.id}() takes {'a window' if arity else 'nothing'}")
    window = _text(node.args[0], f"{node.func.id}()") if arity else None
    return OverKpis(what, window, node.col_offset + 1)


def _number(node: ast.expr, value: object) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _fail(node, f"{value!r} is no number")
    if not isfinite(value) or abs(value) > MAX_NUMBER:
        _fail(node, f"numbers go up to {MAX_NUMBER:,}")
    return Number(value, node.col_offset + 1)


def _call(node: ast.Call, depth: int) -> Formula:
    if not isinstance(node.func, ast.Name):
        _fail(node, f"{ast.unparse(node.func)!r} cannot be called")
    name = node.func.id
    function = _FUNCTIONS.get(name)
    if function is None:
        return _selected(node, name)
    build, arity = function
    if node.keywords or len(node.args) != arity:
        _fail(node, f"{name}() takes {arity} argument{'s' * (arity != 1)} and no labels")
    return build(node, name, depth - 1)


def _selected(node: ast.Call, name: str) -> Read:
    if node.args:
        _fail(node, f"unknown function {name!r}; there are {', '.join(sorted(_FUNCTIONS))}")
    if not node.keywords:
        _fail(node, f"{name}() selects nothing: write {name}, or {name}(label='value')")
    where: dict[str, str] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            _fail(keyword, "** is not allowed in a formula")
        where[keyword.arg] = _text(keyword.value, f"label {keyword.arg!r}")
    return Read(name, tuple(sorted(where.items())), column=node.col_offset + 1)


def _text(node: ast.expr, what: str) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        _fail(node, f"{what} needs a text in quotes")
    return node.value


def _measure(node: ast.Call, name: str, depth: int) -> Read:
    operand = _expression(node.args[0], depth)
    if not isinstance(operand, Read):
        _fail(node, f"{name}() takes a measure, not an expression")
    return operand


def _total(node: ast.Call, name: str, depth: int) -> Formula:
    measure = _measure(node, name, depth)
    return Read(measure.measure, measure.where, total=True, column=node.col_offset + 1)


def _start(node: ast.Call, name: str, depth: int) -> Formula:
    return Earlier(_expression(node.args[0], depth), "start", node.col_offset + 1)


def _prior(node: ast.Call, name: str, depth: int) -> Formula:
    return Earlier(_expression(node.args[0], depth), "prior", node.col_offset + 1)


def _change(node: ast.Call, name: str, depth: int) -> Formula:
    now, column = _expression(node.args[0], depth), node.col_offset + 1
    return Binary("-", now, Earlier(now, "start", column), column)


def _within(node: ast.Call, name: str, depth: int) -> Formula:
    window = _text(node.args[1], f"{name}()")
    return Within(_expression(node.args[0], depth), window, node.col_offset + 1)


def _setting(node: ast.Call, name: str, depth: int) -> Formula:
    return Setting(_text(node.args[0], f"{name}()"), node.col_offset + 1)


def _weekdays(node: ast.Call, name: str, depth: int) -> Formula:
    return Weekdays(node.col_offset + 1)


def _mean(node: ast.Call, name: str, depth: int) -> Formula:
    return Mean(_measure(node, name, depth), node.col_offset + 1)


def _count(node: ast.Call, name: str, depth: int) -> Formula:
    return Count(_measure(node, name, depth), node.col_offset + 1)


def _distinct(node: ast.Call, name: str, depth: int) -> Formula:
    return Distinct(_measure(node, name, depth), node.col_offset + 1)


def _percentile(node: ast.Call, name: str, depth: int) -> Formula:
    return Quantile(_measure(node, name, depth), PERCENTILES[name], node.col_offset + 1)


def _quantile(node: ast.Call, name: str, depth: int) -> Formula:
    share = _expression(node.args[1], depth)
    if not isinstance(share, Number) or not 0 < share.value < 1:
        _fail(node.args[1], "quantile() takes a share between 0 and 1, such as 0.9")
    exact = Fraction(repr(share.value))
    return Quantile(_measure(node, name, depth), exact, node.col_offset + 1)


def _extreme(node: ast.Call, name: str, depth: int) -> Formula:
    left, right = (_expression(argument, depth) for argument in node.args)
    return Binary("min" if name == "min" else "max", left, right, node.col_offset + 1)


_Builder = Callable[[ast.Call, str, int], Formula]

_FUNCTIONS: Final[dict[str, tuple[_Builder, int]]] = {
    "total": (_total, 1),
    "start": (_start, 1),
    "prior": (_prior, 1),
    "change": (_change, 1),
    "in_window": (_within, 2),
    "setting": (_setting, 1),
    "weekdays": (_weekdays, 0),
    "mean": (_mean, 1),
    "count": (_count, 1),
    "distinct": (_distinct, 1),
    **{name: (_percentile, 1) for name in PERCENTILES},
    "quantile": (_quantile, 2),
    "min": (_extreme, 2),
    "max": (_extreme, 2),
}
