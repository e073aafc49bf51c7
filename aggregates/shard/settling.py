"""Settling: keeps the ledger equal to what the rows contribute, in one step for many events.

Before a unit of rows changes for the first time (``open``), what it contributes is noted. Once it
is changed its rows are filed (``close``). ``settle`` subtracts what was noted and adds what the
units contribute now. The ledger is therefore always the sum of the contributions of the rows as
last settled.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from aggregates.ledger.alike import common
from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Contribution, Outline, written
from aggregates.rows.accounts import ACCOUNTS, account_view
from aggregates.rows.family import Account, Families, Scope
from aggregates.rows.guest import path_of
from aggregates.rows.kind import RowKey
from aggregates.rows.memo import Memo
from aggregates.rows.store import AccountRows, Store
from aggregates.shard.changes import Changes
from aggregates.shard.kept import Contributed, Kept
from aggregates.shard.moves import Moves
from aggregates.shard.plan import Plan
from aggregates.shard.restated import Restated
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays, account_days
from aggregates.usage.users import USERS


class Settling:
    """The ledger of a shard, and the units of rows that it is not up to date with.

    Attributes:
        ledger: The cells, as last settled.
        changes: Contributions on their way to the ledger.
        account_days: Active days of accounts, derived from their users.
        bulk: Whether events are folded without regard to the ledger, until it is rebuilt.
        moves: Rows that are read under other accounts than the one whose events fill them.
        restated: What the ledger said of the past and says no longer.
    """

    def __init__(self, plan: Plan, store: Store, *, bulk: bool) -> None:
        self.ledger = Ledger()
        self.changes = Changes()
        self.account_days: dict[str, AccountDays] = {}
        self.bulk = bulk
        self.restated = Restated(plan)
        self._plan = plan
        self._store = store
        self.moves = Moves(store)
        self._unknown = account_view((), plan.policy.segments)
        self._accounts: dict[str, Account] = {}
        self._unsettled: dict[RowKey, Contributed] = {}
        self._unsent: set[RowKey] = set()
        self._deferred: dict[RowKey, Contributed] = {}
        self._kept = Kept(plan.deferred)
        self._memos: dict[RowKey, Memo] = {}

    # Rows that change ----------------------------------------------------------------------------

    def open(self, key: RowKey) -> Any:
        """Returns a row that is about to change, an empty one if there is none yet."""
        row = self._store.row(key)
        if row is None:
            return self._plan.kinds[key.kind].new()
        self.unsettle(key)
        return row

    def close(self, key: RowKey, row: Any) -> None:
        """Files a new or changed row, and moves rows to the units that they now belong to."""
        self._regroup(key, row)
        self._store.put(key, row)
        self._look_again(key)

    def receive(self, key: RowKey, row: Any | None) -> None:
        """Files a guest, or removes it if there is no row."""
        self._regroup(key, row)
        self._store.visit(key, row)
        if row is None:
            self._store.units.forget(key)
        self._look_again(key)

    def _regroup(self, key: RowKey, row: Any | None) -> None:
        """Moves rows to the units that they belong to once a row is filed, or is gone."""
        if self.bulk:
            return
        for moving, unit in self._store.units.moves(key, row):
            self._move(moving, unit)
        self.unsettle(key)

    def _move(self, key: RowKey, unit: str | None) -> None:
        """Moves a row to another unit, or away."""
        self.unsettle(key)
        if unit is None:
            self._unsent.add(key)
        else:
            self._note(RowKey(key.kind, key.account, unit))
        self._store.units.move(key, unit)
        for derived in self._plan.derived_from.get(key.kind, ()):
            if (memo := self._memos.get(RowKey(derived.name, key.account, ""))) is not None:
                memo.forget(key.kind)

    def unsettle(self, key: RowKey) -> None:
        """Notes what the units that a row is part of contribute, before the row changes."""
        if self.bulk:
            return
        self.unsettle_unit(key)
        self.unsettle_derived(key)

    def unsettle_unit(self, key: RowKey) -> None:
        """Notes what the unit of a row contributes, without what is derived from it."""
        unit = self._store.units.of(key)
        if unit is None:
            self._unsent.add(key)
        else:
            self._note(RowKey(key.kind, key.account, unit))

    def unsettle_derived(self, key: RowKey, *, deferred_only: bool = False) -> None:
        """Notes what units contribute that are derived from a row, or only the deferred of them."""
        for derived in self._plan.derived_from.get(key.kind, ()):
            if derived.deferred or not deferred_only:
                unit = RowKey(derived.name, key.account, "")
                self._note(unit)
                if (memo := self._memos.get(unit)) is not None:
                    memo.forget(key.kind, self._store.units.of(key))

    def follow(self, unit: RowKey) -> None:
        """Notes that what a settled unit contributes is changed from outside."""
        self._kept.take(unit)

    def is_settled(self, key: RowKey) -> bool:
        """Returns whether a row is a unit of its own that the ledger is up to date with."""
        return key not in self._unsettled and self._store.units.is_single(key)

    def account(self, account: str) -> Account:
        """Returns what is known of an account."""
        return self._accounts.get(account, self._unknown)

    def _note(self, unit: RowKey) -> None:
        noted = self._deferred if unit.kind in self._plan.deferred else self._unsettled
        if not self.bulk and unit not in noted:
            noted[unit] = self._kept.take(unit) or self._contributed(unit)

    def _contributed(self, unit: RowKey) -> Contributed:
        scope = self._scope(unit)
        return Contributed(scope, list(written(self._contributions(unit, scope))))

    def _look_again(self, key: RowKey) -> None:
        """Looks what follows from the facts of an account, if it is one of them that changed.

        All that an account contributes moves when its attributes have changed, and all its rows are
        read elsewhere once it is merged. What is known there of others goes on with it, even if the
        account stays where it was, as the least of a ring does.
        """
        if self.bulk or key.kind != ACCOUNTS.name:
            return
        account, units = key.account, self._store.units
        self._unsent.add(key)
        self._unsent.update(self.moves.astray(account))
        view, target = self._account_view(account), self.moves.target(account)
        is_moved = target != units.targets.get(account)
        if view == self.account(account) and not is_moved:
            return
        for unit in self._units(account):
            self._note(unit)
            self._memos.pop(unit, None)
        self._accounts[account] = view
        if is_moved:
            _set(units.targets, account, target)
            for kind in self._plan.kinds:
                for moving, new in units.all_moves(kind, account):
                    self._move(moving, new)
                self._unsent.update(
                    RowKey(kind, account, entity) for entity in self._store.of(kind, account)
                )

    def _account_view(self, account: str) -> Account:
        by_way: dict[int, list[Any]] = {}
        for entity, row in self._store.of(ACCOUNTS.name, account).items():
            by_way.setdefault(len(path_of(entity)), []).append(row)
        rows = [ACCOUNTS.united(by_way[way])[0] for way in sorted(by_way)]
        return account_view(rows, self._plan.policy.segments)

    # The ledger ----------------------------------------------------------------------------------

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
            self._settle(unit, old)
        for unit in list(islice(self._deferred, deferred_max)):
            self._settle(unit, self._deferred.pop(unit))
        self.changes.move_to(self.ledger, self.restated)
        unsent, self._unsent = self._unsent, set()
        for key in unsent:
            self.moves.post(key)

    def rebuild(self) -> None:
        """Computes units, account attributes and ledger from the rows; ends bulk loading."""
        self.bulk = False
        self._unsettled.clear()
        self._deferred.clear()
        self._kept.clear()
        self._memos.clear()
        self.changes = Changes()
        units = self._store.units
        for account in self._store.rows[ACCOUNTS.name]:
            self._accounts[account] = self._account_view(account)
            _set(units.targets, account, self.moves.target(account))
        units.regroup()
        facts = self._store.rows[ACCOUNTS.name]
        own = [RowKey(ACCOUNTS.name, account, each) for account in facts for each in facts[account]]
        for key in [*own, *units.away()]:
            self.moves.post(key)
        gathered = Gathered()
        for account in self._store.accounts():
            for unit in self._units(account):
                scope = self._scope(unit)
                self._derive(unit)
                gathered.take(self._contributions(unit, scope), scope.account.segment)
        self.ledger = gathered.ledger()

    def by_account(self, families: Families, gathered: Gathered) -> None:
        """Gives what rows contribute to some families, each account in a segment of its own.

        Such a segment has the account's id after the attributes.

        Args:
            families: The families, by the kind of rows that they read.
            gathered: What takes it.
        """
        for account in self._store.accounts():
            for unit in self._units(account):
                if unit.kind in families:
                    scope = self._scope(unit)
                    own = (*scope.account.segment, account)
                    gathered.take(self._contributions(unit, scope, families), own)

    def _settle(self, unit: RowKey, old: Contributed) -> None:
        """Notes what a unit contributes now, and no longer contributes."""
        self._derive(unit)
        if unit.kind in self._plan.derived:
            self._memos.setdefault(unit, Memo())
        new = self._contributed(unit)
        same = 0
        if old.scope.account.segment == new.scope.account.segment:
            same = common(old.contributions, new.contributions)
        self.changes.take(old.contributions[same:], old.scope.account.segment)
        self.changes.add(new.contributions[same:], new.scope.account.segment)
        self._kept.put(unit, new)

    def _derive(self, unit: RowKey) -> None:
        """Derives the active days of an account from its users anew, if that is the unit."""
        if unit.kind == ACCOUNT_USAGE.name:
            persons = AccountRows(self._store, unit.account).units(USERS)
            days = account_days(persons, self._plan.policy, self._plan.calendar)
            self.account_days[unit.account] = days

    def _units(self, account: str) -> Iterator[RowKey]:
        units = self._store.units
        for kind in self._plan.kinds:
            for unit in units.all(kind, account):
                yield RowKey(kind, account, unit)
        for derived in self._plan.derived.values():
            if any(units.has(source.name, account) for source in derived.sources):
                yield RowKey(derived.name, account, "")

    def _scope(self, unit: RowKey) -> Scope:
        account, plan = self.account(unit.account), self._plan
        segment = self._store.segment(unit, account.segment, plan.policy.segments)
        if segment is not account.segment:
            account = replace(account, segment=segment)
        return Scope(plan.calendar, plan.policy, account, plan.windows, unit.account)

    def _contributions(
        self, unit: RowKey, scope: Scope, families: Families | None = None
    ) -> list[Contribution | Outline]:
        found: list[Contribution | Outline] = []
        if scope.account.internal:
            return found
        if unit.kind == ACCOUNT_USAGE.name:
            rows: list[Any] = [self.account_days.get(unit.account, {})]
        elif unit.kind in self._plan.derived:
            rows = [AccountRows(self._store, unit.account, self._memos.get(unit))]
        else:
            rows = self._store.units.members(unit)
        if rows:
            for family in (families or self._plan.families).get(unit.kind, ()):
                found.extend(family.contributions(rows, scope))
        return found


def _set(targets: dict[str, str], account: str, target: str | None) -> None:
    if target is None:
        targets.pop(account, None)
    else:
        targets[account] = target
