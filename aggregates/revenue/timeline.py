"""An account's timeline: its revenue and the sums of its movements as a step function of time.

Each step holds everything as it is from its tile on, sums included. So the contributions to levels
and flows are the differences between neighbouring steps, and what a window saw follows from two
steps (``aggregates.revenue.regrouping``).
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto

from aggregates.contributions.steps import StepFunction
from aggregates.policies.policy import Policy
from aggregates.revenue.account import NOTHING, AccountRevenue, OpenGroup, RevenueLevels
from aggregates.revenue.change import SubscriptionChange
from aggregates.revenue.movement import NONE, Movements
from aggregates.revenue.movement_group import MovementGroup, Past
from aggregates.revenue.phase import CANCELLATION
from aggregates.revenue.plan_revenue import PlanRevenue
from aggregates.rows.history import Fact
from aggregates.time.tile import DAY_MS, MINUTE_MS, tile_of


class _Clock(Enum):
    """What happens to an account besides changes: it asks to cancel, a term of it is over."""

    CLICKED = auto()
    TERM_OVER = auto()


def account_steps(
    every: Iterable[SubscriptionChange], clicks: list[int], policy: Policy
) -> StepFunction[AccountRevenue]:
    """Returns the revenue of an account.

    Args:
        every: The changes of its subscriptions.
        clicks: The instants, ms of the epoch, at which it asked to cancel.
        policy: The policy in force.
    """
    account = _AccountFold(policy)
    for at_ms, change in _occasions(sorted(every), clicks):
        if change is _Clock.CLICKED:
            account.cancellations += 1
        elif isinstance(change, SubscriptionChange):
            account.apply(change)
        account.note(at_ms)
    return StepFunction.of(NOTHING, account.steps())


def clicks_of(facts: Sequence[Fact]) -> list[int]:
    """Returns the instants, ms of the epoch, at which an account asked to cancel."""
    return [
        fact.data.get("clicked", fact.effective_ms) for fact in facts if fact.type == CANCELLATION
    ]


def _occasions(
    every: Sequence[SubscriptionChange], clicks: list[int]
) -> Iterator[tuple[int, SubscriptionChange | _Clock]]:
    """Returns by instant the changes of all subscriptions, in order, and what else happens."""
    occasions: list[tuple[int, SubscriptionChange | _Clock]] = [(c.at_ms, c) for c in every]
    terms = {c.term_ms for c in every if c.mrr and c.term_ms is not None and c.term_ms > c.at_ms}
    terms -= {c.at_ms for c in every}
    if clicks or terms:
        occasions += [(at_ms, _Clock.CLICKED) for at_ms in clicks]
        occasions += [(at_ms, _Clock.TERM_OVER) for at_ms in sorted(terms)]
        occasions.sort(key=lambda occasion: occasion[0])
    return iter(occasions)


class _AccountFold:
    """An account as its changes are applied one after the other."""

    def __init__(self, policy: Policy) -> None:
        self.cancellations = 0
        self._together_ms = policy.coalesce_minutes * MINUTE_MS
        self._away_ms = policy.reactivation_min_days * DAY_MS
        self._states: list[tuple[int, AccountRevenue]] = []
        self._now: dict[str, SubscriptionChange] = {}
        self._heirs: dict[str, set[str]] = {}
        self._mrr = self._billed = self._committed = self._past_due = 0
        self._free = self._paused = 0
        self._by_plan = PlanRevenue()
        self._arrived: set[str] = set()
        self._has_paid = False
        self._is_customer = False
        self._left_ms: int | None = None
        self._group: OpenGroup | None = None
        self._settled = self._moved = NONE

    def steps(self) -> list[tuple[int, AccountRevenue]]:
        """Returns the states by tile, when all is applied."""
        self._close()
        return self._states

    def note(self, at_ms: int) -> None:
        """Notes the account as it is now, an instant that is ms of the epoch."""
        pays = self._mrr > 0 or self._is_kept(self._free)
        levels = RevenueLevels(
            mrr=self._mrr,
            billed=self._billed,
            committed=self._committed,
            past_due=self._past_due,
            paying=int(pays),
            paused=int(self._is_customer and not pays),
            cancellations=self.cancellations,
            contracted=sum(
                own.mrr for own in self._now.values() if own.term_ms and own.term_ms > at_ms
            ),
        )
        inside = None if self._group is None else self._group.inside()
        state = AccountRevenue(levels, self._moved, self._by_plan.pays(), inside)
        self._states.append((tile_of(at_ms), state))

    def apply(self, change: SubscriptionChange) -> None:
        """Applies one change."""
        if self._group and change.at_ms - self._group.whole.begin_ms > self._together_ms:
            self._close()
        before = self._now.get(change.sub)
        self._has_paid |= change.has_paid
        if change.transferred:
            self._arrived.discard(change.sub)
        tile = tile_of(change.at_ms)
        if self._group and tile > self._group.tile:
            self._group.parts.append(self._begun(change.at_ms))
        self._touch(change.sub, before)
        if change.fx and before is not None and before.mrr:
            before = self._revalued(before, change.fx)
        if self._group is None and self._opens(before, change):
            begun, first = self._begun(change.at_ms), len(self._states)
            self._group = OpenGroup(begun, first, tile)
            self._touch(change.sub, before)
        had = self._mrr
        self._count(change, before)
        if had and not self._mrr:
            self._left_ms = change.at_ms
        if self._group is not None:
            self._group.tile = tile
            self._classify(self._group, change, before)

    def _touch(self, sub: str, before: SubscriptionChange | None) -> None:
        if self._group is not None:
            for group in self._group.every():
                group.touch(sub, before)

    def _close(self) -> None:
        """Settles the open group."""
        group = self._group
        if group is None:
            return
        if group.parts:
            states = self._states[group.first :]
            tiles = [tile for tile, _ in states]
            self._states[group.first :] = zip(tiles, group.closed(states), strict=True)
        self._has_paid |= self._is_customer
        self._settled = self._moved
        self._group = None

    def _is_kept(self, free: int) -> bool:
        return self._has_paid and free > 0

    def _opens(self, before: SubscriptionChange | None, change: SubscriptionChange) -> bool:
        """Returns whether a change begins a group: it moves revenue, or a customer without."""
        if change.mrr != (before.mrr if before else 0) or (change.brought and change.brought.mrr):
            return True
        if self._mrr:
            return False
        if change.comes:
            return True
        free, paused = self._free + change.free, self._paused + change.paused
        if before is not None:
            free, paused = free - before.free, paused - before.paused
        pauses = paused > 0 and (self._is_customer or self._comes(change))
        return (self._is_kept(free) or pauses) != self._is_customer

    def _begun(self, at_ms: int) -> MovementGroup:
        """Returns a group that begins now."""
        past = Past(
            has_paid=self._has_paid,
            is_customer=self._is_customer,
            is_kept=self._is_kept(self._free),
            is_soon=self._left_ms is not None and at_ms - self._left_ms < self._away_ms,
        )
        return MovementGroup(at_ms, self._mrr, past, self._heirs)

    def _revalued(self, before: SubscriptionChange, fx: int) -> SubscriptionChange:
        """Counts what a new exchange rate makes of a subscription; returns it as it then is."""
        if self._group is not None:
            for group in self._group.every():
                group.revalue(before.sub, fx)
            return before
        revalued = self._now[before.sub] = before._replace(mrr=before.mrr + fx)
        self._mrr += fx
        self._settled = self._moved = self._settled.plus(Movements(fx=fx))
        return revalued

    def _count(self, change: SubscriptionChange, before: SubscriptionChange | None) -> None:
        for own, sign in ((change, 1), (before, -1)):
            if own is not None:
                self._mrr += sign * own.mrr
                self._billed += sign * own.billed
                self._committed += sign * own.committed
                self._past_due += sign * own.past_due
                self._free += sign * own.free
                self._paused += sign * own.paused
        self._now[change.sub] = change
        for old in change.replaces:
            self._heirs.setdefault(old, set()).add(change.sub)
        self._by_plan.count(change.sub, change.mrr, change.shares)

    def _classify(
        self, open_group: OpenGroup, change: SubscriptionChange, before: SubscriptionChange | None
    ) -> None:
        """Classifies the open group as it is after a change."""
        comers = self._comers(change)
        for group in open_group.every():
            for sub in comers:
                group.arrive(sub, change.brought, self._now)
                if change.brought and change.brought.mrr and change.fx:
                    group.revalue(sub, change.fx)
            if change.transferred:
                group.leave(change.sub, before, was_over=change.was_over)
            else:
                group.note(change)
        pauses = self._paused > 0 and open_group.whole.pauses(self._now)
        self._is_customer = self._mrr > 0 or self._is_kept(self._free) or pauses
        for group in open_group.every():
            group.classify(self._mrr, self._now, is_customer=self._is_customer)
        self._moved = self._settled.plus(open_group.whole.moved)

    def _comers(self, change: SubscriptionChange) -> list[str]:
        """Returns the subscriptions that are known by a change to have come from elsewhere."""
        if change.arriving:
            heirs = ((heir, self._now[heir]) for heir in self._heirs.get(change.sub, ()))
            comers = [s for s, own in heirs if change.sub in own.replaces and own.mrr]
        else:
            comers = [change.sub] if self._comes(change) else []
        comers = [sub for sub in comers if sub not in self._arrived]
        self._arrived.update(comers)
        return comers

    def _comes(self, change: SubscriptionChange) -> bool:
        """Returns whether what a subscription counts came from another account."""
        if change.brought is not None or change.sub in self._arrived:
            return change.comes
        if not (change.mrr or change.paused):
            return False
        replaced = [self._now[sub] for sub in change.replaces if sub in self._now]
        return change.arrives or any(own.arriving for own in replaced)
