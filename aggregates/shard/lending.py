"""Lending: parts of rows that other accounts read too, though the rows stay where they are.

Each account lends the others that it is told of its own part, and hands on to them what it was lent
(``aggregates.rows.kind``), each lender's as it came the shortest way. What is handed on is named by
the accounts that it came through, and by none a second time: so it goes away again, wherever it got
to, once one of them hands it on no more.
"""

from collections.abc import Iterable, Iterator, Mapping
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
        self._unsent: set[RowKey] = set()

    def note(self, key: RowKey, row: Any | None) -> None:
        """Notes that a row is filed, or removed: something else may be lent."""
        kind = self._kinds[key.kind]
        if kind.lends:
            unit = RowKey(key.kind, key.account, own_id(key.entity))
            if unit in self._lent or part_of(key.entity) or (row is not None and kind.parts(row)):
                self._unsent.add(unit)

    def note_all(self) -> None:
        """Notes all rows."""
        for kind, accounts in self._store.rows.items():
            if self._kinds[kind].lends:
                for account, rows in accounts.items():
                    for entity, row in rows.items():
                        self.note(RowKey(kind, account, entity), row)

    def take(self) -> Iterator[Loan]:
        """Yields what is lent otherwise than before, of what was noted since the last call."""
        unsent, self._unsent = self._unsent, set()
        for unit in unsent:
            known, wanted = self._lent.pop(unit, {}), dict(self._wanted(unit))
            if wanted:
                self._lent[unit] = wanted
            yield from (Loan(guest, None) for guest in known if guest not in wanted)
            yield from (Loan(at, now) for at, now in wanted.items() if known.get(at) != now)

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
        named = kind.parts(row)
        others = {name: sorted(set(accounts).difference(ids)) for name, accounts in named.items()}
        own = kind.split(row, [name for name, accounts in others.items() if accounts], ids)
        for name, part in own.items():
            packed = self._store.pack(unit.kind, part)
            for other in others[name]:
                yield RowKey(unit.kind, other, Guest.of(unit.entity, [account], name)), packed
        for entity, lent in self._nearest(unit):
            if further := others.get(entity.part):
                packed = self._store.pack(unit.kind, lent)
                direct = {*entity.path, *kind.parts(lent).get(entity.part, ())}
                for other in further:
                    if other not in direct:
                        yield RowKey(unit.kind, other, Guest.of(entity, [account])), packed

    def _nearest(self, unit: RowKey) -> Iterable[tuple[Guest, Any]]:
        """Returns what an account was lent, each part of each lender as it came the shortest way.

        The others are the same; of all ways there are more than anyone can go.
        """
        found: dict[tuple[str, str], tuple[Guest, Any]] = {}
        for entity, lent in self._store.of(unit.kind, unit.account).items():
            if isinstance(entity, Guest) and entity.part and entity.own == unit.entity:
                lender = entity.part, entity.path[0]
                known = found.get(lender)
                if known is None or _way(entity) < _way(known[0]):
                    found[lender] = entity, lent
        return found.values()


def _way(guest: Guest) -> tuple[int, tuple[str, ...]]:
    return len(guest.path), guest.path
