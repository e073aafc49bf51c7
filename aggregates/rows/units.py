"""Units: which rows are read together. Only exceptions are kept: most rows are a unit alone.

A row that is read under another account (``aggregates.rows.guest``) is of no unit at home, and one
that is in no figure is of none anywhere.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, cast

from aggregates.rows.accounts import ACCOUNTS
from aggregates.rows.guest import Guest, own_id, path_of
from aggregates.rows.kind import Followed, RowKey, RowKind


class Units:
    """The units of the rows of one partition.

    Attributes:
        targets: The account under which the rows of an account are read, if it is another.
    """

    def __init__(
        self,
        kinds: Mapping[str, RowKind[Any]],
        rows: Mapping[str, Mapping[str, Mapping[str, Any]]],
    ) -> None:
        """Takes the kinds by name, one before those that follow it, and the rows of each."""
        self.targets: dict[str, str] = {}
        self._kinds = kinds
        self._rows = rows
        self._units: dict[tuple[str, str], dict[str, str | None]] = {}
        self._members: dict[RowKey, set[str]] = {}
        self._guests: dict[RowKey, set[str]] = {}
        self._out: set[RowKey] = set()
        self._followers: dict[str, list[RowKind[Any]]] = {}
        for kind in kinds.values():
            if kind.follows is not None:
                self._followers.setdefault(kind.follows, []).append(kind)

    def of(self, key: RowKey) -> str | None:
        """Returns the unit that a row is filed under; None if it is read elsewhere or nowhere."""
        units = self._units.get((key.kind, key.account))
        if units is None:
            return own_id(key.entity)
        return units.get(key.entity, own_id(key.entity))

    def all(self, kind: str, account: str) -> set[str]:
        """Returns the units of the rows of a kind of one account."""
        rows = self._rows[kind].get(account, {})
        units = self._units.get((kind, account))
        if units is None:
            return set(rows)
        found = {units.get(entity, own_id(entity)) for entity in rows}
        return {unit for unit in found if unit is not None}

    def members(self, unit: RowKey) -> list[Any]:
        """Returns the rows of a unit, by entity; those of one entity are united."""
        rows = self._rows[unit.kind].get(unit.account, {})
        if (unit.kind, unit.account) not in self._units:  # each row is a unit alone, as most are
            return [rows[unit.entity]] if unit.entity in rows else []
        entities = self._members.get(unit, set()) & rows.keys()
        if unit.entity in rows and self.of(unit) == unit.entity:
            entities.add(unit.entity)
        return list(self._united(unit.kind, rows, entities).values())

    def present(self, kind: str, account: str) -> Mapping[str, Any]:
        """Returns the rows of a kind that are read under an account, those of one entity united."""
        rows = self._rows[kind].get(account, {})
        units = self._units.get((kind, account))
        if units is None:
            return rows
        here = [entity for entity in rows if units.get(entity, entity) is not None]
        return self._united(kind, rows, here)

    def has(self, kind: str, account: str) -> bool:
        """Returns whether any row of a kind is read under an account."""
        units = self._units.get((kind, account), {})
        return any(units.get(e, e) is not None for e in self._rows[kind].get(account, {}))

    def is_single(self, key: RowKey) -> bool:
        """Returns whether a row, filed or not, is a unit of its own, without others in it.

        It is none where a guest has its id: that one may say which unit they are.
        """
        if key.account in self.targets:
            return False
        units = self._units.get((key.kind, key.account))
        joined = units and (key.entity in units or self._members.get(key) or self._guests.get(key))
        return not joined

    def away(self) -> list[RowKey]:
        """Returns the rows that are of no unit here."""
        return [
            RowKey(kind, account, entity)
            for (kind, account), units in self._units.items()
            for entity, unit in units.items()
            if unit is None
        ]

    def destination(self, key: RowKey, rows: Mapping[str, Any]) -> str | None:
        """Returns the account under which a row is read, if not that under which it is filed.

        Args:
            key: The row.
            rows: The rows of its kind and account.
        """
        account = self.targets.get(key.account)
        kind = self._kinds[key.kind]
        if account is None and kind.moves:
            alike = {entity: rows[entity] for entity in self.same(key) if entity in rows}
            account = self._moved_to(kind, key, _by_id(kind, alike))
        return account

    def _moved_to(self, kind: RowKind[Any], key: RowKey, by_id: Mapping[str, Any]) -> str | None:
        """Returns the account that a row, united with those of its id, says that it belongs to.

        None if that is the one that it is under, or was merged into it; or one that it came from.
        """
        account = kind.moved_to(by_id[own_id(key.entity)])
        if account is None or account in (key.account, *path_of(key.entity)):
            return None
        return None if account in self.merged(key.account) else account

    def merged(self, account: str) -> frozenset[str]:
        """Returns the accounts that were merged into an account: their facts are its guests."""
        facts = self._rows[ACCOUNTS.name].get(account, {})
        return frozenset(path[0] for path in map(path_of, facts) if path)

    def moves(self, key: RowKey, row: Any | None) -> list[tuple[RowKey, str | None]]:
        """Returns the rows that change their unit, each with its new one, as a row is filed.

        Args:
            key: The row that changed, filed or about to be filed, or to be removed.
            row: Its new content; None if it is to be removed.
        """
        kind = self._kinds[key.kind]
        rows = self._rows[key.kind].get(key.account, {})
        entities = {key.entity, *self.same(key)}
        has_others = any(each in rows for each in entities if each != key.entity)
        if row is None:
            rows = {entity: known for entity, known in rows.items() if entity != key.entity}
        elif rows.get(key.entity) is not row:
            alone = {key.entity: row}
            whole = kind.joins or has_others
            rows = ChainMap(alone, cast(dict[str, Any], rows)) if whole else alone
        if kind.joins and (unit := self.of(key)) is not None:
            entities |= self._members.get(RowKey(key.kind, key.account, unit), set())
            entities.add(unit)
        return self._moves(kind, key.account, entities & rows.keys(), rows)

    def following(self, key: RowKey, *, is_regrouped: bool) -> list[tuple[RowKey, str | None]]:
        """Returns the same, of rows that follow one that was filed or removed.

        Args:
            key: The row that they follow.
            is_regrouped: Whether it or others changed their unit, or it is gone.
        """
        followers, unit = self._followers.get(key.kind, ()), self.of(key)
        if followers and unit is not None and not is_regrouped:
            whole = RowKey(key.kind, key.account, unit)
            is_regrouped = (whole in self._out) != self._leaves_out(whole)
        again = followers if is_regrouped else ()
        return [move for each in again for move in self.all_moves(each.name, key.account)]

    def same(self, key: RowKey) -> set[str]:
        """Returns the names of the rows that have one id with a row, where some are guests."""
        own = own_id(key.entity)
        guests = self._guests.get(RowKey(key.kind, key.account, own))
        return {own, *guests} if guests else {own}

    def all_moves(self, kind: str, account: str) -> list[tuple[RowKey, str | None]]:
        """Returns the same, of all rows of a kind of an account."""
        rows = self._rows[kind].get(account, {})
        return self._moves(self._kinds[kind], account, rows, rows)

    def move(self, key: RowKey, unit: str | None) -> None:
        """Files a row under another unit; None if it is read elsewhere or nowhere from now on."""
        units = self._units.setdefault((key.kind, key.account), {})
        old = units.pop(key.entity, None)
        if old is not None:
            self._members[RowKey(key.kind, key.account, old)].discard(key.entity)
        if isinstance(key.entity, Guest):
            own = RowKey(key.kind, key.account, key.entity.own)
            self._guests.setdefault(own, set()).add(key.entity)
        if unit != key.entity:
            units[key.entity] = unit
            if unit is not None:
                self._members.setdefault(RowKey(key.kind, key.account, unit), set()).add(key.entity)

    def forget(self, key: RowKey) -> None:
        """Forgets a row that is no longer there."""
        self.move(key, key.entity)
        self._guests.get(RowKey(key.kind, key.account, own_id(key.entity)), set()).discard(
            key.entity
        )

    def regroup(self) -> None:
        """Files every row under its unit anew."""
        self._units.clear()
        self._members.clear()
        self._guests.clear()
        self._out.clear()
        for kind, accounts in self._rows.items():
            for account in accounts:
                for key, unit in self.all_moves(kind, account):
                    self.move(key, unit)

    def _moves(
        self,
        kind: RowKind[Any],
        account: str,
        entities: Iterable[str],
        rows: Mapping[str, Any],
    ) -> list[tuple[RowKey, str | None]]:
        """Returns the rows, of those named, that change their unit.

        Args:
            kind: Their kind.
            account: Their account.
            entities: Which of them to look at.
            rows: All of them.
        """
        by_id: Mapping[str, Any] | None = None
        followed = self._followed(kind, account)
        moves: list[tuple[RowKey, str | None]] = []
        ordered, is_merged = sorted(entities), account in self.targets
        for entity in ordered:
            key, new = RowKey(kind.name, account, entity), None
            if not is_merged and by_id is None:
                has_guests = (kind.name, account) in self._units or any(map(path_of, ordered))
                by_id = _by_id(kind, rows) if has_guests and not kind.lends else rows
            if by_id is not None and not (kind.moves and self._moved_to(kind, key, by_id)):
                new = kind.unit(own_id(entity), by_id, followed)
            if new != self._filed(key):
                moves.append((key, new))
        return moves

    def _followed(self, kind: RowKind[Any], account: str) -> Followed:
        if kind.follows is None:
            return str
        name, rows = kind.follows, self._rows[kind.follows].get(account, {})

        @cache
        def followed(entity: str) -> str | None:
            known = self.same(RowKey(name, account, entity)) & rows.keys()
            unit = self.of(RowKey(name, account, min(known))) if known else entity
            is_out = unit is None or self._leaves_out(RowKey(name, account, unit))
            return None if is_out else unit

        return followed

    def _leaves_out(self, unit: RowKey) -> bool:
        """Returns whether what follows a unit is in no figure, and notes it."""
        is_out = self._kinds[unit.kind].leaves_out(self.members(unit))
        (self._out.add if is_out else self._out.discard)(unit)
        return is_out

    def _filed(self, key: RowKey) -> str | None:
        """Returns the unit that a row is filed under; its own name if that is not yet known."""
        return self._units.get((key.kind, key.account), {}).get(key.entity, key.entity)

    def _united(
        self, kind: str, rows: Mapping[str, Any], entities: Iterable[str]
    ) -> dict[str, Any]:
        """Returns rows by entity; guests under their own id where no other row has it."""
        ordered = sorted(entities)
        if not any(isinstance(entity, Guest) for entity in ordered):
            return {entity: rows[entity] for entity in ordered}
        by_id: dict[str, list[str]] = {}
        for entity in sorted(ordered, key=lambda entity: (-len(path_of(entity)), entity)):
            by_id.setdefault(own_id(entity), []).append(entity)
        found: dict[str, Any] = {}
        for own, names in by_id.items():
            united = self._kinds[kind].united([rows[name] for name in names])
            found.update(zip([own, *names], united, strict=False))
        return found


def _by_id(kind: RowKind[Any], rows: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns rows by the id that they have at home; those of one id united.

    Where they stay several it is the one at home, unless another one is joined to a third.
    """
    guests = [entity for entity in rows if isinstance(entity, Guest)]
    if not guests:
        return rows
    by_id = {entity: row for entity, row in rows.items() if not isinstance(entity, Guest)}
    for guest in sorted(guests, key=lambda guest: (len(guest.path), guest)):
        own = guest.own
        if own not in by_id:
            by_id[own] = rows[guest]
        elif len(united := kind.united([rows[guest], by_id[own]])) == 1:
            (by_id[own],) = united
        elif kind.unit(own, {own: by_id[own]}, str) == own:
            by_id[own] = rows[guest]
    return by_id
