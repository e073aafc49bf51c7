"""The topics of a Kafka cluster as a source of event history."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from events import TOPIC_PREFIX, TOPICS
from streams.kafka.reading import reading
from streams.kafka.topics import administered
from streams.source import KAFKA_SCHEME, SourceError

BATCH_RECORDS: Final = 5_000
"""Records that are decoded together."""

IDLE_S: Final = 60.0
"""Seconds without any record after which a topic that has not ended counts as unreadable."""


class KafkaSource:
    """Topics of a cluster, from the beginning to where they ended when reading began.

    Attributes:
        name: ``kafka://HOST:PORT``.
        size: Records to read, or None before reading has begun.
    """

    def __init__(self, servers: str, topics: Sequence[str] = TOPICS) -> None:
        """Takes the bootstrap servers, and the short names of the topics."""
        self.name = f"{KAFKA_SCHEME}{servers}"
        self._servers = servers
        self._topics = tuple(topics)
        self.size: int | None = None
        self.done = 0
        self.topic: str | None = None
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
        async with reading(self._servers, max_partition_fetch_bytes=4 << 20) as consumer:
            left = await self._assign(consumer, wanted)
            while left:
                async with asyncio.timeout(IDLE_S):
                    fetched = await consumer.getmany(timeout_ms=1_000, max_records=BATCH_RECORDS)
                for partition, records in fetched.items():
                    values = [r.value or b"" for r in records if r.offset < left.get(partition, 0)]
                    self.done += len(values)
                    self.topic = partition.topic.removeprefix(TOPIC_PREFIX)
                    if values:
                        yield values
                for partition in list(left):
                    if await consumer.position(partition) >= left[partition]:
                        del left[partition]
                        consumer.pause(partition)

    async def _partitions(self) -> list[TopicPartition]:
        """Returns every partition of the topics that exist."""
        async with administered(self._servers) as admin:
            topics = await admin.describe_topics([TOPIC_PREFIX + topic for topic in self._topics])
        found = [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in topics
            for partition in topic["partitions"]
        ]
        if not found:
            named = ", ".join(TOPIC_PREFIX + topic for topic in self._topics)
            raise SourceError(f"{self.name}: there is no topic {named}")
        return found

    async def _assign(
        self, consumer: AIOKafkaConsumer, wanted: list[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Assigns every partition; returns the end of each that holds records."""
        consumer.assign(wanted)
        first = await consumer.beginning_offsets(wanted)
        last = await consumer.end_offsets(wanted)
        await consumer.seek_to_beginning(*wanted)
        self.size = sum(last[partition] - first[partition] for partition in wanted)
        for partition in wanted:
            read = first[partition], last[partition]
            self._offsets.setdefault(partition.topic, {})[partition.partition] = read
            if first[partition] == last[partition]:
                consumer.pause(partition)
        return {p: last[p] for p in wanted if last[p] > first[p]}
