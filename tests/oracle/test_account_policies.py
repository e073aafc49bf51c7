"""Accounts under other settings than the defaults: the ledger against SQL, account by account."""

from random import Random
from typing import Any, Final

import pytest

from aggregates.policies.policy import Policy
from aggregates.revenue import costs
from aggregates.shard.plan import Plan
from aggregates.success import contract_value, onboarding, progress
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Figures, Recomputation
from tests.oracle.stories import Story, stories

ACCOUNTS: Final = 150
EDGES: Final = 14
AHEAD_DAYS: Final = 120
"""Readings lie up to so long after the last event: costs that lag count there."""
PROGRESS: Final = (onboarding.FAMILY, progress.FAMILY, contract_value.FAMILY)
PROGRESS_FILES: Final = (
    *("events", "windows", "subscriptions", "prices", "contracts", "payments"),
    *("changes", "movements", "revenue"),
    "progress",
)
_TIME: Final = "milestone_time"
COST_FILES: Final = ("events", "windows", "costs")

SETTINGS: Final[list[dict[str, Any]]] = [
    {"onboarding_cohort": "started", "value_start": "contract"},
    {"value_start": "contract", "milestone_days": 0, "milestones": ["invited", "nobody"]},
    {"value_start": "onboarding_started", "milestones": ["first_value"], "milestone_days": 7},
    {
        "onboarding_given_up": "told",
        "onboarding_cohort": "started",
        "milestone_days": 90,
        "milestones": ["nobody"],
    },
]


_ODDS: Final = {
    "account.created": 2,
    "onboarding.started": 4,
    "onboarding.completed": 3,
    "onboarding.cancelled": 1,
    "milestone.reached": 4,
    "subscription.updated": 3,
    "subscription.deleted": 1,
}


def _arrive(story: Story) -> None:
    """Tells a step of an account on its way, or what it subscribes to."""
    rng = story.rng
    kind = rng.choices(list(_ODDS), list(_ODDS.values()))[0]
    data: dict[str, Any] = {}
    if kind.startswith("onboarding"):
        data["onboarding_id"] = story.maybe(0.3, "o1")
    elif kind == "milestone.reached":
        data["milestone"] = rng.choice(("first_value", "first_value", "invited", "exported"))
    elif kind.startswith("subscription"):
        data["subscription_id"] = rng.choice(("s1", "s2"))
    if kind == "subscription.updated":
        data["status"] = rng.choice(("active", "trialing", "trialing", "paused"))
        amount = rng.choice((0, 4_900))
        data["items"] = [{"amount": amount, "currency": "USD", "interval": "month"}]
        data["start_date"] = story.maybe(0.3, story.near())
        data["replaces_subscription_id"] = story.maybe(0.3, rng.choice(("s1", "s2")))
    story.tell(kind, **data)


def _spend(story: Story) -> None:
    """Tells a cost with a period that ends around the end of a month, or without one."""
    rng = story.rng
    dates = sorted((story.near(60), story.near(60)))
    has_period = rng.random() < 0.8 and dates[0] < dates[1]
    story.tell(
        "cost.recorded",
        subject=story.maybe(0.3, f"cost_{story.account}"),
        category=rng.choice(("acquisition", "acquisition", "retention")),
        amount=rng.choice((1, 7, -7, 999, 123_457, -123_457, 10**12, 10**18)),
        currency="USD",
        period_start=dates[0] if has_period else None,
        period_end=dates[1] if has_period else None,
        segment=story.maybe(0.3, rng.choice(("smb", story.account))),
    )


def _of(plan: Plan, figures: dict[int, Figures]) -> dict[int, Figures]:
    """Leaves out what the SQL of other families computed on the way."""
    return {
        edge_ms: {cell: value for cell, value in cells.items() if cell.measure in plan.measures}
        for edge_ms, cells in figures.items()
    }


def _progress_sql(policy: Policy) -> str:
    return f"""
        CREATE TABLE progress_policy AS SELECT
            '{policy.onboarding_cohort}' AS onboarding_cohort,
            '{policy.onboarding_given_up}' AS onboarding_given_up,
            '{policy.value_start}' AS value_start,
            {list(policy.milestones)}::VARCHAR[] AS asked,
            {policy.milestone_days} AS milestone_days
    """


@pytest.mark.parametrize("settings", SETTINGS)
def test_progress(settings: dict[str, Any]) -> None:
    """A1, A2, A3: cohort, start of value, milestones and age are as set, in SQL and here."""
    rng = Random(str(settings))
    lines, edges = stories(8, ACCOUNTS, (_arrive,)), random_edges(rng, EDGES, AHEAD_DAYS)
    plan = Plan(Policy.model_validate(settings), PROGRESS)
    ledger = folded_in_batches(lines, plan, rng)
    oracle = Recomputation(lines, edges, _progress_sql(plan.policy), PROGRESS_FILES)
    recomputed = _of(plan, oracle.figures())
    assert not differences(ledger, plan, recomputed, edges)
    counted = {cell.measure for cells in recomputed.values() for cell in cells}
    assert counted >= {"onboarding", "onboardings_open", "time_to_value", "milestone_accounts"}
    reached = {c.labels[0] for of in recomputed.values() for c in of if c.measure == _TIME}
    asked = plan.policy.milestones or ("first_value", "invited", "exported")
    assert reached == set(asked) - {"nobody"}


@pytest.mark.parametrize("months", [1, 3, 6])
def test_costs(months: int) -> None:
    """U2: what is spent to acquire counts some calendar months later, what is spent to keep not."""
    rng = Random(months)
    lines, edges = stories(9, ACCOUNTS, (_spend,)), random_edges(rng, EDGES, AHEAD_DAYS)
    plan = Plan(Policy(cac_lag_months=months), (costs.FAMILY,))
    setup = f"CREATE TABLE cost_policy AS SELECT {months} AS cac_lag_months"
    oracle = Recomputation(lines, edges, setup, COST_FILES)
    recomputed = oracle.figures()
    assert not differences(folded_in_batches(lines, plan, rng), plan, recomputed, edges)
    assert oracle.measures() == {"acquisition_cost", "retention_cost"}
