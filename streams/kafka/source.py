"""A source of event history in Kafka: topics of a cluster, read to the end outside any group."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from events import TOPIC_PREFIX, TOPICS
from events.errors import TidemarkError
from streams.kafka.topics import administered

KAFKA_SCHEME: Final = "kafka://"

BATCH_RECORDS: Final = 5_000
"""Kafka records that are decoded together."""

IDLE_S: Final = 60.0
"""Seconds without any record after which a topic that has not ended counts as unreadable."""


class SourceError(TidemarkError):
    """A source of event history cannot be read."""


class KafkaSource:
    """Topics of a cluster, from the beginning to where they ended when reading began.

    Attributes:
        name: ``kafka://HOST:PORT``.
        size: Records to read, or None before reading has begun.
        done: Records read so far.
        topic: Short name of the topic that the last batch came from.
        offsets: By topic and partition the first offset to read and the one to end before.
    """

    def __init__(self, name: str, topics: Sequence[str] = TOPICS) -> None:
        self.name = name
        self._topics = tuple(topics)
        self.size: int | None = None
        self.done = 0
        self.topic: str | None = None
        self.offsets: dict[str, dict[int, tuple[int, int]]] = {}

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the records' values, many of one topic at a time.

        Raises:
            SourceError: If the cluster or a topic cannot be read.
        """
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

    async def _read(self) -> AsyncGenerator[list[bytes], None]:
        servers = self.name.removeprefix(KAFKA_SCHEME)
        wanted = await self._partitions(servers)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
        )
        await consumer.start()
        try:
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
        finally:
            await consumer.stop()

    async def _partitions(self, servers: str) -> list[TopicPartition]:
        async with administered(servers) as admin:
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
            self.offsets.setdefault(partition.topic, {})[partition.partition] = read
            if first[partition] == last[partition]:
                consumer.pause(partition)
        return {p: last[p] for p in wanted if last[p] > first[p]}
