"""Invoices as part of revenue: what is unpaid or given back, by policy."""

from typing import Any

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    deleted,
    invoice,
    item,
    ledger_of,
    level,
    moved,
    mrr,
    refund,
    retracted,
    state,
)

CREATED = state("created", "e1", 0)
JANUARY = (0, 31)
YEAR = (0, 365)


def paid_only(*lines: bytes, **policy: Any) -> Ledger:
    """Returns the ledger where only what is paid counts."""
    return ledger_of(*lines, policy=Policy(require_paid_invoice=True, **policy))


def with_refunds(*lines: bytes, **policy: Any) -> Ledger:
    """Returns the ledger where refunds lower revenue."""
    return ledger_of(*lines, policy=Policy(refunds_in_mrr="period", **policy))


# Only what is paid ------------------------------------------------------------------------------


def test_revenue_begins_with_the_first_payment() -> None:
    """Before, a subscription is like a trial; the payment makes it new, whenever it was sold."""
    lines = [CREATED, invoice("p1", 5, 100)]
    ledger = paid_only(*lines)
    assert mrr(ledger, 5, 5.25) == [0, 100]
    for name in ("billed_mrr", "committed_mrr"):
        assert [level(ledger, day, name) for day in (5, 5.25)] == [0, 100 * DOLLAR]
    assert moved(ledger, 5) == {}
    assert moved(ledger) == {"new": 100}
    assert mrr(ledger_of(*lines), 5) == [100]


def test_an_account_that_pays_for_another_subscription_expands() -> None:
    """Each subscription waits for an invoice of its own; the account is new only once."""
    lines = [CREATED, invoice("p1", 5, 100), state("created", "e2", 6, 50, sub="s2")]
    assert mrr(paid_only(*lines), 40) == [100]
    ledger = paid_only(*lines, invoice("p2", 9, 50, sub="s2", name="i2"))
    assert moved(ledger) == {"new": 100, "expansion:upgrade": 50}


@pytest.mark.parametrize(
    "told",
    [
        invoice("p1", 5, 0),
        invoice("p1", 5, 100, sub="s2"),
        invoice("p1", 5, 100, sub=None),
        invoice("p1", 5, 100, account="a2"),
        refund("p1", 5, 100),
    ],
    ids=["nothing paid", "another subscription", "of none", "another account", "a refund"],
)
def test_what_is_no_payment_of_a_subscription(told: bytes) -> None:
    """An invoice pays for the subscription that it names, if anything was paid at all."""
    assert not mrr(paid_only(CREATED, told), 40)[0]


def test_one_payment_is_enough() -> None:
    """What was once paid counts at once when it comes back, or was paid before it began."""
    again = [CREATED, invoice("p1", 5, 100), deleted("e2", 9), state("created", "e3", 20)]
    assert moved(paid_only(*again)) == {"new": 100, "churned:voluntary": 100, "reactivation": 100}
    assert mrr(paid_only(state("created", "e1", 5), invoice("p1", 1, 100)), 5, 5.25) == [0, 100]


def test_a_payment_that_is_taken_back_never_was() -> None:
    """Without its only payment a subscription waits for one."""
    lines = [CREATED, invoice("p1", 5, 100), retracted("r1", 9, "p1")]
    assert not moved(paid_only(*lines))


def test_a_trial_converts_with_the_payment() -> None:
    """A trial that is sold in time, and paid for too late, is not converted."""
    trial = state("created", "e1", 1, status="trialing", trial_start=at(1))
    lines = [trial, state("updated", "e2", 10), invoice("p1", 40, 100)]
    assert level(ledger_of(*lines), 50, "trials_converted", "90d") == 1
    late, early = paid_only(*lines), paid_only(*lines, invoice("p2", 20, 100, name="i2"))
    assert [level(ledger, 50, "trials_matured", "90d") for ledger in (late, early)] == [1, 1]
    assert [level(ledger, 50, "trials_converted", "90d") for ledger in (late, early)] == [0, 1]


def test_a_free_plan_needs_no_payment() -> None:
    """What has no price has no invoice to wait for: by policy it keeps who has paid."""
    lines = [
        CREATED,
        invoice("p1", 1, 100),
        state("created", "e2", 5, 0, sub="s2"),
        deleted("e3", 5),
    ]
    ledger = paid_only(*lines, free_is_churn=False)
    assert moved(ledger) == {"new": 100, "contraction:downgrade": 100}
    assert level(ledger, 9, "paying_accounts") == 1
    priced = paid_only(*lines[:2], state("created", "e2", 5, 7, sub="s2"), lines[3])
    assert moved(priced) == {"new": 100, "churned:voluntary": 100}


# Refunds ----------------------------------------------------------------------------------------


def test_a_refund_lowers_revenue_for_the_rest_of_its_period() -> None:
    """Its share of a month is off from the refund until the period's end."""
    lines = [CREATED, invoice("p1", 0, 100, JANUARY), refund("f1", 10, 30)]
    ledger = with_refunds(*lines)
    assert mrr(ledger, 10, 10.25, 31, 31.25) == [100, 70, 70, 100]
    assert moved(ledger) == {"new": 100, "contraction:downgrade": 30, "expansion:upgrade": 30}
    assert [level(ledger, 20, name) for name in ("billed_mrr", "committed_mrr")] == [
        70 * DOLLAR,
        70 * DOLLAR,
    ]
    assert mrr(ledger_of(*lines), 20) == [100]


@pytest.mark.parametrize(
    ("items", "period", "dollars", "expected"),
    [
        ([item(1200, "year")], YEAR, 600, 50),
        ([item(10, "week")], (0, 7), 10, 520 / 12),
        ([item(100)], (0, 59), 100, 50),
        ([item(100)], (31, 45), 10, 20),
        ([item(5, "day")], (0, 73), 12, 5),
    ],
)
def test_the_share_of_a_month(
    items: list[dict[str, Any]], period: tuple[float, float], dollars: float, expected: float
) -> None:
    """A refund is spread over the months of the invoice's period, told in billing intervals."""
    told = state("created", "e1", 0, items)
    lines = [told, invoice("p1", 0, 9, period), refund("f1", 1, dollars)]
    day = max(2, period[0] + 1)
    off = level(with_refunds(told), day, "mrr") - level(with_refunds(*lines), day, "mrr")
    assert off == pytest.approx(expected * DOLLAR, abs=1)


@pytest.mark.parametrize(
    "lines",
    [
        [invoice("p1", 0, 100, JANUARY), refund("f1", 10, 30, name=None)],
        [invoice("p1", 0, 100, JANUARY), refund("f1", 10, 30, name="i2")],
        [invoice("p1", 0, 100), refund("f1", 10, 30)],
        [invoice("p1", 0, 100, JANUARY, sub=None), refund("f1", 10, 30)],
        [invoice("p1", 0, 100, (0, 10)), refund("f1", 10, 30)],
        [invoice("p1", 0, 100, (20, 0)), refund("f1", 10, 30)],
        [refund("f1", 10, 30), invoice("p1", 20, 100, (0, 20))],
    ],
    ids=["of none", "unknown", "no period", "no subscription", "over", "backwards", "too late"],
)
def test_refunds_that_have_no_period(lines: list[bytes]) -> None:
    """Without a period that is still to come there is nothing to lower."""
    assert moved(with_refunds(CREATED, *lines)) == {"new": 100}


def test_a_refund_before_its_period_and_before_its_invoice() -> None:
    """It counts from when all is known: the refund, its invoice, and that the period has begun."""
    before = [invoice("p1", 0, 100, (31, 59)), refund("f1", 10, 30)]
    assert mrr(with_refunds(CREATED, *before), 30, 32, 58, 60) == [100, 70, 70, 100]
    told_late = [refund("f1", 10, 30), invoice("p1", 20, 100, JANUARY)]
    assert mrr(with_refunds(CREATED, *told_late), 19, 21, 32) == [100, 70, 100]


def test_refunds_add_up_and_end_at_nothing() -> None:
    """Several lower revenue together; below 0 it does not go, for no other subscription's sake."""
    lines = [
        CREATED,
        invoice("p1", 0, 100, JANUARY),
        refund("f1", 5, 60),
        refund("f2", 10, 60),
        state("created", "e2", 1, 50, sub="s2"),
    ]
    ledger = with_refunds(*lines)
    assert mrr(ledger, 6, 11, 32) == [90, 50, 150]
    alone = with_refunds(*lines[:4])
    assert moved(alone) == {
        "new": 100,
        "contraction:downgrade": 60,
        "churned:voluntary": 40,
        "reactivation": 100,
    }


def test_a_full_refund_is_no_free_plan() -> None:
    """Where a price of 0 keeps a customer, one who got all back is lost all the same."""
    lines = [CREATED, invoice("p1", 0, 100, JANUARY), refund("f1", 10, 100)]
    ledger = with_refunds(*lines, free_is_churn=False)
    assert moved(ledger) == {"new": 100, "churned:voluntary": 100, "reactivation": 100}


def test_an_invoice_that_is_told_again_moves_its_refund() -> None:
    """From then on the refund is of the period that is told last."""
    lines = [
        CREATED,
        invoice("p1", 0, 100, JANUARY),
        refund("f1", 5, 30),
        invoice("p2", 10, 100, (0, 59)),
    ]
    assert mrr(with_refunds(*lines), 9, 11, 40, 60) == [70, 85, 85, 100]
