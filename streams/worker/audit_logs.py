"""What an audit reads: event topics, folded up to an offset, and logs of moved rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from faust.types import TP

from aggregates.shard.shard import Shard
from events import Decoder
from streams.kafka.runs import Record
from streams.kafka.wire import decode
from streams.worker.changelog import MARKER_KEY
from streams.worker.changelog_reader import Log
from streams.worker.moved_rows import MovedLog


class LogReader(Protocol):
    """What an audit needs of a ``ChangelogReader``, which reads any topic."""

    async def bounds(self, tps: Iterable[Any]) -> tuple[Mapping[Any, int], Mapping[Any, int]]:
        """Asks where partitions' logs begin and end."""

    async def read(self, logs: Sequence[Log]) -> None:
        """Reads logs from start to end."""


@dataclass(slots=True)
class EventLog:
    """One event topic's part of a partition, folded into a shard up to an offset."""

    name: str
    tp: TP
    end: int
    shard: Shard
    decoder: Decoder
    took: Callable[[int], None]
    start: int = 0
    records: int = 0

    def apply(self, records: Iterable[Record]) -> None:
        """Folds records in order."""
        read = [record for record in records if record.offset < self.end]
        if read:
            decoded = decode(self.decoder, read)
            batch, owner = decoded.batch, decoded.owner
            batch.key_at = lambda index: read[owner(index)].key
            batch.take_out(self.shard.holds)
            self.shard.fold(self.name, batch)
        self.records += len(read)
        self.took(len(read))


@dataclass(slots=True)
class MovedRead:
    """One partition's log of moved rows: as it had been sent, and as others had heard of it.

    ``heard_upto`` says how far the reader of a guest had heard, by the guest's packed name.
    """

    tp: TP
    sent: MovedLog
    heard: MovedLog
    heard_upto: Callable[[bytes], int]
    end: int
    start: int = 0

    def apply(self, records: Iterable[Record]) -> None:
        """Takes records in order."""
        read = list(records)
        self.sent.apply(record for record in read if record.offset < self.sent.end)
        self.heard.apply(record for record in read if self._was_heard(record))

    def _was_heard(self, record: Record) -> bool:
        key = record.key
        return key is None or key == MARKER_KEY or record.offset < self.heard_upto(key)
