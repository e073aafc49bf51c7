"""Handover: what storage and the board get of a shard, and what comes back if they fail."""

from collections.abc import Callable, Iterable, Iterator

from aggregates.ledger.packed import pack_cells, pack_key, unpack_key
from aggregates.rows.kind import RowKey
from aggregates.rows.store import Store
from aggregates.shard.moves import MovedRow, guest_key
from aggregates.shard.settling import Settling


class Handover:
    """The part of a shard that others write away: packed rows and chunks of the ledger."""

    def __init__(self, store: Store, settling: Settling) -> None:
        self._store = store
        self._settling = settling
        self._writing: dict[str, list[RowKey]] = {}
        self._moved: dict[bytes, MovedRow] = {}

    def restore_row(self, topic: str, key: bytes, value: bytes) -> None:
        """Files a row from the changelog, in place of what it was.

        In bulk ``rebuild`` must follow the last one; later the next settle has it.

        Raises:
            StaleRowError: If another version of the program packed it.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        named, row = self._store.unpack(topic, key, value)
        if row is not None:
            self._settling.file(named, row)

    def deliver(self, holds: Callable[[str], bool]) -> bool:
        """Files the moved rows that are read in this partition; returns whether there were any.

        Args:
            holds: Whether an account is of this partition.
        """
        found = False
        for moved in self._settling.moves.take():
            if holds(moved.account):
                self.receive(moved.key, moved.value)
                found = True
            else:
                self._moved[moved.key] = moved
        return found

    @property
    def moved_waiting(self) -> int:
        """Moved rows for other partitions that nobody has taken yet."""
        return len(self._moved)

    def take_moved(self) -> list[MovedRow]:
        """Returns the moved rows for other partitions since the last call."""
        moved, self._moved = self._moved, {}
        return list(moved.values())

    def put_back_moved(self, moved: Iterable[MovedRow]) -> None:
        """Keeps moved rows that could not be sent, unless they changed since."""
        for each in moved:
            self._moved.setdefault(each.key, each)

    def send_again(self, key: bytes) -> None:
        """Sends what there is under a guest's name to another partition once more, after a settle.

        Raises:
            msgspec.DecodeError: If the bytes are no such name.
        """
        self._settling.moves.post_again(guest_key(key))

    def receive(self, key: bytes, value: bytes) -> None:
        """Files a row that is read in this partition, or takes it away if there are no bytes.

        Raises:
            StaleRowError: If another version of the program packed it.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        guest = guest_key(key)
        row = self._store.unpack_row(guest.kind, value) if value else None
        self._settling.receive(guest, row)

    def dirty_rows(self, topic: str) -> Iterator[tuple[bytes, bytes]]:
        """The rows of a topic that changed since the last call, as packed keys and values."""
        self._writing[topic] = self._store.take_dirty(topic)
        return self._store.packed(topic, self._writing[topic])

    def mark_clean(self, topic: str) -> None:
        """Notes that the rows last returned by ``dirty_rows`` are stored."""
        self._writing.pop(topic, None)

    def restore_dirty(self, topic: str) -> None:
        """Notes that the rows last returned by ``dirty_rows`` are not stored after all."""
        self._store.give_back(topic, self._writing.pop(topic, ()))

    def mark_dirty(self, topic: str, keys: Iterable[bytes]) -> None:
        """Marks rows, where they exist, to be stored again."""
        found = (self._store.key(topic, packed) for packed in keys)
        self._store.give_back(topic, [key for key in found if key is not None])

    def row_count(self, topic: str) -> int:
        """Returns how many rows a topic's table holds."""
        return self._store.count(topic)

    def take_changes(self) -> dict[bytes, bytes]:
        """Returns the chunks that changed since the last call, packed; no bytes if now empty."""
        ledger = self._settling.ledger
        changed, ledger.changed = ledger.changed, set()
        return {pack_key(key): pack_cells(ledger.chunk(key)) for key in changed}

    def put_back_changes(self, packed_keys: Iterable[bytes]) -> None:
        """Marks chunks as changed that could not be handed over."""
        self._settling.ledger.changed.update(unpack_key(packed) for packed in packed_keys)

    def all_chunks(self) -> dict[bytes, bytes]:
        """Returns every chunk of the ledger, packed."""
        ledger = self._settling.ledger
        ledger.changed = set()
        return {pack_key(key): pack_cells(cells) for key, cells in ledger.every_chunk()}
