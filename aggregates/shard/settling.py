"""Settling: keeps the ledger equal to what the rows contribute, in one step for many events.

Before a unit of rows changes for the first time (``open``), what it contributes is noted. Once it
is changed its rows are filed (``close``). ``settle`` subtracts what was noted and adds what the
units contribute now. The ledger is therefore always the sum of the contributions of the rows as
last settled.
"""

from collections.abc import Callable, Collection
from itertools import islice
from typing import Any

from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import Ledger
from aggregates.rows.accounts import ACCOUNTS
from aggregates.rows.kind import RowKey
from aggregates.rows.memo import Memo
from aggregates.rows.store import Store
from aggregates.shard.changed import Changing
from aggregates.shard.changes import Changes
from aggregates.shard.contributing import Contributing
from aggregates.shard.kept import Contributed, Kept
from aggregates.shard.moves import Moves
from aggregates.shard.plan import Plan
from aggregates.shard.restated import Restated


class Settling:
    """The ledger of a shard, and the units of rows that it is not up to date with.

    Attributes:
        ledger: The cells, as last settled.
        changes: Contributions on their way to the ledger.
        bulk: Whether events are folded without regard to the ledger, until it is rebuilt.
        is_grouped: Whether rows were grouped since a guest came or went.
        contributing: What the rows contribute.
        moves: Rows that are read under other accounts than the one whose events fill them.
        restated: What the ledger said of the past and says no longer.
        watched: Takes what changes the ledger too, while somebody looks; None while nobody does.
        gathers_by_account: Whether rebuilding keeps what each contributes, for ``changing``.
        changing: Whose contributions have changed; only one may ask.
    """

    def __init__(self, plan: Plan, store: Store, *, bulk: bool, lasting: bool) -> None:
        self.ledger = Ledger()
        self.changes = Changes()
        self.bulk = bulk
        self.is_grouped = False
        self.restated = Restated(plan)
        self.watched: Ledger | None = None
        self.gathers_by_account = False
        self._plan = plan
        self._store = store
        self._lasting = lasting
        self.moves = Moves(plan.kinds, store)
        self.contributing = Contributing(plan, store)
        self._unsettled: dict[RowKey, Contributed] = {}
        self._unsent: set[RowKey] = set()
        self._deferred: dict[RowKey, Contributed] = {}
        self._kept = Kept(plan.deferred)
        self.changing = Changing()

    # Rows that change ----------------------------------------------------------------------------

    def open(self, key: RowKey) -> Any:
        """Returns a row that is about to change, an empty one if there is none yet."""
        row = self._store.row(key)
        if row is None:
            return self._plan.kinds[key.kind].new()
        self.unsettle(key)
        return row

    def close(self, key: RowKey, row: Any) -> None:
        """Files a new or changed row, to be stored."""
        self.file(key, row)
        self._store.mark(key)

    def file(self, key: RowKey, row: Any) -> None:
        """Files a row, and moves rows to the units that they now belong to."""
        self._regroup(key, row, self._store.file)
        self._look_again(key)
        if not self.bulk:
            self.moves.lending.note(key, row)

    def receive(self, key: RowKey, row: Any | None) -> None:
        """Files a guest, or removes it if there is no row."""
        self.is_grouped = False
        self._regroup(key, row, self._store.visit)
        self._look_again(key)
        if self.bulk:
            self._unsent.add(key)  # a part that has gone on from here may be another one by now
        else:
            self.moves.lending.note(key, row)

    def _regroup(self, key: RowKey, row: Any, file: Callable[[RowKey, Any], None]) -> None:
        """Files a row, and moves rows to the units that they then belong to."""
        units = self._store.units
        moves = [] if self.bulk else units.moves(key, row)
        for moving, unit in moves:
            self._move(moving, unit)
        self.unsettle(key)
        file(key, row)
        if not self.bulk:
            for moving, unit in units.following(key, is_regrouped=bool(moves) or row is None):
                self._move(moving, unit)

    def _move(self, key: RowKey, unit: str | None) -> None:
        """Moves a row to another unit, or away."""
        self.unsettle(key)
        if unit is None:
            self._unsent.add(key)
        else:
            self._note(RowKey(key.kind, key.account, unit))
        self._store.units.move(key, unit)
        for derived in self._plan.derived_from.get(key.kind, ()):
            if (
                memo := self.contributing.memos.get(RowKey(derived.name, key.account, ""))
            ) is not None:
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

    def unsettle_derived(
        self, key: RowKey, *, deferred_only: bool = False, but: Collection[RowKey] = ()
    ) -> None:
        """Notes what units contribute that are derived from a row.

        Args:
            key: The row.
            deferred_only: Whether only of those that may be settled later.
            but: Of them, those that are changed from outside.
        """
        for derived in self._plan.derived_from.get(key.kind, ()):
            if derived.deferred or not deferred_only:
                unit = RowKey(derived.name, key.account, "")
                if unit not in but:
                    self._note(unit)
                if (memo := self.contributing.memos.get(unit)) is not None:
                    memo.forget(key.kind, self._store.units.of(key))

    def follow(self, unit: RowKey) -> None:
        """Notes that what a settled unit contributes is changed from outside."""
        self._kept.take(unit)
        self.changing.note(unit)

    def is_settled(self, key: RowKey) -> bool:
        """Returns whether a row is a unit of its own that the ledger is up to date with."""
        unsettled = key in self._unsettled or key in self._deferred
        return not unsettled and self._store.units.is_single(key)

    def _note(self, unit: RowKey) -> None:
        noted = self._deferred if unit.kind in self._plan.deferred else self._unsettled
        if not self.bulk and unit not in noted:
            noted[unit] = self._kept.take(unit) or self._contributed(unit)

    def _contributed(self, unit: RowKey) -> Contributed:
        scope = self.contributing.scope(unit)
        return Contributed(scope, self.contributing.of(unit, scope))

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
        view, target = self.contributing.account_view(account), self.moves.target(account)
        before, is_moved = self.contributing.account(account), target != units.targets.get(account)
        if view == before and not is_moved:
            return
        for unit in self.contributing.units(account):
            self._note(unit)
            self.contributing.memos.pop(unit, None)
        self.contributing.accounts[account] = view
        _set(units.targets, account, target)
        for kind in self._plan.kinds.values():
            if is_moved or (kind.moves and view.merged != before.merged):
                for moving, new in units.all_moves(kind.name, account):
                    self._move(moving, new)
            rows = self._store.of(kind.name, account)
            if is_moved:
                self._unsent.update(RowKey(kind.name, account, each) for each in rows)
            for each, row in rows.items():
                self.moves.lending.note(RowKey(kind.name, account, each), row)

    # The ledger ----------------------------------------------------------------------------------

    @property
    def unsettled(self) -> int:
        """Units, those of deferred kinds aside, that the ledger is not up to date with."""
        return len(self._unsettled)

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
        self.changes.move_to(self.ledger, self.restated, self.watched)
        self.send()

    def send(self) -> None:
        """Sends rows that changed on to where they are read, whatever of them is settled."""
        unsent, self._unsent = self._unsent, set()
        self.moves.post_changed(unsent)
        self.moves.lend()

    def rebuild(self) -> None:
        """Computes units, account attributes and ledger from the rows; ends bulk loading."""
        self.regroup()
        self.gather()

    def regroup(self) -> None:
        """Computes units and account attributes from the rows, and where rows are to be read."""
        units, facts = self._store.units, self._store.rows[ACCOUNTS.name]
        for account in facts:
            self.contributing.accounts[account] = self.contributing.account_view(account)
            _set(units.targets, account, self.moves.target(account))
        units.regroup()
        own = [RowKey(ACCOUNTS.name, account, each) for account in facts for each in facts[account]]
        self.moves.post_all([*own, *units.away()], self._unsent)
        self._unsent = set()
        self.is_grouped = True

    def gather(self) -> None:
        """Computes the ledger from rows that were grouped; ends bulk loading.

        Nothing is kept of rows that are not to last.
        """
        self.bulk = False
        self._unsettled.clear()
        self._deferred.clear()
        self._kept.clear()
        self.contributing.memos.clear()
        self.changes = Changes()
        self._gather()

    def _gather(self) -> None:
        """Makes the ledger anew, by way of the accounts if what each has is to be kept."""
        gathered = Gathered()
        self.contributing.gather(
            gathered, anew=True, by_account=self.gathers_by_account, lasting=self._lasting
        )
        cells = gathered.cells()
        self.changing.rebuilt(cells if self.gathers_by_account else None)
        if self.gathers_by_account:
            cells = cells.named(segments=[segment[:-1] for segment in cells.segments])
        self.ledger = Ledger(cells.prefixes())

    def _settle(self, unit: RowKey, old: Contributed) -> None:
        """Notes what a unit contributes now, and no longer contributes."""
        self.changing.note(unit)
        self.contributing.derive(unit)
        if unit.kind in self._plan.derived:
            self.contributing.memos.setdefault(unit, Memo())
        new = self._contributed(unit)
        before, now = old.scope.account.segment, new.scope.account.segment
        less, more = new.changes_from(old) if before == now else (old.all(), new.all())
        self.changes.take(less, before)
        self.changes.add(more, now)
        self._kept.put(unit, new)


def _set(targets: dict[str, str], account: str, target: str | None) -> None:
    if target is None:
        targets.pop(account, None)
    else:
        targets[account] = target
