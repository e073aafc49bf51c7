"""What tests need to know of PromQL: the selectors of an expression, and its variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BUILT_IN = {"__rate_interval": "5m", "__interval": "1m", "__range": "1h"}
"""Variables that Grafana itself sets, with values to try queries with."""

_SELECTOR = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)\{(?P<matchers>[^}]*)\}")
_METRIC = re.compile(r"\b(?:cs|tidemark|process)_\w+")
_VARIABLE = re.compile(r"\$(?:\{(\w+)[^}]*\}|(\w+))")
_RANGE = re.compile(r"(?P<function>\w+)\(\s*[\w:]*\{[^}]*\}\[(?P<range>[^\]]*)\]")
_COUNTER = re.compile(r"(?P<before>\w+\()?\s*\b\w+_total\b\{[^}]*\}(?P<range>\[)?")

RATES = frozenset({"rate", "irate", "increase"})


@dataclass(frozen=True)
class Selector:
    """A selector: the metric and the text between the braces."""

    metric: str
    matchers: str


def selectors(expr: str) -> list[Selector]:
    """Returns the selectors of an expression; a metric without braces has no matchers."""
    found = [Selector(each["metric"], each["matchers"]) for each in _SELECTOR.finditer(expr)]
    bare = _SELECTOR.sub("", expr)
    return found + [Selector(each[0], "") for each in _METRIC.finditer(bare)]


def ranges(expr: str) -> Iterator[tuple[str, str]]:
    """Yields each function over a range, with the range."""
    for each in _RANGE.finditer(expr):
        yield each["function"], each["range"]


def bare_counters(expr: str) -> list[str]:
    """Returns the counters that are not inside of a rate."""
    return [
        each[0]
        for each in _COUNTER.finditer(expr)
        if not each["range"] or (each["before"] or "").rstrip("(") not in RATES
    ]


def variables(text: str) -> set[str]:
    """Names the variables in a text."""
    return {braced or plain for braced, plain in _VARIABLE.findall(text)}


def substituted(expr: str, values: Mapping[str, str]) -> str:
    """Puts values in the place of variables.

    Raises:
        KeyError: If a variable has no value.
    """
    known = BUILT_IN | dict(values)
    return _VARIABLE.sub(lambda match: known[match[1] or match[2]], expr)
