"""Receipts: money that came in for an invoice, or went back, as facts of an account.

An invoice told again, under its id but as another event, is the same invoice: from then on it is
what the later fact says. Refunds of one charge may come in parts, so each fact is one.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.policies.policy import Policy
from aggregates.revenue import money
from aggregates.revenue.billing import compact
from aggregates.revenue.money import RateOf, amount_micros, rates_of
from aggregates.rows.history import Fact
from events import Event

INVOICE_PAID: Final = "invoice.paid"
CHARGE_REFUNDED: Final = "charge.refunded"
CASH: Final = frozenset({INVOICE_PAID, CHARGE_REFUNDED})
"""Event types of money that came in or went back."""

_CASH: Final = "cash"
"""The field under which a fact keeps its receipt."""


class Receipt(NamedTuple):
    """What one fact says; instants are ms of the epoch.

    Attributes:
        amount: Minor units, paid or given back.
        currency: Their currency.
        invoice: The invoice, or None.
        sub: The subscription that was paid for, or None.
        begin_ms: The beginning of the period that was paid for, or None if none is stated.
        end_ms: Its end, later than its beginning, or None.
    """

    amount: int
    currency: str
    invoice: str | None = None
    sub: str | None = None
    begin_ms: int | None = None
    end_ms: int | None = None

    def micros(self, at_ms: int, policy: Policy) -> int:
        """Returns the amount in micro-units, at the exchange rate of an instant.

        Raises:
            MissingRateError: If the currency of an amount has no rate.
        """
        return self.micros_by(rates_of(policy, lambda currency: at_ms))

    def micros_by(self, rate_of: RateOf) -> int:
        """Returns the amount in micro-units, at given exchange rates; nothing needs no rate."""
        return amount_micros(self.amount, self.currency, rate_of) if self.amount else 0


class InvoiceVersion(NamedTuple):
    """What an invoice is from one fact about it to the next.

    Attributes:
        paid_ms: From when on.
        until_ms: Until when, ``FOREVER`` if no other fact followed.
        receipt: What the fact says.
    """

    paid_ms: int
    until_ms: int
    receipt: Receipt


class RevenueSpan(NamedTuple):
    """From when until when, in ms, something changes revenue, and by how many micro-units."""

    begin_ms: int
    end_ms: int
    micros: int

    def counts(self) -> bool:
        """Returns whether it changes anything at all."""
        return self.begin_ms < self.end_ms and self.micros > 0


class Paid(NamedTuple):
    """What was paid for a subscription, as far as policies let it decide on revenue.

    Attributes:
        first_ms: Nothing counts before, ms of the epoch; ``FOREVER`` if nothing ever does.
        metered: What was paid for use, a month.
        refunded: What was given back, a month.
    """

    first_ms: int = 0
    metered: tuple[RevenueSpan, ...] = ()
    refunded: tuple[RevenueSpan, ...] = ()

    def revenue(self, price: int, at_ms: int) -> int:
        """What counts at an instant: a price, paid use with it, less what was given back."""
        if not (self.metered or self.refunded):
            return price
        return max(0, price + total_at(self.metered, at_ms) - total_at(self.refunded, at_ms))

    def instants(self) -> Iterable[int]:
        """Yields the instants, ms of the epoch, at which it changes what counts."""
        if self.first_ms != FOREVER:
            yield self.first_ms
        for begin_ms, end_ms, _ in (*self.metered, *self.refunded):
            yield begin_ms
            yield end_ms


UNPAID_COUNTS: Final = Paid()
"""What counts whether it is paid or not, as long as no policy asks for more."""


def total_at(spans: Iterable[RevenueSpan], at_ms: int) -> int:
    """Returns the sum of what holds at an instant.

    >>> total_at([RevenueSpan(0, 10, 5), RevenueSpan(10, 20, 7), RevenueSpan(15, 16, 1)], 15)
    8
    """
    return sum(span.micros for span in spans if span.begin_ms <= at_ms < span.end_ms)


def told(event: Event) -> Receipt:
    """Returns what an event says; a period that does not end after it begins is none."""
    data: Any = event.data
    if event.type == CHARGE_REFUNDED:
        return Receipt(data.amount, data.currency, data.invoice_id)
    receipt = Receipt(data.amount_paid, data.currency, data.invoice_id, data.subscription_id)
    begin_ms, end_ms = data.period_start, data.period_end
    if begin_ms is None or end_ms is None or begin_ms >= end_ms:
        return receipt
    return receipt._replace(begin_ms=begin_ms, end_ms=end_ms)


def refusal(event: Event, policy: Policy) -> str | None:
    """Refuses money in a currency without an exchange rate."""
    receipt = told(event)
    currencies = (receipt.currency,) if receipt.amount else ()
    return money.refusal(currencies, event.effective_ms, policy)


def kept(event: Event) -> dict[str, Any]:
    """What a fact keeps of an event: fields in order, without what is not told at the end."""
    return {_CASH: compact(told(event))}


def receipt_of(fact: Fact) -> Receipt:
    """Returns what a fact of money says."""
    return Receipt(*fact.data[_CASH])


def versions(facts: Iterable[Fact]) -> list[InvoiceVersion]:
    """Returns what invoices are from fact to fact, in order; one without an id is its own."""
    found: list[InvoiceVersion] = []
    latest: dict[str, int] = {}
    for fact in facts:
        receipt = receipt_of(fact)
        if receipt.invoice is not None:
            place = latest.get(receipt.invoice)
            if place is not None:
                found[place] = found[place]._replace(until_ms=fact.effective_ms)
            latest[receipt.invoice] = len(found)
        found.append(InvoiceVersion(fact.effective_ms, FOREVER, receipt))
    return found
