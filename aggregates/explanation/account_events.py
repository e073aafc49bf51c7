"""The events of one account, newest first, each with what it changed when it came.

The account is folded alone: what lies before the events that are told together, then each of them
by itself. What changes its ledger is read at the quarter of an hour in which the event begins to
count, so that a change is told as it was then, whatever came later.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.happening import Happening, happening_of
from aggregates.explanation.headline_changes import HeadlineChanges
from aggregates.explanation.in_time import AnyEvent, batches_of, count_of, in_steps
from aggregates.ledger.ledger import Ledger
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.time.tile import edge_after


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some of the events of an account.

    Attributes:
        happenings: What happened, the newest first.
        first: How many are newer than these.
        total: How many there are.
    """

    happenings: tuple[Happening, ...]
    first: int
    total: int


class AccountEvents:
    """Tells the events of accounts, each of which is given with all of its events."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        """Takes what is computed, and the KPIs."""
        self._changes = HeadlineChanges(catalogue, plan.calendar)
        self._plan = plan.only(self._changes.measures)

    def page(self, events: Iterable[AnyEvent], first: int, count: int) -> EventPage:
        """Returns some events.

        Args:
            events: All events of the account, and of those that are read with it.
            first: How many newer ones to pass over; uses and sessions of a user on one day are one.
            count: How many to tell.
        """
        once = {(e.source, e.id, e.type, e.effective_ms): e for e in reversed(list(events))}
        steps = in_steps(once.values(), self._plan.calendar)
        end = max(0, len(steps) - first)
        begin = max(0, end - count)
        shard = Shard(self._plan, bulk=True)
        _fold(shard, [event for step in steps[:begin] for event in step])
        shard.settle()
        told = [self._told(shard, step) for step in steps[begin:end]]
        return EventPage(tuple(reversed(told)), first, len(steps))

    def _told(self, shard: Shard, step: list[AnyEvent]) -> Happening:
        changed = shard.settling.watched = Ledger()
        _fold(shard, step)
        shard.settle()
        edge = edge_after(max(event.effective_ms for event in step))
        return happening_of(step[0], self._changes.of(changed, edge), count_of(step))


def _fold(shard: Shard, step: list[AnyEvent]) -> None:
    for topic, batch in batches_of(step):
        shard.fold(topic, batch)
