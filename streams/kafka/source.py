"""The topics of a Kafka cluster as a source of event history."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, NoError, UnknownTopicOrPartitionError, for_code

from events import TOPIC_PREFIX, TOPICS
from streams.clock import monotonic_s
from streams.kafka.cluster import Cluster
from streams.kafka.placement import placed
from streams.kafka.reading import reading
from streams.kafka.refusal import DESCRIBE, check_code
from streams.kafka.topics import administered
from streams.source import ACCEPT_MISSING, KAFKA_SCHEME, SourceError

BATCH_RECORDS: Final = 5_000
"""Records that are decoded together."""

POLL_MS: Final = 1_000
"""Longest wait for records before looking whether all have been read."""

IDLE_S: Final = 60.0
"""Seconds without an answer, or without getting any further, after which reading fails."""


class KafkaSource:
    """Topics of a cluster, from the beginning to where they ended when reading began.

    Attributes:
        name: ``kafka://HOST:PORT``.
        size: Records to read, or None before reading has begun.
    """

    def __init__(
        self, cluster: Cluster, topics: Sequence[str] = TOPICS, *, accept_missing: bool = False
    ) -> None:
        """Takes what is to be read.

        Args:
            cluster: Where they are.
            topics: Short names of the topics.
            accept_missing: Whether to read what there is, where a topic or the head of one is gone.
        """
        self.name = f"{KAFKA_SCHEME}{cluster}"
        self._cluster = cluster
        self._topics = tuple(topics)
        self._accept_missing = accept_missing
        self.size: int | None = None
        self.done = 0
        self.topic: str | None = None
        self.belongs: Callable[[str], bool] | None = None
        self._offsets: dict[str, dict[int, tuple[int, int]]] = {}

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the records' values, many of one topic at a time."""
        loop = asyncio.new_event_loop()
        stream = self._read()
        try:
            while True:
                try:
                    yield loop.run_until_complete(anext(stream))
                except StopAsyncIteration:
                    return
        except (KafkaError, OSError, TimeoutError) as error:
            raise SourceError(f"{self.name}: {error or type(error).__name__}") from error
        finally:
            loop.run_until_complete(stream.aclose())
            loop.close()

    def account(self) -> dict[str, Any]:
        """Returns the records read, and by topic and partition the first and the end offset."""
        return {"name": self.name, "records": self.done, "offsets": self._offsets}

    async def _read(self) -> AsyncGenerator[list[bytes], None]:
        wanted = await self._partitions()
        count = 1 + max(partition.partition for partition in wanted)  # of each topic
        async with reading(self._cluster, max_partition_fetch_bytes=4 << 20) as consumer:
            async with asyncio.timeout(IDLE_S):
                left = await self._assign(consumer, wanted)
            reached: dict[TopicPartition, int] = {}
            moved_s = monotonic_s()
            while left:
                async with asyncio.timeout(IDLE_S):
                    fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS)
                    positions = {each: await consumer.position(each) for each in left}
                for partition, records in fetched.items():
                    values = [r.value or b"" for r in records if r.offset < left.get(partition, 0)]
                    self.done += len(values)
                    self.topic = partition.topic.removeprefix(TOPIC_PREFIX)
                    self.belongs = placed(partition.partition, count)
                    if values:
                        yield values
                if positions != reached:
                    reached, moved_s = positions, monotonic_s()
                elif monotonic_s() - moved_s > IDLE_S:
                    raise TimeoutError(f"nothing more for {IDLE_S:.0f} s of {_named(left)}")
                for partition, position in positions.items():
                    if position >= left[partition]:
                        del left[partition]
                        consumer.pause(partition)

    async def _partitions(self) -> list[TopicPartition]:
        """Returns every partition of the topics that exist."""
        async with administered(self._cluster) as admin:
            topics = await admin.describe_topics([TOPIC_PREFIX + topic for topic in self._topics])
        for topic in topics:
            check_code(topic["error_code"], topic["topic"], DESCRIBE)
            error = for_code(topic["error_code"])
            if error not in (NoError, UnknownTopicOrPartitionError):
                raise SourceError(f"{self.name}: {topic['topic']}: {error.__name__}")
        missing = [topic["topic"] for topic in topics if topic["error_code"]]
        if len(missing) == len(topics):
            raise SourceError(f"{self.name}: there is no topic {', '.join(missing)}")
        counts = {topic["topic"]: len(topic["partitions"]) for topic in topics}
        if len({count for name, count in counts.items() if name not in missing}) > 1:
            raise SourceError(f"{self.name}: topics differ in their partitions: {counts}")
        if missing:
            self._miss(f"there is no topic {', '.join(missing)}")
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in topics
            for partition in topic["partitions"]
        ]

    async def _assign(
        self, consumer: AIOKafkaConsumer, wanted: list[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Assigns every partition; returns the end of each that holds records."""
        consumer.assign(wanted)
        first = await consumer.beginning_offsets(wanted)
        last = await consumer.end_offsets(wanted)
        if headless := [
            f"{_named([each])} begins at {first[each]}" for each in wanted if first[each]
        ]:
            self._miss(f"records are gone: {', '.join(headless)}")
        await consumer.seek_to_beginning(*wanted)
        self.size = sum(last[partition] - first[partition] for partition in wanted)
        for partition in wanted:
            read = first[partition], last[partition]
            self._offsets.setdefault(partition.topic, {})[partition.partition] = read
            if first[partition] == last[partition]:
                consumer.pause(partition)
        return {p: last[p] for p in wanted if last[p] > first[p]}

    def _miss(self, what: str) -> None:
        """Refuses history that is not whole, unless that is accepted."""
        if not self._accept_missing:
            raise SourceError(
                f"{self.name}: {what}. Figures of the rest would be wrong; "
                f"{ACCEPT_MISSING} reads it all the same"
            )


def _named(partitions: Iterable[TopicPartition]) -> str:
    return ", ".join(f"{each.topic}[{each.partition}]" for each in partitions)
