"""What happens to a subscription inside a term: seats, plans, add-ons, pauses, cancellations.

Once a month the account may do one thing; what it does depends on how well it fares.
"""

from collections.abc import Callable
from random import Random

from streams.simulator.account import SimulatedAccount
from streams.simulator.agenda import Process, Subject
from streams.simulator.scenario import Effects, Scenario
from streams.simulator.stamp import DAY_MS, HOUR_MS, MINUTE_MS, stamp
from streams.simulator.subscription import PLANS, YEARLY, SimulatedSubscription

_MONTHLY_CHURN = {"smb": 0.027, "mid_market": 0.017, "enterprise": 0.01}
"""Chance of an ordinary account (risk 1) to cancel in a month it could."""
_LAST_MONTHS = 2
"""A longer term is cancelled in its last months only."""
_WITHDRAWN_ODDS = 0.18
_BACKDATED_ODDS = 0.06
"""Share of seat changes that are entered hours after they took effect."""
_MISTAKE_ODDS = 0.004
_PLAN_CHANGE_SEATS = 40
"""An account with more seats stays with its plan: one move must not dwarf all others."""
_REASONS = ("too_expensive", "missing_features", "unused", "switched_service", "business_closed")

Act = Callable[[int, int], Process]


class Deals:
    """One subscription and what its account changes about it."""

    def __init__(
        self,
        rng: Random,
        account: SimulatedAccount,
        subscription: SimulatedSubscription,
        subject: Subject,
        scenario: Scenario,
    ) -> None:
        self._rng = rng
        self._account = account
        self.subscription = subscription
        self.subject = subject
        self._scenario = scenario
        self.reason = "other"
        self._effective_ms = subscription.start_ms

    def emit(
        self, time_ms: int, kind: str, extra: dict[str, object] | None = None, *, lag_ms: int = 0
    ) -> str:
        """Emits the full state, in effect since `lag_ms` before `time_ms`."""
        data = self.subscription.state()
        data.update(extra or {})
        effective_ms = max(time_ms - lag_ms, self._effective_ms + MINUTE_MS)
        if effective_ms < time_ms:
            data["effective_at"] = stamp(effective_ms)
        self._effective_ms = max(effective_ms, self._effective_ms)
        return self.subject.emit(time_ms, kind, data)

    def month(self, now_ms: int, end_ms: int, *, months_left: int) -> Process:
        """Does this month's thing, if any; everything done lies before `end_ms`."""
        if self.subscription.cancel_at_ms is not None:
            return
        act = self._choose(months_left, self._scenario.at(now_ms))
        if act is not None:
            yield from act(now_ms, end_ms)

    def _choose(self, months_left: int, effects: Effects) -> Act | None:
        account, subscription = self._account, self.subscription
        verve, risk = account.engagement * effects.growing, account.risk * effects.shrinking
        hazard = _MONTHLY_CHURN[account.segment] * account.risk * effects.churn
        if subscription.cycle.months > 1:
            hazard *= min(subscription.cycle.months, 9) / _LAST_MONTHS
            if months_left >= _LAST_MONTHS:
                hazard = 0.0
        small = subscription.seats < _PLAN_CHANGE_SEATS
        acts: tuple[tuple[float, Act], ...] = (
            (hazard, self._cancel),
            (0.19 * verve, self._more_seats),
            (0.018 * risk, self._fewer_seats),
            (0.028 * verve if small and subscription.plan != PLANS[-1] else 0.0, self._upgrade),
            (0.009 * risk if small and subscription.plan != PLANS[0] else 0.0, self._downgrade),
            (0.012 * verve if not subscription.has_add_on else 0.0, self._add_on),
            (0.009 if subscription.cycle is not YEARLY else 0.0, self._pause),
            (_MISTAKE_ODDS, self._mistake),
        )
        roll = self._rng.random()
        for odds, act in acts:
            if roll < odds:
                return act
            roll -= odds
        return None

    def grow(self, now_ms: int, share: float) -> None:
        """Takes more seats at once: a share of those there are, one at least."""
        seats = self.subscription.seats
        self.subscription.seats = seats + max(1, int(seats * share))
        self.emit(now_ms, "subscription.updated")
        self._account.set_seats(now_ms, self.subscription.seats)

    def _more_seats(self, now_ms: int, _end_ms: int) -> Process:
        seats = self.subscription.seats
        self._change_seats(now_ms, seats + max(1, int(seats * self._rng.uniform(0.05, 0.35))))
        yield from ()

    def _fewer_seats(self, now_ms: int, _end_ms: int) -> Process:
        seats = self.subscription.seats
        if seats > 1:
            self._change_seats(now_ms, max(1, int(seats * self._rng.uniform(0.6, 0.95))))
        yield from ()

    def _change_seats(self, now_ms: int, seats: int) -> None:
        lag_ms = 0
        if self._rng.random() < _BACKDATED_ODDS:
            lag_ms = int(self._rng.uniform(1, 40) * HOUR_MS)
        self.subscription.seats = seats
        self.emit(now_ms, "subscription.updated", lag_ms=lag_ms)
        self._account.set_seats(now_ms, seats)

    def _upgrade(self, now_ms: int, _end_ms: int) -> Process:
        self._change_plan(now_ms, +1)
        yield from ()

    def _downgrade(self, now_ms: int, _end_ms: int) -> Process:
        self._change_plan(now_ms, -1)
        yield from ()

    def _change_plan(self, now_ms: int, steps: int) -> None:
        plan = PLANS[PLANS.index(self.subscription.plan) + steps]
        self.subscription.plan = self._account.plan = plan
        self.emit(now_ms, "subscription.updated")

    def _add_on(self, now_ms: int, _end_ms: int) -> Process:
        self.subscription.has_add_on = True
        self.emit(now_ms, "subscription.updated")
        yield from ()

    def _mistake(self, now_ms: int, end_ms: int) -> Process:
        """Somebody types a wrong quantity, and takes it back hours later."""
        subscription = self.subscription
        data = subscription.state(seats=subscription.seats * 2)
        wrong_id = self.subject.emit(now_ms, "subscription.updated", data)
        noticed_ms = min(now_ms + int(self._rng.uniform(1, 30) * HOUR_MS), end_ms - MINUTE_MS)
        retraction: dict[str, object] = {
            "retracts": wrong_id,
            "retracts_type": "subscription.updated",
            "reason": "typing_error",
        }
        self.subject.emit(noticed_ms, "event.retracted", retraction)
        yield noticed_ms

    def _pause(self, now_ms: int, end_ms: int) -> Process:
        """Pauses until shortly before the month ends."""
        subscription = self.subscription
        resume_ms = end_ms - 2 * HOUR_MS
        if resume_ms - now_ms < DAY_MS:
            return
        subscription.status, subscription.resumes_at_ms = "paused", resume_ms
        self.emit(now_ms, "subscription.paused")
        self._account.has_access = False
        yield resume_ms
        subscription.status, subscription.resumes_at_ms = "active", None
        self.emit(resume_ms, "subscription.resumed")
        self._account.has_access = True

    def _cancel(self, now_ms: int, end_ms: int) -> Process:
        """Cancels at the end of the term, and sometimes thinks better of it."""
        subscription, rng = self.subscription, self._rng
        self.reason = "poor_support" if self._account.mood < 0.5 else rng.choice(_REASONS)
        subscription.cancel_at_ms = subscription.term_end_ms
        subscription.auto_renew = False
        request: dict[str, object] = {
            "subscription_id": subscription.subscription_id,
            "canceled_at": stamp(now_ms),
            "cancel_at": stamp(subscription.term_end_ms),
            "reason": self.reason,
            "feedback": f"Leaving: {self.reason.replace('_', ' ')}.",
        }
        self.subject.emit(now_ms, "subscription.cancellation_requested", request)
        if rng.random() >= _WITHDRAWN_ODDS:
            return
        regret_ms = now_ms + int(rng.uniform(0.2, 0.8) * (end_ms - now_ms))
        if regret_ms <= now_ms:
            return
        yield regret_ms
        subscription.cancel_at_ms = None
        subscription.auto_renew = True
        self.emit(regret_ms, "subscription.updated")
