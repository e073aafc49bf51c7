"""Topic `subscription`: what accounts pay for, and what they paid.

State events carry the full new state of one subscription; the service computes the difference.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from events.envelope import AccountFact, Envelope, Model
from events.fields import Amount, Count, Currency, Id, Instant, Percent, PositiveCount
from events.retraction import EventRetracted

SubscriptionStatus = Literal[
    "trialing",
    "active",
    "past_due",
    "unpaid",
    "paused",
    "incomplete",
    "incomplete_expired",
    "canceled",
]
Interval = Literal["day", "week", "month", "year"]
UsageType = Literal["licensed", "metered"]
DiscountDuration = Literal["once", "repeating", "forever"]


class SubscriptionItem(Model):
    """One priced line. `amount` is minor units an interval for the whole quantity.

    It is meant before discounts and tax.
    """

    item_id: Id | None = None
    product_id: Id | None = None
    plan_id: Id | None = None
    amount: Amount
    currency: Currency
    quantity: Count = 1
    interval: Interval
    interval_count: PositiveCount = 1
    usage_type: UsageType = "licensed"


class Discount(Model):
    """A reduction by share or by minor units, exactly one of the two."""

    id: Id | None = None
    percent_off: Percent | None = None
    amount_off: Amount | None = None
    duration: DiscountDuration
    start: Instant | None = None
    end: Instant | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.percent_off is None) == (self.amount_off is None):
            raise ValueError("exactly one of percent_off and amount_off is needed")
        return self


class SubscriptionState(AccountFact):
    """The full state of one subscription from `effective_at` on."""

    ENTITY: ClassVar[str | None] = "subscription_id"

    subscription_id: Id
    status: SubscriptionStatus
    items: list[SubscriptionItem] = Field(default_factory=list)
    discounts: list[Discount] = Field(default_factory=list)
    start_date: Instant | None = None
    trial_start: Instant | None = None
    trial_end: Instant | None = None
    trial_reason: Id | None = None
    term_start: Instant | None = None
    term_end: Instant | None = None
    auto_renew: bool | None = None
    cancel_at: Instant | None = None
    replaces_subscription_id: Id | None = None


class SubscriptionCreated(SubscriptionState):
    """A subscription exists, with its first state."""


class SubscriptionUpdated(SubscriptionState):
    """A subscription changed: plan, seats, trial end, past due, a scheduled cancellation."""


class SubscriptionPaused(SubscriptionState):
    """A subscription stopped for a time."""

    status: SubscriptionStatus = "paused"
    resumes_at: Instant | None = None


class SubscriptionResumed(SubscriptionState):
    """A paused subscription goes on."""

    resumes_at: Instant | None = None


class SubscriptionRenewed(SubscriptionState):
    """A subscription entered its next term."""

    previous_term_end: Instant | None = None
    auto: bool | None = None


class SubscriptionCancellationRequested(AccountFact):
    """The customer asked to cancel; the subscription runs on until it ends."""

    ENTITY: ClassVar[str | None] = "subscription_id"

    subscription_id: Id
    canceled_at: Instant | None = None
    cancel_at: Instant | None = None
    reason: str | None = None
    feedback: str | None = None


class SubscriptionDeleted(AccountFact):
    """A subscription ended."""

    ENTITY: ClassVar[str | None] = "subscription_id"

    subscription_id: Id
    ended_at: Instant | None = None
    reason: str | None = None
    voluntary: bool | None = None


class InvoicePaid(AccountFact):
    """Cash came in. It never moves recurring revenue."""

    invoice_id: Id | None = None
    subscription_id: Id | None = None
    amount_paid: Amount
    currency: Currency
    period_start: Instant | None = None
    period_end: Instant | None = None
    billing_reason: Id | None = None


class ChargeRefunded(AccountFact):
    """Cash went back."""

    charge_id: Id | None = None
    invoice_id: Id | None = None
    amount: Amount
    currency: Currency


SubscriptionEvent = Annotated[
    Envelope[Literal["subscription.created"], SubscriptionCreated]
    | Envelope[Literal["subscription.updated"], SubscriptionUpdated]
    | Envelope[Literal["subscription.paused"], SubscriptionPaused]
    | Envelope[Literal["subscription.resumed"], SubscriptionResumed]
    | Envelope[Literal["subscription.renewed"], SubscriptionRenewed]
    | Envelope[Literal["subscription.cancellation_requested"], SubscriptionCancellationRequested]
    | Envelope[Literal["subscription.deleted"], SubscriptionDeleted]
    | Envelope[Literal["invoice.paid"], InvoicePaid]
    | Envelope[Literal["charge.refunded"], ChargeRefunded]
    | Envelope[Literal["event.retracted"], EventRetracted],
    Field(discriminator="type"),
]
"""Every event of the topic."""
