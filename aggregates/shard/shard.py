"""A shard: all rows and the ledger of one partition number over all five topics.

Events change rows at once; ``settle`` brings the ledger up to date (``aggregates.shard.settling``).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from aggregates.ledger.ledger import Ledger
from aggregates.rows.guest import Guest
from aggregates.rows.history import FULL_DETAIL, Outcome, Refusal
from aggregates.rows.kind import RowKey, RowKind
from aggregates.rows.store import Store
from aggregates.rows.withdrawn import named_in
from aggregates.shard.counts import EventCounts
from aggregates.shard.handover import Handover
from aggregates.shard.plan import Plan
from aggregates.shard.restated import Restated
from aggregates.shard.settling import Settling
from aggregates.shard.usage_folding import UsageFolding
from events import COPIED_TYPES, Batch, Event
from events.event import KeyAt
from events.retraction import EventRetracted, target_of

_RETRACTED: Final = "event.retracted"

_UNREAD: Final = "unread"

_REFUSED: Final[Mapping[str, str]] = {
    Outcome.CONFLICT: "event {id} of {source} is known with other content",
    Outcome.FULL: FULL_DETAIL,
}
"""Outcomes of events that belong with the dead letters, in words."""


class Shard:
    """The rows and the ledger of one partition.

    Attributes:
        plan: What all shards share.
        partition: Its number.
        store: The rows.
        settling: The ledger, and what it is not up to date with.
        handover: What others write away: packed rows and chunks.
        counts: What became of events.
        stamps: Last source offset folded, by topic.
        holds: Whether an account is of this partition.
    """

    def __init__(
        self,
        plan: Plan,
        partition: int = 0,
        *,
        bulk: bool = False,
        lasting: bool = True,
        holds: Callable[[str], bool] = lambda account: True,
    ) -> None:
        """Makes an empty shard.

        Args:
            plan: What all shards share.
            partition: The partition's number.
            bulk: Fold without regard to the ledger, which ``settle`` then computes from all rows:
                the quickest way to load a whole history.
            lasting: Whether rows are stored, and events follow, once a history is loaded. If not,
                it is loaded in bulk, and ``finish`` gives the ledger in place of the rows.
            holds: Whether an account is of this partition; all are if it is the only one.
        """
        self._lasting = lasting
        self.plan = plan
        self.partition = partition
        self.store = Store(plan.kinds, stored=lasting)
        self.settling = Settling(plan, self.store, bulk=bulk, lasting=lasting)
        self.handover = Handover(self.store, self.settling)
        self.counts = EventCounts()
        self.stamps: dict[str, int] = {}
        self.holds = holds
        self._usage = UsageFolding(plan, self.store, self.settling, self.counts)

    @property
    def ledger(self) -> Ledger:
        """The cells, as last settled."""
        return self.settling.ledger

    @property
    def restated(self) -> Restated:
        """What the ledger said of the past and says no longer, since the shard was made."""
        return self.settling.restated

    @property
    def unsettled(self) -> int:
        """Units, those of deferred kinds aside, that the ledger is not up to date with."""
        return self.settling.unsettled

    @property
    def deferred(self) -> int:
        """Units of deferred kinds that the ledger is not up to date with."""
        return self.settling.deferred

    def settle(self, deferred_max: int | None = None) -> None:
        """Brings the ledger up to date with the rows; see ``Settling.settle``.

        Rows that are read under another account of this partition are so from then on; those for
        other partitions wait in ``handover``. The ledger of what is not to last waits for
        ``finish``.
        """
        if not self._lasting:
            while not self.settling.is_grouped:
                self.settling.regroup()
                self.handover.deliver(self.holds)
            return
        self.restated.begin(self.counts.take_oldest())
        self.settling.settle(deferred_max)
        while self.handover.deliver(self.holds):
            self.settling.settle(deferred_max)
        self.restated.end(self.counts.last_event_ms)

    def send(self) -> None:
        """Sends rows on to where they are read, as ``settle`` does; the ledger stays as it is."""
        self.settling.send()
        while self.handover.deliver(self.holds):
            self.settling.send()

    def finish(self) -> None:
        """Computes the ledger of what is not to last, once all is settled, and drops its rows."""
        if not self._lasting and self.settling.bulk:
            self.settling.gather()

    def rebuild(self) -> None:
        """Computes the ledger from restored rows, and reads rows where they are to be read."""
        self.settling.rebuild()
        while self.handover.deliver(self.holds):
            self.settling.settle()

    def fold(self, topic: str, batch: Batch, offset: int = -1) -> list[Refusal]:
        """Folds the events of one run of records of a topic.

        Args:
            topic: The topic's short name.
            batch: The decoded records.
            offset: The run's last source offset.

        Returns:
            The events that cannot be folded.
        """
        refusals = self._usage.fold(topic, batch)
        for event in batch.events:
            outcome = self._fold(topic, event, batch.key_at, refusals)
            self.counts.note(topic, outcome, event.time_ms)
        if offset > self.stamps.get(topic, -1):
            self.stamps[topic] = offset
        return refusals

    def _fold(self, topic: str, event: Event, key_at: KeyAt | None, refusals: list[Refusal]) -> str:
        if event.type == _RETRACTED:
            withdrawn = self._retract(topic, event)
            _note_refused(withdrawn, event, refusals)
            return withdrawn
        outcome = _UNREAD
        for kind in self.plan.by_type.get(event.type, ()):
            if (reason := kind.refusal(event, self.plan.policy)) is not None:
                refusals.append(Refusal(event.index, "refused", reason))
                return "refused"
            accounts = kind.accounts(event)
            if event.type in COPIED_TYPES:
                accounts = tuple(each for each in accounts if self._is_for(each, event, key_at))
                outcome = Outcome.DUPLICATE
            for account in accounts:
                outcome = self._fold_row(kind, account, event)
                _note_refused(outcome, event, refusals)
        return outcome

    def _is_for(self, account: str, event: Event, key_at: KeyAt | None) -> bool:
        """Returns whether an event that travels under two keys is here for an account."""
        key = None if key_at is None else key_at(event.index)
        return self.holds(account) if key is None else key == account.encode()

    def _fold_row(self, kind: RowKind[Any], account: str, event: Event) -> Outcome:
        key = RowKey(kind.name, account, kind.entity(event))
        row = self.settling.open(key)
        outcome = kind.fold(row, event)
        if outcome is Outcome.FOLDED:
            withdrawn = self.store.withdrawn(kind.topic, account)
            for target in named_in(withdrawn, event.source, event.id):
                kind.retract(row, target)
            self.settling.close(key, row)
        return outcome

    def _retract(self, topic: str, event: Event) -> Outcome:
        data = cast(EventRetracted, event.data)
        target = target_of(data.retracts, data.retracts_source)
        outcome = self.store.withdraw(topic, event.key, target)
        if outcome is not Outcome.FOLDED:
            return outcome
        for kind in self.plan.kinds.values():
            if kind.topic != topic:
                continue
            for entity, row in list(self.store.of(kind.name, event.key).items()):
                if not isinstance(entity, Guest) and kind.holds(row, target):
                    key = RowKey(kind.name, event.key, entity)
                    self.settling.open(key)
                    kind.retract(row, target)
                    self.settling.close(key, row)
        return outcome


def _note_refused(outcome: str, event: Event, refusals: list[Refusal]) -> None:
    if (detail := _REFUSED.get(outcome)) is not None:
        detail = detail.format(id=event.id, source=event.source)
        refusals.append(Refusal(event.index, str(outcome), detail))
