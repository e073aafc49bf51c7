"""Every alert about a KPI through its life, by promtool: expectations come from the catalogue.

Each is quiet, pending, firing and resolved in turn, and without data there is none at all. A case
of each kind written by hand is in deploy/prometheus/tests.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from exporters.dashboards.outline import OUTLINES
from exporters.rules import KPI_FILE, RuleOptions, write_rules
from tests.exporters.rules.expected import Case, target_cases, week_cases

OWN = """
[[kpi]]
id = "own_focus"
code = "+"
family = "our own"
title = "Focus {{ of $labels }} \\"here\\""
formula = "paying_accounts"
unit = "accounts"
good = "up"
source = "subscription.*"
description = "A user's own figure, with a title that must not be read as a template."
[kpi.targets]
ours = "> 100"
theirs = "> 5"

[[kpi]]
id = "own_churn"
code = "+"
family = "customers"
title = "Own churn"
formula = "total(churned_mrr)"
unit = "money"
windows = ["month", "90d"]
good = "down"
source = "subscription.*"
description = "With a change that is worth an alert, and no target."
week_alert = 0.4

[[kpi]]
id = "nps"
week_alert = 0

[[kpi]]
id = "csat_ratio"
[kpi.targets]
ours = "> 0.9"
"""
"""A user's file: KPIs added, an alert switched off, a target changed."""

STEP_MIN = 15
"""Between two evaluations and two samples."""

WEEK = 7 * 24 * 60 // STEP_MIN
"""Samples of a week."""

MINUTES_S = 240
"""For one run of promtool: a quarter of a minute on a quiet machine."""


def catalogue() -> Catalogue:
    """The shipped catalogue with a user's file."""
    plan = Plan(Policy())
    return load(plan.measures.values(), shipped_source(), Source("own.toml", OWN))


def timeline(case: Case, before: int) -> str:
    """A week or so as it was, then each quiet value for an hour, two bad hours, and quiet ones."""
    phases = [(case.base, before), *((value, 4) for value in case.quiet)]
    phases += [(case.bad, 8), (case.quiet[-1], 8)]
    return " ".join(f"{value!r}x{count - 1}" for value, count in phases if count)


def questions(cases: Sequence[Case], before: int) -> dict[str, Any]:
    """What promtool is to find, with so many samples before anything moves."""
    dashboards = {outline.number: outline.uid for outline in OUTLINES}
    begin = before * STEP_MIN
    bad = begin + 4 * STEP_MIN * len(cases[0].quiet)
    alerts, values = [], []
    for case in cases:
        for minute, fired in (
            (begin + 45, []),
            (bad - STEP_MIN, []),
            (bad + 45, []),
            (bad + 60, [case.firing(dashboards)]),
            (bad + 3 * 60, []),
        ):
            at = f"{minute}m"
            alerts.append({"eval_time": at, "alertname": case.alert, "exp_alerts": fired})
        states = f'count by (alertstate) (ALERTS{{alertname="{case.alert}"}})'
        waiting = [{"labels": '{alertstate="pending"}', "value": 1}]
        values.append({"expr": states, "eval_time": f"{bad + 45}m", "exp_samples": waiting})
        recorded = [{"labels": case.recorded_series, "value": case.recorded}]
        values.append({"expr": case.record, "eval_time": f"{bad}m", "exp_samples": recorded})
    return {
        "interval": f"{STEP_MIN}m",
        "input_series": [{"series": c.series, "values": timeline(c, before)} for c in cases],
        "alert_rule_test": alerts,
        "promql_expr_test": values,
    }


def passed(promtool: str, folder: Path, *tests: dict[str, Any]) -> None:
    """Fails unless promtool finds what the tests say."""
    file = {
        "rule_files": [KPI_FILE],
        "evaluation_interval": f"{STEP_MIN}m",
        "tests": list(tests),
    }
    path = folder / "generated.test.yml"
    path.write_text(json.dumps(file))  # JSON is YAML
    done = subprocess.run(
        [promtool, "test", "rules", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=MINUTES_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with the rules of the catalogue."""
    write_rules(tmp_path, catalogue(), RuleOptions())
    return tmp_path


def test_every_target(promtool: str, rules: Path) -> None:
    """A KPI with a target has an alert that waits an hour, fires, and ends when the target is met
    again: by the first target, exactly at its edge, whatever the unit. The distance from it is
    recorded, and is above 0 on the bad side."""
    cases = list(target_cases(catalogue()))
    assert {case.kpi.id for case in cases} >= {"customer_churn_ratio", "own_focus", "csat_ratio"}
    passed(promtool, rules, questions(cases, before=0))


@pytest.mark.slow
def test_every_week(promtool: str, rules: Path) -> None:
    """A KPI with a target or a ``week_alert`` has an alert when it is worse than a week ago by as
    much as its unit or its entry says: not by half of that, and not when it is better."""
    cases = list(week_cases(catalogue()))
    known = {case.kpi.id for case in cases}
    assert known >= {"mrr", "customer_churn_ratio", "csat_ratio", "own_focus", "own_churn"}
    assert not known & {"nps", "arr", "tickets_created"}
    passed(promtool, rules, questions(cases, WEEK))


def test_no_data_no_alert(promtool: str, rules: Path) -> None:
    """Without any series there is no alert about a KPI: it has no value, which is not 0."""
    question = {"expr": "count(ALERTS)", "eval_time": "4h", "exp_samples": []}
    passed(promtool, rules, {"interval": "15m", "input_series": [], "promql_expr_test": [question]})
