"""A shard: all rows and the ledger of one partition number over all five topics.

Events change rows at once. What that does to the ledger is settled later, in one step for many
events: before a unit of rows changes for the first time, what it contributed is noted; settling
subtracts that and adds what it contributes now. The ledger is therefore always the sum of the
contributions of the rows as last settled.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Final, NamedTuple, cast

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Contribution
from aggregates.rows.accounts import ACCOUNTS, account_view
from aggregates.rows.family import Account, Scope
from aggregates.rows.history import Outcome, Refusal
from aggregates.rows.kind import RowKind
from aggregates.rows.store import AccountRows, RowKey, Store
from aggregates.shard.changes import Changes
from aggregates.shard.handover import Handover
from aggregates.shard.plan import Plan
from aggregates.shard.uses import Uses
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from aggregates.usage.account_usage import ACCOUNT_USAGE
from events import Batch, Event
from events.retraction import EventRetracted

_RETRACTED: Final = "event.retracted"


class Unsettled(NamedTuple):
    """What a unit contributed, and the scope in which, before it changed."""

    scope: Scope
    contributions: list[Contribution]


class Shard(Handover):
    """The rows and the ledger of one partition.

    Attributes:
        partition: Its number.
        store: The rows.
        ledger: The cells, as last settled.
        stamps: Last source offset folded, by topic.
        outcomes: Events by topic and outcome.
        last_event_ms: Latest time of an event, by topic.
        restatements: Events that changed history more than a day older than the latest event.
    """

    def __init__(self, plan: Plan, partition: int = 0, *, bulk: bool = False) -> None:
        """Makes an empty shard.

        Args:
            plan: What all shards share.
            partition: The partition's number.
            bulk: Fold without regard to the ledger, which ``settle`` then computes from all rows:
            the
                quickest way to load a whole history.
        """
        self.plan = plan
        self.partition = partition
        self.bulk = bulk
        super().__init__(Store(plan.kinds))
        self.stamps: dict[str, int] = {}
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.last_event_ms: dict[str, int] = {}
        self.restatements = 0
        self.refusals: list[Refusal] = []
        self._unknown = account_view("", None, plan.policy.segments)
        self._accounts: dict[str, Account] = {}
        self._unsettled: dict[RowKey, Unsettled] = {}
        self._deferred: dict[RowKey, Unsettled] = {}
        self.changes = Changes()
        self._uses = Uses(self)

    # Folding -------------------------------------------------------------------------------------

    def fold(self, topic: str, batch: Batch, offset: int = -1) -> list[Refusal]:
        """Folds the events of one run of records of a topic.

        Args:
            topic: The topic's short name.
            batch: The decoded records.
            offset: The run's last source offset.

        Returns:
            The events that cannot be folded.
        """
        self.refusals = []
        if batch.uses:
            self._uses.fold(topic, batch.uses)
        if batch.sessions:
            self._uses.fold_sessions(topic, batch.sessions)
        for event in batch.events:
            outcome = self._fold_event(topic, event)
            self.note(topic, outcome, event.time_ms, event.effective_ms)
        if offset > self.stamps.get(topic, -1):
            self.stamps[topic] = offset
        return self.refusals

    def note(self, topic: str, outcome: str, time_ms: int, effective_ms: int) -> None:
        """Counts an event by what became of it."""
        self.outcomes[topic, outcome] += 1
        newest = self.last_event_ms.get(topic, 0)
        if time_ms > newest:
            self.last_event_ms[topic] = time_ms
        elif effective_ms < newest - TILES_A_DAY * TILE_MS and outcome == Outcome.FOLDED:
            self.restatements += 1

    def _fold_event(self, topic: str, event: Event) -> str:
        if event.type == _RETRACTED:
            return self._retract(topic, event)
        outcome = "unread"
        for kind in self.plan.by_type.get(event.type, ()):
            if (reason := kind.refusal(event, self.plan.policy)) is not None:
                self.refusals.append(Refusal(event.index, "refused", reason))
                return "refused"
            for account in kind.accounts(event):
                outcome = self._fold_row(kind, account, event)
        return outcome

    def _fold_row(self, kind: RowKind[Any], account: str, event: Event) -> str:
        key = RowKey(kind.name, account, kind.entity(event))
        row = self.store.row(key)
        if row is None:
            row = kind.new()
        else:
            self.unsettle(key)
        outcome = kind.fold(row, event)
        if outcome is Outcome.CONFLICT:
            detail = f"event {event.id} of {event.source} is known with other content"
            self.refusals.append(Refusal(event.index, "conflict", detail))
        if outcome is Outcome.FOLDED:
            if event.id in self.store.withdrawn(kind.topic, account):
                kind.retract(row, event.id)
            self.admit(kind, key, row)
        return outcome

    def _retract(self, topic: str, event: Event) -> str:
        target = cast(EventRetracted, event.data).retracts
        if not self.store.withdraw(topic, event.key, target):
            return Outcome.DUPLICATE
        for kind in self.plan.kinds.values():
            if kind.topic != topic:
                continue
            for entity, row in list(self.store.of(kind.name, event.key).items()):
                if kind.holds(row, target):
                    key = RowKey(kind.name, event.key, entity)
                    self.unsettle(key)
                    kind.retract(row, target)
                    self.admit(kind, key, row)
        return Outcome.FOLDED

    def admit(self, kind: RowKind[Any], key: RowKey, row: Any) -> None:
        """Files a new or changed row, and moves rows to the units they now belong to."""
        if not self.bulk:
            for entity, unit in self.store.moves(key, row):
                moving = RowKey(key.kind, key.account, entity)
                self.unsettle(moving)
                self.unsettle_unit(RowKey(key.kind, key.account, unit))
                self.store.move(moving, unit)
            self.unsettle(key)
            if kind.name == ACCOUNTS.name:
                self._look_again(key.account, row)
        self.store.put(key, row)

    # Settling ------------------------------------------------------------------------------------

    def account(self, account: str) -> Account:
        """Returns what is known of an account."""
        return self._accounts.get(account, self._unknown)

    def is_settled(self, key: RowKey) -> bool:
        """Returns whether a row is a unit of its own that the ledger is up to date with."""
        return key not in self._unsettled and self.store.is_single(key)

    def unsettle(self, key: RowKey) -> None:
        """Notes what the units that a row is part of contribute, before the row changes."""
        self.unsettle_unit(RowKey(key.kind, key.account, self.store.unit(key)))
        for derived in self.plan.derived_from.get(key.kind, ()):
            self.unsettle_unit(RowKey(derived.name, key.account, ""))

    def unsettle_unit(self, unit: RowKey) -> None:
        """Notes what a unit contributes, before it changes."""
        noted = self._deferred if unit.kind in self.plan.deferred else self._unsettled
        if not self.bulk and unit not in noted:
            scope = self._scope(unit)
            noted[unit] = Unsettled(scope, list(self._contributions(unit, scope)))

    @property
    def deferred(self) -> int:
        """Units of deferred kinds that the ledger is not up to date with."""
        return len(self._deferred)

    def settle(self, deferred_max: int | None = None) -> None:
        """Brings the ledger up to date with the rows.

        Args:
            deferred_max: Units of deferred kinds to settle, those that wait longest first; None for
                all.
        """
        if self.bulk:
            self.rebuild()
            return
        unsettled, self._unsettled = self._unsettled, {}
        for unit, old in unsettled.items():
            self._settle_unit(unit, old)
        for unit in list(islice(self._deferred, deferred_max)):
            self._settle_unit(unit, self._deferred.pop(unit))
        self.changes.move_to(self.ledger)

    def rebuild(self) -> None:
        """Computes units, account attributes and ledger from the rows; ends bulk loading."""
        self.bulk = False
        self._unsettled.clear()
        self._deferred.clear()
        self.ledger = Ledger()
        self.changes = Changes()
        self.store.regroup()
        for account, rows in self.store.rows[ACCOUNTS.name].items():
            self._accounts[account] = account_view(account, rows[""], self.plan.policy.segments)
        for account in self.store.accounts():
            for unit in self._units(account):
                if unit.kind == ACCOUNT_USAGE.name:
                    self._uses.derive(account)
                scope = self._scope(unit)
                self.ledger.apply(self._contributions(unit, scope), scope.account.segment)

    def _settle_unit(self, unit: RowKey, old: Unsettled) -> None:
        """Notes what a unit contributes now, and no longer contributes."""
        self.changes.take(old.contributions, old.scope.account.segment)
        if unit.kind == ACCOUNT_USAGE.name:
            self._uses.derive(unit.account)
        scope = self._scope(unit)
        self.changes.add(self._contributions(unit, scope), scope.account.segment)

    def _units(self, account: str) -> Iterator[RowKey]:
        for kind in self.plan.kinds:
            for unit in self.store.units(kind, account):
                yield RowKey(kind, account, unit)
        for derived in self.plan.derived.values():
            if any(self.store.of(source.name, account) for source in derived.sources):
                yield RowKey(derived.name, account, "")

    def _look_again(self, account: str, row: Any) -> None:
        """Moves all that an account contributes when its attributes have changed."""
        view = account_view(account, row, self.plan.policy.segments)
        if view != self.account(account):
            for unit in self._units(account):
                self.unsettle_unit(unit)
            self._accounts[account] = view

    def _scope(self, unit: RowKey) -> Scope:
        account, policy = self.account(unit.account), self.plan.policy
        segment = self.store.segment(unit, account.segment, policy.segments)
        if segment is not account.segment:
            account = replace(account, segment=segment)
        return Scope(self.plan.calendar, policy, account, self.plan.windows)

    def _contributions(self, unit: RowKey, scope: Scope) -> Iterator[Contribution]:
        if scope.account.internal:
            return
        if unit.kind == ACCOUNT_USAGE.name:
            rows: list[Any] = [self._uses.accounts.get(unit.account, {})]
        elif unit.kind in self.plan.derived:
            rows = [AccountRows(self.store, unit.account)]
        else:
            rows = self.store.members(unit)
        if rows:
            for family in self.plan.families.get(unit.kind, ()):
                yield from family.contributions(rows, scope)
