"""What records have to know of each other: prices, coupons, discounts, customers, payments."""

from collections.abc import Iterable
from io import BytesIO
from typing import Final, NamedTuple

import msgspec

from events.errors import UNREADABLE, TidemarkError
from events.sources.records import json_records
from events.sources.stripe.event import Event
from events.sources.stripe.objects import Coupon, Customer, Discount, Price, id_of
from events.sources.stripe.payments import Charge, Invoice, InvoicePayment


class Listing(msgspec.Struct, tag_field="object", tag="list"):
    """A list as the API answers with it."""

    data: list[msgspec.Raw]


class AnyEvent(msgspec.Struct, tag_field="object", tag="event"):
    """An event, which may help or not."""

    type: str


class Paid(NamedTuple):
    """What is known of a payment.

    Attributes:
        invoice: The invoice that it paid.
        customer: Who paid.
    """

    invoice: str | None
    customer: str | None


_Helpful = (
    Listing | AnyEvent | Price | Coupon | Discount | Customer | InvoicePayment | Charge | Invoice
)
_helpful: Final = msgspec.json.Decoder(_Helpful).decode
_event: Final = msgspec.json.Decoder(Event).decode


class ReferenceDataError(TidemarkError):
    """A file of reference data cannot be read."""


class Known:
    """What is known so far, from files of reference data and from events.

    Attributes:
        prices: By id.
        discounts: By id.
        customers: By id; from files and not from events, for those may come after what needs them.
        own_discounts: By customer, the discounts of all of it, by id; from files, likewise.
        accounts: Our account by invoice.
    """

    def __init__(self, files: Iterable[bytes] = ()) -> None:
        """Reads files of reference data: lists of the API, arrays, lines, events too.

        Raises:
            ReferenceDataError: If a file holds anything else.
        """
        self.prices: dict[str, Price] = {}
        self.discounts: dict[str, Discount] = {}
        self.customers: dict[str, Customer] = {}
        self.own_discounts: dict[str, dict[str, Discount]] = {}
        self.accounts: dict[str, str] = {}
        self._coupons: dict[tuple[str | None, str], Coupon] = {}
        self._payments: dict[str, Paid] = {}
        for content in files:
            for record in json_records("", BytesIO(content)):
                try:
                    self._read(record.raw)
                except UNREADABLE as error:
                    place = record.place.removeprefix(":") or "whole file"
                    raise ReferenceDataError(f"reference data, record {place}: {error}") from error

    def _read(self, raw: bytes | msgspec.Raw) -> None:
        match _helpful(raw):
            case Listing(data):
                for each in data:
                    self._read(each)
            case Customer() as customer:
                self.customers[customer.id] = customer
                if customer.discount is not None:
                    self._own(customer.discount, customer.id)
            case Discount() as discount:
                self.learn_discount(discount)
                self._own(discount, id_of(discount.customer))
            case Price() as price:
                self.prices[price.id] = price
            case Coupon() as coupon:
                self._coupons[None, coupon.id] = coupon
            case InvoicePayment() | Invoice() | Charge() as payment:
                self.learn_payment(payment)
            case AnyEvent(kind) if kind.startswith(("customer.discount.", "coupon.")):
                self._read_event(_event(raw))

    def _read_event(self, event: Event) -> None:
        thing = event.data.object
        if isinstance(thing, Coupon):
            self.learn_coupon(event.account, thing)
        elif isinstance(thing, Discount):
            if event.type == "customer.discount.deleted":
                end = event.created if thing.end is None else min(thing.end, event.created)
                thing = msgspec.structs.replace(thing, end=end)
            self.learn_discount(thing)
            self._own(thing, id_of(thing.customer))

    def _own(self, discount: Discount, customer: str | None) -> None:
        if customer is not None and is_of_customer(discount):
            own = self.own_discounts.setdefault(customer, {})
            own[discount.id] = _sooner(discount, own.get(discount.id))

    def learn_discount(self, discount: Discount) -> None:
        """Takes a discount; one that is known to end sooner does."""
        known = self.discounts.get(discount.id)
        self.discounts[discount.id] = _sooner(discount, known)

    def learn_coupon(self, account: str | None, coupon: Coupon) -> None:
        """Takes a coupon; its id is a name that each account of a platform gives by itself."""
        self._coupons[account, coupon.id] = coupon

    def coupon(self, account: str | None, coupon_id: str) -> Coupon | None:
        """Returns a coupon of an account, else one of the files, or None."""
        own = self._coupons.get((account, coupon_id))
        return self._coupons.get((None, coupon_id)) if own is None else own

    def learn_payment(self, thing: InvoicePayment | Invoice | Charge) -> list[str]:
        """Takes what an object says of a payment; returns the ids under which it is known."""
        customer = None
        if isinstance(thing, InvoicePayment):
            invoice = id_of(thing.invoice)
            names = [id_of(thing.payment.payment_intent), id_of(thing.payment.charge)]
        elif isinstance(thing, Invoice):
            invoice, customer = thing.id, id_of(thing.customer)
            names = [id_of(thing.payment_intent), id_of(thing.charge)]
        else:
            invoice, customer = id_of(thing.invoice), id_of(thing.customer)
            names = [id_of(thing.payment_intent), thing.id]
        keys = [name for name in names if name is not None]
        for key in keys:
            known = self._payments.get(key, Paid(None, None))
            self._payments[key] = Paid(invoice or known.invoice, customer or known.customer)
        return keys

    def payment(self, names: Iterable[str]) -> Paid:
        """Returns what is known of a payment by any of its ids."""
        found = [self._payments[name] for name in names if name in self._payments]
        invoices = (paid.invoice for paid in found if paid.invoice is not None)
        customers = (paid.customer for paid in found if paid.customer is not None)
        return Paid(next(invoices, None), next(customers, None))


def is_of_customer(discount: Discount) -> bool:
    """Returns whether a discount is for all that a customer subscribes to."""
    return not any(
        (
            discount.subscription,
            discount.subscription_item,
            discount.invoice,
            discount.invoice_item,
            discount.checkout_session,
        )
    )


def _sooner(discount: Discount, known: Discount | None) -> Discount:
    if known is None or known.end is None or (discount.end or known.end + 1) <= known.end:
        return discount
    return msgspec.structs.replace(discount, end=known.end)
