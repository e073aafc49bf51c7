"""An installation of Tidemark: a broker, a Redis and the commands, for one test alone."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord

from events import TOPIC_PREFIX, TOPICS
from tests.end_to_end.commands import Commands, Service, new_commands
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.figures import Oracle
from tests.end_to_end.patience import PATIENCE_S, wait_for
from tests.servers import KafkaServer, RedisServer
from tests.servers.required import required

PARTITIONS = 4
"""Of each topic: more than there are workers."""

GROUP = "tidemark"
"""The consumer group of the workers of the first tables."""

Raw = tuple[str, bytes, bytes | None]
"""Short name of a topic, key and value of a record."""

Placed = tuple[str, int, int]
"""Topic, partition and offset of a record."""

_RECORDS_S = 60.0
"""For reading a small topic to its end."""


class Installation:
    """Servers with the topics made, and what runs against them.

    Attributes:
        kafka: The broker.
        redis: The shared board's server.
        commands: The command line, set up for both.
        group: The consumer group of the workers of the tables in force.
    """

    def __init__(
        self, kafka: KafkaServer, redis: RedisServer, commands: Commands, group: str = GROUP
    ) -> None:
        """Makes the topics."""
        self.group = group
        self.kafka = kafka
        self.redis = redis
        self.commands = commands
        commands.output_of("topics", "--partitions", str(PARTITIONS))

    def publish(self, path: Path) -> None:
        """Publishes a file to its end."""
        self.commands.output_of("publish", path)

    def worker(self) -> Service:
        """Starts a worker."""
        return self.commands.start("worker", "--log-level", "info", "worker")

    def exporter(self) -> Exporter:
        """Starts an exporter."""
        return Exporter(self.commands.start("exporter", "exporter", "--port", "0"))

    def oracle(self, path: Path) -> Oracle:
        """What replay says about a file."""
        return Oracle(self.commands, path)

    def wait_until_committed(self, limit_s: float = PATIENCE_S) -> None:
        """Waits until the group has committed every record: it was folded and stored before."""
        behind: dict[TopicPartition, str] = {}

        def look() -> bool:
            behind.clear()
            ends = asyncio.run(self._ends())
            reached = asyncio.run(self._committed())
            behind.update(
                {
                    tp: f"{reached.get(tp)} of {end}"
                    for tp, end in ends.items()
                    if end and (reached.get(tp) or 0) < end
                }
            )
            return not behind

        wait_for(look, lambda: f"all committed: {behind}", limit_s, 0.5)

    def published(self) -> Counter[str]:
        """How many event records there are, by short name of their topic."""
        counts: Counter[str] = Counter()
        for tp, end in asyncio.run(self._ends()).items():
            counts[tp.topic.removeprefix(TOPIC_PREFIX)] += end
        return counts

    def letters(self) -> list[ConsumerRecord]:
        """The records of the dead-letter topic."""
        return asyncio.run(self._records(TOPIC_PREFIX + "dead-letters"))

    def event_ids(self) -> list[str]:
        """The id of each event record, in no particular order."""
        records = [r for topic in TOPICS for r in asyncio.run(self._records(TOPIC_PREFIX + topic))]
        return [json.loads(record.value)["id"] for record in records]

    def produce(self, records: Sequence[Raw]) -> list[Placed]:
        """Writes records to event topics as they are, in order, and says where they lie."""
        return asyncio.run(self._produce(records))

    async def _produce(self, records: Sequence[Raw]) -> list[Placed]:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        await producer.start()
        placed: list[Placed] = []
        try:
            for topic, key, value in records:
                sent = await producer.send_and_wait(TOPIC_PREFIX + topic, value, key=key)
                placed.append((sent.topic, sent.partition, sent.offset))
        finally:
            await producer.stop()
        return placed

    async def ends(self, wanted: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where logs end."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka.bootstrap)
        await consumer.start()
        try:
            return dict(await consumer.end_offsets(wanted))
        finally:
            await consumer.stop()

    async def _ends(self) -> dict[TopicPartition, int]:
        numbers = range(PARTITIONS)
        return await self.ends(
            [TopicPartition(TOPIC_PREFIX + t, n) for t in TOPICS for n in numbers]
        )

    async def _committed(self) -> dict[TopicPartition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        await admin.start()
        try:
            done = await admin.list_consumer_group_offsets(self.group)
        finally:
            await admin.close()
        return {tp: each.offset for tp, each in done.items()}

    async def _records(self, topic: str) -> list[ConsumerRecord]:
        wanted = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka.bootstrap)
        await consumer.start()
        found: list[ConsumerRecord] = []
        try:
            ends = await consumer.end_offsets(wanted)
            consumer.assign(wanted)
            await consumer.seek_to_beginning(*wanted)
            async with asyncio.timeout(_RECORDS_S):
                while any([await consumer.position(tp) < ends[tp] for tp in wanted]):
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        found += records
        finally:
            await consumer.stop()
        return sorted(found, key=lambda record: (record.partition, record.offset))


@contextmanager
def new_installation(folder: Path, **settings: str) -> Iterator[Installation]:
    """Starts servers for one test; servers and services end with the context."""
    with required(KafkaServer()) as kafka, required(RedisServer()) as redis:
        told = {"kafka": kafka.bootstrap, "redis": redis.url}
        with new_commands(folder, **told, **settings) as commands:
            yield Installation(kafka, redis, commands)
