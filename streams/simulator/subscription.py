"""A subscription's state and the price list it comes from.

Amounts are minor units (cents of US dollars) for one interval and the whole quantity, before
discounts, as `items[]` of the subscription events want them.
"""

from dataclasses import dataclass, field

from streams.simulator.stamp import add_months, stamp

PLANS = ("starter", "pro", "business")
"""From the smallest to the largest."""
_SEAT_CENTS = {"starter": 1_900, "pro": 3_900, "business": 6_900}
"""Price of a seat a month."""
_ADD_ON_CENTS = 14_900
"""Price of the add-on a month, whatever the seats."""
_YEAR_PAYS_MONTHS = 10
"""A year costs ten months."""


@dataclass(slots=True, frozen=True)
class BillingCycle:
    """How often a subscription is billed and renewed."""

    interval: str
    count: int
    months: int

    @property
    def paid_months(self) -> int:
        """Months charged for one interval of `count`."""
        return _YEAR_PAYS_MONTHS if self.interval == "year" else self.months


MONTHLY = BillingCycle("month", 1, 1)
QUARTERLY = BillingCycle("month", 3, 3)
YEARLY = BillingCycle("year", 1, 12)


@dataclass(slots=True)
class SimulatedDiscount:
    """A rebate: `percent_off` of the amount, `once`, `repeating` (until `end_ms`) or `forever`."""

    discount_id: str
    percent_off: int
    duration: str
    start_ms: int
    end_ms: int | None

    def state(self) -> dict[str, object]:
        """Writes it as an entry of `discounts[]`."""
        entry: dict[str, object] = {
            "id": self.discount_id,
            "percent_off": self.percent_off,
            "duration": self.duration,
            "start": stamp(self.start_ms),
        }
        if self.end_ms is not None:
            entry["end"] = stamp(self.end_ms)
        return entry


@dataclass(slots=True)
class SimulatedSubscription:
    """The full state that every subscription event carries."""

    subscription_id: str
    plan: str
    cycle: BillingCycle
    seats: int
    start_ms: int
    term_start_ms: int
    term_end_ms: int
    status: str = "active"
    has_add_on: bool = False
    is_metered: bool = False
    auto_renew: bool = True
    trial_end_ms: int | None = None
    cancel_at_ms: int | None = None
    resumes_at_ms: int | None = None
    replaces: str | None = None
    price_percent: int = 100
    discounts: list[SimulatedDiscount] = field(default_factory=list)

    def amount(self, seats: int | None = None) -> int:
        """Cents for one interval, before discounts; `seats` overrides the quantity."""
        quantity = self.seats if seats is None else seats
        return (
            _SEAT_CENTS[self.plan] * self.price_percent // 100 * quantity * self.cycle.paid_months
        )

    def due(self, time_ms: int) -> int:
        """Cents of an invoice at `time_ms`, discounts taken off."""
        whole = self.amount()
        if self.has_add_on:
            whole += _ADD_ON_CENTS * self.cycle.paid_months
        off = sum(d.percent_off for d in self.discounts if d.end_ms is None or d.end_ms > time_ms)
        return whole * (100 - min(off, 100)) // 100

    def next_term(self) -> None:
        """Moves on to the term after this one; a discount for once has had its time."""
        self.term_start_ms = self.term_end_ms
        self.term_end_ms = add_months(self.term_start_ms, self.cycle.months)
        self.discounts = [
            discount
            for discount in self.discounts
            if discount.duration != "once"
            and (discount.end_ms is None or discount.end_ms > self.term_start_ms)
        ]

    def state(self, seats: int | None = None) -> dict[str, object]:
        """Writes the full state; `seats` overrides the quantity (an entry made by mistake)."""
        quantity = self.seats if seats is None else seats
        items = [self._item("seats", self.plan, self.amount(seats), quantity)]
        if self.has_add_on:
            add_on = _ADD_ON_CENTS * self.cycle.paid_months
            items.append(self._item("add_on", "analytics", add_on, 1))
        if self.is_metered:
            items.append(self._item("calls", "calls", 0, 1) | {"usage_type": "metered"})
        state: dict[str, object] = {
            "subscription_id": self.subscription_id,
            "status": self.status,
            "items": items,
            "start_date": stamp(self.start_ms),
            "term_start": stamp(self.term_start_ms),
            "term_end": stamp(self.term_end_ms),
            "auto_renew": self.auto_renew,
            "replaces_subscription_id": self.replaces,
        }
        if self.discounts:
            state["discounts"] = [discount.state() for discount in self.discounts]
        if self.trial_end_ms is not None:
            state["trial_start"] = stamp(self.start_ms)
            state["trial_end"] = stamp(self.trial_end_ms)
        if self.cancel_at_ms is not None:
            state["cancel_at"] = stamp(self.cancel_at_ms)
        if self.resumes_at_ms is not None:
            state["resumes_at"] = stamp(self.resumes_at_ms)
        return state

    def _item(self, item_id: str, plan_id: str, amount: int, quantity: int) -> dict[str, object]:
        return {
            "item_id": item_id,
            "plan_id": plan_id,
            "amount": amount,
            "currency": "USD",
            "quantity": quantity,
            "interval": self.cycle.interval,
            "interval_count": self.cycle.count,
        }
