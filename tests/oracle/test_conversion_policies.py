"""Trials, sign-ups and visits under other settings than the defaults: the ledger against SQL."""

from random import Random
from typing import Any

import pytest

from aggregates.policies.policy import Policy
from aggregates.revenue import trials
from aggregates.rows.family import Family
from aggregates.shard.plan import Plan
from aggregates.success import visitors
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import Story, stories

ACCOUNTS = 250
EDGES = 14
AHEAD_DAYS = 60
TRIALS: list[dict[str, Any]] = [
    {"trial_conversion_days": 7},
    {"trial_base": "signups"},
    {"trial_conversion_days": 45, "trial_cohort": "same_period"},
    {"trial_conversion_days": 14, "trial_base": "signups", "trial_cohort": "same_period"},
    {"trial_conversion_days": 100, "trial_base": "signups"},
]


def _try(story: Story) -> None:
    """Tells that an account signs up, tries, pays or ends."""
    rng = story.rng
    if rng.random() < 0.35:
        story.tell("account.signed_up", plan=story.maybe(0.5, "free"))
        return
    sub = rng.choice(("s1", "s1", "s2"))
    if rng.random() < 0.15:
        story.tell("subscription.deleted", subscription_id=sub)
        return
    status = rng.choice(("trialing", "trialing", "trialing", "active", "paused"))
    price = {"amount": rng.choice((0, 4_900)), "currency": "USD", "interval": "month"}
    story.tell(
        f"subscription.{rng.choice(('created', 'updated'))}",
        subscription_id=sub,
        status=status,
        items=[price],
        start_date=story.maybe(0.2, story.near()),
        trial_start=story.maybe(0.4, story.near(20)),
    )


def _look(story: Story) -> None:
    """Tells that one of two visitors looks, or reaches one of two goals."""
    rng = story.rng
    visitor = f"{rng.choice('ab')}_{story.account}"
    if rng.random() < 0.6:
        story.tell("visitor.seen", subject=visitor, visitor_id=visitor)
    else:
        goal = rng.choice(("demo", "signup"))
        story.tell("goal.converted", subject=visitor, visitor_id=visitor, goal=goal)


def _check(
    policy: dict[str, Any], family: Family[Any], teller: Any, setup: str, files: tuple[str, ...]
) -> None:
    """Compares the ledger of a family with SQL, and sees that each of its measures has figures."""
    rng = Random(str(policy))
    lines = stories(6, ACCOUNTS, (teller,))
    edges = random_edges(rng, EDGES, AHEAD_DAYS)
    plan = Plan(Policy.model_validate(policy), families=[family])
    ledger = folded_in_batches(lines, plan, rng)
    oracle = Recomputation(lines, edges, setup, ("events", "windows", *files))
    recomputed = {
        edge_ms: {cell: n for cell, n in figures.items() if cell.measure in plan.measures}
        for edge_ms, figures in oracle.figures().items()
    }
    assert not differences(ledger, plan, recomputed, edges)
    assert {cell.measure for figures in recomputed.values() for cell in figures} == {
        measure.name for measure in family.measures
    }


@pytest.mark.parametrize("policy", TRIALS, ids=str)
def test_trials(policy: dict[str, Any]) -> None:
    """Who is asked to become a customer, till when, and when that counts, is as set."""
    setup = f"""
        CREATE TABLE trial_policy AS SELECT
            {policy.get("trial_conversion_days", 30)} AS trial_conversion_days,
            '{policy.get("trial_base", "trials")}' AS trial_base,
            '{policy.get("trial_cohort", "mature")}' AS trial_cohort
    """
    files = ("subscriptions", "prices", "contracts", "payments", "changes", "trials")
    _check(policy, trials.FAMILY, _try, setup, files)


@pytest.mark.parametrize("days", [0, 1, 14, 365])
def test_visits(days: int) -> None:
    """How long after a visit a goal is its outcome is as set; 0 is the session."""
    setup = f"CREATE TABLE prospect_policy AS SELECT {days}::BIGINT AS conversion_days"
    _check({"conversion_days": days}, visitors.FAMILY, _look, setup, ("prospects",))
