"""The invoices of an account: what it pays for each term, and what it gets back.

Some accounts pay by use too: their subscriptions have a metered item, and their invoices are for
more than the price list says. What is by chance here is drawn apart: whatever an account pays, its
subscriptions live as they would have lived.
"""

from random import Random

from streams.simulator.account import SimulatedAccount
from streams.simulator.agenda import Reporter
from streams.simulator.stamp import DAY_MS, stamp
from streams.simulator.subscription import SimulatedSubscription
from streams.simulator.world import World

_METERED_ODDS = 0.15
"""Share of accounts that pay by use too."""
_USE_CENTS = (500, 8_000)
"""What they use in a month of theirs, from least to most."""
_GOODWILL_ODDS = 0.01
"""Share of invoices of which a part is given back some days later."""


class Invoices:
    """What an account pays and gets back."""

    def __init__(self, world: World, account: SimulatedAccount, reporter: Reporter) -> None:
        self._number = account.number
        self._reporter = reporter
        self._rng: Random = world.rng("invoices", account.number)
        self._paid = 0
        self._use = self._rng.uniform(*_USE_CENTS)
        self.is_metered = self._rng.random() < _METERED_ODDS

    def pay(self, subscription: SimulatedSubscription, time_ms: int, reason: str) -> None:
        """Pays for the running term, for use with it; sometimes a part of it is given back."""
        rng = self._rng
        self._paid += 1
        used = self._use * subscription.cycle.months * rng.uniform(0.5, 1.5)
        amount = subscription.due(time_ms) + (int(used) if self.is_metered else 0)
        paid: dict[str, object] = {
            "invoice_id": self._invoice_id(),
            "subscription_id": subscription.subscription_id,
            "amount_paid": amount,
            "currency": "USD",
            "period_start": stamp(subscription.term_start_ms),
            "period_end": stamp(subscription.term_end_ms),
            "billing_reason": reason,
        }
        self._reporter.emit(time_ms, "invoice.paid", paid, subject=self._invoice_id())
        if rng.random() < _GOODWILL_ODDS:
            refund_ms = time_ms + int(rng.uniform(1, 20) * DAY_MS)
            self.give_back(refund_ms, int(amount * rng.uniform(0.1, 0.5)))

    def give_back(self, time_ms: int, cents: int) -> None:
        """Gives back a part of what was paid last."""
        refund: dict[str, object] = {
            "charge_id": f"ch_{self._number}_{self._paid}",
            "invoice_id": self._invoice_id(),
            "amount": cents,
            "currency": "USD",
        }
        self._reporter.emit(time_ms, "charge.refunded", refund)

    def _invoice_id(self) -> str:
        return f"inv_{self._number}_{self._paid}"
