"""Events of Stripe, made: the same change in the shapes of four API versions.

Only fields that say something; ``tests/events/sources/producers/stripe_samples.py`` adds the others
that Stripe's own library names, and holds these against it. Imports nothing of ours.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

Shape = Literal["acacia", "basil", "clover", "endive"]
SHAPES: Final[tuple[Shape, ...]] = ("acacia", "basil", "clover", "endive")
VERSIONS: Final[Mapping[Shape, str]] = {
    "acacia": "2025-02-24.acacia",
    "basil": "2025-03-31.basil",
    "clover": "2025-09-30.clover",
    "endive": "2026-10-28.endive",
}

JAN_5: Final = 1_767_607_200
"""2026-01-05T10:00:00Z."""
FEB_5: Final = 1_770_285_600
MAR_5: Final = 1_772_704_800
APR_5: Final = 1_775_383_200


def price(
    unit: int | None = 4_900, currency: str = "usd", interval: str = "month", **more: Any
) -> dict[str, Any]:
    """Returns a licensed price."""
    recurring = {"interval": interval, "interval_count": 1, "usage_type": "licensed"}
    return {
        "id": "price_pro",
        "object": "price",
        "billing_scheme": "per_unit",
        "currency": currency,
        "product": "prod_pro",
        "recurring": recurring | more.pop("recurring", {}),
        "transform_quantity": None,
        "unit_amount": unit,
        "unit_amount_decimal": None if unit is None else str(unit),
        **more,
    }


def item(quantity: int | None = 10, **more: Any) -> dict[str, Any]:
    """Returns an item of a subscription, with its period."""
    made = {
        "id": "si_1",
        "object": "subscription_item",
        "price": price(),
        "current_period_start": JAN_5,
        "current_period_end": FEB_5,
        "discounts": [],
    } | more
    return made if quantity is None else made | {"quantity": quantity}


def subscription(*items: dict[str, Any], shape: Shape = "endive", **more: Any) -> dict[str, Any]:
    """Returns a subscription in the shape of an API version."""
    made: dict[str, Any] = {
        "id": "sub_1",
        "object": "subscription",
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "created": JAN_5,
        "currency": "usd",
        "customer": "cus_1",
        "discounts": [],
        "ended_at": None,
        "items": {"object": "list", "data": list(items or (item(),)), "has_more": False},
        "livemode": True,
        "metadata": {},
        "pause_collection": None,
        "start_date": JAN_5,
        "status": "active",
        "test_clock": None,
        "trial_end": None,
        "trial_start": None,
    } | more
    return old_subscription(made) if shape == "acacia" else made


def old_subscription(sub: dict[str, Any]) -> dict[str, Any]:
    """Returns a subscription as it was until acacia: its period is its own."""
    items = [dict(each) for each in sub["items"]["data"]]
    ends = [(each.pop("current_period_end"), each.pop("current_period_start")) for each in items]
    end, start = min(ends)
    period = {"current_period_start": start, "current_period_end": end}
    return sub | {"items": sub["items"] | {"data": items}, "discount": None} | period


def invoice(shape: Shape = "endive", **more: Any) -> dict[str, Any]:
    """Returns a paid invoice for one month of the subscription."""
    line: dict[str, Any] = {
        "id": "il_1",
        "object": "line_item",
        "period": {"start": JAN_5, "end": FEB_5},
    }
    made: dict[str, Any] = {
        "id": "in_1",
        "object": "invoice",
        "amount_paid": 49_000,
        "billing_reason": "subscription_cycle",
        "currency": "usd",
        "customer": "cus_1",
        "livemode": True,
        "period_end": JAN_5,
        "period_start": JAN_5 - 86_400 * 31,
        "status": "paid",
    }
    if shape == "acacia":
        made |= {
            "charge": "ch_1",
            "payment_intent": "pi_1",
            "paid": True,
            "subscription": "sub_1",
            "subscription_details": {"metadata": {}},
        }
        line |= {"type": "subscription", "proration": False}
    else:
        details = {"metadata": {}, "subscription": "sub_1"}
        made["parent"] = {"type": "subscription_details", "subscription_details": details}
        source = {"subscription": "sub_1", "subscription_item": "si_1", "proration": False}
        line["parent"] = {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": source,
        }
    return made | {"lines": {"object": "list", "data": [line], "has_more": False}} | more


def coupon(**more: Any) -> dict[str, Any]:
    """Returns a coupon of 20 percent for three months."""
    return {
        "id": "spring",
        "object": "coupon",
        "amount_off": None,
        "currency": None,
        "duration": "repeating",
        "duration_in_months": 3,
        "percent_off": 20.0,
    } | more


def discount(shape: Shape = "endive", **more: Any) -> dict[str, Any]:
    """Returns a discount of the subscription; its coupon is an id since clover."""
    made: dict[str, Any] = {
        "id": "di_1",
        "object": "discount",
        "customer": "cus_1",
        "end": APR_5,
        "start": JAN_5,
        "subscription": "sub_1",
        "subscription_item": None,
    }
    if shape in ("acacia", "basil"):
        made["coupon"] = coupon()
    else:
        made["source"] = {"type": "coupon", "coupon": "spring"}
    return made | more


def refund(**more: Any) -> dict[str, Any]:
    """Returns a refund."""
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 9_800,
        "charge": "ch_1",
        "created": FEB_5,
        "currency": "usd",
        "customer": "cus_1",
        "payment_intent": "pi_1",
        "status": "succeeded",
    } | more


def invoice_payment(**more: Any) -> dict[str, Any]:
    """Returns a payment of the invoice."""
    payment = {"type": "payment_intent", "payment_intent": "pi_1"}
    return {
        "id": "inpay_1",
        "object": "invoice_payment",
        "invoice": "in_1",
        "livemode": True,
        "payment": payment,
        "status": "paid",
    } | more


def customer(**more: Any) -> dict[str, Any]:
    """Returns a customer."""
    made = {"id": "cus_1", "object": "customer", "created": JAN_5, "livemode": True}
    return made | {"metadata": {}, "test_clock": None} | more


_TYPES: Final = {
    "subscription": "customer.subscription.updated",
    "invoice": "invoice.paid",
    "discount": "customer.discount.created",
    "coupon": "coupon.created",
    "refund": "refund.created",
    "invoice_payment": "invoice_payment.paid",
    "customer": "customer.created",
    "charge": "charge.refunded",
}


def event(
    thing: dict[str, Any],
    kind: str | None = None,
    *,
    shape: Shape = "endive",
    before: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Returns an event about an object, with the old values of what changed."""
    data = {"object": thing} | ({} if before is None else {"previous_attributes": before})
    made = {
        "id": "evt_1",
        "object": "event",
        "api_version": VERSIONS[shape],
        "created": FEB_5,
        "data": data,
        "livemode": True,
        "type": kind or _TYPES[thing["object"]],
    }
    return made | more


def content(*things: Any) -> bytes:
    """Returns a file of reference data, or of events, a line each."""
    return b"".join(json.dumps(thing).encode() + b"\n" for thing in things)
