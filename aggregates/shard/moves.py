"""Moves: rows on their way to the accounts under which they are read.

Each row that is read elsewhere (``aggregates.rows.guest``) is sent there, packed, whenever it
changes, and taken away again when its destination changes. A destination may lie in another
partition. What an account is merged into is known from its own facts; they go along whatever
becomes of the other rows, so that each account of a ring of merges learns of the whole ring: all of
it is read under its least id. Of rows that stay, parts are lent (``aggregates.shard.lending``).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from aggregates.rows.accounts import ACCOUNTS, merged_into
from aggregates.rows.guest import Guest, path_of
from aggregates.rows.kind import RowKey, RowKind
from aggregates.rows.store import Store
from aggregates.shard.lending import Lending

_encode: Final = msgspec.msgpack.encode


class MovedRow(NamedTuple):
    """A row that is read under another account than the one whose events fill it.

    Attributes:
        account: The account under which it is read.
        key: The guest's name, packed; of several messages under one key the last one holds.
        value: The row, packed; no bytes if it is no longer read there.
    """

    account: str
    key: bytes
    value: bytes


class _GuestKey(msgspec.Struct, array_like=True):
    kind: str
    account: str
    own: str
    path: tuple[str, ...]
    part: str = ""


_key_decoder = msgspec.msgpack.Decoder(_GuestKey)


class Moves:
    """The rows of one partition that are read under other accounts, and what is yet to be sent.

    Attributes:
        lending: The parts of rows that are read elsewhere too.
    """

    def __init__(self, kinds: Mapping[str, RowKind[Any]], store: Store) -> None:
        self.lending = Lending(kinds, store)
        self._store = store
        self._sent: dict[RowKey, RowKey] = {}
        self._waiting: dict[RowKey, RowKey | bytes | None] = {}

    def target(self, account: str) -> str | None:
        """Returns the account under which the rows of an account are read, None if its own."""
        into = self._merged_into(account, account)
        path = [account]
        while into is not None and into not in path:
            path.append(into)
            into = self._merged_into(account, into)
        if into == account and account == min(path):
            return None
        return path[1] if len(path) > 1 else None

    def _merged_into(self, seen_from: str, account: str) -> str | None:
        """Returns what an account was merged into, as far as another one knows."""
        for entity, row in self._store.of(ACCOUNTS.name, seen_from).items():
            if (path_of(entity) or (seen_from,))[0] == account:
                return merged_into(account, row)
        return None

    def post(self, key: RowKey) -> None:
        """Sends a row that changed on to where it is read, if that is elsewhere."""
        old, new = self._sent.get(key), self._guest(key)
        if old is not None and old != new:
            self._waiting[old] = self.lending.held(old)
            del self._sent[key]
        if new is not None:
            self._sent[key] = new
            self._waiting[new] = key

    def post_all(self, keys: Iterable[RowKey], changed: Iterable[RowKey]) -> None:
        """Sends on what changed, what is not where it is read yet, and what is lent.

        Where rows are read is looked at of some, and of those sent before.
        """
        for key in [*keys, *self._sent]:
            self._post_astray(key)
        for key in changed:
            self.post(key)
        self.lending.note_all()
        self.lend()

    def post_changed(self, keys: Collection[RowKey]) -> None:
        """Sends on rows that changed, and those of their ids that are to be read elsewhere now.

        A guest goes where the row of its id says.
        """
        for key in keys:
            self.post(key)
        for key in keys:
            for entity in self._store.units.same(key):
                self._post_astray(RowKey(key.kind, key.account, entity))

    def lend(self) -> None:
        """Sends what is lent otherwise than before.

        What was lent on by an account that has been merged since goes on with its rows instead,
        under the same name.
        """
        for guest, packed in self.lending.take():
            self._waiting[guest] = packed or self._moved(guest)

    def _moved(self, guest: RowKey) -> RowKey | None:
        """Returns the row that is sent on under a name, None if none is."""
        assert isinstance(guest.entity, Guest)
        own, (*path, account), part = guest.entity.own, guest.entity.path, guest.entity.part
        source = RowKey(guest.kind, account, Guest.of(own, path, part) if path else own)
        return source if self._sent.get(source) == guest else None

    def _post_astray(self, key: RowKey) -> None:
        if self._is_astray(key):
            self.post(key)

    def _is_astray(self, key: RowKey) -> bool:
        """Returns whether a row has yet to be sent to where it is read, or taken from there."""
        return self._guest(key) != self._sent.get(key)

    def astray(self, account: str) -> Iterator[RowKey]:
        """Finds the facts under an account that have yet to be sent to where they are read."""
        for entity in self._store.of(ACCOUNTS.name, account):
            key = RowKey(ACCOUNTS.name, account, entity)
            if self._is_astray(key):
                yield key

    def _guest(self, key: RowKey) -> RowKey | None:
        """Returns the name of a row where it is read, None if that is where it is, or nowhere."""
        into = None if self._store.row(key) is None else self._destination(key)
        if into is None or into in path_of(key.entity):
            return None
        return RowKey(key.kind, into, Guest.of(key.entity, [key.account]))

    def _destination(self, key: RowKey) -> str | None:
        if key.kind == ACCOUNTS.name:
            return self._merged_into(key.account, key.account)
        return self._store.units.destination(key, self._store.of(key.kind, key.account))

    def post_again(self, guest: RowKey) -> None:
        """Sends a guest anew as it is now, or that there is none any more."""
        self._waiting[guest] = self._moved(guest) or self.lending.held(guest)

    def take(self) -> list[MovedRow]:
        """Returns what is to be sent since the last call."""
        waiting, self._waiting = self._waiting, {}
        moved = []
        for at, source in waiting.items():
            assert isinstance(at.entity, Guest)
            guest = at.entity
            key = _encode(_GuestKey(at.kind, at.account, guest.own, guest.path, guest.part))
            value = self._store.pack_row(source) if isinstance(source, RowKey) else source or b""
            moved.append(MovedRow(at.account, key, value))
        return moved


def guest_key(packed: bytes) -> RowKey:
    """Returns the name of a guest from its packed form.

    Raises:
        msgspec.DecodeError: If the bytes are no such name.
    """
    key = _key_decoder.decode(packed)
    return RowKey(key.kind, key.account, Guest.of(key.own, key.path, key.part))
