"""Movements of an account: what kind they are, and how they are grouped."""

import pytest

from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    deleted,
    ledger_of,
    level,
    moved,
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


def test_only_what_paid_tells_why_an_account_stopped() -> None:
    """A trial that ends beside it does not make an involuntary end a voluntary one."""
    trial = state("created", "e8", 2, 50, sub="s2", status="trialing")
    ends = [deleted("e2", 5, voluntary=False), deleted("e9", 5 + 10 * MINUTE, sub="s2")]
    assert moved(ledger_of(CREATED, trial, *ends)) == {"new": 100, "churned:involuntary": 100}


def test_the_last_to_end_tells_why_an_account_stopped() -> None:
    """Of two that end together, the later one's reason counts."""
    other = state("created", "e8", 1, 50, sub="s2")
    ends = [deleted("e2", 5), deleted("e9", 5 + 10 * MINUTE, sub="s2", voluntary=False)]
    assert moved(ledger_of(CREATED, other, *ends)) == {"new": 150, "churned:involuntary": 150}


def test_a_stale_late_payment_does_not_make_churn_involuntary() -> None:
    """The reason of the end decides, not that payment was late before."""
    late = state("updated", "e2", 3, status="past_due")
    assert moved(ledger_of(CREATED, late, deleted("e3", 5)))["churned:voluntary"] == 100


def test_an_end_after_unpaid_moves_nothing() -> None:
    """The account churned when it became unpaid; its deletion days later is no second churn."""
    unpaid = state("updated", "e2", 5, status="unpaid")
    ledger = ledger_of(CREATED, unpaid, deleted("e3", 9, voluntary=True))
    assert moved(ledger) == {"new": 100, "churned:involuntary": 100}


@pytest.mark.parametrize(
    ("told", "ended", "kind"),
    [
        ([state("updated", "e2", 7, status="unpaid")], 5, "voluntary"),
        (
            [state("updated", "e2", 3, status="unpaid"), state("updated", "e3", 7)],
            3 + 10 * MINUTE,
            "involuntary",
        ),
        ([state("updated", "e2", 5, status="unpaid"), state("updated", "e3", 7)], 5, "involuntary"),
    ],
)
def test_an_end_told_late_goes_by_the_state_when_it_ended(
    told: list[bytes], ended: float, kind: str
) -> None:
    """What was said between the end and its telling is cut off, so it gives no reason either."""
    end = deleted("e4", 9, ended_at=at(ended))
    assert moved(ledger_of(CREATED, *told, end)) == {"new": 100, f"churned:{kind}": 100}


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
        (
            [
                state("resumed", "e3", 5),
                state("paused", "e4", 5 + 10 * MINUTE),
                state("resumed", "e5", 9),
            ],
            {"contraction:pause": 100, "expansion:resume": 100},
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


def test_an_account_pauses_only_as_a_whole() -> None:
    """One of two is paused, the other ends in the same hour: the account churned."""
    other = state("created", "e9", 1, 50, sub="s2")
    ledger = ledger_of(CREATED, other, PAUSED, deleted("e8", 3 + 10 * MINUTE, sub="s2"))
    assert moved(ledger) == {"new": 150, "churned:voluntary": 150}


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
