"""Which events changed a figure: the events of an account, folded one by one.

They are taken in the order of the time from which they count, and after each the account's figure
is read. The change from one reading to the next is what the event did, so all changes add up to
what the account has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import sub
from typing import Any

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.explainer import Explainer, measures_of
from aggregates.explanation.explanation import Amounts, Effects
from aggregates.explanation.question import Question
from aggregates.rows.accounts import ACCOUNTS
from aggregates.rows.kind import DerivedKind
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.usage.users import USERS
from events import EVENT_RETRACTED, Batch, Event, topics_for
from events.records import HOT_TYPES, HotEvent

AnyEvent = Event | HotEvent[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did to a figure.

    Attributes:
        event: The event.
        changes: By how much it changed each term at each edge of the question.
        effect: By how much it made the figure, or its change, what it is; None as for a part.
    """

    event: AnyEvent
    changes: Amounts
    effect: Fraction | None


class ByEvent:
    """Explains what an account has in a figure by the account's events."""

    def __init__(self, plan: Plan, catalogue: Catalogue, question: Question) -> None:
        self._plan = plan
        self._catalogue = catalogue
        self._question = question
        self._measures = measures_of(catalogue, question)
        self._types = _types(plan, self._measures)

    def takes(self, event: AnyEvent) -> bool:
        """Returns whether an event may change the figure of its account."""
        return event.type in self._types

    def steps(self, account: str, events: Iterable[AnyEvent], effects: Effects) -> Iterator[Step]:
        """Yields the events that changed something, in the order of the time they count from.

        Args:
            account: The account.
            events: All events of it, and of those that are read with it, that ``takes`` lets in.
            effects: Those of the whole figure.
        """
        shard = Shard(self._plan)
        explainer = Explainer(self._plan, self._catalogue, [shard])
        before: Amounts | None = None
        seen = -1
        for event in sorted(events, key=_order):
            for topic, batch in _batches(event):
                shard.fold(topic, batch)
            shard.settle()
            revision = sum(map(shard.ledger.revision, self._measures))
            if revision == seen:
                continue
            seen = revision
            now = self._amounts(explainer, account)
            changes = now if before is None else _less(now, before)
            if any(map(any, changes.values())):
                yield Step(event, changes, effects.of(changes))
            before = now

    def _amounts(self, explainer: Explainer, account: str) -> Amounts:
        explanation = explainer.explain(self._question)
        for part in explanation.parts:
            if part.account == account:
                return part.amounts
        return {term: (0,) * len(held) for term, held in explanation.amounts.items()}


def _less(now: Amounts, before: Amounts) -> Amounts:
    return {term: tuple(map(sub, held, before[term])) for term, held in now.items()}


def _types(plan: Plan, measures: set[str]) -> frozenset[str]:
    """Returns the types of events that rows take which some measures are made of."""
    found = {EVENT_RETRACTED, *plan.kinds[ACCOUNTS.name].types}
    for families in plan.families_of(measures).values():
        for family in families:
            reads = family.reads
            for kind in reads.sources if isinstance(reads, DerivedKind) else (reads,):
                found |= kind.types
                if kind.name == USERS.name:
                    found |= HOT_TYPES.keys()
                followed = plan.kinds.get(kind.follows or "")
                found |= followed.types if followed is not None else frozenset()
    return frozenset(found)


def _batches(event: AnyEvent) -> Iterator[tuple[str, Batch]]:
    """Yields an event by the topics that it goes to."""
    if isinstance(event, HotEvent):
        batch = Batch()
        getattr(batch, HOT_TYPES[event.type]).append(event)
        yield "usage", batch
        return
    for topic in topics_for(event):
        yield topic, Batch(events=[event])


def _order(event: AnyEvent) -> tuple[int, str, str, str]:
    """Returns an event's place in time; several at one instant as their producer counts."""
    if isinstance(event, HotEvent):
        return event.effective_ms, "", event.id, event.source
    return event.effective_ms, event.sequence, event.id, event.source
