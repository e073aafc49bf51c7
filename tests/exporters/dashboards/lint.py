"""Rules for dashboards: those of Grafana's own linter that can be told from a file, and ours.

PromQL is checked by promtool, and that queries find something by a real Prometheus, elsewhere.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from tests.exporters.dashboards.promql import (
    BUILT_IN,
    RATES,
    bare_counters,
    ranges,
    selectors,
    variables,
)

Json = dict[str, Any]

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
REFRESH_ON_TIME_CHANGE = 2
TARGET_MATCHERS = ('job=~"$job"', 'instance=~"$instance"')


def lint(model: Json, metrics: Collection[str]) -> list[str]:
    """Names what is wrong with a dashboard.

    Args:
        model: The dashboard.
        metrics: Names of the metrics that the exporter has.
    """
    problems = [*_frame(model), *_variables(model), *_grid(model)]
    for panel in panels(model):
        problems += [f"{panel.get('title')}: {each}" for each in _panel(panel)]
        for target in panel.get("targets", []):
            problems += [f"{panel.get('title')}: {each}" for each in _target(target, metrics)]
    used = variables(str([panel.get("targets") for panel in panels(model)]))
    declared = {each["name"] for each in model["templating"]["list"]}
    problems += [f"variable {name} is not declared" for name in used - declared - set(BUILT_IN)]
    return problems


def panels(model: Json) -> list[Json]:
    """Returns the panels of a dashboard, without its headings."""
    return [panel for panel in model["panels"] if panel["type"] != "row"]


def _frame(model: Json) -> Iterator[str]:
    for name in ("uid", "title", "description", "tags", "timezone", "links"):
        if not model.get(name):
            yield f"has no {name}"
    if model.get("editable") is not False:
        yield "is editable"
    if model.get("schemaVersion", 0) not in range(38, 42):
        yield "is not in a classic schema of Grafana 10 or later"
    ids = Counter(panel["id"] for panel in model["panels"])
    yield from (f"panel id {number} is there twice" for number, n in ids.items() if n > 1)


def _variables(model: Json) -> Iterator[str]:
    by_name = {each["name"]: each for each in model["templating"]["list"]}
    source = by_name.get("datasource", {})
    if (source.get("type"), source.get("query")) != ("datasource", "prometheus"):
        yield "has no variable for a Prometheus data source"
    for name in ("job", "instance"):
        if by_name.get(name, {}).get("type") != "query":
            yield f"has no variable {name}"
    for name, each in by_name.items():
        if not each.get("label"):
            yield f"variable {name} has no label"
        if each["type"] != "query":
            continue
        if each.get("refresh") != REFRESH_ON_TIME_CHANGE:
            yield f"variable {name} does not reload when the time range changes"
        if each.get("datasource") != SOURCE:
            yield f"variable {name} asks another data source"
        if each.get("includeAll") and not each.get("allValue"):
            yield f"variable {name} lists every value for All"


def _grid(model: Json) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    for panel in model["panels"]:
        place, title = panel["gridPos"], str(panel.get("title"))
        if place["x"] < 0 or place["w"] < 1 or place["h"] < 1:
            yield f"{title}: has no size"
        if place["x"] + place["w"] > COLUMNS:
            yield f"{title}: is beyond the grid of {COLUMNS} columns"
        fields = [
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        over = {taken[field] for field in fields if field in taken}
        yield from (f"{title}: overlaps {other}" for other in sorted(over))
        taken |= dict.fromkeys(fields, title)


def _panel(panel: Json) -> Iterator[str]:
    for name in ("title", "description", "targets"):
        if not panel.get(name):
            yield f"has no {name}"
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    for name in ("unit", "noValue"):
        if not defaults.get(name):
            yield f"has no {name}"
    steps = defaults.get("thresholds", {}).get("steps", [])
    values = [step["value"] for step in steps]
    if not values or values[0] is not None or values[1:] != sorted(values[1:]):
        yield "has thresholds out of order"
    if panel.get("datasource") != SOURCE:
        yield "asks another data source"
    refs = Counter(target.get("refId") for target in panel.get("targets", []))
    if not all(refs) or max(refs.values(), default=1) > 1:
        yield f"has refIds {sorted(map(str, refs))}"


def _target(target: Json, metrics: Collection[str]) -> Iterator[str]:
    expr = target.get("expr", "")
    if target.get("datasource") != SOURCE:
        yield "a query asks another data source"
    if not target.get("legendFormat"):
        yield "a query has no legend"
    found = selectors(expr)
    if not found:
        yield f"no metric in {expr!r}"
    for selector in found:
        if selector.metric not in metrics:
            yield f"no metric {selector.metric} is exported"
        for matcher in TARGET_MATCHERS:
            if matcher not in selector.matchers:
                yield f"{selector.metric} is selected without {matcher}"
    for function, span in ranges(expr):
        if function in RATES and span != "$__rate_interval":
            yield f"{function} over {span}"
    yield from (f"a counter without a rate: {each}" for each in bare_counters(expr))
