"""Rule files as YAML: one fixed shape, written exactly, always the same for the same rules.

Strings are double-quoted as in JSON, of which YAML is a superset; PromQL is a literal block, so
that it reads as it was written.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from exporters.rules.rule import Alert, Recording, Rule, RuleFile, RuleGroup

_SPANS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def rule_file_text(file: RuleFile) -> str:
    """Writes a rule file."""
    lines = [f"# {line}".rstrip() for line in file.comment]
    lines.append("groups:")
    for group in file.groups:
        lines += _group(group)
    return "\n".join(lines) + "\n"


def span(seconds: int) -> str:
    """Writes a duration for Prometheus, in the largest unit that it is a multiple of.

    >>> span(5400), span(3600), span(0)
    ('90m', '1h', '0s')
    """
    for size, name in _SPANS:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{name}"
    return f"{seconds}s"


def _group(group: RuleGroup) -> Iterator[str]:
    yield f"  - name: {_quoted(group.name)}"
    if group.interval_s is not None:
        yield f"    interval: {span(group.interval_s)}"
    yield "    rules:"
    for rule in group.rules:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    match rule:
        case Recording():
            yield f"      - record: {_quoted(rule.record)}"
            yield from _expr(rule.expr)
        case Alert():
            yield f"      - alert: {_quoted(rule.name)}"
            yield from _expr(rule.expr)
            yield f"        for: {span(rule.hold_s)}"
            if rule.keep_s:
                yield f"        keep_firing_for: {span(rule.keep_s)}"
            yield from _mapping("labels", rule.labels)
            yield from _mapping("annotations", rule.annotations)


def _expr(expr: str) -> Iterator[str]:
    yield "        expr: |-"
    for line in expr.splitlines():
        yield f"          {line}"


def _mapping(name: str, values: Mapping[str, str]) -> Iterator[str]:
    yield f"        {name}:"
    for key, value in values.items():
        yield f"          {key}: {_quoted(value)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
