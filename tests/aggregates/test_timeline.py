"""Movements of an account: what kind they are, how they are grouped, what mergers do to them."""

from typing import Any

import pytest

from aggregates.policy import Policy
from tests.aggregates.subscription_story import (
    DOLLAR,
    at,
    deleted,
    ledger_of,
    level,
    merged,
    moved,
    mrr,
    requested,
    state,
)

MINUTE = 1 / 1440
"""In days."""

CREATED = state("created", "e1", 1)


def test_every_kind_of_movement() -> None:
    """New, more, less, gone and back again, on one subscription."""
    ledger = ledger_of(
        CREATED,
        state("updated", "e2", 3, 130),
        state("updated", "e3", 5, 90),
        deleted("e4", 7),
        state("created", "e5", 9, 40, sub="s2"),
    )
    assert moved(ledger) == {
        "new": 100,
        "expansion:upgrade": 30,
        "contraction:downgrade": 40,
        "churned:voluntary": 90,
        "reactivation": 40,
    }


@pytest.mark.parametrize(
    "end",
    [
        deleted("e2", 5),
        deleted("e2", 5, reason="too_expensive"),
        deleted("e2", 5, voluntary=True, reason="payment_failed"),
        state("updated", "e2", 5, status="canceled"),
        state("updated", "e2", 5, 0),
        state("updated", "e2", 5, discounts=[{"percent_off": 100, "duration": "forever"}]),
        state("updated", "e2", 5, status="trialing"),
        requested("e2", 4, cancel_at=at(5), reason="missing_features"),
    ],
)
def test_voluntary_churn(end: bytes) -> None:
    """Ends, free plans and full discounts are churn, and the customer's choice unless told."""
    assert moved(ledger_of(CREATED, end)) == {"new": 100, "churned:voluntary": 100}


@pytest.mark.parametrize(
    "end",
    [
        [deleted("e2", 5, voluntary=False)],
        [deleted("e2", 5, reason="Payment-Failed")],
        [deleted("e2", 5, reason="card expired")],
        [state("updated", "e2", 5, status="unpaid")],
        [state("updated", "e2", 5, status="unpaid"), deleted("e3", 5 + 10 * MINUTE)],
        [
            state("updated", "e2", 5, status="unpaid"),
            state("updated", "e3", 5 + 10 * MINUTE, status="canceled"),
        ],
        [
            state("updated", "e2", 5, status="canceled"),
            deleted("e3", 5 + MINUTE, reason="dunning"),
        ],
        [requested("e2", 4, cancel_at=at(5), reason="nonpayment")],
    ],
)
def test_involuntary_churn(end: list[bytes]) -> None:
    """An end for want of payment, as the ending facts tell; a bare end after unpaid is one."""
    assert moved(ledger_of(CREATED, *end)) == {"new": 100, "churned:involuntary": 100}


def test_a_stale_late_payment_does_not_make_churn_involuntary() -> None:
    """The reason of the end decides, not that payment was late before."""
    late = state("updated", "e2", 3, status="past_due")
    assert moved(ledger_of(CREATED, late, deleted("e3", 5)))["churned:voluntary"] == 100


def test_an_end_after_unpaid_moves_nothing() -> None:
    """The account churned when it became unpaid; its deletion days later is no second churn."""
    unpaid = state("updated", "e2", 5, status="unpaid")
    ledger = ledger_of(CREATED, unpaid, deleted("e3", 9, voluntary=True))
    assert moved(ledger) == {"new": 100, "churned:involuntary": 100}


PAUSED = state("paused", "e2", 3)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], {"contraction:pause": 100}),
        (
            [state("resumed", "e3", 5)],
            {"contraction:pause": 100, "expansion:resume": 100},
        ),
        (
            [state("resumed", "e3", 5, 120)],
            {"contraction:pause": 100, "expansion:resume": 120},
        ),
        ([deleted("e3", 5)], {"contraction:pause": 100}),
        (
            [deleted("e3", 5), state("created", "e4", 9, 70, sub="s2")],
            {"contraction:pause": 100, "reactivation": 70},
        ),
        ([deleted("e3", 3 + 10 * MINUTE)], {"churned:voluntary": 100}),
        ([state("resumed", "e3", 3 + 10 * MINUTE)], {}),
        (
            [state("resumed", "e3", 5), state("paused", "e4", 5 + 10 * MINUTE), deleted("e5", 9)],
            {"contraction:pause": 100},
        ),
    ],
)
def test_pauses(later: list[bytes], expected: dict[str, float]) -> None:
    """A pause is no churn, a resumption no upsell; a paused account that left comes back."""
    assert moved(ledger_of(CREATED, PAUSED, *later)) == {"new": 100, **expected}


def test_a_pause_of_one_of_two_subscriptions() -> None:
    """The paused part is a pause, the rest of the difference is not."""
    other = state("created", "e9", 1, 50, sub="s2")
    fewer = state("updated", "e8", 3, 30, sub="s2")
    ledger = ledger_of(CREATED, other, PAUSED, fewer, state("resumed", "e3", 5, 110))
    assert moved(ledger) == {
        "new": 150,
        "contraction:pause": 100,
        "contraction:downgrade": 20,
        "expansion:resume": 110,
    }


def test_the_end_of_the_last_that_pays_is_churn_beside_a_pause() -> None:
    """One of two is paused, the other ends: the end is churn, the resumption a return."""
    other = state("created", "e9", 1, 50, sub="s2")
    ledger = ledger_of(
        CREATED, other, PAUSED, deleted("e8", 5, sub="s2"), state("resumed", "e3", 7)
    )
    assert moved(ledger) == {
        "new": 150,
        "contraction:pause": 100,
        "churned:voluntary": 50,
        "reactivation": 100,
    }


def test_the_last_of_two_subscriptions_churns() -> None:
    """Movements are the account's: the first end is contraction, the second churn."""
    other = state("created", "e9", 1, 50, sub="s2")
    ledger = ledger_of(CREATED, other, deleted("e2", 3), deleted("e8", 5, sub="s2"))
    assert moved(ledger) == {"new": 150, "contraction:downgrade": 100, "churned:voluntary": 50}


def test_changes_close_together_are_one_movement() -> None:
    """Inside the hour after the first change only before and after matter."""
    steps = [
        deleted("e2", 3),
        state("created", "e3", 3 + 30 * MINUTE, 70, sub="s2"),
        state("updated", "e4", 3 + 60 * MINUTE, 120, sub="s2"),
    ]
    ledger = ledger_of(CREATED, *steps)
    assert moved(ledger) == {"new": 100, "expansion:upgrade": 20}
    assert level(ledger, 3 + 15 * MINUTE, "churned_mrr", "voluntary") == 100 * DOLLAR
    assert level(ledger, 3 + 45 * MINUTE, "churned_mrr", "voluntary") == 0
    assert level(ledger, 3 + 45 * MINUTE, "contraction_mrr", "downgrade") == 30 * DOLLAR


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (60, {"new": 150}),
        (29, {"new": 100, "expansion:upgrade": 50}),
        (0, {"new": 100, "expansion:upgrade": 50}),
    ],
)
def test_how_close_is_a_policy(minutes: int, expected: dict[str, float]) -> None:
    """`coalesce_minutes` are counted from the first change of a group."""
    policy = Policy(coalesce_minutes=minutes)
    second = state("created", "e2", 1 + 30 * MINUTE, 50, sub="s2")
    assert moved(ledger_of(CREATED, second, policy=policy)) == expected


def test_a_group_does_not_stretch() -> None:
    """Each change close to the one before, but the last too far from the first: two movements."""
    changes = [state("updated", f"u{i}", 1 + 40 * i * MINUTE, 100 + 10 * i) for i in range(1, 4)]
    assert moved(ledger_of(CREATED, *changes)) == {"new": 110, "expansion:upgrade": 20}


def test_what_comes_and_goes_at_once_never_paid() -> None:
    """A subscription that ends in the hour of its beginning leaves the account new for later."""
    ledger = ledger_of(
        CREATED, deleted("e2", 1 + 30 * MINUTE), state("created", "e3", 9, 40, sub="s2")
    )
    assert moved(ledger) == {"new": 40}


def test_same_state_moves_nothing() -> None:
    """Renewals, late payment and its recovery are no movements."""
    ledger = ledger_of(
        CREATED,
        state("updated", "e2", 3, status="past_due"),
        state("updated", "e3", 4),
        state("renewed", "e4", 30, term_start=at(30)),
    )
    assert moved(ledger) == {"new": 100}
    assert [level(ledger, day, "past_due_mrr") for day in (3.5, 5)] == [100 * DOLLAR, 0]


def test_clock_driven_changes_are_movements() -> None:
    """A discount that ends is expansion, one that begins is contraction."""
    discounts = [
        {"percent_off": 20, "duration": "repeating", "end": at(5)},
        {"percent_off": 50, "duration": "repeating", "start": at(7)},
    ]
    ledger = ledger_of(state("created", "e1", 1, discounts=discounts))
    assert moved(ledger) == {"new": 80, "expansion:upgrade": 20, "contraction:downgrade": 50}


def _takeover(**replacement: Any) -> list[bytes]:
    """Account a1 pays 100 and is merged into a2, which pays 40 or nothing, on day 9."""
    return [
        CREATED,
        merged("m1", 9, "a1", "a2"),
        deleted("e2", 9),
        state("created", "e3", 9, account="a2", sub="s2", **replacement),
    ]


def test_a_merge_is_neither_churn_nor_new_business() -> None:
    """What one account hands over the other takes: the sum of transfers is 0."""
    for lines in (
        _takeover(replaces_subscription_id="s1"),
        _takeover(replaces_subscription_id="s1")[::-1],
    ):
        ledger = ledger_of(*lines)
        assert moved(ledger) == {"new": 100}
        assert level(ledger, 400, "new_accounts") == 1
        assert level(ledger, 10, "churned_accounts", "30d") == 0
        assert mrr(ledger, 8, 10) == [100, 100]


def test_a_merge_into_an_account_that_pays() -> None:
    """What comes along is a transfer; what is bought at the same time is expansion."""
    own = state("created", "e8", 2, 40, account="a2", sub="s9")
    more = state("updated", "e9", 9, 65, account="a2", sub="s9")
    ledger = ledger_of(own, more, *_takeover(replaces_subscription_id="s1"))
    assert moved(ledger) == {"new": 140, "expansion:upgrade": 25}


def test_only_replacements_are_transferred() -> None:
    """In a merge, a subscription that replaces none, or one of the same account, is ordinary."""
    ledger = ledger_of(*_takeover())
    assert moved(ledger) == {"new": 200, "transferred": -100}
    without_merge = [x for x in _takeover(replaces_subscription_id="s1") if b"merged" not in x]
    assert moved(ledger_of(*without_merge)) == {"new": 200, "churned:voluntary": 100}
    own = state("created", "e7", 12, 30, account="a2", sub="s3", replaces_subscription_id="s2")
    ledger = ledger_of(*_takeover(replaces_subscription_id="s1"), own)
    assert moved(ledger) == {"new": 100, "expansion:upgrade": 30}


def test_before_its_merge_an_account_churns() -> None:
    """An end days before the merge is an end."""
    ledger = ledger_of(CREATED, deleted("e2", 5), merged("m1", 9, "a1", "a2"))
    assert moved(ledger) == {"new": 100, "churned:voluntary": 100}
