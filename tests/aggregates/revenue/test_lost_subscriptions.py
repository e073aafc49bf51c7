"""Subscriptions that are lost, whatever their account does, and those under contract."""

from typing import Any

import pytest

from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    deleted,
    ledger_of,
    level,
    merged,
    mrr,
    requested,
    state,
)

MINUTE = 1 / 1440
"""In days."""

CREATED = state("created", "e1", 1)
OTHER = state("created", "o1", 1, 50, sub="s2")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([CREATED], 0),
        ([CREATED, deleted("e2", 5)], 1),
        ([CREATED, OTHER, deleted("e2", 5)], 1),
        ([CREATED, OTHER, deleted("e2", 5), deleted("e3", 5, sub="s2")], 2),
        ([CREATED, OTHER, deleted("e2", 5), state("updated", "e3", 5, 150, sub="s2")], 1),
        ([CREATED, state("updated", "e2", 5, 40)], 0),
        ([CREATED, state("updated", "e2", 5, 0)], 1),
        ([CREATED, state("updated", "e2", 5, status="unpaid")], 1),
        ([CREATED, state("paused", "e2", 5)], 0),
        ([CREATED, state("paused", "e2", 5), deleted("e3", 9)], 0),
        ([CREATED, requested("e2", 5, cancel_at=at(30))], 1),
        ([state("created", "e1", 1, status="trialing"), deleted("e2", 5)], 0),
        # once more than it came back
        ([CREATED, deleted("e2", 5), state("created", "e3", 7), deleted("e4", 9)], 2),
        # back within the hour: as it never was, in the end
        ([CREATED, deleted("e2", 5), state("created", "e3", 5 + 50 * MINUTE)], 0),
        ([CREATED, deleted("e2", 5), state("created", "e3", 5 + 70 * MINUTE)], 1),
        # another takes its place, at once or before it ends, but not later
        (
            [
                CREATED,
                deleted("e2", 5),
                state("created", "e3", 5, sub="s9", replaces_subscription_id="s1"),
            ],
            0,
        ),
        (
            [
                CREATED,
                deleted("e2", 5),
                state("created", "e3", 3, sub="s9", replaces_subscription_id="s1"),
            ],
            0,
        ),
        (
            [
                CREATED,
                deleted("e2", 5),
                state("created", "e3", 6, sub="s9", replaces_subscription_id="s1"),
            ],
            1,
        ),
        (
            [
                CREATED,
                deleted("e2", 5),
                state("created", "e3", 5, 0, sub="s9", replaces_subscription_id="s1"),
            ],
            1,
        ),
        # its account goes into another one, where another one takes its place
        (
            [
                CREATED,
                deleted("e2", 5),
                merged("m", 5, "a1", "a2"),
                state("created", "e3", 5, account="a2", sub="s9", replaces_subscription_id="s1"),
            ],
            0,
        ),
    ],
)
def test_churned_subscriptions(lines: list[bytes], expected: int) -> None:
    """C3: a subscription is lost when it pays no more, whether its account stays or not."""
    assert level(ledger_of(*lines), 40, "churned_subscriptions") == expected


@pytest.mark.parametrize(
    ("policy", "line", "expected"),
    [
        ({"paused_policy": "churn"}, state("paused", "e2", 5), 1),
        ({"paused_policy": "keep"}, state("paused", "e2", 5), 0),
        ({"free_is_churn": False}, state("updated", "e2", 5, 0), 0),
        ({"past_due_churn_days": 3}, state("updated", "e2", 5, status="past_due"), 1),
        ({"coalesce_minutes": 0}, deleted("e2", 5), 1),
    ],
)
def test_policies_decide_what_is_lost(policy: dict[str, Any], line: bytes, expected: int) -> None:
    """A subscription is lost by the same choices as an account."""
    ledger = ledger_of(CREATED, line, policy=Policy(**policy))
    assert level(ledger, 40, "churned_subscriptions") == expected


def test_contracted_mrr() -> None:
    """R2: MRR is contracted while a told term lasts, and goes on uncontracted after it."""
    lines = [
        state("created", "e1", 1, term_end=at(40)),
        OTHER,
        state("updated", "e2", 20, 120),
        state("renewed", "e3", 50, 120, previous_term_end=at(40), term_end=at(80)),
        deleted("e4", 60),
    ]
    ledger = ledger_of(*lines)
    days = (2, 21, 40, 40.25, 49, 51, 61)
    found = [level(ledger, day, "contracted_mrr") / DOLLAR for day in days]
    assert found == [100, 120, 120, 0, 0, 120, 0]
    assert mrr(ledger, 49, 61) == [170, 50]
    paused = ledger_of(lines[0], state("paused", "e2", 5))
    assert level(paused, 6, "contracted_mrr") == 0
