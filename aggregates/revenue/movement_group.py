"""Groups of changes: why an account's revenue changed, told from before a group and after it.

Changes that take effect soon after the first of a group are one movement. It is classified anew at
each change of the group, and the new classification takes the place of the old one.

A customer pays, is kept by a free plan, or is paused as a whole. Whether one is new, lost or back
is asked before it is asked whether revenue is more or less; one that paid nothing any more is lost
too, by the end of what was paused or free. What came from another account was there before, and
what went to another one is still there: the account is judged with both, and ``moves`` are what
that leaves to tell.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from aggregates.revenue.change import SubscriptionChange
from aggregates.revenue.movement import NONE, Movements

ChangeBySubscription = Mapping[str, SubscriptionChange]
"""What each subscription of an account counts, by its id."""


Heirs = Mapping[str, Collection[str]]
"""By subscription, those that say, or said, that they take its place."""


class Past(NamedTuple):
    """What an account was before a group of changes.

    Attributes:
        has_paid: Whether it ever paid, when an earlier group was over.
        is_customer: Whether it pays, is kept by a free plan, or is paused.
        is_kept: Whether it is kept by a free plan.
        is_soon: Whether it left so short a time ago that a return is a resumption.
    """

    has_paid: bool
    is_customer: bool
    is_kept: bool
    is_soon: bool


def _holds(change: SubscriptionChange) -> bool:
    """Returns whether a subscription holds its customer: it counts, or goes on without."""
    return change.mrr > 0 or change.paused or change.free


class MovementGroup:
    """Changes of one account that are one movement, or the part of them that a window sees.

    Attributes:
        begin_ms: The instant of the first.
        revenue: The account's revenue before it.
        past: What else it was before.
        moved: The movement, as last classified.
    """

    def __init__(self, begin_ms: int, revenue: int, past: Past, heirs: Heirs) -> None:
        self.begin_ms = begin_ms
        self.revenue = revenue
        self.past = past
        self.moved = NONE
        self._heirs = heirs
        self._was: dict[str, SubscriptionChange | None] = {}
        self._payers: dict[str, int] = {}
        self._others = revenue  # of those that paid before, and have not changed
        self._counted: set[str] = set()
        self._here: set[str] = set()
        self._arrived: dict[str, int | None] = {}
        self._left: dict[str, int] = {}
        self._took_along: dict[str, bool] = {}
        self._came_free = False
        self._ends: dict[str, int] = {}
        self._gone: set[str] = set()
        self._involuntary = False
        self._fx = 0

    def touch(self, sub: str, before: SubscriptionChange | None) -> None:
        """Notes what a subscription was, as it is about to change."""
        if sub not in self._was:
            self._was[sub] = before
            if before is not None and before.mrr:
                self._payers[sub] = before.mrr
                self._others -= before.mrr
                self._counted.add(sub)
                self._here.add(sub)

    def arrive(self, sub: str, was: SubscriptionChange | None, now: ChangeBySubscription) -> None:
        """Notes that a subscription came from another account.

        Args:
            sub: The subscription.
            was: What it was there, or None if that is not known.
            now: What each subscription counts now.
        """
        mrr, known = None if was is None else was.mrr, self._arrived.get(sub, 0)
        if mrr:
            self._counted.add(sub)
            self._here.add(sub)
        for heir in self._heirs.get(sub, ()):
            own = self._was.get(heir, now[heir])
            if mrr and own is not None and sub in own.replaces:  # it counted in its place before
                mrr = max(mrr - own.mrr, 0)
        self._arrived[sub] = None if mrr is None or known is None else mrr + known
        self._was[sub] = self._was.get(sub) or was
        self._came_free |= was is not None and was.free

    def leave(self, sub: str, last: SubscriptionChange | None, *, was_over: bool) -> None:
        """Notes that a subscription went to another account, and what it was last.

        If it was over, and had ended in the same group, that was not its end.
        """
        mrr = 0 if last is None else last.mrr
        if sub not in self._arrived and sub not in self._left and was_over:
            mrr = mrr or self._payers.get(sub, 0)
            self._ends.pop(sub, None)
            self._gone.discard(sub)
        elif sub in self._arrived and self._arrived[sub] is None:
            self._arrived[sub] = mrr
        self._left[sub] = self._left.get(sub, 0) + mrr
        self._here.discard(sub)
        there = self.past.is_customer or sub in self._arrived
        if mrr or (there and last is not None and _holds(last)):
            self._took_along[sub] = last is not None and last.paused

    def revalue(self, sub: str, fx: int) -> None:
        """Counts what a new exchange rate made of a subscription, unless it counts only now.

        What came to count inside the group is part of its movement, rate and all.
        """
        if sub in self._payers:
            self._payers[sub] += fx
        elif not self._arrived.get(sub):
            return
        self.revenue += fx
        self._fx += fx

    def note(self, change: SubscriptionChange) -> None:
        """Notes why a subscription that stays counts no longer; the last to end decides for all.

        What the clock does to one that has ended ends it no other time.
        """
        if change.mrr:
            self._counted.add(change.sub)
            self._ends.pop(change.sub, None)
        elif change.sub in self._counted and self._ends.get(change.sub) != change.place:
            self._ends[change.sub] = change.place
            self._involuntary = change.involuntary
        if _holds(change):
            self._gone.discard(change.sub)
        elif change.sub in self._here:
            self._gone.add(change.sub)

    def pauses(self, now: ChangeBySubscription) -> bool:
        """Returns whether an account of which some is paused, and nothing counts, is paused.

        A customer is if all that paid is, less what was transferred; or what comes so does it.
        """
        if any(now[sub].paused for sub in self._arrived):
            return True
        paused = all(now[sub].paused or now[sub].transferred for sub in self._payers)
        return self.past.is_customer and paused and not self._others

    def classify(self, revenue: int, now: ChangeBySubscription, *, is_customer: bool) -> None:
        """Classifies the group.

        Args:
            revenue: The account's revenue now.
            now: What each subscription counts now.
            is_customer: Whether it pays, is kept by a free plan or is paused now.
        """
        arrived = sum(
            max(now[sub].mrr - self._payers.get(sub, 0), 0) if mrr is None else mrr
            for sub, mrr in self._arrived.items()
        )
        left = sum(self._left.values())
        was_customer = self.past.is_customer or bool(self._arrived)
        rise = revenue + left - self.revenue - arrived
        moved = NONE
        if rise > 0:
            moved = self._risen(rise, self.revenue + arrived, now, returns=was_customer)
        elif rise < 0:
            moved = self._fallen(-rise, revenue, now, stays=is_customer)
        news = returns = churns = 0
        if not was_customer and (is_customer or self._took_along):
            returns = int(self.past.has_paid)
            news = 1 - returns
        elif was_customer and not is_customer:
            churns = int(not self._took_along or moved.voluntary + moved.involuntary > 0)
        self.moved = moved._replace(
            transferred=arrived - left,
            fx=self._fx,
            news=news,
            returns=returns,
            churns=churns,
            moves=is_customer - self.past.is_customer - news - returns + churns,
            lost_subs=self._lost(now),
        )

    def _lost(self, now: ChangeBySubscription) -> int:
        """Counts who paid and does not, but for those that go on in another way or place."""
        return sum(
            not any(_holds(now[h]) and sub in now[h].replaces for h in self._heirs.get(sub, ()))
            for sub in self._gone
        )

    def _risen(
        self, rise: int, base: int, now: ChangeBySubscription, *, returns: bool
    ) -> Movements:
        past = self.past
        if base <= 0:
            if not (past.has_paid or self.revenue):
                return Movements(new=rise)
            if past.is_kept or self.revenue or self._came_free:
                return Movements(upgrade=rise, upsells=1)
            resumes = returns or past.is_soon
            return Movements(resume=rise) if resumes else Movements(reactivation=rise)
        paused = (sub for sub, was in self._was.items() if was and was.paused)
        resumed = min(rise, sum(now[sub].mrr for sub in paused))
        upgrade = rise - resumed
        return Movements(resume=resumed, upgrade=upgrade, upsells=int(upgrade > 0))

    def _fallen(
        self, fall: int, revenue: int, now: ChangeBySubscription, *, stays: bool
    ) -> Movements:
        paid = Counter({sub: mrr or 0 for sub, mrr in self._arrived.items()})
        paid.update(self._payers)
        less = {
            sub: max(mrr - self._left.get(sub, 0) - now[sub].mrr, 0) for sub, mrr in paid.items()
        }
        away = {sub for sub in self._took_along if now[sub].transferred and sub in less}
        paused = {sub for sub in away if self._took_along[sub]}
        if not stays:
            pause = min(fall, sum(less[sub] for sub in paused))
            downgrade = min(fall - pause, sum(less[sub] for sub in away - paused))
            moved = Movements(pause=pause, downgrade=downgrade, downgrades=int(downgrade > 0))
            lost = fall - pause - downgrade
            if self._involuntary:
                return moved._replace(involuntary=lost)
            return moved._replace(voluntary=lost)
        pause = min(fall, sum(own for sub, own in less.items() if now[sub].paused or sub in paused))
        if revenue == 0 and pause < fall:
            pause = 0  # a free plan keeps the customer
        downgrade = fall - pause
        return Movements(pause=pause, downgrade=downgrade, downgrades=int(downgrade > 0))
