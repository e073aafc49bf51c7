"""The commercial side of an account: trial, terms, renewals, failed payments, leaving, coming back.

What changes inside a term is in `deals`; the state and its prices are in `subscription`, what is
paid in `invoices`.
"""

from collections.abc import Generator
from random import Random

from events.errors import TidemarkError
from streams.simulator.account import SimulatedAccount
from streams.simulator.agenda import Process, Subject
from streams.simulator.deals import Deals
from streams.simulator.invoices import Invoices
from streams.simulator.offer import draw_cycle, draw_discount, draw_plan
from streams.simulator.stamp import DAY_MS, HOUR_MS, add_months, office_instant, stamp
from streams.simulator.subscription import MONTHLY, BillingCycle, SimulatedSubscription
from streams.simulator.world import World

TRIAL_MS = 14 * DAY_MS
"""Length of a free trial."""
_TRIAL_ODDS = 0.6
"""Share of new accounts that try before they buy; the others come through sales."""
_LATE_BUYER_ODDS = 0.08
"""Share of lost trials that buy some weeks later all the same."""
_COMEBACK_ODDS = 0.3
"""Share of lost customers that return after some months."""
_EARLY_RENEWAL_ODDS = 0.25
"""Share of terms of several months that are renewed in the last of them."""
_LATE_RENEWAL_ODDS = 0.2
"""Share of them that nobody has renewed when they end; the customer thinks about it for days."""
_LATE_RENEWAL_DAYS = (2, 40)
_LAPSE_ODDS = 0.3
_FAILED_PAYMENT_ODDS = 0.025
_RECOVERY_ODDS = 0.72
_STEADY_MS = 2 * HOUR_MS
"""After it has acted, what it has emitted ahead is over by then."""
_REFUND_ODDS = 0.2
"""Share of leaving customers who get their last payment back."""


class _WalkedOutError(TidemarkError):
    """A customer has left in the middle of a term."""


class Billing:
    """What an account buys and pays; keeps `account` up to date with it."""

    def __init__(self, world: World, account: SimulatedAccount, *, is_known: bool) -> None:
        self._account = account
        self._is_known = is_known
        self._rng: Random = world.rng("billing", account.number)
        self._renewals: Random = world.rng("renewals", account.number)
        self._reporter = world.reporter("billing", f"b{account.number}", account.account_id)
        self._scenario = world.scenario
        self._invoices = Invoices(world, account, self._reporter)
        self._opened = 0
        self._has_paid = False
        self._now_ms = account.arrived_ms
        self._acted_ms = account.arrived_ms
        self._deals: Deals | None = None
        self._has_left = False

    def run(self) -> Process:
        """Goes on until the account has left for good."""
        rng = self._rng
        on_trial = not self._is_known and rng.random() < _TRIAL_ODDS
        replaced: str | None = None
        while True:
            deals = self._open(on_trial=on_trial, replaced=replaced)
            won = True
            if on_trial:
                won = yield from self._try(deals)
            if won:
                self._account.is_paying = self._has_paid = True
                self._deals = deals
                try:
                    yield from self._pay(deals)
                except _WalkedOutError:
                    if self._has_left:
                        return
                    self._end(deals, "switched_service", voluntary=True)
            self._deals = None
            self._leave()
            if rng.random() >= (_COMEBACK_ODDS if won else _LATE_BUYER_ODDS):
                self._account.is_gone = True
                return
            yield from self._until(self._now_ms + int(rng.uniform(15, 150) * DAY_MS))
            on_trial = False
            self._is_known = False
            replaced = deals.subscription.subscription_id if won else None

    def is_steady(self, now_ms: int) -> bool:
        """Returns whether it pays, and nothing is under way that it may be interrupted in."""
        if self._deals is None or self._has_left or now_ms < self._acted_ms + _STEADY_MS:
            return False
        subscription = self._deals.subscription
        return subscription.status == "active" and subscription.cancel_at_ms is None

    def grow(self, now_ms: int, share: float) -> None:
        """Takes more seats now; only where it is steady."""
        assert self._deals is not None, "it pays"
        self._deals.grow(now_ms, share)

    def leave(self, now_ms: int) -> None:
        """Leaves now and for good; only where it is steady."""
        assert self._deals is not None, "it pays"
        self._now_ms = now_ms
        self._end(self._deals, "switched_service", voluntary=True)
        self._leave()
        self._has_left = self._account.is_gone = True

    def _until(self, time_ms: int) -> Process:
        leaves_ms = self._account.walks_out_ms
        if self._account.is_paying and leaves_ms is not None:
            # What was emitted for the hour to come, a payment that failed, is past by then.
            if self._now_ms + HOUR_MS < leaves_ms <= time_ms:
                self._now_ms = leaves_ms
                yield leaves_ms
                raise _WalkedOutError
        if time_ms > self._now_ms:
            self._acted_ms, self._now_ms = self._now_ms, time_ms
            yield time_ms
            if self._has_left:
                raise _WalkedOutError

    def _open(self, *, on_trial: bool, replaced: str | None) -> Deals:
        """Sells a subscription, or starts its trial."""
        account, now_ms = self._account, self._now_ms
        self._opened += 1
        cycle = draw_cycle(self._rng, account.segment)
        start_ms = now_ms - self._months_before(cycle)
        term_end_ms = now_ms + TRIAL_MS if on_trial else add_months(start_ms, cycle.months)
        subscription = SimulatedSubscription(
            subscription_id=f"sub_{account.number}_{self._opened}",
            plan=draw_plan(self._rng, account.segment),
            cycle=cycle,
            seats=account.first_seats if not account.seats else max(1, account.seats // 2),
            start_ms=start_ms,
            term_start_ms=start_ms,
            term_end_ms=term_end_ms,
            status="trialing" if on_trial else "active",
            trial_end_ms=term_end_ms if on_trial else None,
            replaces=replaced,
            price_percent=self._scenario.at(now_ms).price_percent,
            is_metered=self._invoices.is_metered,
        )
        if not on_trial:
            self._sweeten(subscription)
        subject = Subject(self._reporter, subscription.subscription_id)
        data = subscription.state()
        if start_ms < now_ms:
            data["effective_at"] = stamp(start_ms)
        subject.emit(now_ms, "subscription.created", data)
        deals = Deals(self._rng, account, subscription, subject, self._scenario)
        account.has_access = True
        account.plan = subscription.plan
        account.set_seats(now_ms, subscription.seats)
        return deals

    def _sweeten(self, subscription: SimulatedSubscription) -> None:
        name = f"disc_{self._account.number}_{self._opened}"
        discount = draw_discount(self._rng, name, self._now_ms)
        if discount is not None:
            subscription.discounts.append(discount)

    def _months_before(self, cycle: BillingCycle) -> int:
        """How long (ms) a customer known before the history is into its term."""
        if not self._is_known:
            return 0
        length_ms = cycle.months * 28 * DAY_MS
        return int(self._rng.uniform(0.05, 0.9) * length_ms)

    def _try(self, deals: Deals) -> Generator[int, None, bool]:
        """Uses the product free of charge; returns whether the account buys."""
        subscription, rng = deals.subscription, self._rng
        buys = rng.random() < 0.22 + 0.6 * self._account.engagement
        early_ms = int(rng.uniform(0.0, 5.0) * DAY_MS) if buys and rng.random() < 0.3 else 0
        yield from self._until(subscription.term_end_ms - early_ms)
        if not buys:
            self._end(deals, "trial_expired", voluntary=True)
            return False
        subscription.status = "active"
        subscription.trial_end_ms = self._now_ms
        subscription.term_start_ms = self._now_ms
        subscription.term_end_ms = add_months(self._now_ms, subscription.cycle.months)
        self._sweeten(subscription)
        deals.emit(self._now_ms, "subscription.updated")
        return True

    def _pay(self, deals: Deals) -> Process:
        """Lives term after term, until cancelled or unable to pay."""
        subscription = deals.subscription
        reason = "subscription_create"
        while True:
            paid = yield from self._collect(deals, reason)
            if not paid:
                return
            yield from self._term(deals)
            if subscription.cancel_at_ms is not None:
                self._end(deals, deals.reason, voluntary=True)
                return
            if subscription.term_end_ms <= self._now_ms:
                if not (yield from self._settle(deals)):
                    return
                self._renew(deals)
            reason = "subscription_cycle"

    def _settle(self, deals: Deals) -> Generator[int, None, bool]:
        """Sometimes leaves a long term unrenewed at its end; returns whether it is renewed."""
        rng = self._renewals
        if deals.subscription.cycle is MONTHLY or rng.random() >= _LATE_RENEWAL_ODDS:
            return True
        yield from self._until(self._now_ms + int(rng.uniform(*_LATE_RENEWAL_DAYS) * DAY_MS))
        if rng.random() >= _LAPSE_ODDS:
            return True
        self._end(deals, "not_renewed", voluntary=True)
        return False

    def _renew(self, deals: Deals) -> None:
        """Goes on with the next term, which begins when the running one ends."""
        subscription = deals.subscription
        renewal: dict[str, object] = {
            "previous_term_end": stamp(subscription.term_end_ms),
            "auto": subscription.auto_renew,
        }
        subscription.next_term()
        subscription.price_percent = self._scenario.at(self._now_ms).price_percent
        deals.emit(self._now_ms, "subscription.renewed", renewal)

    def _term(self, deals: Deals) -> Process:
        """Lives through one term, month by month."""
        end_ms = deals.subscription.term_end_ms
        months = deals.subscription.cycle.months
        early = months > MONTHLY.months and self._renewals.random() < _EARLY_RENEWAL_ODDS
        for left in range(months - 1, -1, -1):
            month_end_ms = max(self._now_ms, add_months(end_ms, -left))
            span_ms = month_end_ms - self._now_ms
            if early and not left and deals.subscription.cancel_at_ms is None:
                signed_ms = int(self._renewals.uniform(0.05, 0.9) * span_ms)
                yield from self._until(self._now_ms + signed_ms)
                self._renew(deals)
            elif span_ms > DAY_MS:
                wish_ms = self._now_ms + int(self._rng.uniform(0.05, 0.85) * span_ms)
                act_ms = office_instant(wish_ms, self._account.offset_ms)
                if act_ms < month_end_ms - HOUR_MS:
                    yield from self._until(act_ms)
                    for wake_ms in deals.month(act_ms, month_end_ms, months_left=left):
                        yield from self._until(wake_ms)
            yield from self._until(month_end_ms)

    def _collect(self, deals: Deals, reason: str) -> Generator[int, None, bool]:
        """Charges a term; returns whether the money came in the end."""
        rng, subscription = self._rng, deals.subscription
        if rng.random() >= _FAILED_PAYMENT_ODDS:
            self._invoices.pay(subscription, self._now_ms, reason)
            return True
        subscription.status = "past_due"
        deals.emit(self._now_ms + HOUR_MS, "subscription.updated")
        yield from self._until(self._now_ms + int(rng.uniform(1, 14) * DAY_MS))
        if rng.random() < _RECOVERY_ODDS:
            subscription.status = "active"
            deals.emit(self._now_ms, "subscription.updated")
            self._invoices.pay(subscription, self._now_ms, reason)
            return True
        subscription.status = "unpaid"
        deals.emit(self._now_ms, "subscription.updated")
        yield from self._until(self._now_ms + int(rng.uniform(3, 10) * DAY_MS))
        self._end(deals, "payment_failed", voluntary=False)
        return False

    def _end(self, deals: Deals, reason: str, *, voluntary: bool) -> None:
        ended: dict[str, object] = {
            "subscription_id": deals.subscription.subscription_id,
            "ended_at": stamp(self._now_ms),
            "reason": reason,
            "voluntary": voluntary,
        }
        deals.subject.emit(self._now_ms, "subscription.deleted", ended)
        if self._has_paid and self._rng.random() < _REFUND_ODDS:
            cents = deals.subscription.due(self._now_ms) // 2
            self._invoices.give_back(self._now_ms + 2 * HOUR_MS, cents)

    def _leave(self) -> None:
        self._account.has_access = False
        self._account.is_paying = False
