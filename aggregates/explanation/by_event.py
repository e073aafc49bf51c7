"""Which events changed a figure: the events of an account, folded one by one.

They are taken in the order of the time from which they count, and after each the account's figure
is read. The change from one reading to the next is what the event did, so all changes add up to
what the account has. Uses and sessions of a user on one day are one step: none of them says much.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import sub

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.by_account import ByAccount
from aggregates.explanation.explainer import Explainer, measures_of
from aggregates.explanation.explanation import Amounts, Effects
from aggregates.explanation.in_time import AnyEvent, batches_of, count_of, in_steps
from aggregates.explanation.question import Question
from aggregates.explanation.reading import FigureReading
from aggregates.formula.terms import terms_of
from aggregates.reading.prefix_sums import LedgerSums
from aggregates.rows.accounts import ACCOUNTS
from aggregates.rows.kind import DerivedKind
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.usage.users import USERS
from events import EVENT_RETRACTED
from events.records import HOT_TYPES


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did to a figure, or the uses and sessions of a user on one day.

    Attributes:
        event: The event; of several the first.
        count: How many events there are.
        changes: By how much they changed each term at each edge of the question.
        effect: By how much they made the figure, or its change, what it is; None as for a part.
    """

    event: AnyEvent
    count: int
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
        self._only = plan.only(self._measures)

    def takes(self, event: AnyEvent) -> bool:
        """Returns whether an event may change the figure of its account."""
        return event.type in self._types

    def steps(self, account: str, events: Iterable[AnyEvent], effects: Effects) -> Iterator[Step]:
        """Yields the events that changed something, in the order of the time they count from.

        Args:
            account: The account.
            events: All events of it, and of those that are read with it, that ``takes`` lets in;
                of one account in the order in which they were folded for the figure.
            effects: Those of the whole figure.
        """
        shard = Shard(self._only)
        explainer = Explainer(self._catalogue, ByAccount(self._only, [shard]))
        sums = LedgerSums(shard.ledger)
        before: Amounts | None = None
        seen = -1
        for together in in_steps(self._folded(events), self._plan.calendar):
            for topic, batch in batches_of(together):
                shard.fold(topic, batch)
            shard.settle()
            revision = sum(map(shard.ledger.revision, self._measures))
            if revision == seen:
                continue
            seen = revision
            if shard.store.accounts() == {account} and not self._question.segment:
                now = self._alone(shard, sums)
            else:
                now = self._amounts(explainer, account)
            changes = now if before is None else _less(now, before)
            if any(map(any, changes.values())):
                yield Step(together[0], count_of(together), changes, effects.of(changes))
            before = now

    def _folded(self, events: Iterable[AnyEvent]) -> Iterator[AnyEvent]:
        """Yields events without those that folding refuses.

        Of two events of one id with other content the first to come counts, not the first in time.
        But ids only tell events of one row apart, so the rows have to decide that.
        """
        shard = Shard(self._only, bulk=True)
        for event in events:
            if not any([shard.fold(topic, batch) for topic, batch in batches_of([event])]):
                yield event

    def _alone(self, shard: Shard, sums: LedgerSums) -> Amounts:
        """Reads the figure where the ledger is of the account alone: it follows what changed."""
        ledger = shard.ledger
        segments = {segment for name in self._measures for _, segment in ledger.prefixes(name)[0]}
        reading = FigureReading(
            self._catalogue, self._plan.calendar, sums, self._question, [frozenset(segments)]
        )
        terms = terms_of(self._question.variant.formula)
        return {term: reading.amounts(term)[0] for term in terms}

    def _amounts(self, explainer: Explainer, account: str) -> Amounts:
        explanation = explainer.explain(self._question, partial=True)
        for part in explanation.parts:
            if part.account == account:
                return part.amounts
        return {term: (0,) * len(held) for term, held in explanation.amounts.items()}


def _less(now: Amounts, before: Amounts) -> Amounts:
    return {term: tuple(map(sub, held, before[term])) for term, held in now.items()}


def _types(plan: Plan, measures: frozenset[str]) -> frozenset[str]:
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
