"""The examples of tuning: what each of two KPI files tells of."""

from pathlib import Path
from typing import Any

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from exporters.rules import RuleOptions, write_rules
from tests.exporters.rules.test_kpi_alerts import passed

KPIS = Path(__file__).parents[3] / "deploy" / "kpis"

OFF, WORSE = "OffTarget", "WorseThanAWeekAgo"


def company(before: int, left: int, mrr: float, *, backlog: int = 0) -> dict[str, float]:
    """What an exporter shows where, within a week, some of the customers left with some MRR."""
    churn, window = left / before, 'variant="cohort", window="30d"'
    return {
        f"cs_customer_churn_ratio{{{window}}}": churn,
        f"cs_customer_churn_ratio_denominator{{{window}}}": before,
        f"cs_week_ago_customer_churn_ratio{{{window}}}": 0,
        "cs_paying_accounts{}": before - left,
        "cs_week_ago_paying_accounts{}": before,
        'cs_mrr{currency="USD"}': 100 * before * (1 - mrr),
        'cs_week_ago_mrr{currency="USD"}': 100 * before,
        'cs_mrr_churn_ratio{window="30d"}': mrr,
        'cs_week_ago_mrr_churn_ratio{window="30d"}': 0,
        "cs_ticket_backlog{}": 100 + backlog,
        "cs_week_ago_ticket_backlog{}": 100,
    }


def scenario(shown: dict[str, float], *alerts: str) -> dict[str, Any]:
    """A test of promtool: what is shown for two hours sets just these alerts off."""
    series = [
        {"series": name.replace("{", '{job="tidemark", '), "values": f"{value!r}x8"}
        for name, value in shown.items()
    ]
    firing = 'count by (alertname) (ALERTS{alertstate="firing"})'
    samples = [{"labels": f'{{alertname="Tidemark{name}"}}', "value": 1} for name in alerts]
    asked = [{"expr": firing, "eval_time": "2h", "exp_samples": samples}]
    return {"input_series": series, "promql_expr_test": asked}


SCENARIOS = {
    "alerts-20-customers.toml": (
        scenario(company(20, 1, 0.05)),
        scenario(company(20, 2, 0.1), f"PayingAccounts{WORSE}"),
        scenario(company(20, 3, 0.1), f"PayingAccounts{WORSE}", f"CustomerChurnRatio{OFF}"),
        scenario(company(20, 1, 0.4), f"Mrr{WORSE}"),
        scenario(company(4, 2, 0.5)),
    ),
    "alerts-2000-customers.toml": (
        scenario(company(2000, 8, 0.004, backlog=40)),
        scenario(company(2000, 8, 0.004, backlog=60), f"TicketBacklog{WORSE}"),
        scenario(company(2000, 30, 0.009), f"PayingAccounts{WORSE}", f"CustomerChurnRatio{WORSE}"),
        scenario(
            company(2000, 50, 0.009),
            f"PayingAccounts{WORSE}",
            f"CustomerChurnRatio{WORSE}",
            f"CustomerChurnRatio{OFF}",
        ),
    ),
}
"""What happens to a company, and what is told of it."""


def test_there_is_an_example_for_each() -> None:
    """Every file of limits that ships is put to the test."""
    assert sorted(path.name for path in KPIS.glob("alerts-*.toml")) == sorted(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_example_tells_what_it_says(promtool: str, tmp_path: Path, name: str) -> None:
    """A loss that is usual for its size is no news to a company, one beyond its limits is."""
    own = Source(name, (KPIS / name).read_text())
    measures = Plan(Policy()).measures.values()
    write_rules(tmp_path, load(measures, shipped_source(), own), RuleOptions())
    passed(promtool, tmp_path, 15, *SCENARIOS[name])
