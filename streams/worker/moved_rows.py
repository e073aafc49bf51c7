"""Rows that are read in another partition than their own: what workers tell each other of them.

An account that was merged into another is read under that one, which may lie in another partition.
The topic of moved rows has as many partitions as each event topic. Into each the owner of that
partition writes, and nobody else: under the name of a guest (``aggregates.rows.guest``) the row as
it is now, or nothing but a header once it is no longer read elsewhere. Every worker reads all of
them and files what is meant for accounts of its own partitions. These are never written to a table:
a restore reads them again.

Records carry the writer's epoch, as those of changelogs do. One of a lower epoch than was seen
before is a zombie's: it is passed over, and the owner, who reads its own log too, sends again what
it shadows. After a restore the owner compares its log with what its rows say, and sends the
difference.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from faust.types import TP

from aggregates.shard.moves import MovedRow, guest_key
from streams.kafka.placement import partition_of
from streams.kafka.runs import Record
from streams.kafka.topics import Topics
from streams.worker.changelog import HEADER_BYTES, MARKER_KEY, unpack_header
from streams.worker.changelog_reader import ChangelogReader
from streams.worker.partition import Partition


class Said(NamedTuple):
    """Attributes: where a record lies, and its row, packed; no bytes if there is none any more."""

    offset: int
    row: bytes


@dataclass(slots=True)
class MovedLog:
    """What was read of one partition of the topic.

    Attributes:
        tp: The partition.
        start: Offset from which it was read.
        end: End of its log when the reading began.
        epoch: Highest epoch seen.
        rows: Latest record by packed name of the guest.
        stale: Offsets of records that a former owner wrote too late, by the same.
    """

    tp: TP
    start: int = 0
    end: int = 0
    epoch: int = 0
    rows: dict[bytes, Said] = field(default_factory=dict)
    stale: dict[bytes, int] = field(default_factory=dict)

    def apply(self, records: Iterable[Record]) -> None:
        """Takes records in order: the latest of each key holds, unless a zombie wrote it.

        Raises:
            WorkerError: If a record is not ours to read.
        """
        for record in records:
            value, key = record.value, record.key
            if value is None or key is None:
                continue
            epoch = unpack_header(value).epoch
            if epoch < self.epoch:
                if key != MARKER_KEY:
                    self.stale[key] = record.offset
                continue
            self.epoch = epoch
            if key != MARKER_KEY:
                self.rows[key] = Said(record.offset, value[HEADER_BYTES:])


class MovedRows:
    """A worker's part in the exchange of moved rows.

    Attributes:
        topics: Names of all topics.
        heard: How far each partition of the topic has been read.
        round: Grows with each restore, after which all are read on from there.
    """

    def __init__(
        self, topics: Topics, owned: dict[int, Partition], count: Callable[[], int]
    ) -> None:
        """Takes what the worker has.

        Args:
            topics: Names of all topics.
            owned: The worker's partitions, which change.
            count: Returns how many partitions each topic has.
        """
        self.topics = topics
        self.heard: dict[int, int] = {}
        self.round = 0
        self._owned = owned
        self._count = count
        self._epochs: dict[int, int] = {}
        self._following = False

    def holder(self, account: str) -> int:
        """Returns the partition that an account is of."""
        return partition_of(account, self._count())

    # At a restore --------------------------------------------------------------------------------

    async def read(self, reader: ChangelogReader) -> Sequence[MovedLog]:
        """Reads the whole topic, by partition.

        Raises:
            WorkerError: If nothing comes for too long, or a record is not ours to read.
        """
        logs = [MovedLog(TP(self.topics.moved, number)) for number in range(self._count())]
        starts, ends = await reader.bounds(log.tp for log in logs)
        for log in logs:
            log.start, log.end = starts[log.tp], ends[log.tp]
        await reader.read([log for log in logs if log.start < log.end])
        return logs

    def file(self, logs: Sequence[MovedLog], partitions: Iterable[Partition]) -> None:
        """Files what was read: in fresh partitions all, in kept ones what they have not heard yet.

        Raises:
            StaleRowError: If another version of the program packed a row.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        by_number = {partition.number: partition for partition in partitions}
        for log in logs:
            known = self.heard.get(log.tp.partition, 0)
            for key, said in log.rows.items():
                partition = by_number.get(self.holder(guest_key(key).account))
                if partition is None or (partition.epoch and said.offset < known):
                    continue
                partition.shard.handover.receive(key, said.row)
            writer = by_number.get(log.tp.partition)
            if writer is not None and writer.epoch:
                for key in (key for key, offset in log.stale.items() if offset >= known):
                    writer.shard.handover.send_again(key)
            self._epochs[log.tp.partition] = log.epoch
        self.heard.update((log.tp.partition, log.end) for log in logs)
        for partition in by_number.values():
            partition.heard = self.heard
        self.round += 1

    def compare(self, log: MovedLog, partition: Partition) -> None:
        """Leaves to be sent, of all moved rows of a rebuilt partition, what its log does not say.

        What lies under a zombie's record counts as not said: compaction may leave only that one.
        """
        said = {key: each.row for key, each in log.rows.items() if key not in log.stale}
        wanted = {row.key: row for row in partition.shard.handover.take_moved()}
        for key in {**log.rows, **log.stale}:
            wanted.setdefault(key, MovedRow(guest_key(key).account, key, b""))
        different = (row for key, row in wanted.items() if said.get(key) != row.value)
        partition.shard.handover.put_back_moved(different)
        partition.moved_end = log.end

    # Live ----------------------------------------------------------------------------------------

    @property
    def following(self) -> bool:
        """Whether records are taken as they come."""
        return self._following

    def follow(self) -> None:
        """Begins to take records: all partitions are restored."""
        self._following = bool(self.heard)

    def pause(self) -> None:
        """Stops taking records, and going on, until the next restore is through."""
        self._following = False

    def take(self, number: int, records: Iterable[Record]) -> None:
        """Takes records of one partition of the topic as they come.

        Raises:
            WorkerError: If a record is not ours to read.
            StaleRowError: If another version of the program packed a row.
            msgspec.DecodeError: If the bytes are no packed row.
        """
        if not self._following:
            return
        new = [record for record in records if record.offset >= self.heard[number]]
        if not new:
            return
        log = MovedLog(TP(self.topics.moved, number), epoch=self._epochs[number])
        log.apply(new)
        self.heard[number], self._epochs[number] = new[-1].offset + 1, log.epoch
        changed = []
        for key, said in log.rows.items():
            partition = self._owned.get(self.holder(guest_key(key).account))
            if partition is not None:
                partition.shard.handover.receive(key, said.row)
                changed.append(partition)
        writer = self._owned.get(number)
        if writer is not None and writer.epoch >= log.epoch:
            for key in log.stale:
                writer.shard.handover.send_again(key)
                changed.append(writer)
        for partition in {each.number: each for each in changed}.values():
            partition.send()
