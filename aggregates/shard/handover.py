"""Handing over: what a shard gives to storage and to the board, and takes back if that fails."""

from collections.abc import Iterable, Iterator

from aggregates.ledger.ledger import Ledger, pack_cells, pack_key, unpack_key
from aggregates.rows.store import RowKey, Store


class Handover:
    """The part of a shard that others write away.

    Attributes:
        store: The rows.
        ledger: The cells, as last settled.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ledger = Ledger()
        self._writing: dict[str, list[RowKey]] = {}

    def restore_row(self, topic: str, key: bytes, value: bytes) -> None:
        """Files a row from the changelog; ``rebuild`` must follow the last one.

        Raises:
            StaleRowError: If another version of the program packed it.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        self.store.unpack(topic, key, value)

    def dirty_rows(self, topic: str) -> Iterator[tuple[bytes, bytes]]:
        """The rows of a topic that changed since the last call, as packed keys and values."""
        self._writing[topic] = self.store.take_dirty(topic)
        return self.store.packed(topic, self._writing[topic])

    def mark_clean(self, topic: str) -> None:
        """Notes that the rows last given by ``dirty_rows`` are stored."""
        self._writing.pop(topic, None)

    def restore_dirty(self, topic: str) -> None:
        """Notes that the rows last given by ``dirty_rows`` are not stored after all."""
        self.store.give_back(topic, self._writing.pop(topic, ()))

    def mark_dirty(self, topic: str, keys: Iterable[bytes]) -> None:
        """Marks rows, where they exist, to be stored again."""
        found = (self.store.key(topic, packed) for packed in keys)
        self.store.give_back(topic, [key for key in found if key is not None])

    def row_count(self, topic: str) -> int:
        """Counts the rows that a topic's table holds."""
        return self.store.count(topic)

    def take_changes(self) -> dict[bytes, bytes]:
        """Returns the chunks that changed since the last call, packed; no bytes if now empty."""
        changed, self.ledger.changed = self.ledger.changed, set()
        return {pack_key(key): pack_cells(self.ledger.chunk(key)) for key in changed}

    def put_back_changes(self, packed_keys: Iterable[bytes]) -> None:
        """Marks chunks as changed that could not be handed over."""
        self.ledger.changed.update(unpack_key(packed) for packed in packed_keys)

    def all_chunks(self) -> dict[bytes, bytes]:
        """Returns every chunk of the ledger, packed."""
        self.ledger.changed = set()
        return {pack_key(key): pack_cells(self.ledger.chunk(key)) for key in self.ledger.chunks()}
