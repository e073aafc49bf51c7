"""Movements: why an account's revenue changed, told from before a group of changes and after it.

Changes that take effect soon after the first of a group are one movement. It is classified anew at
each change of the group, and the new classification takes the place of the old one, so that at any
instant

    start + new + reactivation + expansion - contraction - churn + transferred + fx = revenue.

Whether revenue is new, lost or back is asked before it is asked whether it is more or less.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from aggregates.revenue.change import SubscriptionChange


class Movements(NamedTuple):
    """Sums of movements: micro-units a month, positive but for the last two; and their numbers.

    Attributes:
        new: Of accounts that never paid before.
        reactivation: Of accounts that paid before, after any gap.
        upgrade: Expansion of accounts that pay.
        resume: Expansion by what was paused.
        downgrade: Contraction of accounts that go on paying.
        pause: Contraction by what is paused.
        voluntary: Churn that the customer chose.
        involuntary: Churn for want of payment.
        transferred: What came from, less what went to, other accounts as accounts were merged.
        fx: What new exchange rates made of what was there.
        news: Movements of new accounts.
        churns: Movements of churn.
        upsells: Movements with an upgrade.
        downgrades: Movements with a downgrade.
        lost_subs: ChangeBySubscription that count no longer.
    """

    new: int = 0
    reactivation: int = 0
    upgrade: int = 0
    resume: int = 0
    downgrade: int = 0
    pause: int = 0
    voluntary: int = 0
    involuntary: int = 0
    transferred: int = 0
    fx: int = 0
    news: int = 0
    churns: int = 0
    upsells: int = 0
    downgrades: int = 0
    lost_subs: int = 0

    def plus(self, other: "Movements") -> "Movements":
        """Adds the movements of two."""
        return Movements(*map(int.__add__, self, other))


NONE: Final = Movements()

ChangeBySubscription = Mapping[str, SubscriptionChange]
"""What each subscription of an account counts, by its id."""


class MovementGroup:
    """Changes of one account that are one movement.

    Attributes:
        begin_ms: The instant of the first.
        revenue: The account's revenue before it.
        was_paused: Whether the account was without revenue because all of it was paused.
    """

    def __init__(
        self,
        begin_ms: int,
        before: ChangeBySubscription,
        *,
        has_paid: bool,
        was_paused: bool,
        resumes: bool,
    ) -> None:
        self.begin_ms = begin_ms
        self.was_paused = was_paused
        self._has_paid = has_paid
        self._resumes = resumes
        self._was_free = any(change.free for change in before.values())
        self._payers = {sub: change.mrr for sub, change in before.items() if change.mrr}
        self._paused = [sub for sub, change in before.items() if change.paused]
        self._counted = set(self._payers)
        self._arrived: list[str] = []
        self._ends: dict[str, int] = {}
        self._involuntary = False
        self.revenue = sum(self._payers.values())

    def arrive(self, sub: str) -> None:
        """Notes that a subscription came from an account that was merged into this one."""
        self._arrived.append(sub)

    def revalue(self, sub: str, fx: int) -> bool:
        """Notes what a new exchange rate made of a subscription, unless it counts only now."""
        if sub not in self._payers:
            return False
        self._payers[sub] += fx
        self.revenue += fx
        return True

    def note(self, change: SubscriptionChange) -> None:
        """Notes why a subscription counts no longer; the last one to end decides for all.

        What the clock does to one that has ended ends it no other time.
        """
        if change.mrr:
            self._counted.add(change.sub)
            self._ends.pop(change.sub, None)
        elif change.sub in self._counted and self._ends.get(change.sub) != change.place:
            self._ends[change.sub] = change.place
            self._involuntary = change.involuntary

    def movements(self, revenue: int, now: ChangeBySubscription, *, leaving: bool) -> Movements:
        """Classifies the group.

        Args:
            revenue: The account's revenue now.
            now: What each subscription counts now.
            leaving: Whether the account is merged into another, which takes over what it loses.
        """
        moved = self._moved(revenue, now, leaving=leaving)
        lost = 0 if leaving else self._lost(now)
        return moved._replace(lost_subs=lost) if lost else moved

    def _lost(self, now: ChangeBySubscription) -> int:
        """Counts who paid and does not, but for pauses, free plans and those that are replaced."""
        gone = [sub for sub in self._payers if not now[sub].mrr]
        if not gone:
            return 0
        replaced = {change.replaces for change in now.values() if change.mrr}
        return sum(not (now[s].paused or now[s].free or s in replaced) for s in gone)

    def _moved(self, revenue: int, now: ChangeBySubscription, *, leaving: bool) -> Movements:
        arrived = sum(now[sub].mrr for sub in self._arrived)
        base = self.revenue + arrived
        if revenue > base:
            return self._risen(revenue - base, base, now)._replace(transferred=arrived)
        if revenue == base:
            return NONE._replace(transferred=arrived) if arrived else NONE
        fall = base - revenue
        if leaving:
            return NONE._replace(transferred=arrived - fall)
        return self._fallen(fall, revenue, now)._replace(transferred=arrived)

    def _risen(self, rise: int, base: int, now: ChangeBySubscription) -> Movements:
        if base == 0:
            if not self._has_paid:
                return Movements(new=rise, news=1)
            if self._was_free:
                return Movements(upgrade=rise, upsells=1)
            return Movements(resume=rise) if self._resumes else Movements(reactivation=rise)
        resumed = min(rise, sum(now[sub].mrr for sub in self._paused))
        upgrade = rise - resumed
        return Movements(resume=resumed, upgrade=upgrade, upsells=int(upgrade > 0))

    def _fallen(self, fall: int, revenue: int, now: ChangeBySubscription) -> Movements:
        paused = {sub: mrr for sub, mrr in self._payers.items() if now[sub].paused}
        if revenue == 0:
            if len(paused) == len(self._payers):
                return Movements(pause=fall)
            if any(change.free for change in now.values()):
                return Movements(downgrade=fall, downgrades=1)
            if self._involuntary:
                return Movements(involuntary=fall, churns=1)
            return Movements(voluntary=fall, churns=1)
        pause = min(fall, sum(paused.values()))
        downgrade = fall - pause
        return Movements(pause=pause, downgrade=downgrade, downgrades=int(downgrade > 0))
