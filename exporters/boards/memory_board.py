"""The board of one process: the embedded default, and the model of what Redis has to do."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from aggregates.shard.board import (
    BoardView,
    PartitionView,
    Position,
    PublishResult,
    check_partition,
)


@dataclass(slots=True)
class _Slot:
    """One partition: its fence, and the chunks with the sequence that last changed each.

    Those that changed last come last in ``order``.
    """

    claimed: int = 0
    generation: int = 0
    sequence: int = 0
    base: int = 0
    published_at_s: float = 0.0
    status: bytes = b""
    chunks: dict[bytes, bytes] = field(default_factory=dict)
    order: dict[bytes, int] = field(default_factory=dict)

    def take(self, sequence: int, changes: Mapping[bytes, bytes], full: bool) -> None:
        if full:
            self.base = sequence
            self.chunks = {key: cells for key, cells in changes.items() if cells}
            self.order = dict.fromkeys(self.chunks, sequence)
        else:
            self.chunks.update(changes)
            for key in changes:
                self.order.pop(key, None)
                self.order[key] = sequence
        self.sequence = sequence

    def view(self, since: Position | None, now_s: float) -> PartitionView:
        full = (
            since is None
            or since[0] != self.generation
            or not self.base <= since[1] <= self.sequence
        )
        if full:
            changes = {key: cells for key, cells in self.chunks.items() if cells}
        elif since is None or since[1] == self.sequence:
            changes = {}
        else:
            after = since[1]
            later = takewhile(lambda changed: changed[1] > after, reversed(self.order.items()))
            changes = {key: self.chunks[key] for key, _ in later}
        age_s = max(now_s - self.published_at_s, 0.0)
        return PartitionView(self.generation, self.sequence, age_s, self.status, full, changes)


class MemoryBoard:
    """A board in this process's memory."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._slots: dict[int, _Slot] = {}
        self._partitions = 0
        self._claimed_partitions = 0
        self._last_generation = 0
        self._audit = b""

    def claim(self, partition: int, partitions: int) -> int:
        """Opens a new generation; see ``Board.claim``."""
        check_partition(partition, partitions)
        with self._lock:
            self._last_generation += 1
            self._partitions = self._claimed_partitions = partitions
            self._slots.setdefault(partition, _Slot()).claimed = self._last_generation
            return self._last_generation

    def publish(
        self,
        partition: int,
        generation: int,
        sequence: int,
        changes: Mapping[bytes, bytes],
        full: bool,
        status: bytes,
    ) -> PublishResult:
        """Replaces chunks; see ``Board.publish``."""
        with self._lock:
            slot = self._slots.get(partition) or _Slot()
            repeated = generation == slot.generation and sequence <= slot.sequence
            if generation < slot.claimed or repeated:
                return PublishResult.STALE
            follows = generation == slot.generation and sequence == slot.sequence + 1
            if not (full or follows):
                return PublishResult.UNKNOWN
            slot.take(sequence, changes, full)
            slot.claimed = slot.generation = generation
            slot.status = status
            slot.published_at_s = self._clock_s()
            self._slots[partition] = slot
            self._partitions = self._partitions or self._claimed_partitions
            return PublishResult.OK

    def release(self, partition: int, generation: int) -> None:
        """Fences a generation off; see ``Board.release``."""
        with self._lock:
            slot = self._slots.get(partition)
            if slot is not None and slot.claimed == generation:
                self._last_generation += 1
                slot.claimed = self._last_generation

    def read(self, since: Mapping[int, Position]) -> BoardView:
        """Reads what changed; see ``Board.read``."""
        with self._lock:
            now_s = self._clock_s()
            views = {
                partition: slot.view(since.get(partition), now_s)
                for partition, slot in sorted(self._slots.items())
                if slot.generation and partition < self._partitions
            }
            return BoardView(self._partitions, views, self._audit)

    def keep_audit(self, note: bytes) -> None:
        """Keeps what an audit found; see ``Board.keep_audit``."""
        with self._lock:
            self._audit = note

    def flush(self) -> None:
        """Forgets everything, as a restarted cache does; generations go on rising."""
        with self._lock:
            self._slots.clear()
            self._partitions = 0
            self._audit = b""
