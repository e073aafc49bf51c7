"""Topic `subscription`: what accounts pay for, and what they paid.

State events carry the full new state of one subscription; the service computes the difference.
"""

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from events.envelope import AccountData, DataModel, EventData
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


class SubscriptionItem(DataModel):
    """One priced line of a subscription."""

    item_id: Id | None = None
    """The producer's id of the line; kept in the log, no figure uses it."""
    product_id: Id | None = None
    """Product that is sold; kept in the log, no figure uses it."""
    plan_id: Id | None = None
    """Plan that is sold, of a bounded set: the label of measures by plan."""
    amount: Amount
    """Price of one interval in minor units of the currency (cents), for the whole quantity, before
    discounts and tax."""
    currency: Currency
    """ISO 4217 code; another than the reporting currency needs a rate in the settings."""
    quantity: Count = 1
    """Seats or pieces; kept in the log, no figure uses it: `amount` is for all of them."""
    interval: Interval
    """Unit of the interval that `amount` is paid for."""
    interval_count: PositiveCount = 1
    """Units in an interval: 3 with `month` is a quarter."""
    usage_type: UsageType = "licensed"
    """Whether the price is fixed or by use; what is `metered` is no part of MRR unless the setting
    `metered_mrr` takes what was paid for it."""


class Discount(DataModel):
    """A reduction by share or by amount, exactly one of the two."""

    id: Id | None = None
    """The producer's id: a `once` discount listed again under it, with the same size, goes on."""
    percent_off: Percent | None = None
    """Share taken off what is left after the discounts before it: 0 to 100, 25 is a quarter."""
    amount_off: Amount | None = None
    """Minor units taken off each interval of the licensed item with a price that is billed most
    often, in its currency, in whatever order items are listed."""
    duration: DiscountDuration
    """`once` lasts one interval and by default lowers billed MRR only; `repeating` and `forever`
    lower MRR (setting `discounts_in_mrr`)."""
    start: Instant | None = None
    """When it begins; left out, with the state that lists it, and one for `once` when there is
    first something to pay: after a trial, not with it."""
    end: Instant | None = None
    """When it is over; left out, with the first state that does not list it, and one for `once`
    after an interval."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.percent_off is None) == (self.amount_off is None):
            raise ValueError("needs exactly one of percent_off and amount_off")
        return self


class SubscriptionState(AccountData, entity="subscription_id", partial=("items",)):
    """The full state of one subscription from `effective_at` on."""

    subscription_id: Id
    """The subscription; its states may come in any order."""
    status: SubscriptionStatus
    """What counts: `active` and `past_due` are revenue, `paused` is none but no churn, `unpaid` is
    lost for want of payment, the others are no revenue."""
    items: list[SubscriptionItem] = Field(default_factory=list)
    """All priced lines; left out, the lines and discounts of the state before go on, and `[]` is
    none."""
    discounts: list[Discount] = Field(default_factory=list)
    """All discounts in force, in the order in which they are taken off; read with `items`."""
    start_date: Instant | None = None
    """When revenue begins: a creation counts from an earlier one on, so that a correction takes
    effect then, and one that lies ahead is committed MRR until then."""
    trial_start: Instant | None = None
    """When the trial began, if not with the state that is `trialing`; conversion counts from it."""
    trial_end: Instant | None = None
    """When the trial is to end: a `term_end` told with the trial that is no later is the trial's
    own, and no term. The trial itself ends with a state."""
    trial_reason: Id | None = None
    """`retention` marks a free time offered to a paying account: MRR goes on (setting
    `retention_offers`), and it is no trial."""
    term_start: Instant | None = None
    """When the term began or is to begin: a new term that begins when one is due renews it; its
    length counts from here."""
    term_end: Instant | None = None
    """When the term ends, which is when its renewal is due; left out, as in the state before, be it
    a trial, if that is still to come; a trial's own end is no term."""
    auto_renew: bool | None = None
    """Whether terms renew by themselves; kept in the log, no figure uses it: renewals are told."""
    cancel_at: Instant | None = None
    """When the subscription is to end: committed MRR falls now, MRR then; a later state without it
    takes that back."""
    replaces_subscription_id: Id | None = None
    """The subscription that this one takes the place of: it renews that one's term, keeps its
    exchange rates (of several, that of when the currency first came into use), stands for it in
    committed MRR, and that one is over when this one counts, told or not; what came from another
    account is moved, not new. Several may name the same: a contract that is split."""
    replaces_subscription_ids: list[Id] = Field(default_factory=list)
    """The same where it takes the place of several: contracts that are renewed as one."""


class SubscriptionCreated(SubscriptionState):
    """A subscription exists, with its first state."""


class SubscriptionUpdated(SubscriptionState):
    """A subscription changed: plan, seats, trial end, past due, a scheduled cancellation."""


class SubscriptionPaused(SubscriptionState):
    """A subscription stopped for a time."""

    status: SubscriptionStatus = "paused"
    """Kept in the log, no figure uses it: the subscription is paused, whatever it says."""
    resumes_at: Instant | None = None
    """When the pause ends by itself; left out, the next state ends it."""


class SubscriptionResumed(SubscriptionState):
    """A paused subscription goes on."""

    resumes_at: Instant | None = None
    """When it was to go on; kept in the log, no figure uses it: it does from this event on."""


class SubscriptionRenewed(SubscriptionState):
    """A subscription entered its next term."""

    previous_term_end: Instant | None = None
    """When the term before ended; left out, `term_start`, else when this takes effect."""
    auto: bool | None = None
    """Whether it renewed by itself; kept in the log, no figure uses it."""


class SubscriptionCancellationRequested(AccountData, entity="subscription_id"):
    """The customer asked to cancel; the subscription runs on until it ends."""

    subscription_id: Id
    """The subscription that is to end; its committed MRR falls from now on."""
    canceled_at: Instant | None = None
    """When the customer asked, if not when this takes effect; the cancellation counts then."""
    cancel_at: Instant | None = None
    """When the subscription ends unless another state comes; left out, as known before, or when
    `subscription.deleted` says."""
    reason: str | None = None
    """Why; the reasons of a failed payment that `subscription.deleted` has make the end
    involuntary."""
    feedback: str | None = None
    """What the customer said; kept in the log, no figure uses it."""


class SubscriptionDeleted(AccountData, entity="subscription_id"):
    """A subscription ended."""

    subscription_id: Id
    """The subscription that ended."""
    ended_at: Instant | None = None
    """When it ended, if not when this takes effect: earlier cuts off what was told since, later is
    an end that is known and still to come."""
    reason: str | None = None
    """Why: where `voluntary` is left out, a failed payment (such as `payment_failed`,
    `card_declined`, `unpaid`, `dunning`, `uncollectible`) is involuntary churn."""
    voluntary: bool | None = None
    """Whether the customer chose it; left out, by `reason`, and without one by whether the
    subscription was `unpaid` when it ended."""


class SubscriptionTransferred(AccountData, entity="subscription_id"):
    """A subscription goes over to another account, and both go on. A copy travels under each key.

    That is neither churn nor new business. What was told of it goes along; from then on it is told
    of under the other account, by its own id or by one that replaces it. To take a transfer back,
    retract it under each of the two accounts.
    """

    subscription_id: Id
    """The subscription; under the account that it leaves it ends here, told as deleted or not."""
    into_account_id: Id
    """The account that it comes to."""


class InvoicePaid(AccountData):
    """Cash came in. States move recurring revenue; by default an invoice does not.

    The settings `require_paid_invoice`, `metered_mrr` and `refunds_in_mrr` let what was paid for a
    subscription decide on its MRR.
    """

    invoice_id: Id | None = None
    """The invoice: told again by another event it is what the later one says; left out, one of its
    own."""
    subscription_id: Id | None = None
    """The subscription that was paid for, if any; only settings ask for it."""
    amount_paid: Amount
    """What was paid, in minor units of the currency."""
    currency: Currency
    """ISO 4217 code; another than the reporting currency needs a rate in the settings."""
    period_start: Instant | None = None
    """When the time that is paid for begins; only settings ask for it."""
    period_end: Instant | None = None
    """When that time is over; only settings ask for it."""
    billing_reason: Id | None = None
    """What it was billed for, such as `cycle`; kept in the log, no figure uses it."""


class ChargeRefunded(AccountData):
    """Cash went back: each event is money more. By default it lowers no MRR."""

    charge_id: Id | None = None
    """The producer's id of the payment; kept in the log, no figure uses it."""
    invoice_id: Id | None = None
    """The invoice that had been paid: under the setting `refunds_in_mrr` its subscription and
    period say which MRR the refund lowers."""
    amount: Amount
    """What was given back, in minor units of the currency."""
    currency: Currency
    """ISO 4217 code; another than the reporting currency needs a rate in the settings."""


SUBSCRIPTION_EVENTS: Final[dict[str, type[EventData]]] = {
    "subscription.created": SubscriptionCreated,
    "subscription.updated": SubscriptionUpdated,
    "subscription.paused": SubscriptionPaused,
    "subscription.resumed": SubscriptionResumed,
    "subscription.renewed": SubscriptionRenewed,
    "subscription.cancellation_requested": SubscriptionCancellationRequested,
    "subscription.deleted": SubscriptionDeleted,
    "subscription.transferred": SubscriptionTransferred,
    "invoice.paid": InvoicePaid,
    "charge.refunded": ChargeRefunded,
    "event.retracted": EventRetracted,
}
"""The model of each type of the topic."""
