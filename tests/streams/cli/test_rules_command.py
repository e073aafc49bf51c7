"""``tidemark rules``: the files are written with the user's own KPIs, links and job."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.commands import Commands, new_commands

OWN = """
[[kpi]]
id = "own_arpa"
code = "+"
family = "ours"
title = "Our revenue per account"
formula = "mrr / paying_accounts"
unit = "money"
good = "up"
source = "subscription.*"
description = "A user's own figure."
acceptable = "ours"
[kpi.targets]
ours = ">= 250"
"""


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """The command line with a user's KPI file in its settings."""
    (tmp_path / "own.toml").write_text(OWN)
    (tmp_path / "tidemark.toml").write_text('kpi_files = ["own.toml"]\n')
    with new_commands(tmp_path) as made:
        yield made


def test_a_users_kpi_has_its_alert(commands: Commands, tmp_path: Path) -> None:
    """A KPI of the user's file appears with its target, its links and the shipped rules beside."""
    told = ("--runbooks", "https://r.example", "--grafana", "https://g.example", "--job", "kpis")
    said = commands.output_of("rules", "--out", tmp_path / "made" / "here", *told)
    names = ("tidemark-kpis.yml", "tidemark-service.yml")
    assert said.split() == [w for n in names for w in ("wrote", str(tmp_path / "made/here" / n))]
    kpis, service = ((tmp_path / "made" / "here" / name).read_text() for name in names)
    assert "max by (job, currency) (last_over_time(cs_own_arpa[30m]))" in kpis
    assert "job:cs_own_arpa:now < 250" in kpis
    assert '"TidemarkOwnArpaOffTarget"' in kpis
    assert '"TidemarkCustomerChurnRatioOffTarget"' in kpis
    assert "https://r.example/KpiOffTarget.md" in kpis
    assert "https://g.example/d/tidemark-" in service
    assert 'up{job="kpis"}' in service


def test_a_folder_that_cannot_be_made_is_named(commands: Commands) -> None:
    """What stands in the way is told in one line."""
    done = commands.run("rules", "--out", "own.toml")
    assert done.returncode == 1
    assert done.stderr == "tidemark: own.toml: File exists\n"
