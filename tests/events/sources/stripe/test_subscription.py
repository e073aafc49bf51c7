"""States of subscriptions, in every shape; each test is a rule that a good guess breaks."""

from typing import Any

import pytest

from tests.events.sources.stripe.made import (
    APR_5,
    FEB_5,
    JAN_5,
    MAR_5,
    SHAPES,
    Shape,
    content,
    event,
    item,
    price,
    subscription,
)
from tests.events.sources.stripe.taken import gap, imported, one, told


@pytest.mark.parametrize("shape", SHAPES)
def test_all_shapes_tell_the_same(shape: Shape) -> None:
    """A change is told alike, whichever API version made the event."""
    [each] = told(event(subscription(shape=shape), shape=shape))
    assert (each.id, each.source, each.type, each.sequence) == (
        "evt_1",
        "stripe",
        "subscription.updated",
        None,
    )
    assert each.time == "2026-02-05T10:00:00Z"
    assert each.data == {
        "account_id": "cus_1",
        "subscription_id": "sub_1",
        "status": "active",
        "items": [
            {
                "item_id": "si_1",
                "plan_id": "price_pro",
                "product_id": "prod_pro",
                "quantity": 10,
                "amount": 49_000,
                "currency": "USD",
                "interval": "month",
            }
        ],
        "term_start": "2026-01-05T10:00:00Z",
        "term_end": "2026-02-05T10:00:00Z",
    }


def test_a_creation_counts_from_its_start() -> None:
    """What was back-dated is revenue from its start on."""
    back = subscription(start_date=JAN_5)
    [each] = told(event(back, "customer.subscription.created"))
    assert each.type == "subscription.created"
    assert each.data["start_date"] == "2026-01-05T10:00:00Z"


def test_quantity_absent_and_nought() -> None:
    """An absent quantity is left out and not null; 0 costs nothing."""
    made = subscription(item(None), item(0, id="si_2"))
    absent, nought = one(event(made))["items"]
    assert "quantity" not in absent
    assert (absent["amount"], nought["quantity"], nought["amount"]) == (4_900, 0, 0)


def test_metered_has_no_price() -> None:
    """Metered use is told as such with an amount of 0, whatever its unit costs."""
    metered = price(None, recurring={"usage_type": "metered"}, billing_scheme="tiered")
    [line] = one(event(subscription(item(None, price=metered))))["items"]
    assert (line["usage_type"], line["amount"]) == ("metered", 0)
    assert "quantity" not in line


def test_items_that_are_not_all_there() -> None:
    """A state with more items than the event has is withheld: the rest would be lost revenue."""
    made = subscription()
    made["items"]["has_more"] = True
    assert gap(event(made)) == "items_incomplete"


@pytest.mark.parametrize(
    ("why", "options", "kind", "status"),
    [
        ("final_payment_failure", {}, "subscription.updated", "unpaid"),
        ("pause_requested", {}, "subscription.paused", "paused"),
        ("system", {}, "subscription.paused", "paused"),
        (None, {}, "subscription.paused", "paused"),
        ("first_payment_failure", {}, "subscription.updated", "past_due"),
        (
            "first_payment_failure",
            {"first_payment_failure": "unpaid"},
            "subscription.updated",
            "unpaid",
        ),
        (
            "first_payment_failure",
            {"first_payment_failure": "paused"},
            "subscription.paused",
            "paused",
        ),
        ("trial_end_without_payment_method", {}, "subscription.paused", "paused"),
        (
            "trial_end_without_payment_method",
            {"trial_without_payment_method": "deleted"},
            "subscription.deleted",
            None,
        ),
    ],
)
def test_paused_is_told_by_its_reason(
    why: str | None, options: dict[str, str], kind: str, status: str | None
) -> None:
    """A pause after the last failed payment is revenue lost, and no pause."""
    details = {"paused": {"subscription": {"type": why}, "transitioned_at": FEB_5}}
    made = subscription(status="paused", status_details=details if why else None)
    for of in ("customer.subscription.paused", "customer.subscription.updated"):
        [each] = told(event(made, of), **options)
        assert (each.type, each.data.get("status")) == (kind, status)


def test_a_pause_or_a_status_that_is_not_known() -> None:
    """What Stripe adds is not guessed."""
    details = {"paused": {"subscription": {"type": "moon"}}}
    assert gap(event(subscription(status="paused", status_details=details))) == "pause_unknown"
    assert gap(event(subscription(status="moon"))) == "status_unknown"
    for behavior in ("moon", {"moon": 1}):
        thing = subscription(pause_collection={"behavior": behavior})
        assert gap(event(thing)) == "pause_unknown"


@pytest.mark.parametrize(
    ("behavior", "which", "is_pause"),
    [
        ("void", "void", True),
        ("void", "none", False),
        ("mark_uncollectible", "void", False),
        ("mark_uncollectible", "free", True),
        ("keep_as_draft", "free", False),
        ("keep_as_draft", "all", True),
    ],
)
def test_pause_collection_is_a_pause_by_behaviour(
    behavior: str, which: str, is_pause: bool
) -> None:
    """It comes as an update with the status active: what is not billed is no revenue."""
    made = subscription(pause_collection={"behavior": behavior, "resumes_at": APR_5})
    [each] = told(event(made, before={"pause_collection": None}), collection_pauses=which)
    if is_pause:
        assert (each.type, each.data["status"]) == ("subscription.paused", "paused")
        assert each.data["resumes_at"] == "2026-04-05T10:00:00Z"
    else:
        assert (each.type, each.data["status"]) == ("subscription.updated", "active")


def test_a_pause_of_collection_ends() -> None:
    """It goes on when pause_collection goes back to null, and by its own event."""
    was = {"pause_collection": {"behavior": "void", "resumes_at": None}}
    [each] = told(event(subscription(), before=was))
    assert (each.type, each.data["status"]) == ("subscription.resumed", "active")
    [each] = told(event(subscription(), "customer.subscription.resumed"))
    assert each.type == "subscription.resumed"


ASKED: dict[str, Any] = {
    "canceled_at": FEB_5,
    "cancellation_details": {
        "reason": "cancellation_requested",
        "feedback": "too_expensive",
        "comment": "We use half of it.",
    },
}


@pytest.mark.parametrize("cancel_at", [MAR_5, None])
def test_a_request_to_cancel(cancel_at: int | None) -> None:
    """One event of theirs is two of ours; an end with the period has the period's instant."""
    made = subscription(
        item(current_period_start=FEB_5, current_period_end=MAR_5),
        cancel_at=cancel_at,
        cancel_at_period_end=True,
        **ASKED,
    )
    before = {"cancel_at_period_end": False, "cancel_at": None}
    state, request = told(event(made, before=before))
    assert state.data["cancel_at"] == "2026-03-05T10:00:00Z"
    assert (request.id, request.type) == ("evt_1/cancel", "subscription.cancellation_requested")
    assert request.data == {
        "account_id": "cus_1",
        "subscription_id": "sub_1",
        "cancel_at": "2026-03-05T10:00:00Z",
        "reason": "too_expensive",
        "feedback": "We use half of it.",
    }


def test_a_withdrawal_and_another_date_are_no_requests() -> None:
    """Without a date the state takes it back; a date that is moved was asked for before."""
    [each] = told(event(subscription(), before={"cancel_at_period_end": True, "cancel_at": MAR_5}))
    assert "cancel_at" not in each.data
    [each] = told(event(subscription(cancel_at=APR_5), before={"cancel_at": MAR_5}))
    assert each.data["cancel_at"] == "2026-04-05T10:00:00Z"


def test_items_that_end_at_different_times() -> None:
    """An end with the period is that of the item that ends first; what is lost is said."""
    year = item(
        id="si_2", price=price(60_000, interval="year"), current_period_end=JAN_5 + 86_400 * 365
    )
    out = imported([event(subscription(year, item(), cancel_at_period_end=True))])
    [(_, each)] = out.told
    assert each.data["term_end"] == each.data["cancel_at"] == "2026-02-05T10:00:00Z"
    assert [line["interval"] for line in each.data["items"]] == ["year", "month"]
    assert sum(out.notes.values()) == 1


DELETED = "customer.subscription.deleted"


@pytest.mark.parametrize(
    ("details", "options", "expected"),
    [
        ({"reason": "payment_failed"}, {}, {"voluntary": False, "reason": "payment_failed"}),
        (
            {"reason": "payment_disputed", "feedback": "other"},
            {},
            {"voluntary": False, "reason": "payment_disputed"},
        ),
        (
            {"reason": "cancellation_requested", "feedback": "unused"},
            {},
            {"voluntary": True, "reason": "unused"},
        ),
        ({"reason": "canceled_by_retention_policy"}, {}, {}),
        (
            {"reason": "canceled_by_retention_policy"},
            {"retention_policy": "involuntary"},
            {"voluntary": False, "reason": "canceled_by_retention_policy"},
        ),
        (None, {}, {}),
        ({"reason": "moon"}, {}, {"reason": "moon"}),
    ],
)
def test_an_end_is_when_it_ended(
    details: dict[str, Any] | None, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    """It ends at ended_at, not when that was asked for; its reason says if it was chosen."""
    made = subscription(
        status="canceled", canceled_at=JAN_5, ended_at=FEB_5, cancellation_details=details
    )
    [each] = told(event(made, DELETED), **options)
    named = {"account_id": "cus_1", "subscription_id": "sub_1"}
    assert each.data == named | {"ended_at": "2026-02-05T10:00:00Z"} | expected


def test_a_trial_says_when_it_ends() -> None:
    """A trial's dates are told with it, and not after it."""
    dates: dict[str, Any] = {"trial_start": JAN_5, "trial_end": FEB_5}
    data = one(event(subscription(status="trialing", **dates)))
    assert (data["trial_start"], data["trial_end"]) == (
        "2026-01-05T10:00:00Z",
        "2026-02-05T10:00:00Z",
    )
    assert "trial_end" not in one(event(subscription(**dates)))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [("price", "price_pro"), ("product", "prod_pro"), ("lookup_key", "pro"), ("nickname", "Pro")],
)
def test_what_is_the_plan(plan: str, expected: str) -> None:
    """The plan is the price, or what an option names; a price without it stands for itself."""
    named = price(lookup_key="pro", nickname="Pro")
    assert one(event(subscription(item(price=named))), plan=plan)["items"][0]["plan_id"] == expected
    bare = price(product=None)
    [line] = one(event(subscription(item(price=bare))), plan=plan)["items"]
    assert line["plan_id"] == "price_pro"


def test_whose_it_is() -> None:
    """Metadata if a key is named, of the subscription or its customer; a map; the customer."""
    made = event(subscription(metadata={"account_id": "acme"}))
    assert one(made)["account_id"] == "cus_1"
    assert one(made, account_key="account_id")["account_id"] == "acme"
    mapped = (b"theirs,account_id\ncus_1,acme\n",)
    assert one(made, accounts=mapped)["account_id"] == "acme"
    theirs = {"id": "cus_1", "object": "customer", "metadata": {"account_id": "acme"}}
    expanded = event(subscription(customer=theirs))
    assert one(expanded)["account_id"] == "cus_1"
    assert one(expanded, account_key="account_id")["account_id"] == "acme"
    listed = (content({"object": "list", "data": [theirs]}),)
    plain = event(subscription())
    assert one(plain, account_key="account_id", customers=listed)["account_id"] == "acme"
    assert one(plain, account_key="account_id")["account_id"] == "cus_1"
    nobody = event(subscription(customer=None, customer_account="acct_7"))
    assert one(nobody)["account_id"] == "acct_7"
    assert gap(event(subscription(customer=None))) == "account_unknown"
