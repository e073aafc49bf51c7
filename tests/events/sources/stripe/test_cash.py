"""Invoices, refunds, customers."""

from typing import Any

import pytest

from tests.events.sources.stripe.made import (
    FEB_5,
    JAN_5,
    MAR_5,
    SHAPES,
    Shape,
    content,
    customer,
    event,
    invoice,
    invoice_payment,
    refund,
    subscription,
)
from tests.events.sources.stripe.taken import gap, imported, one, told

PAID = {
    "account_id": "cus_1",
    "invoice_id": "in_1",
    "subscription_id": "sub_1",
    "amount_paid": 49_000,
    "currency": "USD",
    "period_start": "2026-01-05T10:00:00Z",
    "period_end": "2026-02-05T10:00:00Z",
    "billing_reason": "subscription_cycle",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_paid_invoice(shape: Shape) -> None:
    """Its period is that of its lines: its own is the one that invoice items were gathered in."""
    assert one(event(invoice(shape), shape=shape)) == PAID


@pytest.mark.parametrize("kind", ["invoice.payment_succeeded", "invoice_payment.paid"])
def test_the_same_cash_again(kind: str) -> None:
    """Two further events tell the same payment: they are passed over, by name."""
    thing = invoice() if kind.startswith("invoice.") else invoice_payment()
    out = imported([event(thing, kind)])
    assert (out.told, out.passed) == ([], {kind: 1})


def test_what_was_paid_elsewhere_is_paid() -> None:
    """Since dahlia it is no part of amount_paid."""
    elsewhere = invoice(amount_paid=0, amount_paid_off_stripe=49_000)
    assert one(event(elsewhere))["amount_paid"] == 49_000


def lines(*periods: tuple[int, int], proration: bool = False, **more: Any) -> dict[str, Any]:
    """Returns an invoice with lines for some periods."""
    made = invoice()
    [line] = made["lines"]["data"]
    details = line["parent"]["subscription_item_details"] | {"proration": proration}
    parent = line["parent"] | {"subscription_item_details": details}
    for_each = [
        line | {"parent": parent, "period": {"start": start, "end": end}} for start, end in periods
    ]
    made["lines"] = made["lines"] | {"data": for_each} | more
    return made


def test_use_gone_by_is_not_the_period() -> None:
    """With metered lines of the month before, the period is that of the price to come."""
    out = imported([event(lines((JAN_5, FEB_5), (FEB_5, MAR_5), (FEB_5, MAR_5 + 9)))])
    [(_, each)] = out.told
    assert each.data["period_start"] == "2026-02-05T10:00:00Z"
    assert each.data["period_end"] == "2026-03-05T10:00:00Z"
    assert sum(out.notes.values()) == 1


def test_prorations_only_count_alone() -> None:
    """What is charged for a part of a month is the period only of an invoice that has no other."""
    part = lines((JAN_5 + 99, FEB_5), proration=True)
    assert one(event(part))["period_start"] == "2026-01-05T10:01:39Z"
    both = lines((FEB_5, MAR_5))
    both["lines"]["data"] += part["lines"]["data"]
    assert one(event(both))["period_start"] == "2026-02-05T10:00:00Z"


def test_lines_that_are_not_all_there() -> None:
    """That is said: what was paid is exact."""
    out = imported([event(lines((JAN_5, FEB_5), has_more=True))])
    assert sum(out.notes.values()) == 1
    assert len(out.told) == 1


def test_an_invoice_of_no_subscription() -> None:
    """It is cash of its account, with neither subscription nor period."""
    made = invoice(parent=None, lines={"data": [{"type": "invoiceitem"}]}, billing_reason="manual")
    data = one(event(made))
    assert data.keys() == PAID.keys() - {"subscription_id", "period_start", "period_end"}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_account_of_an_invoice_is_its_subscriptions(shape: Shape) -> None:
    """The metadata of the subscription is in the invoice."""
    made = invoice(shape)
    details = made.get("subscription_details") or made["parent"]["subscription_details"]
    details["metadata"] = {"account_id": "acme"}
    assert one(event(made, shape=shape), account_key="account_id")["account_id"] == "acme"


REFUNDED = {
    "account_id": "cus_1",
    "charge_id": "ch_1",
    "invoice_id": "in_1",
    "amount": 9_800,
    "currency": "USD",
}
PAYMENT = event(invoice_payment(), id="evt_p")
REFUND = event(refund(), id="evt_r")


def test_a_refund_finds_its_invoice() -> None:
    """By its payment: told before or after, in a file, or by the invoice itself until acacia."""
    for order in ([PAYMENT, REFUND], [REFUND, PAYMENT]):
        [each] = told(*order)
        assert (each.id, each.type, each.time) == (
            "re_1",
            "charge.refunded",
            "2026-02-05T10:00:00Z",
        )
        assert each.data == REFUNDED
    listed = {"object": "list", "data": [invoice_payment()]}
    assert one(REFUND, invoice_payments=(content(listed),)) == REFUNDED
    old = event(invoice("acacia"), id="evt_i")
    nobodys = event(refund(customer=None), id="evt_r")
    for order in ([old, nobodys], [nobodys, old]):
        assert [each.data for each in told(*order) if each.id == "re_1"] == [REFUNDED]
    charge = {"id": "ch_1", "object": "charge", "customer": "cus_1", "invoice": "in_1"}
    assert one(nobodys, event(charge)) == REFUNDED


def test_a_refund_of_an_unknown_invoice() -> None:
    """It is told without, which is said; whose it is must be known."""
    out = imported([REFUND])
    assert [each.data for _, each in out.told] == [
        {name: value for name, value in REFUNDED.items() if name != "invoice_id"}
    ]
    assert sum(out.notes.values()) == 1
    assert gap(event(refund(customer=None))) == "account_unknown"


def test_a_refund_is_told_once() -> None:
    """Pending it is none; each event about it again is the same one, and the charge's sum none."""
    pending = event(refund(status="pending"), id="evt_1")
    later = event(
        refund(), "refund.updated", id="evt_2", created=MAR_5, before={"status": "pending"}
    )
    touched = event(refund(metadata={"a": "b"}), "refund.updated", id="evt_3", created=MAR_5 + 1)
    charge = {"id": "ch_1", "object": "charge", "amount_refunded": 9_800, "customer": "cus_1"}
    summed = event(charge, id="evt_4")
    out = imported([pending, later, touched, summed, PAYMENT])
    assert [each.data["amount"] for _, each in out.told] == [9_800]
    assert out.passed["charge.refunded"] == 1
    assert told(later, PAYMENT) == told(touched, PAYMENT) == told(REFUND, PAYMENT)


def test_two_refunds_of_one_charge() -> None:
    """Each is money more: 98.00 and 98.00, where the charge says 98.00 and then 196.00."""
    second = event(refund(id="re_2"), id="evt_s")
    assert [each.data["amount"] for each in told(PAYMENT, REFUND, second)] == [9_800, 9_800]


def test_a_refund_that_failed_after_all() -> None:
    """The money came back: what was told is retracted; one that never succeeded is nothing."""
    failed = refund(status="failed", failure_reason="expired_or_canceled_card")
    made = event(failed, "refund.updated", id="evt_f", before={"status": "succeeded"})
    first, back = told(PAYMENT, REFUND, made)
    assert (back.type, back.id, back.data["retracts"]) == (
        "event.retracted",
        "re_1/failed",
        first.id,
    )
    assert back.data["account_id"] == first.data["account_id"]
    assert back.data["retracts_source"] == first.source
    never = event(failed, "refund.updated", before={"status": "pending"})
    assert imported([never]).told == []


def test_whose_a_refund_is_follows_its_invoice() -> None:
    """Metadata that decides over the invoice decides over the refund; else it is not known."""
    made = invoice()
    made["parent"]["subscription_details"]["metadata"] = {"account_id": "acme"}
    events = told(REFUND, PAYMENT, event(made, id="evt_i"), account_key="account_id")
    assert {each.data["account_id"] for each in events} == {"acme"}
    assert gap(REFUND, PAYMENT, account_key="account_id") == "account_unknown"


def test_customers_are_accounts() -> None:
    """A customer is an account; what its metadata says of it is told by the keys that are named."""
    rich = customer(metadata={"tier": "smb", "geo": "emea", "plan_tier": "gold"})
    keys = {
        "segment_key": "tier",
        "region_key": "geo",
        "csm_key": "csm",
        "attributes": ("plan_tier",),
    }
    [each] = told(event(rich, created=JAN_5), **keys)
    assert (each.type, each.data) == (
        "account.created",
        {"account_id": "cus_1", "segment": "smb", "region": "emea", "plan_tier": "gold"},
    )
    [each] = told(event(customer(metadata={"tier": "big"}), "customer.updated"), **keys)
    assert (each.type, each.data) == (
        "account.updated",
        {
            "account_id": "cus_1",
            "segment": "big",
            "region": None,
            "csm_id": None,
            "plan_tier": None,
        },
    )
    assert imported([event(customer(), "customer.updated")]).passed == {"customer.updated": 1}


@pytest.mark.parametrize("thing", [subscription, invoice, customer])
def test_test_mode_is_no_fact(thing: Any) -> None:
    """Test mode stands in the envelope, and test clocks in the object: no figure has them."""
    for made in (
        event(thing(), livemode=False),
        event(thing(livemode=False)),
        event(thing(test_clock="clock_1")),
    ):
        assert imported([made]).passed == {"test mode": 1}


def test_connected_accounts_are_sources_of_their_own() -> None:
    """Ids are unique within an account."""
    [each] = told(event(subscription(), account="acct_7"))
    assert each.source == "stripe/acct_7"
    [each] = told(event(subscription(), account="acct_7", created=FEB_5), source="billing")
    assert each.source == "billing/acct_7"
