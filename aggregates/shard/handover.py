"""Handover: what storage and the board get of a shard, and what comes back if they fail."""

from collections.abc import Iterable, Iterator

from aggregates.ledger.ledger import pack_cells, pack_key, unpack_key
from aggregates.rows.kind import RowKey
from aggregates.rows.store import Store
from aggregates.shard.settling import Settling


class Handover:
    """The part of a shard that others write away: packed rows and chunks of the ledger."""

    def __init__(self, store: Store, settling: Settling) -> None:
        self._store = store
        self._settling = settling
        self._writing: dict[str, list[RowKey]] = {}

    def restore_row(self, topic: str, key: bytes, value: bytes) -> None:
        """Files a row from the changelog; ``rebuild`` must follow the last one.

        Raises:
            StaleRowError: If another version of the program packed it.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        self._store.unpack(topic, key, value)

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
        return {pack_key(key): pack_cells(ledger.chunk(key)) for key in ledger.chunks()}
