"""An account's timeline: its revenue and the sums of its movements as a step function of time.

Each step holds everything as it is from its tile on, sums included. So the contributions to levels
and flows are the differences between neighbouring steps, and what a window saw is the difference of
two steps.
"""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from aggregates.contributions.steps import StepFunction
from aggregates.policies.policy import Policy
from aggregates.revenue.change import SubscriptionChange, changes
from aggregates.revenue.movement import NONE, MovementGroup, Movements
from aggregates.revenue.phase import CANCELLATION, Lives
from aggregates.revenue.plan_revenue import PlanPays, PlanRevenue
from aggregates.rows.history import Fact
from aggregates.time.tile import DAY_MS, tile_of


class _Clock(Enum):
    """What happens to an account besides changes: it asks to cancel, a term of it is over."""

    CLICKED = auto()
    TERM_OVER = auto()


_MINUTE_MS: Final = 60_000


class Merges(NamedTuple):
    """When an account was merged into another, and when it first absorbed one; ms or None."""

    merged_ms: int | None = None
    absorbed_ms: int | None = None


class RevenueLevels(NamedTuple):
    """The levels of an account from a tile on; money is micro-units a month.

    Attributes:
        mrr: Monthly recurring revenue.
        billed: The same less discounts for once.
        committed: The same without what is known to end, with what is known to begin.
        past_due: The part of it whose payment is late.
        paying: 1 if there is revenue, or a free plan that keeps a customer, else 0.
        cancellations: Times that it asked to cancel, till then.
        contracted: The part of the revenue of subscriptions inside a term that was told.
    """

    mrr: int = 0
    billed: int = 0
    committed: int = 0
    past_due: int = 0
    paying: int = 0
    cancellations: int = 0
    contracted: int = 0


class AccountRevenue(NamedTuple):
    """An account from a tile on.

    Attributes:
        levels: Its MRR and other levels.
        moved: The sums of its movements till then.
        pays: What it pays for each plan.
    """

    levels: RevenueLevels = RevenueLevels()
    moved: Movements = NONE
    pays: PlanPays = ()


NOTHING: Final = AccountRevenue()
"""The state before the first step."""


def account_steps(
    lives: Lives, clicks: list[int], policy: Policy, merges: Merges
) -> StepFunction[AccountRevenue]:
    """Returns the revenue of an account.

    Args:
        lives: Its subscriptions.
        clicks: The instants, ms of the epoch, at which it asked to cancel.
        policy: The policy in force.
        merges: The account's own merges.
    """
    return StepFunction.of(NOTHING, _states(lives, clicks, policy, merges))


def _states(
    lives: Lives, clicks: list[int], policy: Policy, merges: Merges
) -> Iterator[tuple[int, AccountRevenue]]:
    account = _AccountFold(policy, merges)
    for at_ms, change in _occasions(lives, clicks, policy):
        if change is _Clock.CLICKED:
            account.cancellations += 1
        elif isinstance(change, SubscriptionChange):
            account.apply(change)
        yield tile_of(at_ms), account.state(at_ms)


def clicks_of(facts: Sequence[Fact]) -> list[int]:
    """Returns the instants, ms of the epoch, at which an account asked to cancel."""
    return [
        fact.data.get("clicked", fact.effective_ms) for fact in facts if fact.type == CANCELLATION
    ]


def _occasions(
    lives: Lives, clicks: list[int], policy: Policy
) -> Iterator[tuple[int, SubscriptionChange | _Clock]]:
    """Returns by instant the changes of all subscriptions, and what else happens."""
    every = [change for sub, life in lives.items() for change in changes(sub, life, policy)]
    occasions: list[tuple[int, SubscriptionChange | _Clock]] = [(c.at_ms, c) for c in sorted(every)]
    terms = {c.term_ms for c in every if c.mrr and c.term_ms is not None and c.term_ms > c.at_ms}
    terms -= {c.at_ms for c in every}
    if clicks or terms:
        occasions += [(at_ms, _Clock.CLICKED) for at_ms in clicks]
        occasions += [(at_ms, _Clock.TERM_OVER) for at_ms in sorted(terms)]
        occasions.sort(key=lambda occasion: occasion[0])
    return iter(occasions)


class _AccountFold:
    """An account as its changes are applied one after the other."""

    def __init__(self, policy: Policy, merges: Merges) -> None:
        self.cancellations = 0
        self._together_ms = policy.coalesce_minutes * _MINUTE_MS
        self._away_ms = policy.reactivation_min_days * DAY_MS
        self._merges = merges
        self._now: dict[str, SubscriptionChange] = {}
        self._mrr = self._billed = self._committed = self._past_due = 0
        self._by_plan = PlanRevenue()
        self._paid: set[str] = set()
        self._denied: set[str] = set()
        self._has_paid = False
        self._is_paused = False
        self._left_ms: int | None = None
        self._group: MovementGroup | None = None
        self._settled = self._moved = NONE

    def state(self, at_ms: int) -> AccountRevenue:
        """Returns the account as it is now, an instant that is ms of the epoch."""
        levels = RevenueLevels(
            mrr=self._mrr,
            billed=self._billed,
            committed=self._committed,
            past_due=self._past_due,
            paying=int(self._mrr > 0 or self._is_kept()),
            cancellations=self.cancellations,
            contracted=sum(
                own.mrr for own in self._now.values() if own.term_ms and own.term_ms > at_ms
            ),
        )
        return AccountRevenue(levels, self._moved, self._by_plan.pays())

    def apply(self, change: SubscriptionChange) -> None:
        """Applies one change."""
        group = self._group
        if group is not None and change.at_ms - group.begin_ms > self._together_ms:
            self._has_paid |= self._mrr > 0
            self._settled = self._moved
            group = self._group = None
        before = self._now.get(change.sub)
        if change.retention:
            change = self._retained(change, before)
        else:
            self._denied.discard(change.sub)
        if change.fx and before is not None and before.mrr:
            before = self._revalued(before, change.fx)
        if group is None and change.mrr != (before.mrr if before else 0):
            group = self._group = self._opened(change.at_ms)
        had = self._mrr
        self._count(change, before)
        if had and not self._mrr:
            self._left_ms = change.at_ms
        if group is not None:
            self._classify(group, change)
        if self._is_paused and not any(own.paused for own in self._now.values()):
            self._is_paused = False

    def _is_kept(self) -> bool:
        return bool(self._paid) and any(own.free for own in self._now.values())

    def _opened(self, at_ms: int) -> MovementGroup:
        soon = self._left_ms is not None and at_ms - self._left_ms < self._away_ms
        return MovementGroup(
            at_ms,
            self._now,
            has_paid=self._has_paid,
            was_paused=self._is_paused,
            resumes=self._is_paused or soon,
        )

    def _revalued(self, before: SubscriptionChange, fx: int) -> SubscriptionChange:
        """Counts what a new exchange rate makes of a subscription; returns it as it then is.

        What came to count inside an open group is part of that movement, rate and all.
        """
        if self._group is not None and not self._group.revalue(before.sub, fx):
            return before
        revalued = self._now[before.sub] = before._replace(mrr=before.mrr + fx)
        self._mrr += fx
        by_rate = Movements(fx=fx)
        self._settled, self._moved = self._settled.plus(by_rate), self._moved.plus(by_rate)
        return revalued

    def _retained(
        self, change: SubscriptionChange, before: SubscriptionChange | None
    ) -> SubscriptionChange:
        """Lets a free period count only if the account was paying when it began."""
        if before is None or not (before.retention or change.sub in self._denied):
            counts = self._mrr > 0 or (self._group is not None and self._group.revenue > 0)
            if not counts:
                self._denied.add(change.sub)
        if change.sub not in self._denied:
            return change
        return change._replace(mrr=0, billed=0, committed=0, free=False, retention=False)

    def _count(self, change: SubscriptionChange, before: SubscriptionChange | None) -> None:
        self._mrr += change.mrr
        self._billed += change.billed
        self._committed += change.committed
        self._past_due += change.past_due
        if before is not None:
            self._mrr -= before.mrr
            self._billed -= before.billed
            self._committed -= before.committed
            self._past_due -= before.past_due
        self._now[change.sub] = change
        self._by_plan.count(change.sub, change.mrr, change.shares)

    def _classify(self, group: MovementGroup, change: SubscriptionChange) -> None:
        """Classifies the open group as it is after a change."""
        if change.mrr and change.sub not in self._paid:
            self._paid.add(change.sub)
            if self._came_from_elsewhere(change):
                group.arrive(change.sub)
        group.note(change)
        merged_ms = self._merges.merged_ms
        leaving = merged_ms is not None and merged_ms <= change.at_ms + self._together_ms
        moved = group.movements(self._mrr, self._now, leaving=leaving)
        self._moved = self._settled.plus(moved) if moved != NONE else self._settled
        if self._mrr:
            self._is_paused = False
        else:
            self._is_paused = moved.pause > 0 if group.revenue else group.was_paused

    def _came_from_elsewhere(self, change: SubscriptionChange) -> bool:
        """Whether a subscription replaces one of an account that was merged into this one."""
        absorbed_ms = self._merges.absorbed_ms
        return (
            change.replaces is not None
            and change.replaces not in self._now
            and absorbed_ms is not None
            and absorbed_ms <= change.at_ms + self._together_ms
        )
