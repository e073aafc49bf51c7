"""The source: which event is told how, in whatever order they come."""

from collections.abc import Callable, Iterator
from typing import IO, Any, ClassVar, Final

import msgspec

from events.errors import UNREADABLE
from events.sources.options import Options
from events.sources.outbox import Outbox
from events.sources.records import Record, json_records
from events.sources.source import GapError, Source, take
from events.sources.stripe.accounts import Accounts
from events.sources.stripe.customer import Customers
from events.sources.stripe.envelopes import BEGINS_WITH_ID, events_in, kind_of, unwrapped
from events.sources.stripe.event import Event
from events.sources.stripe.invoice import Cash
from events.sources.stripe.known import Known, is_of_customer
from events.sources.stripe.objects import Before, Coupon, Customer, Discount, Subscription, id_of
from events.sources.stripe.options import StripeOptions
from events.sources.stripe.order import Held, Seconds
from events.sources.stripe.payments import Charge, Invoice, InvoicePayment, Refund
from events.sources.stripe.subscription import (
    CREATED,
    ENDED,
    PAUSED,
    RESUMED,
    UPDATED,
    Change,
    Subscriptions,
)
from events.sources.stripe.waiting import WaitError, Waiting
from events.sources.told import Told

_event: Final = msgspec.json.Decoder(Event).decode
_before: Final = msgspec.json.Decoder(Before | None).decode

_SUBSCRIPTION: Final = (CREATED, UPDATED, ENDED, PAUSED, RESUMED)
_DISCOUNT: Final = tuple(f"customer.discount.{what}" for what in ("created", "updated", "deleted"))
_REFUND: Final = ("refund.created", "refund.updated", "refund.failed")

_OBJECTS: Final[dict[str, type[Any]]] = {
    **dict.fromkeys(_SUBSCRIPTION, Subscription),
    "invoice.paid": Invoice,
    "invoice_payment.paid": InvoicePayment,
    **dict.fromkeys(_REFUND, Refund),
    **dict.fromkeys(("customer.created", "customer.updated"), Customer),
    **dict.fromkeys(_DISCOUNT, Discount),
    **dict.fromkeys(("coupon.created", "coupon.updated"), Coupon),
    **dict.fromkeys(("charge.succeeded", "charge.captured", "charge.refunded"), Charge),
}
"""What the object of an event is, of those types that say something."""


class StripeSource(Source[StripeOptions]):
    """Events of Stripe: subscriptions, paid invoices, refunds, customers.

    ``take`` tells at once what it can. Held back is a subscription whose discount or coupon comes
    later, a refund whose payment does, and a change whose place among others of its second is open.
    """

    NAME: ClassVar[str] = "stripe"
    SIGNATURE: ClassVar[str | None] = "stripe"
    OPTIONS: ClassVar[type[Options]] = StripeOptions

    def __init__(self, options: StripeOptions) -> None:
        """Takes the options.

        Raises:
            TidemarkError: If a file of theirs cannot be read.
        """
        super().__init__(options)
        self._known = Known(
            (
                *options.prices,
                *options.coupons,
                *options.discounts,
                *options.customers,
                *options.invoice_payments,
            )
        )
        accounts = Accounts(options.account_key, self.account, self._known)
        self._subscriptions = Subscriptions(options, accounts, self._known)
        self._customers = Customers(options, accounts)
        self._cash = Cash(accounts, self._known, has_key=options.account_key is not None)
        self._seconds = Seconds()
        self._waiting = Waiting()
        self._refunded: set[str] = set()
        self._is_over = False
        self._take_of: dict[type[Any], Callable[[Event, Any, Record, Outbox], None]] = {
            Subscription: self._subscription,
            Invoice: self._invoice,
            Refund: self._refund,
            Customer: self._customer,
            Discount: self._discount,
            Coupon: self._coupon,
            InvoicePayment: self._payment,
            Charge: self._payment,
        }

    def records(self, name: str, file: IO[bytes]) -> Iterator[Record]:
        """Yields the events of a file, those of lists each by itself."""
        for record in json_records(name, file):
            if record.raw.startswith(BEGINS_WITH_ID):
                yield record
            else:
                yield from events_in(record)

    def take(self, record: Record, out: Outbox) -> None:
        """Puts what comes of an event into the outbox, or holds it back for now.

        Raises:
            GapError: If it cannot be told exactly.
        """
        event = self._read(record.raw, out)
        if event is None:
            return
        try:
            thing = event.data.object
            self._take_of[type(thing)](event, thing, record, out)
        except WaitError as wait:
            if self._is_over:
                wait.gap.id = event.id
                raise wait.gap from wait
            self._waiting.hold(wait.name, record)
        except GapError as gap:
            gap.id = gap.id or event.id
            raise

    def end(self, out: Outbox) -> None:
        """Tells what waited in vain without what it waited for, or as a gap."""
        self._is_over = True
        for record in self._waiting.rest():
            take(self, record, out)
        for held in self._seconds.rest():
            needs = "the changes of that second that are missing: only they tell which was the last"
            out.gap(held.record, "order_unknown", needs, held.told[0].id)

    def prune(self) -> None:
        """Lets go of the changes of seconds that lie long back."""
        self._seconds.prune()

    def _read(self, raw: bytes, out: Outbox) -> Event | None:
        """Returns an event that says something; another one is passed over here."""
        try:
            event = _event(raw)
        except UNREADABLE as error:
            return self._read_other(raw, error, out)
        if type(event.data.object) is not _OBJECTS.get(event.type):
            if event.type in _OBJECTS:
                raise GapError("shape_unknown", f"the object of {event.type}", event.id)
            out.pass_over(event.type)
            return None
        if not event.livemode or _is_test(event.data.object):
            out.pass_over("test mode")
            return None
        return event

    def _read_other(self, raw: bytes, error: Exception, out: Outbox) -> Event | None:
        inner = unwrapped(raw)
        if inner is not None:
            if unwrapped(inner) is not None:
                raise GapError("not_an_event", "one envelope around an event")
            return self._read(inner, out)
        kind, event_id = kind_of(raw)
        if kind in _OBJECTS:
            raise GapError("shape_unknown", f"{kind} in a shape that is known: {error}", event_id)
        out.pass_over(kind)
        return None

    def _source_of(self, event: Event) -> str:
        return self.source if event.account is None else f"{self.source}/{event.account}"

    def _subscription(self, event: Event, sub: Subscription, record: Record, out: Outbox) -> None:
        try:
            old = event.data.previous_attributes
            before = _before(old) if old else None
        except UNREADABLE as error:
            raise GapError("shape_unknown", f"previous_attributes that fit: {error}") from error
        source = self._source_of(event)
        change = Change(event.id, event.type, event.created, source, event.account, sub, before)
        told = self._subscriptions.told(change, out)
        if event.type == ENDED or self._seconds.begin(change):
            out.tell(record, *told)
            return
        ready, last = self._seconds.add(change, Held(record, told))
        for held in ready:
            again = () if last is None or held.record is not record else (self._again(*last),)
            out.tell(held.record, *held.told, *again)

    def _again(self, change: Change, place: int) -> Told:
        """Returns the state of a change once more, as the last word of its second."""
        state = self._subscriptions.told(change, Outbox())[0]
        return msgspec.structs.replace(state, id=f"{state.id}/{place}", sequence=place)

    def _invoice(self, event: Event, invoice: Invoice, record: Record, out: Outbox) -> None:
        out.tell(record, self._cash.paid(event, invoice, self._source_of(event), out))
        self._learned([*self._known.learn_payment(invoice), invoice.id], out)

    def _refund(self, event: Event, refund: Refund, record: Record, out: Outbox) -> None:
        source = self._source_of(event)
        told = self._cash.refunded(event, refund, source, out, final=self._is_over)
        if told is None:
            out.pass_over(f"a refund that is {refund.status}")
        elif told.id in self._refunded:
            out.pass_over("a refund that was told before")
        else:
            self._refunded.add(told.id)
            out.tell(record, told)

    def _customer(self, event: Event, customer: Customer, record: Record, out: Outbox) -> None:
        told = self._customers.told(event, customer, self._source_of(event))
        if told is None:
            out.pass_over(event.type)
        else:
            out.tell(record, told)

    def _discount(self, event: Event, discount: Discount, _: Record, out: Outbox) -> None:
        if is_of_customer(discount):
            own = self._known.own_discounts.get(id_of(discount.customer) or "", {})
            if discount.id not in own:
                needs = "this file as --discounts too: a customer's discount is in no subscription"
                raise GapError("customer_discount", needs)
        self._known.learn_discount(discount)
        out.pass_over(event.type)
        self._learned([discount.id], out)

    def _coupon(self, event: Event, coupon: Coupon, _: Record, out: Outbox) -> None:
        self._known.learn_coupon(event.account, coupon)
        out.pass_over(event.type)
        self._learned([f"coupon {coupon.id}"], out)

    def _payment(
        self, event: Event, payment: InvoicePayment | Charge, _: Record, out: Outbox
    ) -> None:
        out.pass_over(event.type)
        self._learned(self._known.learn_payment(payment), out)

    def _learned(self, names: list[str], out: Outbox) -> None:
        """Takes again the records that waited for what is known now."""
        for name in names:
            for record in self._waiting.release(name):
                take(self, record, out)


def _is_test(thing: Any) -> bool:
    return getattr(thing, "test_clock", None) is not None or not getattr(thing, "livemode", True)
