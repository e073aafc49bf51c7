"""The course of a table: what its changelog has told, as far as a marker vouches for it.

A worker stores rows first, and then the marker that says how far they go. So rows wait here until
the marker of their checkpoint has come: what is shown of a table is what it was at a checkpoint.
The rows of a checkpoint that was cut short, by a worker that was killed, wait for a marker of the
next owner that goes as far as they do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from faust.types import TP

from aggregates.shard.board import TopicStatus
from streams.kafka.runs import Record
from streams.worker.changelog import MARKER_KEY, Marker
from streams.worker.table_log import TableLog


@dataclass(slots=True)
class Course:
    """One changelog partition, read on and on.

    Attributes:
        source: The partition of the event topic that the table is made of.
        log: What no marker has vouched for yet.
        begin: Where the changelog's log began when it was first asked.
        start: Offset from which it is read.
        end: Up to where it is read at first.
        next: Offset of the next record.
        rows: Rows that a marker vouches for and that are not filed: packed, by packed key.
        marker: The last marker that vouches; None before the first.
        written_ms: When that was written, in ms of the epoch; None if the broker does not say.
    """

    source: TP
    log: TableLog
    begin: int = 0
    start: int = 0
    end: int = 0
    next: int = 0
    rows: dict[bytes, bytes] = field(default_factory=dict)
    marker: Marker | None = None
    written_ms: int | None = None

    @property
    def tp(self) -> TP:
        """The changelog partition."""
        return self.log.tp

    @property
    def done(self) -> int:
        """Offset of the source up to which its events are in the rows."""
        return 0 if self.marker is None else self.marker.stamp + 1

    def unread(self, ends: Mapping[TP, int]) -> int | None:
        """Returns how many records there are that were not read; None if no end is known."""
        end = ends.get(self.tp)
        return None if end is None else max(end - self.next, 0)

    def progress(self, ends: Mapping[TP, int]) -> TopicStatus:
        """Says how far the events of the topic are in the rows, by where logs end."""
        end = ends.get(self.source)
        return TopicStatus(self.done, None if end is None else max(end - self.done, 0))

    def begin_at(self, begin: int, end: int) -> None:
        """Takes the bounds that the log has when reading begins."""
        self.begin = self.start = self.next = begin
        self.end = end

    def apply(self, records: Iterable[Record]) -> None:
        """Takes records in order; those of a checkpoint are vouched for as its marker comes.

        Raises:
            WorkerError: If a record is not ours to read.
        """
        checkpoint: list[Record] = []
        for record in records:
            checkpoint.append(record)
            if record.key == MARKER_KEY:
                self._take(checkpoint)
                checkpoint = []
        self._take(checkpoint)

    def _take(self, records: list[Record]) -> None:
        if not records:
            return
        log, last = self.log, records[-1]
        log.apply(records)
        log.stale.clear()  # their owner writes them again
        self.next = last.offset + 1
        marker = log.marker
        if marker is None or marker is self.marker or marker.stamp < log.reached:
            return
        self.rows.update(log.rows)
        log.rows.clear()
        self.marker, self.written_ms = marker, last.timestamp

    def waits_for(self, rows: int) -> str:
        """Says why the table is not whole; empty if it is.

        Args:
            rows: How many are filed.
        """
        marker, name = self.marker, self.source.topic
        if marker is None:
            cut = self.log.marker is not None
            return f"{name}: {'a checkpoint was cut short' if cut else 'no checkpoint yet'}"
        if rows < marker.rows or self.begin > marker.log_start:
            return f"{name}: {rows} rows of {marker.rows}; a worker that starts stores them anew"
        return ""
