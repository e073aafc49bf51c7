"""Stripe's objects, as far as they are read, in all shapes since acacia.

Fields are Stripe's own; one that an API version lacks is None there. What another object is named
by is its id, or that object if it was expanded. Instants are seconds of the epoch, amounts are in
Stripe's minor units (``money``).
"""

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType

Decimal = str | int | float
"""A decimal: text on the wire, a number in what some libraries write."""
Metadata = dict[str, str | None]


class Recurring(Struct, omit_defaults=True, gc=False):
    """How often a price is billed."""

    interval: str
    interval_count: int = 1
    usage_type: str = "licensed"


class Tier(Struct, omit_defaults=True, gc=False):
    """One tier of a price: from after the one before, up to and with ``up_to`` units."""

    up_to: int | None = None
    flat_amount: int | None = None
    flat_amount_decimal: Decimal | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None


class TransformQuantity(Struct, omit_defaults=True, gc=False):
    """How many units are sold together."""

    divide_by: int
    round: str


class Named(Struct, omit_defaults=True, gc=False):
    """An expanded object of which only the id is read."""

    id: str


class Price(Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="price"):
    """A price; its tiers are there only if they were expanded."""

    id: str
    billing_scheme: str = "per_unit"
    currency: str
    lookup_key: str | None = None
    nickname: str | None = None
    product: str | Named | None = None
    recurring: Recurring | None = None
    tiers: list[Tier] | None = None
    tiers_mode: str | None = None
    transform_quantity: TransformQuantity | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None


class AppliesTo(Struct, omit_defaults=True, gc=False):
    """What a coupon is limited to."""

    products: list[str] = []


class AmountOff(Struct, omit_defaults=True, gc=False):
    """A coupon's amount in a further currency."""

    amount_off: int


class Coupon(Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="coupon"):
    """A coupon; ``applies_to`` and ``currency_options`` are there only if they were expanded."""

    id: str
    amount_off: int | None = None
    applies_to: AppliesTo | None = None
    currency: str | None = None
    currency_options: dict[str, AmountOff] | None = None
    duration: str = ""
    percent_off: float | None = None


class DiscountSource(Struct, omit_defaults=True, gc=False):
    """Where a discount's coupon is since clover."""

    coupon: str | Coupon | None = None


class Discount(
    Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="discount"
):
    """A coupon as it was redeemed: for a subscription, an item of it, or a whole customer."""

    id: str
    checkout_session: str | None = None
    coupon: str | Coupon | None = None
    customer: "str | Customer | None" = None
    customer_account: str | None = None
    end: int | None = None
    invoice: str | None = None
    invoice_item: str | None = None
    source: DiscountSource | None = None
    start: int | None = None
    subscription: str | None = None
    subscription_item: str | None = None


class Customer(
    Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="customer"
):
    """A customer."""

    id: str
    created: int | None = None
    discount: Discount | None = None
    livemode: bool = True
    metadata: Metadata | None = None
    test_clock: str | Named | None = None


class Item(Struct, omit_defaults=True, gc=False, kw_only=True):
    """One priced line of a subscription; its own period since basil."""

    id: str
    current_period_end: int | None = None
    current_period_start: int | None = None
    discounts: list[str | Discount] | None = None
    price: Price | None = None
    quantity: int | None = None


class Items(Struct, omit_defaults=True, gc=False):
    """The lines of a subscription, or the first of them."""

    data: list[Item]
    has_more: bool = False


class CancellationDetails(Struct, omit_defaults=True, gc=False):
    """Why a subscription ends."""

    reason: str | None = None
    feedback: str | None = None
    comment: str | None = None


class Subscription(
    Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="subscription"
):
    """A subscription, whole, as it was when the event was made."""

    id: str
    cancel_at: int | None = None
    cancel_at_period_end: bool | None = None
    canceled_at: int | None = None
    cancellation_details: CancellationDetails | None = None
    current_period_end: int | None = None
    current_period_start: int | None = None
    customer: str | Customer | None = None
    customer_account: str | None = None
    discount: Discount | None = None
    discounts: list[str | Discount] | None = None
    ended_at: int | None = None
    items: Items
    livemode: bool = True
    metadata: Metadata | None = None
    pause_collection: dict[str, Any] | None = None
    start_date: int | None = None
    status: str
    status_details: dict[str, Any] | None = None
    test_clock: str | Named | None = None
    trial_end: int | None = None
    trial_start: int | None = None


class Before(Struct, omit_defaults=True, gc=False, kw_only=True):
    """What a subscription's change says of the state before: the old values of what changed."""

    cancel_at: int | None | UnsetType = UNSET
    cancel_at_period_end: bool | None | UnsetType = UNSET
    current_period_end: int | None | UnsetType = UNSET
    current_period_start: int | None | UnsetType = UNSET
    discount: Discount | None | UnsetType = UNSET
    discounts: list[str | Discount] | None | UnsetType = UNSET
    items: Items | UnsetType = UNSET
    pause_collection: dict[str, Any] | None | UnsetType = UNSET
    status: str | UnsetType = UNSET
    status_details: dict[str, Any] | None | UnsetType = UNSET
    trial_end: int | None | UnsetType = UNSET
    trial_start: int | None | UnsetType = UNSET


class Period(Struct, omit_defaults=True, gc=False):
    """The time that a line of an invoice is for."""

    start: int
    end: int


class LineSource(Struct, omit_defaults=True, gc=False):
    """What a line of an invoice comes from, since basil."""

    subscription: str | None = None
    proration: bool = False


class LineParent(Struct, omit_defaults=True, gc=False):
    """What a line of an invoice comes from, by kind."""

    subscription_item_details: LineSource | None = None
    invoice_item_details: LineSource | None = None


class Line(Struct, omit_defaults=True, gc=False):
    """A line of an invoice; ``type`` and ``proration`` until acacia, ``parent`` since basil."""

    period: Period | None = None
    parent: LineParent | None = None
    type: str | None = None
    proration: bool = False


class Lines(Struct, omit_defaults=True, gc=False):
    """The lines of an invoice, or the first of them."""

    data: list[Line] = []
    has_more: bool = False


class SubscriptionDetails(Struct, omit_defaults=True, gc=False):
    """The subscription that an invoice is for, and its metadata then."""

    metadata: Metadata | None = None
    subscription: str | Named | None = None


class InvoiceParent(Struct, omit_defaults=True, gc=False):
    """What an invoice comes from, since basil."""

    subscription_details: SubscriptionDetails | None = None


class Payment(Struct, omit_defaults=True, gc=False):
    """How an invoice was paid."""

    payment_intent: str | Named | None = None
    charge: str | Named | None = None


class InvoicePayment(
    Struct, omit_defaults=True, gc=False, tag_field="object", tag="invoice_payment"
):
    """A payment of an invoice, since basil."""

    invoice: str | Named
    payment: Payment


class Invoice(
    Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="invoice"
):
    """An invoice; ``subscription``, ``charge`` and ``payment_intent`` until acacia."""

    id: str
    amount_paid: int
    amount_paid_off_stripe: int | None = None
    billing_reason: str | None = None
    charge: str | Named | None = None
    currency: str
    customer: str | Customer | None = None
    customer_account: str | None = None
    lines: Lines | None = None
    livemode: bool = True
    parent: InvoiceParent | None = None
    payment_intent: str | Named | None = None
    subscription: str | Named | None = None
    subscription_details: SubscriptionDetails | None = None
    test_clock: str | Named | None = None


class Charge(Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="charge"):
    """A charge; ``invoice`` until acacia."""

    id: str
    customer: str | Customer | None = None
    invoice: str | Named | None = None
    payment_intent: str | Named | None = None


class Refund(Struct, omit_defaults=True, gc=False, kw_only=True, tag_field="object", tag="refund"):
    """A refund; ``customer`` since dahlia."""

    id: str
    amount: int
    charge: str | Charge | None = None
    created: int
    currency: str
    customer: str | Customer | None = None
    customer_account: str | None = None
    failure_reason: str | None = None
    payment_intent: str | Named | None = None
    status: str | None = None


Object = Subscription | Invoice | InvoicePayment | Charge | Refund | Customer | Discount | Coupon


class EventData(Struct, gc=False):
    """The object that an event is about, whole, and the old values of what changed."""

    object: Object
    previous_attributes: Raw = Raw()


class Event(Struct, gc=False, kw_only=True):
    """An event with its object: what Stripe calls a snapshot."""

    id: str
    account: str | None = None
    created: int
    data: EventData
    livemode: bool = True
    type: str


def id_of(named: Any) -> str | None:
    """Returns the id of what is named by an id or was expanded, or None.

    >>> id_of("cus_1"), id_of(Named("cus_1")), id_of(None)
    ('cus_1', 'cus_1', None)
    """
    return named if named is None or isinstance(named, str) else named.id
