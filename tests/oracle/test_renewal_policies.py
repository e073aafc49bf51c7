"""Renewals under other settings than the defaults: the ledger against SQL, account by account."""

from random import Random
from typing import Any, Final

import pytest

from aggregates.policies.policy import Policy
from aggregates.revenue import renewals
from aggregates.shard.plan import Plan
from aggregates.time.tile import DAY_MS
from events import format_instant, parse_instant
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import Story, stories

ACCOUNTS = 200
EDGES = 14
AHEAD_DAYS = 60
FILES = ("events", "windows", "subscriptions", "prices", "contracts", "renewals")
"""The SQL of this family."""
SETTINGS: list[dict[str, int]] = [
    {"renewal_grace_days": 0},
    {"renewal_grace_days": 7, "renewal_min_term_days": 30},
    {"renewal_grace_days": 45, "renewal_min_term_days": 90},
    {"renewal_min_term_days": 300},
    {"renewal_grace_days": 366},
    {"renewal_min_term_days": 3660},
]
TERM_DAYS: Final = (1, 7, 29, 30, 31, 89, 90, 91, 299, 300, 365)
"""Lengths of told terms, around the least ones that are asked for."""


def _contract(story: Story) -> None:
    """Tells terms of any length: begun long ago, renewed early, late or never, moved, replaced."""
    rng = story.rng
    sub = rng.choice(("s1", "s1", "s2", "s3"))
    if rng.random() < 0.1:
        story.tell("subscription.deleted", subscription_id=sub, reason="other")
        return
    kind = rng.choice(("created", "updated", "updated", "renewed", "renewed", "paused"))
    end = story.near(40)
    begin_ms = parse_instant(end) - rng.choice(TERM_DAYS) * DAY_MS + rng.choice((-1, 0, 0, 1))
    data: dict[str, Any] = {
        "term_end": story.maybe(0.7, end),
        "term_start": story.maybe(0.7, format_instant(begin_ms)),
        "start_date": story.maybe(0.1, story.near()),
        "cancel_at": story.maybe(0.05, story.near(20)),
        "replaces_subscription_id": story.maybe(0.15, rng.choice(("s1", "s2"))),
        "replaces_subscription_ids": story.maybe(0.1, rng.choice((["s1", "s2"], ["s3"]))),
    }
    if kind == "renewed":
        data["previous_term_end"] = story.maybe(0.6, story.near(40))
    price = {"amount": rng.choice((0, 4_900, 9_900)), "currency": "USD", "interval": "month"}
    status = rng.choices(("active", "past_due", "trialing"), (8, 1, 1))[0]
    story.tell(f"subscription.{kind}", subscription_id=sub, status=status, items=[price], **data)


@pytest.mark.parametrize("policy", SETTINGS, ids=str)
def test_settings(policy: dict[str, int]) -> None:
    """Which terms are due, and how long they may be renewed, is as set, in SQL and here."""
    rng = Random(str(policy))
    lines = stories(5, ACCOUNTS, (_contract,))
    edges = random_edges(rng, EDGES, AHEAD_DAYS)
    plan = Plan(Policy.model_validate(policy), families=[renewals.FAMILY])
    ledger = folded_in_batches(lines, plan, rng)
    setup = f"""
        CREATE TABLE renewal_policy AS SELECT
            {policy.get("renewal_grace_days", 30)} AS renewal_grace_days,
            {policy.get("renewal_min_term_days", 0)} AS renewal_min_term_days
    """
    recomputed = Recomputation(lines, edges, setup, FILES).figures()
    assert not differences(ledger, plan, recomputed, edges)
    found = {cell.measure for figures in recomputed.values() for cell in figures}
    if policy.get("renewal_min_term_days") == max(
        s.get("renewal_min_term_days", 0) for s in SETTINGS
    ):
        assert not found
    else:
        assert found >= {"renewals_due", "renewals", "renewed_accounts", "renewed_mrr"}
