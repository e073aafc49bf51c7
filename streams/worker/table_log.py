"""What is read of a table's changelog: the latest row of each key, and what the marker says."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from faust.types import TP

from streams.kafka.runs import Record
from streams.worker.changelog import MARKER_KEY, NO_STAMP, Marker, unpack_header, unpack_marker


@dataclass(slots=True)
class TableLog:
    """What was read of one changelog partition.

    Attributes:
        tp: The changelog partition.
        start: Offset from which it was read; 0 for a fresh shard.
        end: End of its log when the reading began.
        epoch: Highest epoch seen.
        rows: Latest packed row by packed key.
        reached: Last source offset that any of the rows may hold.
        marker: Latest valid marker.
        stale: Keys of records that a former owner wrote too late.
    """

    tp: TP
    start: int = 0
    end: int = 0
    epoch: int = 0
    rows: dict[bytes, bytes] = field(default_factory=dict)
    reached: int = NO_STAMP
    marker: Marker | None = None
    stale: set[bytes] = field(default_factory=set)

    def unread(self) -> "TableLog":
        """Returns the same of which nothing was read."""
        return TableLog(self.tp, self.start, self.end, self.epoch)

    def apply(self, records: Iterable[Record]) -> None:
        """Takes changelog records in order: the latest of each key holds.

        One that comes after a record of a later owner does not: a zombie wrote it.

        Raises:
            WorkerError: If a record is not ours to read.
        """
        for record in records:
            value, key = record.value, record.key
            if value is None or key is None:
                continue
            epoch, stamp = unpack_header(value)
            if epoch < self.epoch:
                self.stale.add(key)
                continue
            self.epoch = epoch
            self.reached = max(self.reached, stamp)
            if key == MARKER_KEY:
                self.marker = unpack_marker(value)
            else:
                self.rows[key] = value
