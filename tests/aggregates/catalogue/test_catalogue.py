"""The catalogue: what ships, what may be left out, and what a later file changes."""

import re

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import CatalogueError, Source, shipped_source
from aggregates.catalogue.kpi import Good, Kpi, KpiUnit, Target
from aggregates.catalogue.prose import kpi_in_words
from aggregates.formula.dimension import Dimension
from aggregates.ledger.measure import REGROUPED
from aggregates.policies.policy import Policy
from aggregates.shard.plan import load_families
from tests.aggregates.catalogue.kpi_files import kpi, loaded
from tests.aggregates.catalogue.kpi_measures import BY_NAME, MEASURES

SHIPPED = load(MEASURES, shipped_source())
CHOOSING = Policy(
    adoption_unit="users",
    stickiness_days="weekdays",
    work_basis="tasks",
    resolution_ratio_basis="cohort",
)
"""Settings under which other formulas than the first are in force."""

FLOWS = ("month", "30d")
YEARLY = ("month", "365d")

PROMISED = {
    "mrr": (),
    "arr": (),
    "new_mrr": FLOWS,
    "new_arr": FLOWS,
    "expansion_mrr": FLOWS,
    "expansion_arr": FLOWS,
    "expansion_mrr_ratio": FLOWS,
    "expansion_mrr_growth_ratio": FLOWS,
    "contraction_mrr": FLOWS,
    "contraction_arr": FLOWS,
    "churned_mrr": FLOWS,
    "churned_arr": FLOWS,
    "gross_mrr_churn_ratio": FLOWS,
    "mrr_churn_ratio": FLOWS,
    "net_mrr_churn_ratio": FLOWS,
    "net_new_mrr": FLOWS,
    "mrr_growth_ratio": FLOWS,
    "net_revenue_retention_ratio": YEARLY,
    "gross_revenue_retention_ratio": YEARLY,
    "arpa": (),
    "reactivation_mrr": FLOWS,
    "quick_ratio": FLOWS,
    "committed_mrr": (),
    "past_due_mrr": (),
    "billed_mrr": (),
    "paying_accounts": (),
    "new_accounts": FLOWS,
    "churned_accounts": FLOWS,
    "cancellations": FLOWS,
    "customer_churn_ratio": FLOWS,
    "account_retention_ratio": YEARLY,
    "upsells": FLOWS,
    "upsold_accounts": FLOWS,
    "downgrades": FLOWS,
    "downgraded_accounts": FLOWS,
    "renewal_ratio": ("month", "90d"),
    "renewals_due": ("month", "90d"),
    "renewals_open": ("month", "90d"),
    "trial_conversion_ratio": ("90d",),
    "ltv": (),
    "clv_net": (),
    "visitor_conversion_ratio": ("30d",),
    "referrals": FLOWS,
    "referred_accounts": FLOWS,
    "referral_share_ratio": FLOWS,
    "cac": ("90d",),
    "retention_cost_per_account": ("month", "90d"),
    "onboarding_seconds": ("90d",),
    "onboardings_open": (),
    "time_to_value_seconds": ("90d",),
    "milestone_reached_ratio": ("90d",),
    "milestone_seconds": ("90d",),
    "product_adoption_ratio": ("30d",),
    "feature_adoption_ratio": ("30d",),
    "adoption_ratio": ("30d",),
    "daily_usage_ratio": ("1d",),
    "active_users": ("1d", "7d", "30d"),
    "stickiness_ratio": ("30d",),
    "session_seconds_per_user": ("30d",),
    "program_engagement_ratio": ("90d",),
    "engagement_ratio": ("30d",),
    "new_users": ("30d",),
    "returning_users": ("30d",),
    "resurrected_users": ("30d",),
    "dormant_users": ("30d",),
    "seat_utilisation_ratio": ("30d",),
    "nps": ("90d", "365d"),
    "csat_ratio": ("30d", "90d"),
    "ces": ("90d",),
    "ces_easy_ratio": ("90d",),
    "happiness_ratio": ("90d",),
    "satisfaction_balance_ratio": ("90d",),
    "survey_response_ratio": ("90d",),
    "first_contact_resolution_ratio": ("30d",),
    "first_response_seconds": ("1d", "7d", "30d"),
    "tickets_waiting_first_response": (),
    "reply_seconds": ("30d",),
    "tickets_created": ("1d", "month", "30d"),
    "tickets_per_100_accounts": ("1d", "month", "30d"),
    "ticket_backlog": (),
    "ticket_backlog_blocked": (),
    "ticket_backlog_unblocked": (),
    "ticket_backlog_growth": ("7d", "month"),
    "ticket_resolution_ratio": FLOWS,
    "handle_seconds": ("30d",),
    "resolution_seconds": ("30d",),
    "escalation_ratio": ("30d",),
    "accounts_impacted_by_major": (),
    "tickets_never_created": (),
    "major_child_tickets": (),
    "major_child_auto_ratio": (),
    "reopen_ratio": ("30d",),
    "sla_attainment_ratio": ("30d",),
    "work_focus_ratio": ("7d", "30d"),
    "tasks_completed": ("7d", "30d"),
    "tasks_on_time_ratio": ("7d", "30d"),
    "tasks_overdue": (),
    "health_score": (),
    "health_component_score": (),
    "accounts_by_health": (),
    "mrr_by_health": (),
    "kpi_change_7d": (),
    "kpi_target": (),
    "kpi_on_target": (),
}
"""KPIs and their windows, as the KPI list promises them."""

NEITHER_GOOD_NOR_BAD = {
    "work_focus_ratio",
    "kpi_change_7d",
    "kpi_target",
    "accounts_by_health",
    "mrr_by_health",
}
"""KPIs that are better in no direction."""


def test_shipped_kpis_and_windows_are_those_promised() -> None:
    """Every promised KPI is there with its windows, none other, and in that order."""
    assert {kpi.id: kpi.windows for kpi in SHIPPED} == PROMISED


@pytest.mark.parametrize(
    ("kpi_id", "labels"),
    [
        ("mrr", ("currency",)),
        ("arpa", ("currency",)),
        ("paying_accounts", ()),
        ("expansion_mrr", ("currency", "window")),
        ("churned_mrr", ("currency", "reason", "window")),
        ("customer_churn_ratio", ("variant", "window")),
        ("renewal_ratio", ("basis", "window")),
        ("renewals_due", ("window",)),
        ("trial_conversion_ratio", ("window",)),
        ("ltv", ("currency",)),
        ("clv_net", ("currency",)),
        ("feature_adoption_ratio", ("feature", "window")),
        ("first_response_seconds", ("clock", "stat", "window")),
        ("resolution_seconds", ("clock", "stat", "window")),
        ("tickets_waiting_first_response", ("over",)),
        ("ticket_backlog_blocked", ("by",)),
        ("reply_seconds", ("stat", "window")),
        ("sla_attainment_ratio", ("window",)),
    ],
)
def test_shipped_labels(kpi_id: str, labels: tuple[str, ...]) -> None:
    """The labels of a KPI are known without reading anything."""
    assert SHIPPED[kpi_id].label_names == labels


@pytest.mark.parametrize("kpi", SHIPPED, ids=lambda kpi: kpi.id)
def test_every_shipped_kpi_is_complete(kpi: Kpi) -> None:
    """Every KPI has what page, dashboards and docs need, and a name that says its unit."""
    assert kpi.code
    assert kpi.family
    assert kpi.title
    assert kpi.source
    assert kpi.description.endswith(".")
    assert kpi.dashboards
    assert set(kpi.dashboards) <= {1, 2, 3, 4, 5, 6}
    assert kpi.good is not Good.NONE or kpi.id in NEITHER_GOOD_NOR_BAD
    assert kpi.metric == f"cs_{kpi.id}"
    share = kpi.id.endswith("_ratio") and kpi.id != "quick_ratio"  # of which 4 is good, not 400 %
    assert share == (kpi.unit is KpiUnit.RATIO)
    assert ("_seconds" in kpi.id) == (kpi.unit is KpiUnit.SECONDS)
    assert kpi.formula_text
    assert kpi_in_words(kpi)
    assert all(seed in {"S1", "S2", "S3", "S4", "S5"} for seed in kpi.seeds)


def test_shipped_targets() -> None:
    """The benchmarks of the KPI list ship as targets, the one in force first."""
    targets = {kpi.id: kpi.targets[0] for kpi in SHIPPED if kpi.targets}
    assert targets == {
        "gross_mrr_churn_ratio": Target("best", "<", 0.01),
        "mrr_churn_ratio": Target("best", "<", 0.01),
        "net_mrr_churn_ratio": Target("default", "<", 0.0),
        "customer_churn_ratio": Target("b2b", "<=", 0.05),
        "nps": Target("default", ">=", 50.0),
        "csat_ratio": Target("default", ">=", 0.8),
    }
    assert Target("b2c", "<=", 0.07) in SHIPPED["customer_churn_ratio"].targets


def test_shipped_durations_and_measures() -> None:
    """Duration KPIs name their measure; every measure is read, but the one that a law needs."""
    durations = {kpi.id: kpi.duration.measure for kpi in SHIPPED if kpi.duration}
    assert durations == {
        "onboarding_seconds": "onboarding",
        "time_to_value_seconds": "time_to_value",
        "milestone_seconds": "milestone_time",
        "first_response_seconds": "first_response",
        "reply_seconds": "reply",
        "resolution_seconds": "resolution",
    }
    by_setting = load(MEASURES, shipped_source(), policy=CHOOSING)
    catalogues = (SHIPPED, by_setting)
    used = {name for each in catalogues for kpi in each for name in each.measures_of(kpi)}
    further = {"transferred_mrr", "fx_mrr", "contracted_mrr", "churned_subscriptions"}
    read_with_flows = {name + REGROUPED for name, measure in BY_NAME.items() if measure.regrouped}
    assert set(BY_NAME) - used == further | read_with_flows


def test_families_declare_the_measures_that_the_catalogue_reads() -> None:
    """Where a family declares a measure, it is the one that formulas were checked against."""
    for family in load_families():
        for measure in family.measures:
            known = BY_NAME.get(measure.name)
            if known is None:
                continue
            assert (measure.kind, measure.unit) == (known.kind, known.unit), measure.name
            assert measure.labels == known.labels, measure.name
            assert measure.filters == known.filters, measure.name
            assert set(measure.windows) >= set(known.windows), measure.name


def test_minimal_kpi() -> None:
    """What may be left out has a default; descriptions become one line."""
    one = loaded(kpi(description='"""\nWhat\n  one is.\n"""'))["one"]
    assert (one.windows, one.labels, one.targets, one.seeds, one.dashboards) == ((),) * 5
    assert one.good is Good.NONE
    assert one.description == "What one is."
    assert one.formula_text == "mrr"
    assert one.variants[0].dimension == Dimension(money=1)
    assert one.duration is None


def test_order_and_lookup() -> None:
    """A catalogue is an ordered set of KPIs by id."""
    catalogue = loaded(kpi(id='"b"') + kpi(id='"a"'))
    assert [kpi.id for kpi in catalogue] == ["b", "a"]
    assert len(catalogue) == 2
    assert "a" in catalogue
    assert "c" not in catalogue


def test_variants_keep_their_order_and_their_parts() -> None:
    """Each variant has its formula; a quotient tells what its parts count."""
    table = """
[kpi.variants]
label = "stat"
share = "mrr / start(mrr)"
rest = "1 - mrr / start(mrr)"
"""
    one = loaded(kpi(unit='"ratio"', windows='["30d"]', formula="") + table)["one"]
    assert one.variant_label == "stat"
    assert one.formula_text == "share: mrr / start(mrr); rest: 1 - mrr / start(mrr)"
    assert [variant.value for variant in one.variants] == ["share", "rest"]
    assert one.variants[0].parts == (Dimension(money=1), Dimension(money=1))
    assert one.variants[1].parts is None


def test_later_file_adds_kpis_and_replaces_fields() -> None:
    """A user's file needs only what differs; a new formula replaces variants and the reverse."""
    own = """
[[kpi]]
id = "csat_ratio"
title = "Satisfaction"
targets = { ours = ">= 0.9" }

[[kpi]]
id = "customer_churn_ratio"
formula = "cohort_churned_accounts / start(paying_accounts)"
"""
    catalogue = load(MEASURES, shipped_source(), Source("own.toml", own + kpi(id='"mine"')))
    assert [*PROMISED, "mine"] == [kpi.id for kpi in catalogue]
    csat = catalogue["csat_ratio"]
    assert (csat.title, csat.targets) == ("Satisfaction", (Target("ours", ">=", 0.9),))
    assert csat.windows == SHIPPED["csat_ratio"].windows
    assert catalogue["customer_churn_ratio"].variant_label is None
    with pytest.raises(CatalogueError, match=r"^own.toml:3: KPI csat_ratio: unknown window 'x'"):
        load(
            MEASURES, shipped_source(), Source("own.toml", own.replace("title", "windows=['x']\n#"))
        )


@pytest.mark.parametrize(
    ("text", "met", "missed"),
    [("<= 0.05", 0.05, 0.051), ("< 0", -0.1, 0.0), (">=-1.5", -1.5, -2.0), ("> 50", 51.0, 50.0)],
)
def test_target(text: str, met: float, missed: float) -> None:
    """A target is a comparison and a number, in the unit of the KPI."""
    target = Target.read("default", text)
    assert target.met(met)
    assert not target.met(missed)


def test_shipped_text_has_no_line_that_repeats_an_id() -> None:
    """Each id stands in one line of the shipped file, so that errors point at it."""
    ids = re.findall(r'^id = "(.*)"$', shipped_source().text, flags=re.MULTILINE)
    assert ids == list(PROMISED)
