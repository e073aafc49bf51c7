"""Stripe's invoices, charges and refunds, as far as they are read, in all shapes since acacia."""

from msgspec import Struct

from events.sources.stripe.objects import Customer, Metadata, Named


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
