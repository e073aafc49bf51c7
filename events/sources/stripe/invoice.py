"""Cash: paid invoices, and what was given back of them."""

from typing import Any, Final

import msgspec

from events.errors import UNREADABLE
from events.sources.outbox import Outbox
from events.sources.source import GapError
from events.sources.stripe.accounts import Accounts
from events.sources.stripe.event import Event
from events.sources.stripe.instants import instant
from events.sources.stripe.known import Known
from events.sources.stripe.money import iso
from events.sources.stripe.objects import Metadata, id_of
from events.sources.stripe.payments import Invoice, Line, Refund, SubscriptionDetails
from events.sources.stripe.waiting import WaitError
from events.sources.told import Told


class _StatusBefore(msgspec.Struct):
    """What a refund's change says of its state before."""

    status: str | None = None


_status_before: Final = msgspec.json.Decoder(_StatusBefore).decode


class Cash:
    """Tells what was paid, and what was given back."""

    def __init__(self, accounts: Accounts, known: Known, *, has_key: bool) -> None:
        """Takes accounts, payments, and whether metadata names accounts."""
        self._accounts = accounts
        self._known = known
        self._has_key = has_key

    def paid(self, event: Event, invoice: Invoice, source: str, out: Outbox) -> Told:
        """Returns the payment of an invoice: tax, and what was paid elsewhere, included.

        Raises:
            GapError: If it is nobody's.
        """
        subscription, metadata = _subscription_of(invoice)
        customer = invoice.customer
        account = self._accounts.of(metadata, customer, invoice.customer_account)
        self._known.accounts[invoice.id] = account
        paid = invoice.amount_paid + (invoice.amount_paid_off_stripe or 0)
        amount, currency = iso(paid, invoice.currency)
        data: dict[str, Any] = {"account_id": account, "invoice_id": invoice.id}
        if subscription is not None:
            data["subscription_id"] = subscription
        data |= {"amount_paid": amount, "currency": currency}
        data |= _period(invoice, out)
        if invoice.billing_reason is not None:
            data["billing_reason"] = invoice.billing_reason
        return Told(
            id=event.id, source=source, type="invoice.paid", time=instant(event.created), data=data
        )

    def refunded(
        self, event: Event, refund: Refund, source: str, out: Outbox, *, final: bool
    ) -> Told | None:
        """Returns what a refund gave back, or that it did not; None if it is under way.

        It has the refund's own id and instant, so that what is told of it again is a duplicate.

        Args:
            event: The event.
            refund: The refund.
            source: What our events say as their source.
            out: Where a missing invoice is noted.
            final: Whether no more records will tell which invoice it was.

        Raises:
            WaitError: If a later record may tell which invoice it was, or whose.
            GapError: If it is nobody's.
        """
        is_failed = refund.status in ("failed", "canceled")
        if refund.status != "succeeded" and not (is_failed and _had_succeeded(event)):
            return None
        charge = id_of(refund.charge)
        names = [name for name in (id_of(refund.payment_intent), charge) if name is not None]
        invoice, customer = self._known.payment(names)
        if invoice is None and names and not final:
            raise WaitError(names[0], GapError("invoice_unknown", "the invoice"))
        try:
            account = self._account(refund, invoice, customer)
        except GapError as gap:
            if invoice is None or final:
                raise
            raise WaitError(invoice, gap) from gap
        if is_failed:
            return _taken_back(event, refund, source, account)
        amount, currency = iso(refund.amount, refund.currency)
        data: dict[str, Any] = {"account_id": account}
        if charge is not None:
            data["charge_id"] = charge
        if invoice is not None:
            data["invoice_id"] = invoice
        else:
            out.note("the invoice of a refund: --invoice-payments has them")
        data |= {"amount": amount, "currency": currency}
        return Told(
            id=refund.id,
            source=source,
            type="charge.refunded",
            time=instant(refund.created),
            data=data,
        )

    def _account(self, refund: Refund, invoice: str | None, customer: str | None) -> str:
        """Returns whose a refund is: the invoice's, for metadata may have decided that."""
        found = self._known.accounts.get(invoice or "")
        if found is not None:
            return found
        account = self._accounts.of(None, refund.customer or customer, refund.customer_account)
        if self._has_key and account == (id_of(refund.customer) or customer):
            raise GapError("account_unknown", "invoice.paid, or the customer, of each refund")
        return account


def _had_succeeded(event: Event) -> bool:
    try:
        before = _status_before(event.data.previous_attributes or b"{}")
    except UNREADABLE:
        return False
    return before.status == "succeeded" or (event.type == "refund.failed" and before.status is None)


def _taken_back(event: Event, refund: Refund, source: str, account: str) -> Told:
    data: dict[str, Any] = {
        "account_id": account,
        "retracts": refund.id,
        "retracts_source": source,
        "retracts_type": "charge.refunded",
    }
    if refund.failure_reason is not None:
        data["reason"] = refund.failure_reason
    return Told(
        id=f"{refund.id}/failed",
        source=source,
        type="event.retracted",
        time=instant(refund.created),
        data=data,
    )


def _subscription_of(invoice: Invoice) -> tuple[str | None, Metadata | None]:
    """Returns the subscription that an invoice is for, if any, and its metadata."""
    details: SubscriptionDetails | None = invoice.subscription_details
    if invoice.parent is not None and invoice.parent.subscription_details is not None:
        details = invoice.parent.subscription_details
    named = id_of(invoice.subscription)
    if details is None:
        return named, None
    return named or id_of(details.subscription), details.metadata


def _period(invoice: Invoice, out: Outbox) -> dict[str, Any]:
    """Returns the time that is paid for: that of the lines, for the invoice's own is another.

    Where lines are for several times, it is the one that begins last, which is that of the price
    to come and not that of use gone by, and of these the one that ends first.
    """
    lines = invoice.lines
    if lines is None:
        return {}
    regular: list[Line] = []
    prorations: list[Line] = []
    for line in lines.data:
        if (is_proration := _is_proration(line)) is not None:
            (prorations if is_proration else regular).append(line)
    told = regular or prorations
    periods = {(line.period.start, -line.period.end) for line in told if line.period}
    if lines.has_more:
        out.note("the lines of invoices that are not in the event: the period is of the first ones")
    elif len(periods) > 1:
        out.note("further periods of an invoice: the one that begins last is told")
    if not periods:
        return {}
    begin, end = max(periods)
    if begin >= -end:
        return {}
    return {"period_start": instant(begin), "period_end": instant(-end)}


def _is_proration(line: Line) -> bool | None:
    """Returns whether a line is for a part of a period; None if it is of no item."""
    if line.parent is None:
        return line.proration if line.type == "subscription" else None
    details = line.parent.subscription_item_details
    return None if details is None else details.proration
