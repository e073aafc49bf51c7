"""Payments: what came in, what went back, and for how many invoices."""

import json
from fractions import Fraction

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy, Rate
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Account, Scope
from aggregates.rows.history import Outcome
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    decoded,
    flow,
    fold,
    invoice,
    ledger_of,
    level,
    ms,
    plan,
    refund,
    retracted,
    shard_of,
    state,
)

EURO = Policy(
    exchange_rates={
        "EUR": [Rate(rate=Fraction("1.1")), Rate(valid_from=at(10), rate=Fraction("1.3"))]
    }
)


def cash(ledger: Ledger, begin: float, end: float) -> tuple[float, int, float]:
    """Returns what was paid between two days, for how many invoices, and what was given back."""
    return (
        flow(ledger, begin, end, "paid_amount") / DOLLAR,
        flow(ledger, begin, end, "paid_invoices"),
        flow(ledger, begin, end, "refunded_amount") / DOLLAR,
    )


def test_nothing_paid() -> None:
    """A subscription alone is no payment, nor is an invoice or a refund of nothing."""
    lines = [state("created", "e1", 0), invoice("p1", 1, 0), refund("f1", 2, 0)]
    assert cash(ledger_of(*lines), 0, 9) == (0, 0, 0)
    assert cash(ledger_of(), 0, 9) == (0, 0, 0)


def test_money_counts_when_it_moves() -> None:
    """Invoices count when they are paid, refunds when they go back, of any subscription or none."""
    lines = [
        invoice("p1", 1, 100),
        invoice("p2", 5, 50, sub=None, name="i2"),
        invoice("p3", 8, 7, name=None),
        invoice("p4", 8, 7, name=None),
        refund("f1", 9, 30),
        refund("f2", 9, 5, name=None),
        invoice("x1", 9, 1, account="a2"),
    ]
    ledger = ledger_of(*lines)
    assert cash(ledger, 0, 2) == (100, 1, 0)
    assert cash(ledger, 2, 9) == (64, 3, 0)
    assert cash(ledger, 0, 10) == (165, 5, 35)
    assert not level(ledger, 10, "mrr")


@pytest.mark.parametrize("again", [120, 100, 80, 0])
def test_an_invoice_told_again_counts_once(again: float) -> None:
    """From the later fact on it counts with what that says; before, it is as it was."""
    ledger = ledger_of(invoice("p1", 1, 100), invoice("p2", 5, again))
    assert cash(ledger, 0, 5) == (100, 1, 0)
    assert cash(ledger, 0, 6) == (again, int(again > 0), 0)
    back = ledger_of(invoice("p1", 1, 100), invoice("p2", 5, again), retracted("r1", 9, "p2"))
    assert cash(back, 0, 6) == (100, 1, 0)


def test_currencies_count_at_the_rate_of_the_instant() -> None:
    """What came in at one rate and goes back at another is not the same."""
    lines = [
        invoice("p1", 1, 100, currency="EUR"),
        invoice("p2", 11, 100, name="i2", currency="EUR"),
        refund("f1", 12, 100, currency="EUR"),
    ]
    assert cash(ledger_of(*lines, policy=EURO), 0, 20) == (240, 2, 130)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (invoice("p1", 1, 5, currency="GBP"), "no exchange rate from GBP to USD"),
        (refund("f1", 1, 5, currency="GBP"), "no exchange rate from GBP to USD"),
    ],
)
def test_refusals(told: bytes, reason: str) -> None:
    """An amount that cannot be converted is refused with the reason."""
    shard = shard_of([], EURO)
    assert [refusal.detail for refusal in fold(shard, [told])] == [reason]
    nothing = invoice("p1", 1, 0, currency="GBP")
    assert not fold(shard, [nothing])


def test_test_mode_is_no_money() -> None:
    """Invoices of a test mode are left out."""
    record = json.loads(invoice("p1", 1, 100))
    record["data"]["livemode"] = False
    assert cash(ledger_of(json.dumps(record).encode()), 0, 9) == (0, 0, 0)


def test_packing() -> None:
    """A row that was packed and unpacked is the same; a receipt is kept in few bytes."""
    lines = [
        state("created", "e1", 0),
        invoice("p1", 1, 29, (0, 31)),
        invoice("p2", 2, 29, (31, 0), sub=None, name=None),
        refund("f1", 3, 9, name=None),
        refund("f2", 3, 9),
    ]
    row = shard_of(lines).store.rows["subscription"]["a1"][""]
    kept = [fact.data.get("cash") for fact in row.facts]
    assert kept == [
        None,
        [2900, "USD", "i1", "s1", ms(0), ms(31)],
        [2900, "USD"],
        [900, "USD", "i1"],
        [900, "USD"],
    ]
    again = SUBSCRIPTIONS.unpack(SUBSCRIPTIONS.pack(row))
    assert (again.facts, again.retracted) == (row.facts, row.retracted)
    event, other = decoded([lines[1], invoice("p1", 1, 30, (0, 31))]).events
    assert SUBSCRIPTIONS.fold(again, event) is Outcome.DUPLICATE
    assert SUBSCRIPTIONS.fold(again, other) is Outcome.CONFLICT


@pytest.mark.parametrize(
    ("policy", "is_kept"),
    [
        (Policy(), True),
        (Policy(require_paid_invoice=True), False),
        (Policy(metered_mrr="trailing_3m_avg"), False),
        (Policy(refunds_in_mrr="period"), False),
    ],
)
def test_invoices_leave_revenue_alone_unless_a_policy_reads_them(
    policy: Policy, is_kept: bool
) -> None:
    """At the default policies the steps of an account are not computed anew for its invoices."""
    under = plan(policy)
    scope = Scope(under.calendar, policy, Account(()), under.windows)
    row = SUBSCRIPTIONS.new()
    created, paid, given_back = decoded(
        [state("created", "e1", 0), invoice("p1", 5, 100), refund("f1", 6, 9)]
    ).events
    SUBSCRIPTIONS.fold(row, created)
    steps = row.steps(scope)
    SUBSCRIPTIONS.fold(row, paid)
    SUBSCRIPTIONS.fold(row, given_back)
    assert (row.steps(scope) is steps) == is_kept
