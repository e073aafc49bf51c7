"""The user's own KPIs: a file of theirs shows everywhere at once, and a bad one does no harm."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.commands import Commands
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.patience import wait_for

pytestmark = pytest.mark.slow

OWN = """
[[kpi]]
id = "search_adoption_ratio"
code = "+"
family = "usage"
title = "Adoption of search"
formula = 'feature_accounts(feature="search") / active_accounts'
unit = "ratio"
windows = ["30d"]
good = "up"
targets = { ours = ">= 0.5" }
dashboards = [2]
source = "feature.used"
description = "Accounts that searched, of those that were active."

[[kpi]]
id = "customer_churn_ratio"
targets = { ours = "<= 0.02" }
"""


def test_a_kpi_of_the_users_shows_everywhere(
    commands: Commands, history: Path, tmp_path: Path
) -> None:
    """Gauge, page, list, documents, dashboards and rules have it without any code.

    A change is in force without a restart; a mistake is named and leaves the last good file.
    """
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    commands.settings["kpi_files"] = json.dumps([str(own)])

    described = json.loads(commands.output_of("kpis", "search_adoption_ratio", "--json"))
    assert described["targets"] == {"ours": ">= 0.5"}
    for command, file in (
        ("docs", "kpis.md"),
        ("dashboards", "**/tidemark-saas.json"),
        ("rules", "**/tidemark-kpis.yml"),
    ):
        commands.output_of(command, "--out", tmp_path / command)
        [written] = (tmp_path / command).glob(file)
        assert "search_adoption_ratio" in written.read_text()
    churn = json.loads(commands.output_of("kpis", "customer_churn_ratio", "--json"))
    assert churn["targets"] == {"ours": "<= 0.02"}

    service = commands.start("run", "run", "--events", history, "--port", "0")
    exporter = Exporter(service)
    service.says("events folded")
    assert "cs_search_adoption_ratio{" in exporter.get("/metrics")[1]
    assert "Adoption of search" in exporter.get("/")[1]

    own.write_text(OWN.replace("search_adoption_ratio", "finding_adoption_ratio"))
    wait_for(lambda: "cs_finding_adoption_ratio{" in exporter.get("/metrics")[1], lambda: "renamed")
    own.write_text(OWN.replace("feature_accounts", "feature_acounts"))
    wait_for(lambda: "kpi_files_valid 0.0" in exporter.get("/metrics")[1], lambda: "refused")
    assert "cs_finding_adoption_ratio{" in exporter.get("/metrics")[1]
    page = exporter.get("/")[1]
    assert "own.toml:3: KPI search_adoption_ratio: unknown measure" in page
    own.write_text(OWN)
    wait_for(lambda: "kpi_files_valid 1.0" in exporter.get("/metrics")[1], lambda: "mended")
    assert service.end() == 0, service.tail()

    own.write_text(OWN.replace("feature_accounts", "feature_acounts"))
    refused = commands.start("run", "run", "--events", history, "--port", "0")
    assert refused.wait() != 0
    assert "own.toml:3: KPI search_adoption_ratio: unknown measure" in refused.tail()
