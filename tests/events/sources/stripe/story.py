"""Five customers in the first quarter of 2026; the API version moves from acacia to endive.

| customer | what | monthly |
|---|---|---|
| acme | 10 seats at 49.00; 12 from 10 February; twice changed in a second of 12 March, 15 in the end | 490.00, 588.00, 735.00 |
| bolt | 1200.00 a year; asks on 2 March to cancel with the year | 100.00 |
| cora | 99.00 less 20 percent for three months | 79.20 |
| dune | 50.00; its last payment failed on 20 March, which pauses it | 50.00, then 0 |
| echo | 12 seats by tiers: 10.00 and 5 x 7.00, 5 x 6.50, 0.99 and 2 x 6.00 | 90.49 |
"""  # noqa: E501 - a table

from typing import Any, Final

from tests.events.sources.stripe.made import (
    Shape,
    coupon,
    customer,
    discount,
    event,
    invoice,
    invoice_payment,
    item,
    price,
    refund,
    subscription,
)

DAY: Final = 86_400
JAN_5: Final = 1_767_607_200
_TIERS: Final[list[dict[str, Any]]] = [
    {"up_to": 5, "unit_amount": 700, "unit_amount_decimal": "700", "flat_amount": 1_000},
    {"up_to": 10, "unit_amount": 650, "unit_amount_decimal": "650", "flat_amount": None},
    {"up_to": None, "unit_amount": 600, "unit_amount_decimal": "600", "flat_amount": 99},
]
_SEATS: Final = price(
    None, id="price_seats", billing_scheme="tiered", tiers_mode="graduated", product="prod_seats"
)
PRICES: Final = [_SEATS | {"tiers": _TIERS}]
"""What the API lists with its tiers; events have none."""


def _sub(name: str, line: dict[str, Any], day: int, **more: Any) -> dict[str, Any]:
    """Returns a subscription that began some days after 5 January, with its months as period."""
    start = JAN_5 + day * DAY
    end = max(line["current_period_end"], start + 31 * DAY)
    period = {"current_period_start": start, "current_period_end": end}
    line = line | {"id": f"si_{name}"} | period
    named: dict[str, Any] = {
        "id": f"sub_{name}",
        "customer": f"cus_{name}",
        "start_date": start,
        "created": start,
    }
    return subscription(line, **(named | more))


def _made(kind: str, name: str, at: int, thing: dict[str, Any], **more: Any) -> dict[str, Any]:
    return event(thing, kind, id=f"evt_{name}", created=at, **more)


def _new(name: str, line: dict[str, Any], day: int, **more: Any) -> list[dict[str, Any]]:
    """Returns what tells a new customer and its subscription, as acacia had them."""
    at = JAN_5 + day * DAY
    who = customer(id=f"cus_{name}", created=at)
    sub = _sub(name, line, day, shape="acacia", **more)
    created = "customer.subscription.created"
    return [
        _made("customer.created", f"{name}_1", at, who, shape="acacia"),
        _made(created, f"{name}_2", at, sub, shape="acacia"),
    ]


def _seats(name: str, at: int, old: int, new: int, shape: Shape) -> dict[str, Any]:
    before = {"items": {"data": _sub("acme", item(old), 0, shape=shape)["items"]["data"]}}
    sub = _sub("acme", item(new), 0, shape=shape)
    kind = "customer.subscription.updated"
    return _made(kind, name, at, sub, before=before, shape=shape)


def same_update(shape: Shape) -> dict[str, Any]:
    """Returns 12 seats in place of 10, on 10 February, in the shape of an API version."""
    return _seats(f"acme_3_{shape}", JAN_5 + 36 * DAY, 10, 12, shape)


def _cora() -> list[dict[str, Any]]:
    """Returns a discount that is named by id; it and its coupon come after it."""
    at = JAN_5 + 5 * DAY
    off = discount(
        "acacia", id="di_cora", customer="cus_cora", subscription="sub_cora", start=at
    ) | {"end": at + 90 * DAY, "coupon": "spring"}
    line = item(1, price=price(9_900, id="price_team"))
    return [
        *_new("cora", line, 5, discounts=["di_cora"]),
        _made("customer.discount.created", "cora_3", at, off, shape="acacia"),
        _made("coupon.created", "cora_4", at - DAY, coupon(), shape="acacia"),
    ]


def _bolt_and_dune() -> list[dict[str, Any]]:
    """Returns a request to cancel, and a pause after the last failed payment."""
    asked, failed = JAN_5 + 56 * DAY, JAN_5 + 74 * DAY
    year = item(1, price=price(120_000, interval="year", id="price_year"))
    year["current_period_end"] = JAN_5 + 367 * DAY
    details = {
        "reason": "cancellation_requested",
        "feedback": "too_expensive",
        "comment": "We use half of it.",
    }
    ending = _sub(
        "bolt",
        year,
        2,
        cancel_at=JAN_5 + 367 * DAY,
        cancel_at_period_end=True,
        canceled_at=asked,
        cancellation_details=details,
    )
    small = item(1, price=price(5_000, id="price_small"))
    paused = {"subscription": {"type": "final_payment_failure"}, "transitioned_at": failed}
    lost = _sub("dune", small, 7, status="paused", status_details={"paused": paused})
    unset = {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    return [
        *_new("bolt", year, 2),
        *_new("dune", small, 7),
        _made("customer.subscription.updated", "bolt_3", asked, ending, before=unset),
        _made("customer.subscription.paused", "dune_4", failed, lost),
        _made(
            "customer.subscription.updated",
            "dune_3",
            failed,
            lost,
            before={"status": "past_due"},
        ),
    ]


def events() -> list[dict[str, Any]]:
    """Returns all events, in no order."""
    tie = JAN_5 + 66 * DAY
    paid = invoice("acacia", id="in_acme", customer="cus_acme", subscription="sub_acme")
    back = refund(customer="cus_acme", created=JAN_5 + 63 * DAY)
    of = invoice_payment(invoice="in_acme")
    return [
        _seats("acme_5", tie, 20, 15, "endive"),
        *_new("acme", item(10), 0),
        _made("invoice.paid", "acme_6", JAN_5 + 5, paid, shape="acacia"),
        same_update("acacia"),
        _seats("acme_4", tie, 12, 20, "endive"),
        _made("refund.created", "acme_8", JAN_5 + 63 * DAY, back),
        _made("invoice_payment.paid", "acme_7", JAN_5 + 60 * DAY, of),
        *_cora(),
        *_bolt_and_dune(),
        *_new("echo", item(12, price=_SEATS), 9),
    ]
