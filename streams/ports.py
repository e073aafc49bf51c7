"""What the worker needs of the core, the decoder and the board; nothing here knows Kafka or Faust.

The worker is written against these protocols, so that it can be tested with a shard of ten lines,
and so that the packages beside this one stay unknown to it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol


class Rejected(Protocol):
    """A record that did not decode, or an event that could not be folded."""

    @property
    def index(self) -> int:
        """Its place among the values that were decoded together."""

    @property
    def reason(self) -> str:
        """A slug."""

    @property
    def detail(self) -> str:
        """What is wrong, in words."""


class DecodedBatch(Protocol):
    """The decoded records of one run."""

    @property
    def rejects(self) -> Sequence[Rejected]:
        """The records that are no valid events."""

    @property
    def ignored(self) -> Counter[str]:
        """Valid events that nothing folds, counted by type."""


class RunDecoder(Protocol):
    """Decodes the values of one run. Bad input is data: it never raises on it."""

    def decode(self, values: Sequence[bytes | None]) -> Any:
        """Returns a ``DecodedBatch``; what else it holds is between the decoder and the shard."""


class RowShard(Protocol):
    """All rows and the ledger of one partition number over all topics; pure, without I/O.

    Topics are given by short name. ``dirty_rows`` swaps the set of changed rows out: rows that
    change while the broker has not answered belong to the next checkpoint; ``restore_dirty`` puts a
    failed set back.
    """

    outcomes: Counter[tuple[str, str]]
    """Events by topic and outcome."""
    last_event_ms: dict[str, int]
    """Latest event time by topic, in ms of the epoch."""
    restatements: int
    """Events that changed history."""
    stamps: dict[str, int]
    """Last source offset folded, by topic."""

    def fold(self, topic: str, batch: Any, offset: int) -> Sequence[Rejected]:
        """Folds a run that ends at a source offset; returns the events that cannot be folded."""

    def settle(self, deferred_max: int | None = None) -> None:
        """Applies what the folded events change to the ledger; see ``Shard.settle``."""

    def dirty_rows(self, topic: str) -> Iterable[tuple[bytes, bytes]]:
        """Packed keys and rows changed since the last call. Rows are never deleted."""

    def mark_clean(self, topic: str) -> None:
        """The rows last given by ``dirty_rows`` are stored."""

    def restore_dirty(self, topic: str) -> None:
        """The rows last given by ``dirty_rows`` are not stored after all."""

    def mark_dirty(self, topic: str, keys: Iterable[bytes]) -> None:
        """Rows of these packed keys, where they exist, must be stored again."""

    def row_count(self, topic: str) -> int:
        """How many rows the topic's table has."""

    def restore_row(self, topic: str, key: bytes, value: bytes) -> None:
        """Files a stored row."""

    def rebuild(self) -> None:
        """Computes the ledger from all rows."""

    def take_changes(self) -> dict[bytes, bytes]:
        """Packed ledger chunks changed since the last call, by packed key."""

    def put_back_changes(self, keys: Iterable[bytes]) -> None:
        """These chunks did not reach the board."""

    def all_chunks(self) -> dict[bytes, bytes]:
        """Every packed ledger chunk."""


class BoardWriter(Protocol):
    """The writing half of a board. Calls block, for a bounded time, and may raise anything."""

    def claim(self, partition: int, partitions: int) -> int:
        """Opens a new generation of a partition."""

    def publish(
        self,
        partition: int,
        generation: int,
        sequence: int,
        changes: Mapping[bytes, bytes],
        full: bool,
        status: bytes,
    ) -> str:
        """Replaces chunks; answers ``ok``, ``stale`` or ``unknown`` (publish in full)."""

    def release(self, partition: int, generation: int) -> None:
        """Fences the generation off."""


ShardFactory = Callable[[int], RowShard]
BoardFactory = Callable[[], BoardWriter]
DecoderFactory = Callable[[str], RunDecoder]
