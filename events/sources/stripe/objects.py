"""Stripe's subscriptions and what they name, as far as it is read, in all shapes since acacia.

Fields are Stripe's own; one that an API version lacks is None there. What another object is named
by is its id, or that object if it was expanded. Instants are seconds of the epoch, amounts are in
Stripe's minor units (``money``).
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

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


def id_of(named: Any) -> str | None:
    """Returns the id of what is named by an id or was expanded, or None.

    >>> id_of("cus_1"), id_of(Named("cus_1")), id_of(None)
    ('cus_1', 'cus_1', None)
    """
    return named if named is None or isinstance(named, str) else named.id


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

    cancel_at: int | UnsetType | None = UNSET
    cancel_at_period_end: bool | UnsetType | None = UNSET
    current_period_end: int | UnsetType | None = UNSET
    current_period_start: int | UnsetType | None = UNSET
    discount: Discount | UnsetType | None = UNSET
    discounts: list[str | Discount] | UnsetType | None = UNSET
    items: Items | UnsetType = UNSET
    pause_collection: dict[str, Any] | UnsetType | None = UNSET
    status: str | UnsetType = UNSET
    status_details: dict[str, Any] | UnsetType | None = UNSET
    trial_end: int | UnsetType | None = UNSET
    trial_start: int | UnsetType | None = UNSET
