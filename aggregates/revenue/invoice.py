"""Invoices: what paid and refunded ones make of a subscription's revenue, under policies.

The months of an invoice are those of its period, told in billing intervals of the licensed item
that is billed most often, of the state in force when it is paid (in calendar months if there is
none); without a period they are those of one interval. What is paid for metered use is what an
invoice is more than the licensed items come to in its months, less their discounts, at the exchange
rates of that instant. What is given back lowers revenue by its share of the months. Both are
rounded down to micro-units.

What is reported of an invoice later, or only after a refund of it, holds from then on: no reading
knows it before.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from aggregates.contributions.occurrence import FOREVER
from aggregates.policies.policy import Policy
from aggregates.revenue.billing import LicensedItem, intervals_between
from aggregates.revenue.money import mrr_micros, rates_of
from aggregates.revenue.phase import Life, Lives, SubscriptionPhase
from aggregates.revenue.receipt import (
    INVOICE_PAID,
    InvoiceVersion,
    Paid,
    Receipt,
    RevenueSpan,
    receipt_of,
    versions,
)
from aggregates.rows.history import Fact
from aggregates.time.tile import DAY_MS

_METERED_MS: Final = 90 * DAY_MS
"""How long paid use is part of revenue."""
_METERED_MONTHS: Final = 3
"""The months that this is."""
_MONTHLY: Final = LicensedItem(0, "", "month", 1)
"""The item of monthly amounts where a state has no licensed item."""


def with_invoices(lives: Lives, cash: Iterable[Fact], policy: Policy) -> Lives:
    """Returns the subscriptions of an account with what was paid for them."""
    facts = list(cash)
    refunds = [fact for fact in facts if fact.type != INVOICE_PAID]
    invoices: dict[str | None, list[InvoiceVersion]] = {}
    for version in versions(fact for fact in facts if fact.type == INVOICE_PAID):
        invoices.setdefault(version.receipt.sub, []).append(version)
    return {
        sub: life._replace(paid=_paid(life, invoices.get(sub, []), refunds, policy))
        for sub, life in lives.items()
    }


def _paid(life: Life, invoices: list[InvoiceVersion], refunds: list[Fact], policy: Policy) -> Paid:
    first_ms = 0
    if policy.require_paid_invoice:
        paying = (version.paid_ms for version in invoices if version.receipt.amount)
        first_ms = min(paying, default=FOREVER)
    metered: Iterable[RevenueSpan] = ()
    if policy.metered_mrr == "trailing_3m_avg":
        metered = (_metered(life, version, policy) for version in invoices)
    refunded: Iterable[RevenueSpan] = ()
    if policy.refunds_in_mrr == "period" and refunds:
        refunded = _refunded(life, invoices, refunds, policy)
    return Paid(
        first_ms,
        tuple(span for span in metered if span.counts()),
        tuple(span for span in refunded if span.counts()),
    )


def _metered(life: Life, version: InvoiceVersion, policy: Policy) -> RevenueSpan:
    begin_ms = version.paid_ms
    phase = _in_force(life, begin_ms)
    micros = 0
    if phase is not None and phase.metered:
        rate_of = rates_of(policy, lambda currency: begin_ms)
        in_effect = [discount for discount in phase.discounts if discount.holds(begin_ms)]
        licensed = mrr_micros(phase.items, in_effect, rate_of, policy.factors)
        paid = version.receipt.micros(begin_ms, policy)
        used = paid - licensed * _months(phase, version.receipt, policy)
        micros = max(used, Fraction()) // _METERED_MONTHS
    return RevenueSpan(begin_ms, min(begin_ms + _METERED_MS, version.until_ms), micros)


def _refunded(
    life: Life, invoices: list[InvoiceVersion], refunds: list[Fact], policy: Policy
) -> Iterator[RevenueSpan]:
    """Yields by what refunds of invoices lower revenue."""
    by_invoice: dict[str, list[tuple[int, int]]] = {}
    for fact in refunds:
        refund = receipt_of(fact)
        if refund.invoice is not None:
            micros = refund.micros(fact.effective_ms, policy)
            by_invoice.setdefault(refund.invoice, []).append((fact.effective_ms, micros))
    for paid_ms, until_ms, invoice in invoices:
        if invoice.invoice is None or invoice.begin_ms is None or invoice.end_ms is None:
            continue
        for refund_ms, micros in by_invoice.get(invoice.invoice, ()):
            begin_ms = max(refund_ms, invoice.begin_ms, paid_ms)
            months = _months(_in_force(life, paid_ms), invoice, policy)
            yield RevenueSpan(begin_ms, min(invoice.end_ms, until_ms), micros // months)


def _in_force(life: Life, at_ms: int) -> SubscriptionPhase | None:
    for phase in reversed(life.phases):
        if phase.begin_ms <= at_ms:
            return phase
    return None


def _months(phase: SubscriptionPhase | None, invoice: Receipt, policy: Policy) -> Fraction:
    item = phase.items[0] if phase and phase.items else _MONTHLY
    times, months = policy.factors[item.interval]
    intervals = Fraction(1)
    if invoice.begin_ms is not None and invoice.end_ms is not None:
        intervals = intervals_between(
            invoice.begin_ms, invoice.end_ms, item.interval, item.interval_count
        )
    return intervals * Fraction(item.interval_count * months, times)
