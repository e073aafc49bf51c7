"""Erasing somebody from the topics, which are kept for ever and give up no single record.

Each partition that tells of them is copied onto its own end, without them, in one transaction for
all; the same transaction notes in the register where each log begins from then on. Before it is
committed nothing has changed, after it nothing is read that lies before. ``end_erasure`` then
deletes that.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from events import TOPICS
from events.errors import UNREADABLE
from events.forgetting import Forgetting
from streams.kafka.batches import BULK, KeyValue, packed
from streams.kafka.cluster import Cluster
from streams.kafka.dead_letter import unpack_dead_letter
from streams.kafka.erasure_end import ErasureError, check_nobody_works
from streams.kafka.reading import named, reading, records_up_to
from streams.kafka.register import ERASING, begins_record, find_register
from streams.kafka.topic_config import config_of, set_config
from streams.kafka.topic_creation import create_register
from streams.kafka.topics import Topics, administered, partition_counts
from streams.source import ACCEPT_MISSING

TRANSACTION_MS: Final = 900_000
"""Longest that copying may take: the most that a broker allows unless it is told otherwise."""

_ROLL: Final = "segment.ms"
_AT_ONCE: Final = "1"
_SETTLED_S: Final = 1.0
"""For the brokers to take on a topic's configuration; when they have, they do not tell."""

Bounds = Mapping[TopicPartition, tuple[int, int]]
"""From and up to where partitions are read."""

Say = Callable[[int], None]
"""Takes how many records more are done."""


@dataclass(slots=True)
class Told:
    """What tells of somebody.

    Attributes:
        records: Records that do, by topic.
        places: The partitions that they lie in.
    """

    records: Counter[str] = field(default_factory=Counter)
    places: dict[TopicPartition, tuple[int, int]] = field(default_factory=dict)


class Erasure:
    """One run, on the topics of one installation."""

    def __init__(self, cluster: Cluster, topics: Topics, run: Forgetting) -> None:
        """Takes where the topics are, and who is to be forgotten."""
        self._cluster = cluster
        self._topics = topics
        self._run = run

    async def look(self, say: Say, *, accept_missing: bool = False) -> Told:
        """Reads all topics; returns what tells of them.

        Raises:
            ErasureError: If the head of a log is gone: after an erasure nothing would tell that.
            KafkaError: If the broker does not answer.
            TimeoutError: If it does not in time.
        """
        told = Told()
        begins = (await find_register(self._cluster, self._topics)).begins
        async with reading(self._cluster) as consumer:
            bounds = await self._bounds(consumer, begins)
            gone = [
                place
                for place, (first, _) in bounds.items()
                if first > begins.get(place, 0) and not self._is_letters(place)
            ]
            if gone and not accept_missing:
                raise ErasureError(
                    f"records are gone at the head of {named(gone)}, which nothing would tell "
                    f"afterwards; {ACCEPT_MISSING} erases all the same"
                )
            consumer.assign(list(bounds))
            for place, (first, _) in bounds.items():
                consumer.seek(place, first)
            ends = {place: end for place, (_, end) in bounds.items()}
            async for place, records in records_up_to(consumer, ends):
                if count := sum(self._tells(place, record) for record in records):
                    told.records[place.topic] += count
                    told.places[place] = bounds[place]
                say(len(records))
        return told

    async def copy(self, told: Told, say: Say) -> None:
        """Copies the partitions that were found, without those who are forgotten.

        Raises:
            ErasureError: If workers are running; nothing has changed then.
            KafkaError: If the broker refuses, or it takes too long; the same.
        """
        self._run.left = 0
        await create_register(self._cluster, self._topics)
        await check_nobody_works(self._cluster, self._topics)
        async with (
            reading(self._cluster) as consumer,
            administered(self._cluster) as admin,
            _transaction(self._cluster, f"{self._topics.app_id}-erase") as producer,
        ):
            done: dict[TopicPartition, int] = {}
            begins: dict[TopicPartition, int] = {}
            async with _new_segments(admin, {place.topic for place in told.places}):
                for place, bounds in told.places.items():
                    first = self._copy_first(consumer, producer, place, *bounds)
                    begins[place], done[place] = await first
            for place, begin in begins.items():
                await self._copy_rest(consumer, producer, place, done[place], begin, say)
            await check_nobody_works(self._cluster, self._topics)
            for key, value in (begins_record(begins), (ERASING, b"1")):
                await producer.send_and_wait(self._topics.register, value, key=key, partition=0)

    async def _bounds(
        self, consumer: AIOKafkaConsumer, begins: Mapping[TopicPartition, int]
    ) -> Bounds:
        names = [*map(self._topics.source, TOPICS), self._topics.dead_letters]
        async with administered(self._cluster) as admin:
            counts = await partition_counts(admin, names)
        places = [TopicPartition(name, number) for name in counts for number in range(counts[name])]
        first = await consumer.beginning_offsets(places)
        ends = await consumer.end_offsets(places)
        return {place: (max(first[place], begins.get(place, 0)), ends[place]) for place in places}

    def _is_letters(self, place: TopicPartition) -> bool:
        return bool(place.topic == self._topics.dead_letters)

    def _tells(self, place: TopicPartition, record: Any) -> bool:
        """Returns whether a record tells of them, and learns from it."""
        if self._is_letters(place):
            return self._without(place, record) is None
        learnt = self._run.learn(record.value or b"")
        return learnt or self._run.rewrite_key(record.key) != record.key

    def _without(self, place: TopicPartition, record: Any) -> KeyValue | None:
        """Returns a record without those who are forgotten; None for none at all."""
        key, value = self._run.rewrite_key(record.key), record.value or b""
        if self._is_letters(place):
            try:
                raw = unpack_dead_letter(value).raw
            except UNREADABLE:
                raw = value
            return (key, value) if key == record.key and self._run.rewrite(raw) is raw else None
        new = self._run.rewrite(value)
        return None if new is None else (key, new)

    async def _copy_first(
        self,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        place: TopicPartition,
        first: int,
        end: int,
    ) -> tuple[int, int]:
        """Copies until something is written; returns where it lies, and up to where was read."""
        consumer.assign([place])
        consumer.seek(place, first)
        async for _, records in records_up_to(consumer, {place: end}):
            kept = [new for each in records if (new := self._without(place, each)) is not None]
            if begin := await _send(producer, place, kept):
                return begin, records[-1].offset + 1
        return end, end

    async def _copy_rest(
        self,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        place: TopicPartition,
        first: int,
        begin: int,
        say: Say,
    ) -> None:
        """Copies what lies before the copies, also what producers wrote since the end was asked."""
        consumer.assign([place])
        consumer.seek(place, first)
        async for _, records in records_up_to(consumer, {place: begin}):
            kept = [new for each in records if (new := self._without(place, each)) is not None]
            await _send(producer, place, kept)
            say(len(records))


@asynccontextmanager
async def _transaction(cluster: Cluster, name: str) -> AsyncIterator[AIOKafkaProducer]:
    """Yields a producer within a transaction; what one of its name had begun is aborted."""
    producer = AIOKafkaProducer(
        transactional_id=name,
        transaction_timeout_ms=TRANSACTION_MS,
        **BULK,
        **cluster.options,
    )
    async with producer, producer.transaction():
        yield producer


@asynccontextmanager
async def _new_segments(admin: Any, names: Iterable[str]) -> AsyncIterator[None]:
    """Lets the next record of each partition begin a segment: only whole ones are ever deleted."""
    before = {name: (await config_of(admin, name)).get(_ROLL) for name in names}
    for name in before:
        await set_config(admin, name, {_ROLL: _AT_ONCE})
    try:
        await asyncio.sleep(_SETTLED_S)
        yield
    finally:
        for name, value in before.items():  # a run that was killed has left ours
            await set_config(admin, name, {_ROLL: None if value == _AT_ONCE else value})


async def _send(
    producer: AIOKafkaProducer, place: TopicPartition, records: Sequence[KeyValue]
) -> int:
    """Sends records and returns the offset of the first; 0 if there are none."""
    sent = [
        await producer.send_batch(batch, place.topic, partition=place.partition)
        for batch in packed(producer, records)
    ]
    return min((each.offset for each in await asyncio.gather(*sent)), default=0)
