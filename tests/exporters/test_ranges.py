"""Ranges in rules and dashboards: they mean the same to Prometheus 2 and 3."""

import re
from collections.abc import Iterator

from exporters.rules import RuleOptions, rule_files
from tests.exporters.dashboards.lint import panels
from tests.exporters.dashboards.made import made, shipped

ALIKE = frozenset({"deriv", "increase", "last_over_time", "min_over_time", "rate"})
"""Functions to which a sample exactly at the beginning of a range, which Prometheus 2 takes and 3
does not, makes no difference: they take the last one, or a slope; or the least of a counter, which
only says from which scrape on it is counted."""

_RANGE = re.compile(r"(\w+)\(\s*\w[\w:]*(?:\{[^}]*\})?\[([^\]]+)\]")


def expressions() -> Iterator[str]:
    """Every expression of the shipped rules and dashboards."""
    for file in rule_files(shipped(), RuleOptions()):
        yield from (rule.expr for group in file.groups for rule in group.rules)
    for dashboard in made().values():
        for panel in panels(dashboard.model):
            yield from (target["expr"] for target in panel.get("targets", ()))


def test_no_range_depends_on_its_beginning() -> None:
    """What is asked of a range is the same whether its first instant belongs to it or not."""
    found = [match for expr in expressions() for match in _RANGE.findall(expr)]
    assert len(found) == sum(expr.count("[") for expr in map(unquoted, expressions())) > 0
    assert {function for function, _ in found} <= ALIKE


def test_what_a_scrape_adds_tells_no_figures_apart() -> None:
    """Largest values are by labels that a metric has itself: pods that are replaced are no two."""
    largest = [expr for expr in expressions() if re.search(r"\b(?:max|min)\b[^(]*\(", expr)]
    assert len(largest) > 100
    for expr in map(unquoted, largest):
        assert not re.search(r"without \([^)]*\b(instance|pod|namespace)\b", expr), expr


def unquoted(expr: str) -> str:
    """An expression with empty strings."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', expr)
