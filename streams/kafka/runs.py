"""A run: the records of one topic partition that were fetched together, and the offsets they cover.

Owns how records are taken out of aiokafka without building a ``ConsumerRecord`` for each, which
costs as much as the rest of the drain: the compiled record already has an offset, key, value and
timestamp.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult


class Record(Protocol):
    """One Kafka record, as aiokafka's record parser makes it."""

    @property
    def offset(self) -> int:
        """Its offset."""

    @property
    def timestamp(self) -> int | None:
        """When it was written, in ms of the epoch; None where that was not kept."""

    @property
    def key(self) -> bytes | None:
        """Its key."""

    @property
    def value(self) -> bytes | None:
        """Its value; None for a tombstone."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Its headers."""


@dataclass(slots=True)
class Run:
    """Fetched records of one topic partition.

    The records lie in [begin, end), which may hold offsets without a record: transaction markers,
    and what compaction took. Runs of a partition that follow each other join without a hole,
    whatever is in them; that is what makes a lost one visible.

    Attributes:
        topic: Kafka name of the topic.
        partition: Number of the partition.
        begin: Consumer position before the fetch.
        end: Consumer position after it.
        log_end: Up to where the partition can be read, as last heard; None if not known yet.
        records: The records.
    """

    topic: str
    partition: int
    begin: int
    end: int
    log_end: int | None
    records: Sequence[Record]

    def starting_at(self, offset: int) -> "Run":
        """The same run without what lies before an offset."""
        if offset <= self.begin:
            return self
        kept = [record for record in self.records if record.offset >= offset]
        return Run(self.topic, self.partition, offset, self.end, self.log_end, kept)


def _as_parsed(partition: TopicPartition, record: Record) -> Record:
    return record


def keep_parsed(fetcher: Fetcher, partitions: Container[Any]) -> dict[TopicPartition, int]:
    """Makes the fetcher hand out the buffered records of some partitions as they were parsed.

    Args:
        fetcher: Of a started consumer, in its own thread.
        partitions: Which ones; only asked whether it contains one, since another thread may change
            it.

    Returns:
        The position from which each of those partitions that has buffered records will be read.
    """
    begins = {}
    for partition, fetched in fetcher._records.items():  # noqa: SLF001 (no public hook, see above)
        if partition in partitions and type(fetched) is FetchResult and fetched.has_more():
            records = fetched._partition_records  # noqa: SLF001
            records._consumer_record = _as_parsed  # noqa: SLF001
            begins[partition] = records.next_fetch_offset
    return begins
