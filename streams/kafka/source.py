"""The topics of a Kafka cluster as a source of event history."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, NoError, UnknownTopicOrPartitionError, for_code

from events import TOPIC_PREFIX, TOPICS
from streams.kafka.cluster import Cluster
from streams.kafka.placement import placed
from streams.kafka.reading import IDLE_S, named, reading, records_up_to
from streams.kafka.refusal import DESCRIBE, check_code
from streams.kafka.register import find_register
from streams.kafka.topics import Topics, administered
from streams.kafka.wire import plain
from streams.source import ACCEPT_MISSING, KAFKA_SCHEME, SourceError


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
        self.numbers: Sequence[int] = ()
        self.topic: str | None = None
        self.belongs: Callable[[str], bool] | None = None
        self._offsets: dict[str, dict[int, tuple[int, int]]] = {}

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the events of records, without tombstones, many of one topic at a time."""
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
            async for partition, records in records_up_to(consumer, left):
                events, places = plain(records)
                self.numbers = [self.done + 1 + place for place in places]
                self.done += len(records)
                self.topic = partition.topic.removeprefix(TOPIC_PREFIX)
                self.belongs = placed(partition.partition, count)
                yield events

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
        register = await find_register(self._cluster, Topics())
        consumer.assign(wanted)
        first = await consumer.beginning_offsets(wanted)
        last = await consumer.end_offsets(wanted)
        begins = {each: register.begins.get(each, 0) for each in wanted}
        if headless := [
            f"{named([each])} begins at {first[each]}"
            for each in wanted
            if first[each] > begins[each]
        ]:
            self._miss(f"records are gone: {', '.join(headless)}")
        first = {each: max(first[each], begins[each]) for each in wanted}
        for partition in wanted:
            read = first[partition], last[partition]
            self._offsets.setdefault(partition.topic, {})[partition.partition] = read
            consumer.seek(partition, first[partition])
        self.size = sum(last[partition] - first[partition] for partition in wanted)
        return {p: last[p] for p in wanted}

    def _miss(self, what: str) -> None:
        """Refuses history that is not whole, unless that is accepted."""
        if not self._accept_missing:
            raise SourceError(
                f"{self.name}: {what}. Figures of the rest would be wrong; "
                f"{ACCEPT_MISSING} reads it all the same"
            )
