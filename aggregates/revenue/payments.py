"""Payments: money that came in for invoices, and went back.

Formula: an invoice counts when it was paid, with the amount paid; told again under its id, it
counts with the difference from then on. A refund counts when the money went back. What one account
ever paid less what it got back is its historic lifetime value. Foreign currencies count at the
exchange rate of the instant.
Unit: micro-units of the reporting currency; invoices. Undefined: never; what is paid by account has
no value without accounts.
Source: ProfitWell and Maxio documentation (refunds are cash, not recurring revenue), Stripe's
invoices.
"""

from collections.abc import Sequence
from typing import Final

from aggregates.ledger.measure import Contributions, Measure, Unit
from aggregates.revenue.receipt import INVOICE_PAID, receipt_of, versions
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.rows.family import Family, Scope
from aggregates.time.tile import tile_of

_PAID: Final = ("paid_amount",)
_INVOICES: Final = ("paid_invoices",)
_REFUNDED: Final = ("refunded_amount",)


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    cash = rows[0].cash()
    before: dict[str, int] = {}
    for version in versions(fact for fact in cash if fact.type == INVOICE_PAID):
        at_ms, receipt = version.paid_ms, version.receipt
        micros = receipt.micros(at_ms, scope.policy)
        known = 0
        if receipt.invoice is not None:
            known = before.get(receipt.invoice, 0)
            before[receipt.invoice] = micros
        if micros != known:
            yield _PAID, tile_of(at_ms), micros - known
        if (micros > 0) != (known > 0):
            yield _INVOICES, tile_of(at_ms), 1 if micros else -1
    for fact in cash:
        if fact.type != INVOICE_PAID:
            micros = receipt_of(fact).micros(fact.effective_ms, scope.policy)
            if micros:
                yield _REFUNDED, tile_of(fact.effective_ms), micros


FAMILY = Family(
    name="payments",
    reads=SUBSCRIPTIONS,
    measures=(
        Measure.flow("paid_amount", "Money paid for invoices, before refunds.", Unit.MONEY),
        Measure.flow("paid_invoices", "Invoices for which money was paid."),
        Measure.flow("refunded_amount", "Money that was given back.", Unit.MONEY),
    ),
    contributions=contributions,
)
