"""The store: the rows of one partition in memory, their units, and which of them are dirty.

Rows are found by kind, account and entity. Each topic also keeps, by account, what was
retracted, so that a retraction that arrives before its event is not lost.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import msgspec

from aggregates.ledger.measure import Segment
from aggregates.rows.history import Outcome
from aggregates.rows.kind import RowKey, RowKind
from aggregates.rows.memo import Each, Follower, Memo
from aggregates.rows.units import Units
from aggregates.rows.withdrawn import packable
from events.errors import TidemarkError
from events.retraction import Target

R = TypeVar("R")
V = TypeVar("V")
F = TypeVar("F", bound=Follower[Any])

_WITHDRAWN: Final = "withdrawn"
"""Kind name, in row keys, of what was retracted of an account."""

WITHDRAWN_BYTES_MAX: Final = 10 * 2**20
"""What the ids of one account's retracted events take, in one topic: they are one row, and must fit
a record of the changelog. Some 250,000 ids."""

_ID_BYTES: Final = 5
"""What packing adds to an id at most."""


class StaleRowError(TidemarkError, ValueError):
    """A stored row was packed by another version of the program."""


class _Packed(msgspec.Struct, array_like=True):
    version: int
    row: msgspec.Raw


_key_decoder = msgspec.msgpack.Decoder(tuple[str, str, str])
_row_decoder = msgspec.msgpack.Decoder(_Packed)
_ids_decoder = msgspec.msgpack.Decoder(set[Target])


class Store:
    """Rows by kind, account and entity.

    Attributes:
        rows: The rows of stored kinds: kind -> account -> entity -> row.
        units: Which of them are read together.
    """

    def __init__(self, kinds: Mapping[str, RowKind[Any]], *, stored: bool = True) -> None:
        """Takes the kinds by name, and whether rows are stored elsewhere as they change."""
        self._kinds = kinds
        self._stored = stored
        self.rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in kinds}
        self.units = Units(kinds, self.rows)
        self._withdrawn: dict[tuple[str, str], set[Target]] = {}
        self._withdrawn_bytes: dict[tuple[str, str], int] = {}
        self._dirty: dict[str, set[RowKey]] = {}
        self._counts: Counter[str] = Counter()

    # Rows ----------------------------------------------------------------------------------------

    def of(self, kind: str, account: str) -> dict[str, Any]:
        """Returns the rows of a kind of one account by entity; not to be changed."""
        return self.rows[kind].get(account, {})

    def row(self, key: RowKey) -> Any | None:
        """Returns a row, or None if there is none."""
        return self.of(key.kind, key.account).get(key.entity)

    def put(self, key: RowKey, row: Any) -> None:
        """Files a row and marks it dirty."""
        self.file(key, row)
        self.mark(key)

    def file(self, key: RowKey, row: Any) -> None:
        """Files a row as it is stored."""
        rows = self.rows[key.kind].setdefault(key.account, {})
        if key.entity not in rows:
            self._counts[self._kinds[key.kind].topic] += 1
        rows[key.entity] = row

    def visit(self, key: RowKey, row: Any | None) -> None:
        """Files a guest, which no table of this partition holds, or removes it."""
        rows = self.rows[key.kind].setdefault(key.account, {})
        if row is None:
            rows.pop(key.entity, None)
            self.units.forget(key)
        else:
            rows[key.entity] = row

    def drop(self, account: str) -> None:
        """Keeps no row of an account any longer."""
        for rows in self.rows.values():
            rows.pop(account, None)

    def accounts(self) -> set[str]:
        """Returns every account that has a row."""
        return {account for rows in self.rows.values() for account in rows}

    def segment(self, unit: RowKey, segment: Segment, attributes: tuple[str, ...]) -> Segment:
        """Returns the segment of a unit: its account's, given here, unless its row names one."""
        kind = self._kinds.get(unit.kind)
        if kind is None or not kind.segments or not (rows := self.units.members(unit)):
            return segment
        return kind.segment(rows[0], segment, attributes)

    # Retractions ---------------------------------------------------------------------------------

    def withdrawn(self, topic: str, account: str) -> set[Target]:
        """Returns what was retracted of an account; not to be changed."""
        return self._withdrawn.get((topic, account), set())

    def withdraw(self, topic: str, account: str, target: Target) -> Outcome:
        """Notes a retraction, unless it is known or there are too many."""
        ids = self._withdrawn.setdefault((topic, account), set())
        if target in ids or (not isinstance(target, str) and target[1] in ids):
            return Outcome.DUPLICATE
        filled = _bytes_of(target) + (
            self._withdrawn_bytes.get((topic, account)) or sum(map(_bytes_of, ids))
        )
        if filled > WITHDRAWN_BYTES_MAX:
            return Outcome.FULL
        self._withdrawn_bytes[topic, account] = filled
        self._counts[topic] += not ids
        ids.add(target)
        self._mark(topic, RowKey(_WITHDRAWN, account, ""))
        return Outcome.FOLDED

    # Packed rows ---------------------------------------------------------------------------------

    def mark(self, key: RowKey) -> None:
        """Marks a row as changed since it was last written."""
        self._mark(self._kinds[key.kind].topic, key)

    def _mark(self, topic: str, key: RowKey) -> None:
        if self._stored:
            self._dirty.setdefault(topic, set()).add(key)

    def take_dirty(self, topic: str) -> list[RowKey]:
        """Returns the rows of a topic that changed since the last call, clean from now on."""
        return list(self._dirty.pop(topic, ()))

    def give_back(self, topic: str, keys: Iterable[RowKey]) -> None:
        """Makes rows dirty again that could not be written."""
        self._dirty.setdefault(topic, set()).update(keys)

    def count(self, topic: str) -> int:
        """Returns how many rows a topic's table holds."""
        return self._counts[topic]

    def key(self, topic: str, packed_key: bytes) -> RowKey | None:
        """Returns the key of a packed key, or None if there is no such row."""
        key = RowKey(*_key_decoder.decode(packed_key))
        if key.kind == _WITHDRAWN:
            return key if (topic, key.account) in self._withdrawn else None
        return None if self.row(key) is None else key

    def packed(self, topic: str, keys: list[RowKey]) -> Iterator[tuple[bytes, bytes]]:
        """Yields rows as packed keys and values."""
        encode = msgspec.msgpack.encode
        for key in keys:
            if key.kind == _WITHDRAWN:
                row = encode(packable(self._withdrawn[topic, key.account]))
                yield encode(key), encode(_Packed(1, msgspec.Raw(row)))
            else:
                yield encode(key), self.pack_row(key)

    def pack_row(self, key: RowKey) -> bytes:
        """Returns a row, packed with its version."""
        return self.pack(key.kind, self.row(key))

    def pack(self, kind_name: str, row: Any) -> bytes:
        """Returns what is, or may be, a row of a kind, packed with its version."""
        kind = self._kinds[kind_name]
        return msgspec.msgpack.encode(_Packed(kind.version, msgspec.Raw(kind.pack(row))))

    def unpack_row(self, kind_name: str, packed: bytes) -> Any:
        """Returns a row from its packed form.

        Raises:
            StaleRowError: If another version of the program packed it.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        stored = _row_decoder.decode(packed)
        kind = self._kinds.get(kind_name)
        if kind is None or stored.version != kind.version:
            raise StaleRowError(f"row kind {kind_name!r} version {stored.version} is not known")
        return kind.unpack(bytes(stored.row))

    def unpack(self, topic: str, packed_key: bytes, packed: bytes) -> tuple[RowKey, Any | None]:
        """Returns a packed row with its key; None for an account's retracted ids, filed at once.

        Raises:
            StaleRowError: If another version of the program packed it.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        key = RowKey(*_key_decoder.decode(packed_key))
        if key.kind != _WITHDRAWN:
            return key, self.unpack_row(key.kind, packed)
        self._counts[topic] += (topic, key.account) not in self._withdrawn
        self._withdrawn_bytes.pop((topic, key.account), None)
        self._withdrawn[topic, key.account] = _ids_decoder.decode(_row_decoder.decode(packed).row)
        return key, None


def _bytes_of(target: Target) -> int:
    if isinstance(target, str):
        return _ID_BYTES + len(target.encode())
    return sum(map(_bytes_of, target))


class AccountRows:
    """The rows of one account, of whatever kind and topic: what a derived kind is computed from."""

    def __init__(self, store: Store, account: str, memo: Memo | None = None) -> None:
        """Takes what was computed before from the same account, if that is kept."""
        self._store = store
        self._account = account
        self.memo = Memo() if memo is None else memo

    def of(self, kind: RowKind[R]) -> Mapping[str, R]:
        """Returns the rows of a source kind that are read under the account, by entity.

        They are not to be changed.
        """
        return self._store.units.present(kind.name, self._account)

    def units(self, kind: RowKind[R]) -> Iterable[list[R]]:
        """Returns the account's rows of a source kind, those of one unit together."""
        units = self._store.units
        for unit in units.all(kind.name, self._account):
            yield units.members(RowKey(kind.name, self._account, unit))

    def once(self, kinds: Sequence[RowKind[Any]], name: str, compute: Callable[[], V]) -> V:
        """Returns what is computed from rows of some kinds alone, kept until one of them changes.

        Args:
            kinds: The kinds.
            name: Under which it is kept.
            compute: Computes it.
        """
        return self.memo.once(name, [kind.name for kind in kinds], compute)

    def each(
        self,
        kind: RowKind[R],
        name: str,
        compute: Callable[[list[R]], V | None],
        given: object = None,
    ) -> Mapping[str, V]:
        """Returns what is computed of each unit of a kind, kept until one of its rows changes.

        Args:
            kind: The kind.
            name: Under which it is kept.
            compute: Computes it from the rows of a unit; None if they say nothing.
            given: What else it is computed from; all is computed anew if this changes.
        """
        return self._settled(kind, self.memo.each(name, kind.name, given), compute).values

    def followed(
        self,
        kind: RowKind[R],
        name: str,
        compute: Callable[[list[R]], V | None],
        follower: Callable[[], F],
    ) -> F:
        """Returns what follows each unit of a kind, the same one until all are looked at anew.

        Args:
            kind: The kind.
            name: Under which it is kept.
            compute: Computes what is followed from the rows of a unit; None if they say nothing.
            follower: Makes what follows.
        """
        each = self.memo.each(name, kind.name, follower=follower)
        return cast(F, self._settled(kind, each, compute).follower)

    def _settled(
        self, kind: RowKind[R], each: Each[V], compute: Callable[[list[R]], V | None]
    ) -> Each[V]:
        units, stale, each.stale = self._store.units, each.stale, set()
        for unit in units.all(kind.name, self._account) if stale is None else stale:
            rows = units.members(RowKey(kind.name, self._account, unit))
            each.put(unit, compute(rows) if rows else None)
        return each
