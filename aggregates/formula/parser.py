"""The formula language: reads a formula's text into an expression tree.

A formula is written in Python's expression syntax. It is read with ``ast`` and a list of allowed
forms, and never evaluated as Python.
"""

import ast
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from math import isfinite
from typing import Final, NamedTuple, NoReturn

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
    Sum,
    Weekdays,
    Within,
    nodes,
)

MAX_LENGTH: Final = 2_000
"""Longest formula in characters: far above any real one, low enough to parse in a moment."""

MAX_DEPTH: Final = 60
"""Deepest nesting of a tree: far below Python's recursion limit of 1,000."""

MAX_NODES: Final = 1_000
"""Nodes that are evaluated, counted as often as they are: ``change`` evaluates what is in it twice,
so that a few of them within each other would take for ever."""

MAX_NUMBER: Final = 1_000_000_000
"""Largest number in a formula: a product with micro-units of money should stay in 64 bits."""

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
    formula = _over_kpis(body) or _expression(body, MAX_DEPTH)
    if next(islice(nodes(formula), MAX_NODES, None), None) is not None:
        raise FormulaError(1, f"the formula takes more than {MAX_NODES:,} steps to evaluate")
    return formula


def _fail(node: ast.expr | ast.keyword, problem: str) -> NoReturn:
    raise FormulaError(node.col_offset + 1, problem)


def _expression(node: ast.expr, depth: int) -> Formula:
    if depth <= 0:
        _fail(node, f"the formula is nested deeper than {MAX_DEPTH}")
    return replace(_node(node, depth), column=node.col_offset + 1)


def _node(node: ast.expr, depth: int) -> Formula:
    match node:
        case ast.Constant(value=value):
            return _number(node, value)
        case ast.Name(id=name):
            if name in _FUNCTIONS:
                _fail(node, f"{name} is a function and needs its arguments")
            return Read(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Negative(_expression(operand, depth - 1))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            before, after = _expression(left, depth - 1), _expression(right, depth - 1)
            return Binary(_OPERATORS[type(op)], before, after)
        case ast.Call():
            return _call(node, depth)
        case _:
            _fail(node, f"{ast.unparse(node)!r} is not allowed in a formula")


def _over_kpis(node: ast.expr) -> Formula | None:
    """Reads a whole formula that is about KPIs; returns None for any other."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    what = _OVERVIEWS.get(node.func.id)
    if what is None:
        return None
    arity = int(what == "change")
    if node.keywords or len(node.args) != arity:
        _fail(node, f"{node.func.id}() takes {'a window' if arity else 'nothing'}")
    window = _text(node.args[0], f"{node.func.id}()") if arity else None
    return OverKpis(what, window, column=node.col_offset + 1)


def _number(node: ast.expr, value: object) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _fail(node, f"{value!r} is no number")
    if abs(value) > MAX_NUMBER or not isfinite(value):
        _fail(node, f"numbers go up to {MAX_NUMBER:,}")
    return Number(value)


def _call(node: ast.Call, depth: int) -> Formula:
    if not isinstance(node.func, ast.Name):
        _fail(node, f"{ast.unparse(node.func)!r} cannot be called")
    name = node.func.id
    function = _FUNCTIONS.get(name)
    if function is None:
        return _selected(node, name)
    arity, build = function
    if node.keywords or len(node.args) != arity:
        _fail(node, f"{name}() takes {arity} argument{'s' * (arity != 1)} and no labels")
    return build(_Call(node, name, depth - 1))


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
    return Read(name, tuple(sorted(where.items())))


def _text(node: ast.expr, what: str) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        _fail(node, f"{what} needs a text in quotes")
    return node.value


class _Call(NamedTuple):
    """A call of a function of the language, with as many arguments as it takes."""

    node: ast.Call
    name: str
    depth: int

    def operand(self, place: int = 0) -> Formula:
        return _expression(self.node.args[place], self.depth)

    def text(self, place: int = 0) -> str:
        return _text(self.node.args[place], f"{self.name}()")

    def measure(self) -> Read:
        operand = self.operand()
        if not isinstance(operand, Read):
            _fail(self.node, f"{self.name}() takes a measure, not an expression")
        return operand


def _change(call: _Call) -> Formula:
    now = call.operand()
    return Binary("-", now, Earlier(now, "start", column=call.node.col_offset + 1))


def _quantile(call: _Call) -> Formula:
    share = call.operand(1)
    if not isinstance(share, Number) or not 0 < share.value < 1:
        _fail(call.node.args[1], "quantile() takes a share between 0 and 1, such as 0.9")
    return Quantile(call.measure(), Fraction(repr(share.value)))


_FUNCTIONS: Final[dict[str, tuple[int, Callable[[_Call], Formula]]]] = {
    "total": (1, lambda call: replace(call.measure(), total=True)),
    "start": (1, lambda call: Earlier(call.operand(), "start")),
    "prior": (1, lambda call: Earlier(call.operand(), "prior")),
    "change": (1, _change),
    "in_window": (2, lambda call: Within(window=call.text(1), operand=call.operand())),
    "setting": (1, lambda call: Setting(call.text())),
    "weekdays": (0, lambda call: Weekdays()),
    "local_weekdays": (0, lambda call: Weekdays(whole=True)),
    "mean": (1, lambda call: Mean(call.measure())),
    "count": (1, lambda call: Count(call.measure())),
    "sum": (1, lambda call: Sum(call.measure())),
    "distinct": (1, lambda call: Distinct(call.measure())),
    "distinct_accounts": (1, lambda call: Distinct(call.measure(), counts=True)),
    "p50": (1, lambda call: Quantile(call.measure(), Fraction(1, 2))),
    "p90": (1, lambda call: Quantile(call.measure(), Fraction(9, 10))),
    "p99": (1, lambda call: Quantile(call.measure(), Fraction(99, 100))),
    "quantile": (2, _quantile),
    "min": (2, lambda call: Binary("min", call.operand(0), call.operand(1))),
    "max": (2, lambda call: Binary("max", call.operand(0), call.operand(1))),
}
"""How many arguments each function takes, and what it makes of them."""
