"""Limits: what a KPI must keep to, and from which size on it alerts."""

from dataclasses import replace

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.catalogue.kpi import Least, Target
from aggregates.catalogue.watched import compared
from aggregates.policies.policy import Policy
from tests.aggregates.catalogue.kpi_measures import MEASURES

SHIPPED = load(MEASURES, shipped_source())


def test_shipped_limits() -> None:
    """What alerts ship with: what is acceptable, and from which size on."""
    limits = {kpi.id: kpi.acceptable for kpi in SHIPPED if kpi.acceptable}
    assert limits == {
        "gross_mrr_churn_ratio": Target("small_business", "<", 0.025),
        "mrr_churn_ratio": Target("small_business", "<", 0.025),
        "customer_churn_ratio": Target("b2b", "<=", 0.05),
        "nps": Target("satisfied", ">=", 31.0),
        "csat_ratio": Target("default", ">=", 0.8),
    }
    accounts = Least(20.0, "paying_accounts")
    assert {kpi.id: kpi.alert_min for kpi in SHIPPED if kpi.alert_min} == {
        "mrr": accounts,
        "gross_mrr_churn_ratio": accounts,
        "mrr_churn_ratio": accounts,
        "net_mrr_churn_ratio": accounts,
        "net_revenue_retention_ratio": accounts,
        "paying_accounts": Least(20.0),
        "customer_churn_ratio": Least(20.0),
        "active_users": Least(20.0),
        "ticket_backlog": Least(10.0),
    }
    least = {series.kpi.id: series.least for series in compared(SHIPPED)}
    assert {kpi for kpi, size in least.items() if size == Least(10.0)} == {
        "nps",
        "csat_ratio",
        "first_response_seconds",
        "ticket_backlog",
    }
    assert None not in least.values()
    assert SHIPPED["ticket_backlog"].alert_change_min == 5.0


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ("targets = { ours = '<= 0.02', b2c = '<= 0.07' }", Target("ours", "<=", 0.02)),
        ("targets = { ours = '<= 0.02', b2b = '<= 0.06' }", Target("b2b", "<=", 0.06)),
        ("targets = {}", None),
        ("acceptable = ''", None),
        ("acceptable = 'b2c'", Target("b2c", "<=", 0.07)),
        ("acceptable = '< 0.1'", Target("acceptable", "<", 0.1)),
        ("targets = { ours = '<= 0.02' }\nacceptable = ''", None),
    ],
)
def test_limits_of_the_users(fields: str, limit: Target | None) -> None:
    """A user sets, names or takes away what is acceptable. An alert by a target that is replaced
    goes by the first of the new ones."""
    own = f"[[kpi]]\nid = 'customer_churn_ratio'\n{fields}\n"
    catalogue = load(MEASURES, shipped_source(), Source("own.toml", own))
    assert catalogue["customer_churn_ratio"].acceptable == limit
    assert catalogue["customer_churn_ratio"].band == SHIPPED["customer_churn_ratio"].band


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ("acceptable = '<= 0.03'", Target("acceptable", "<=", 0.03)),
        ("band = 0.01", Target("b2c", "<=", 0.07)),
        ("acceptable = ''", None),
    ],
)
def test_an_industry_takes_the_place_of_benchmarks_alone(fields: str, limit: Target | None) -> None:
    """The benchmark of an industry alerts in place of another one, not of a limit of one's own."""
    own = Source("own.toml", f"[[kpi]]\nid = 'customer_churn_ratio'\n{fields}\n")
    catalogue = load(MEASURES, shipped_source(), own, policy=Policy(industry="b2c"))
    assert catalogue["customer_churn_ratio"].acceptable == limit
    assert catalogue["customer_churn_ratio"].targets[0].name == "b2c"


def test_targets_of_the_users_alert_only_where_there_was_a_limit() -> None:
    """Where nothing was acceptable by name, other targets make no alert."""
    own = "[[kpi]]\nid = 'net_mrr_churn_ratio'\ntargets = { ours = '< 0.01' }\n"
    assert load(MEASURES, shipped_source(), Source("own.toml", own))["net_mrr_churn_ratio"] == (
        replace(SHIPPED["net_mrr_churn_ratio"], targets=(Target("ours", "<", 0.01),))
    )
