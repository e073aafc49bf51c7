"""A company's events of Stripe, made up: full objects as Stripe sends them, a line each.

The same for the same count and seed. Most are new periods and paid invoices, as of real customers;
some change seats, twice in a second too, have a second item or a discount, ask to cancel, and end.
"""

import json
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.builds import ROOT
from tests.events.sources.stripe.made import (
    JAN_5,
    coupon,
    customer,
    discount,
    event,
    invoice,
    item,
    price,
    subscription,
)

SAMPLES: Final = ROOT / "tests/events/sources/stripe/samples/events.ndjson"
DAY: Final = 86_400
MONTH: Final = 30 * DAY
END: Final = JAN_5 + 6 * MONTH

UPDATED: Final = "customer.subscription.updated"
OLD_FIELDS: Final = ("status_details", "discount", "proration")
"""Fields that objects of today lack."""

PRICES: Final = [
    price(unit, interval=interval, id=f"price_{unit}_{interval}", product=f"prod_{unit}")
    for unit in (900, 4_900, 12_000)
    for interval in ("month", "year")
]
PLAN_FIELDS: Final = (
    "active created livemode metadata meter nickname tiers_mode transform_usage trial_period_days"
)


def _plan(of: dict[str, Any]) -> dict[str, Any]:
    """Returns what a price was before there were prices, which is sent beside it to this day."""
    amounts = {"amount": of["unit_amount"], "amount_decimal": of["unit_amount_decimal"]}
    told = {name: of[name] for name in ("id", "billing_scheme", "currency", "product")}
    return {"object": "plan", **dict.fromkeys(PLAN_FIELDS.split()), **told, **amounts}


class _Fields:
    """All fields that the samples have of each kind of object; what is not told is null."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, None]] = {}
        for line in SAMPLES.read_bytes().splitlines():
            self._learn(json.loads(line))

    def _learn(self, thing: Any) -> None:
        inside = thing.values() if isinstance(thing, dict) else thing
        for each in inside if isinstance(thing, dict | list) else ():
            self._learn(each)
        if isinstance(thing, dict) and isinstance(kind := thing.get("object"), str):
            kept = {name: None for name in thing if name not in OLD_FIELDS}
            self._of.setdefault(kind, {}).update(kept)

    def line(self, made: dict[str, Any]) -> bytes:
        """Returns an event as a line."""
        return json.dumps(self._filled(made), separators=(",", ":")).encode() + b"\n"

    def _filled(self, thing: Any) -> Any:
        if isinstance(thing, list):
            return [self._filled(each) for each in thing]
        if not isinstance(thing, dict):
            return thing
        kind = thing.get("object")
        fields = self._of.get(kind, {}) if isinstance(kind, str) else {}
        first = {name: thing[name] for name in ("id", "object") if name in thing}
        return first | fields | {name: self._filled(value) for name, value in thing.items()}


class _Customer:
    """One customer with a subscription."""

    def __init__(self, number: int, draw: Random) -> None:
        self._draw = draw
        self._name = f"{number:06d}"
        self._begun = self._at = draw.randrange(JAN_5, END)
        self._events = 0
        self._lines = [self._line(each) for each in range(1 if draw.random() < 0.85 else 2)]
        self._discounts = [f"di_{self._name}"] if draw.random() < 0.15 else []

    def _line(self, number: int) -> dict[str, Any]:
        of = self._draw.choice(PRICES)
        return item(
            self._draw.randrange(1, 40),
            id=f"si_{self._name}_{number}",
            price=of,
            plan=_plan(of),
            current_period_start=self._at,
            current_period_end=self._at + MONTH,
        )

    def _sub(self, **more: Any) -> dict[str, Any]:
        return subscription(
            *self._lines,
            id=f"sub_{self._name}",
            customer=f"cus_{self._name}",
            created=self._begun,
            start_date=self._begun,
            discounts=self._discounts,
            **more,
        )

    def _made(self, kind: str, thing: dict[str, Any], **more: Any) -> dict[str, Any]:
        self._events += 1
        return event(thing, kind, id=f"evt_{self._name}_{self._events}", created=self._at, **more)

    def events(self) -> Iterator[dict[str, Any]]:
        """Yields its events, in their order."""
        of: dict[str, Any] = {
            "customer": f"cus_{self._name}",
            "subscription": f"sub_{self._name}",
        }
        yield self._made("customer.created", customer(id=of["customer"], created=self._at))
        for name in self._discounts:
            off = discount(id=name, start=self._at, end=END + MONTH, **of)
            yield self._made("customer.discount.created", off)
        yield self._made("customer.subscription.created", self._sub())
        yield from self._paid()
        while self._at < END:
            if self._draw.random() < 0.5:
                yield from self._seats()
            if self._draw.random() < 0.04:
                yield from self._end()
                return
            yield from self._renewed()

    def _changed(self, **fields: Any) -> dict[str, Any]:
        before = {"items": {"data": self._lines}}
        self._lines = [line | fields for line in self._lines]
        return self._made(UPDATED, self._sub(), before=before)

    def _seats(self) -> Iterator[dict[str, Any]]:
        self._at += self._draw.randrange(MONTH // 2)
        most = max(line["quantity"] for line in self._lines)
        for more in range(1, 3 if self._draw.random() < 0.05 else 2):
            yield self._changed(quantity=most + more)

    def _renewed(self) -> Iterator[dict[str, Any]]:
        self._at = self._lines[0]["current_period_end"]
        yield self._changed(current_period_start=self._at, current_period_end=self._at + MONTH)
        yield from self._paid()

    def _paid(self) -> Iterator[dict[str, Any]]:
        self._at += 5
        paid = invoice(id=f"in_{self._name}_{self._events}", customer=f"cus_{self._name}")
        yield self._made("invoice.paid", paid)
        if self._draw.random() < 0.25:
            yield self._made("invoice.payment_succeeded", paid)

    def _end(self) -> Iterator[dict[str, Any]]:
        self._at += DAY
        details = {"reason": "cancellation_requested", "feedback": "unused", "comment": None}
        asked: dict[str, Any] = {"canceled_at": self._at, "cancellation_details": details}
        unset = {"cancel_at_period_end": False, "canceled_at": None}
        yield self._made(UPDATED, self._sub(cancel_at_period_end=True, **asked), before=unset)
        self._at = max(self._at + DAY, self._lines[0]["current_period_end"])
        ended = self._sub(ended_at=self._at, status="canceled", **asked)
        yield self._made("customer.subscription.deleted", ended)


def write(path: Path, count: int, seed: int = 1) -> None:
    """Writes events to a file, in the order of their instants."""
    draw, fields, number = Random(seed), _Fields(), 0
    spring = event(coupon(), "coupon.created", id="evt_spring", created=JAN_5)
    lines = [(JAN_5, fields.line(spring))]
    while len(lines) < count:
        made = _Customer(number, draw).events()
        lines += [(each["created"], fields.line(each)) for each in made]
        number += 1
    lines.sort(key=itemgetter(0))
    path.write_bytes(b"".join(line for _, line in lines[:count]))
