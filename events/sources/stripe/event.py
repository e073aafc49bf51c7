"""An event of Stripe with its object."""

from msgspec import Raw, Struct

from events.sources.stripe.objects import Coupon, Customer, Discount, Subscription
from events.sources.stripe.payments import Charge, Invoice, InvoicePayment, Refund

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
