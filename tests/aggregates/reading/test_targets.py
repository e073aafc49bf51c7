"""Targets: which of several benchmarks is in force."""

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import CatalogueError, shipped_source
from aggregates.catalogue.kpi import Target
from aggregates.policies.policy import Policy
from tests.aggregates.catalogue.kpi_measures import MEASURES
from tests.aggregates.reading.kpi_ledger import SHIPPED


def test_the_industry_chooses_the_target_in_force() -> None:
    """A benchmark of its name comes first, and is what is acceptable where there is an alert on
    that; KPIs without one keep theirs; none is refused."""
    telecom = load(MEASURES, shipped_source(), policy=Policy(industry="telecom"))
    assert telecom["customer_churn_ratio"].targets[0] == Target("telecom", "<=", 0.21)
    assert telecom["customer_churn_ratio"].acceptable == Target("telecom", "<=", 0.21)
    assert telecom["csat_ratio"].acceptable == SHIPPED["csat_ratio"].acceptable
    assert telecom["csat_ratio"].targets == SHIPPED["csat_ratio"].targets
    assert set(telecom["customer_churn_ratio"].targets) == set(
        SHIPPED["customer_churn_ratio"].targets
    )
    assert "industry" in telecom.settings_of(telecom["customer_churn_ratio"])
    with pytest.raises(CatalogueError, match=r"settings: no KPI has a benchmark 'farming'; .*b2c"):
        load(MEASURES, shipped_source(), policy=Policy(industry="farming"))
