"""Lending: parts of rows that other accounts read too, though the rows stay where they are.

Each account lends the others that it is told of its own part, and hands on to them what it was lent
(``aggregates.rows.kind``), each lender's as it came the shortest way. What is handed on is named by
the accounts that it came through, and by none a second time: so it goes away again, wherever it got
to, once one of them hands it on no more.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from aggregates.rows.guest import Guest, own_id, part_of
from aggregates.rows.kind import RowKey, RowKind
from aggregates.rows.store import Store


class Loan(NamedTuple):
    """A part as it is lent to another account: its name there, and its packed form if it is."""

    guest: RowKey
    packed: bytes | None


class Lending:
    """What the accounts of one partition lend."""

    def __init__(self, kinds: Mapping[str, RowKind[Any]], store: Store) -> None:
        self._kinds = kinds
        self._store = store
        self._lent: dict[RowKey, dict[RowKey, bytes]] = {}

    def concerned(self, key: RowKey, row: Any | None) -> RowKey | None:
        """Returns the unit of which may be lent something else as a row is filed, or removed."""
        kind = self._kinds[key.kind]
        if not kind.lends:
            return None
        unit = RowKey(key.kind, key.account, own_id(key.entity))
        if unit in self._lent or part_of(key.entity) or (row is not None and kind.parts(row)):
            return unit
        return None

    def units(self) -> set[RowKey]:
        """Returns all units of which something may be lent."""
        found = {
            self.concerned(RowKey(kind.name, account, entity), row)
            for kind in self._kinds.values()
            if kind.lends
            for account, rows in self._store.rows[kind.name].items()
            for entity, row in rows.items()
        }
        return {unit for unit in found if unit is not None}

    def changes(self, unit: RowKey) -> list[Loan]:
        """Returns what is lent of a unit otherwise than before, from now on so."""
        known, wanted = self._lent.pop(unit, {}), dict(self._wanted(unit))
        if wanted:
            self._lent[unit] = wanted
        gone = [Loan(guest, None) for guest in known if guest not in wanted]
        return gone + [Loan(*each) for each in wanted.items() if known.get(each[0]) != each[1]]

    def held(self, guest: RowKey) -> bytes | None:
        """Returns what is lent under a name, None if nothing is."""
        assert isinstance(guest.entity, Guest)
        unit = RowKey(guest.kind, guest.entity.path[-1], guest.entity.own)
        return self._lent.get(unit, {}).get(guest)

    def _wanted(self, unit: RowKey) -> Iterator[tuple[RowKey, bytes]]:
        """Yields what is to be lent: the account's own parts, and those that it was lent."""
        kind, account, units = self._kinds[unit.kind], unit.account, self._store.units
        row = units.present(unit.kind, account).get(unit.entity)
        if row is None or account in units.targets:
            return
        ids = (account, *sorted(units.merged(account)))
        handed_on = self._nearest(unit)
        for name, named in kind.parts(row).items():
            others = sorted(set(named).difference(ids))
            own = self._store.pack(unit.kind, kind.part(row, name, ids)) if others else b""
            for other in others:
                yield RowKey(unit.kind, other, Guest.of(unit.entity, [account], name)), own
            for entity, lent in handed_on.get(name, {}).values():
                packed = self._store.pack(unit.kind, lent)
                direct = {*entity.path, *kind.parts(lent).get(name, ())}
                for other in others:
                    if other not in direct:
                        yield RowKey(unit.kind, other, Guest.of(entity, [account])), packed

    def _nearest(self, unit: RowKey) -> dict[str, dict[str, tuple[Guest, Any]]]:
        """Returns what an account was lent, by part and lender: what came the shortest way.

        The others are the same; of all ways there are more than anyone can go.
        """
        found: dict[str, dict[str, tuple[Guest, Any]]] = {}
        for entity, lent in self._store.of(unit.kind, unit.account).items():
            if isinstance(entity, Guest) and entity.part and entity.own == unit.entity:
                by_lender = found.setdefault(entity.part, {})
                known = by_lender.get(entity.path[0])
                if known is None or _way(entity) < _way(known[0]):
                    by_lender[entity.path[0]] = entity, lent
        return found


def _way(guest: Guest) -> tuple[int, tuple[str, ...]]:
    return len(guest.path), guest.path
