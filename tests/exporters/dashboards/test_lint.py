"""The rules hold for every dashboard, and each is seen to find its fault."""

import json
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from aggregates.policies.policy import Policy
from exporters.dashboards import Dashboard, dashboards
from tests.exporters.dashboards.lint import lint, panels
from tests.exporters.dashboards.made import made_under, metrics, shipped
from tests.exporters.dashboards.promql import substituted

Json = dict[str, Any]

SHIPPED = dashboards(shipped(), Policy())
KNOWN = metrics(shipped())

TRIED = {"job": ".+", "instance": ".+", "window": "30d", "segment": "^$", "datasource": "x"}
"""A value for each variable."""


@pytest.mark.parametrize("dashboard", SHIPPED, ids=lambda dashboard: dashboard.uid)
def test_shipped_dashboards_are_right(dashboard: Dashboard) -> None:
    """No rule finds anything in what is shipped."""
    assert lint(dashboard.model, KNOWN) == []


@pytest.mark.parametrize("segments", [(), ("plan",), ("sales_region", "plan")])
def test_dashboards_are_right_for_other_segments(segments: tuple[str, ...]) -> None:
    """No rule finds anything whatever makes up a segment."""
    policy = Policy(segments=segments, currency="CAD", timezone="Europe/Berlin")
    for dashboard in made_under(policy).values():
        assert lint(dashboard.model, KNOWN) == []


def broken(change: Callable[[Json], object]) -> list[str]:
    """Breaks the dashboard of the service in one place and gives what the rules find."""
    model = deepcopy(SHIPPED[-1].model)
    change(model)
    return lint(model, KNOWN)


def variable(model: Json, name: str) -> Json:
    """Returns a variable of a dashboard."""
    return next(each for each in model["templating"]["list"] if each["name"] == name)


def without_variable(name: str) -> Callable[[Json], object]:
    """Returns a change that takes a variable out."""
    return lambda model: model["templating"]["list"].remove(variable(model, name))


def on_panel(**fields: object) -> Callable[[Json], object]:
    """Returns a change of the first panel."""
    return lambda model: panels(model)[0].update(fields)


def on_target(**fields: object) -> Callable[[Json], object]:
    """Returns a change of the first query."""
    return lambda model: panels(model)[0]["targets"][0].update(fields)


def on_defaults(**fields: object) -> Callable[[Json], object]:
    """Returns a change of the first panel's field defaults."""
    return lambda model: panels(model)[0]["fieldConfig"]["defaults"].update(fields)


def on_place(**fields: int) -> Callable[[Json], object]:
    """Returns a change of the first panel's place."""
    return lambda model: panels(model)[0]["gridPos"].update(fields)


def asking(expr: str) -> Callable[[Json], object]:
    """Returns a change of the first query's expression."""
    return on_target(expr=expr)


MATCHED = 'job=~"$job", instance=~"$instance"'

FAULTS: list[tuple[Callable[[Json], object], str]] = [
    (lambda model: model.update(uid=""), "has no uid"),
    (lambda model: model.update(description=""), "has no description"),
    (lambda model: model.update(links=[]), "has no links"),
    (lambda model: model.update(editable=True), "is editable"),
    (lambda model: model.update(schemaVersion=16), "not in a classic schema"),
    (lambda model: model["panels"].append(model["panels"][0]), "is there twice"),
    (without_variable("datasource"), "has no variable for a Prometheus data source"),
    (without_variable("job"), "has no variable job"),
    (without_variable("instance"), "has no variable instance"),
    (without_variable("job"), "variable job is not declared"),
    (lambda model: variable(model, "job").update(label=""), "variable job has no label"),
    (lambda model: variable(model, "job").update(refresh=1), "job does not reload"),
    (lambda model: variable(model, "job").update(datasource=None), "job asks another"),
    (lambda model: variable(model, "job").update(allValue=""), "job lists every value for All"),
    (on_panel(title=""), "has no title"),
    (on_panel(description=""), "Figures: has no description"),
    (on_panel(targets=[]), "has no targets"),
    (on_panel(datasource={"type": "prometheus", "uid": "x"}), "Figures: asks another"),
    (on_defaults(unit=""), "has no unit"),
    (on_defaults(noValue=""), "has no noValue"),
    (on_defaults(thresholds={"steps": [{"value": 1}]}), "thresholds out of order"),
    (on_place(w=0), "has no size"),
    (on_place(x=20), "is beyond the grid"),
    (on_place(x=1), "Newest event: overlaps Figures"),
    (on_target(refId=""), "has refIds"),
    (on_target(datasource=None), "a query asks another data source"),
    (on_target(legendFormat=""), "a query has no legend"),
    (asking("1 + 1"), "no metric in"),
    (asking(f"cs_none{{{MATCHED}}}"), "no metric cs_none is exported"),
    (asking("cs_mrr"), "cs_mrr is selected without job="),
    (asking('cs_mrr{job=~"$job"}'), "cs_mrr is selected without instance="),
    (asking(f"rate(tidemark_events_total{{{MATCHED}}}[5m])"), "rate over 5m"),
    (asking(f"sum(tidemark_events_total{{{MATCHED}}})"), "a counter without a rate"),
    (asking(f'cs_mrr{{{MATCHED}, x="$other"}}'), "variable other is not declared"),
]


@pytest.mark.parametrize(("change", "found"), FAULTS, ids=[found for _, found in FAULTS])
def test_each_rule_finds_its_fault(change: Callable[[Json], object], found: str) -> None:
    """A dashboard with one fault is told so; the same rule is silent without it."""
    problems = broken(change)
    assert any(found in problem for problem in problems), problems
    assert not any(found in problem for problem in lint(SHIPPED[-1].model, KNOWN))


def test_every_query_is_promql(each_promtool: str, tmp_path: Path) -> None:
    """Prometheus's own parser takes every query, with Grafana's variables put in."""
    rules = [
        {"record": "checked", "expr": substituted(target["expr"], TRIED)}
        for dashboard in SHIPPED
        for panel in panels(dashboard.model)
        for target in panel["targets"]
    ]
    assert rules
    checked = [{**rule, "labels": {"number": str(n)}} for n, rule in enumerate(rules)]
    path = tmp_path / "queries.json"  # JSON is YAML
    path.write_text(json.dumps({"groups": [{"name": "queries", "rules": checked}]}))
    done = subprocess.run([each_promtool, "check", "rules", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
