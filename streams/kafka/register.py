"""The register: which tables an installation has, under which settings, and which are in force.

A topic of one partition beside the changelogs, of a few records, kept for ever. Tables are known by
the digest of their fingerprint. The order of the log is the same for all who read it, so they come
to the same view: the first claim of a name holds, and the last word on what is in force.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition

from aggregates.shard.fingerprint import Fingerprint
from events.errors import UNREADABLE
from streams.kafka.batches import KeyValue
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading
from streams.kafka.refusal import WRITE, asking, start
from streams.kafka.topics import Topics, existing

IN_FORCE: Final = b"in_force"
"""Key of the digest of the tables that workers serve."""

REBUILT: Final = b"rebuilt"
"""Key of the digest of the tables that are computed and may take over."""

BEGINS: Final = b"begins"
"""Key of where event logs begin, by topic and partition: what lay before has been erased."""

ERASING: Final = b"erasing"
"""Key of whether an erasure has to be ended: what was computed of erased events is still there."""

_TABLES: Final = b"tables:"
"""Key of the description of tables, before their digest."""

_ANSWER_S: Final = 30.0
"""For the broker to answer with a few records."""

_POLL_MS: Final = 200


Begins = Mapping[TopicPartition, int]
"""Where logs begin that do not at 0, and rightly so: what lay before has been erased."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables of one fingerprint.

    Attributes:
        fingerprint: What they depend on.
        app_id: Prefix of their changelogs, and the consumer group of their workers.
    """

    fingerprint: Fingerprint
    app_id: str


class _Said(msgspec.Struct):
    app_id: str
    entries: dict[str, str]
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Register:
    """What the register says.

    Attributes:
        tables: All tables by digest.
        in_force: Digest of those that workers serve; empty while there are none.
        rebuilt: Digest of those that may take over; empty if there are none.
        begins: Where logs begin that do not at 0, by topic and partition.
        erasing: Whether an erasure was cut off before its end.
    """

    tables: Mapping[str, Tables] = field(default_factory=dict)
    in_force: str = ""
    rebuilt: str = ""
    begins: Begins = field(default_factory=dict)
    erasing: bool = False

    @property
    def serving(self) -> Tables | None:
        """The tables in force."""
        return self.tables.get(self.in_force)

    def served(self, topics: Topics) -> Topics:
        """Returns an installation's names with those of the tables in force."""
        return replace(topics, app_id=self.app_id(self.in_force)) if self.serving else topics

    def app_id(self, digest: str) -> str:
        """Returns the name that tables have to themselves.

        Two workers that start first at once, under different settings, may both claim the plain
        name: the first record has it.
        """
        wanted = self.tables[digest].app_id
        first = next(other for other, each in self.tables.items() if each.app_id == wanted)
        return wanted if first == digest else named_after(wanted, digest)

    def after(self, key: bytes, value: bytes) -> "Register":
        """Returns the register after a record; one that is not understood changes nothing."""
        try:
            if key == IN_FORCE:
                return replace(self, in_force=value.decode())
            if key == REBUILT:
                return replace(self, rebuilt=value.decode())
            if key == BEGINS:
                return replace(self, begins={**self.begins, **_begins_of(value)})
            if key == ERASING:
                return replace(self, erasing=bool(value))
            if key.startswith(_TABLES):
                said = msgspec.json.decode(value, type=_Said)
                digest = key.removeprefix(_TABLES).decode()
                mark = Fingerprint(said.entries, said.settings)
                tables = {**self.tables, digest: Tables(mark, said.app_id)}
                return replace(self, tables=tables)
        except UNREADABLE:
            pass
        return self


def named_after(app_id: str, digest: str) -> str:
    """Returns the name of tables beside the first ones of an installation.

    >>> named_after("tidemark", "3f2a9c1b7d5e")
    'tidemark-3f2a9c1b7d5e'
    """
    return f"{app_id}-{digest}"


def begins_record(begins: Begins) -> KeyValue:
    """Returns the record that says where some logs begin from now on."""
    return BEGINS, msgspec.json.encode([(*place, offset) for place, offset in begins.items()])


def _begins_of(value: bytes) -> dict[TopicPartition, int]:
    said = msgspec.json.decode(value, type=list[tuple[str, int, int]])
    return {TopicPartition(topic, number): offset for topic, number, offset in said}


def tables_record(tables: Tables) -> KeyValue:
    """Returns the record that describes tables."""
    mark = tables.fingerprint
    said = _Said(tables.app_id, dict(mark.entries), dict(mark.settings))
    return _TABLES + mark.digest.encode(), msgspec.json.encode(said)


class RegisterReader:
    """Follows the register of an installation; see ``reading_register``."""

    def __init__(self, consumer: Any, topic: str) -> None:
        self._consumer = consumer
        self._place = TopicPartition(topic, 0)
        self._register = Register()

    async def read(self) -> Register:
        """Reads up to the end that the topic has now.

        Raises:
            KafkaError: If the broker does not answer.
            TimeoutError: If it does not in time.
        """
        async with asyncio.timeout(_ANSWER_S):
            ends = await self._consumer.end_offsets([self._place])
            while await self._consumer.position(self._place) < ends[self._place]:
                fetched = await self._consumer.getmany(timeout_ms=_POLL_MS)
                for record in fetched.get(self._place, ()):
                    if record.key is not None and record.value is not None:
                        self._register = self._register.after(record.key, record.value)
        return self._register


@asynccontextmanager
async def reading_register(cluster: Cluster, topics: Topics) -> AsyncIterator[RegisterReader]:
    """Yields a reader of the register, which must exist."""
    async with reading(cluster) as consumer:
        consumer.assign([TopicPartition(topics.register, 0)])
        await consumer.seek_to_beginning()
        yield RegisterReader(consumer, topics.register)


async def find_register(cluster: Cluster, topics: Topics) -> Register:
    """Reads the register if it exists; else nothing is registered."""
    if not await existing(cluster, [topics.register]):
        return Register()
    async with reading_register(cluster, topics) as reader:
        return await reader.read()


async def write_register(cluster: Cluster, topics: Topics, *records: KeyValue) -> None:
    """Writes records to the register, in order, and waits until they are stored.

    Raises:
        KafkaError: If the broker does not take them.
        RefusedError: If we may not write them.
    """
    producer = AIOKafkaProducer(
        acks="all", enable_idempotence=True, max_request_size=2**20, **cluster.options
    )
    with asking(WRITE):
        await start(cluster, producer.start())
    try:
        with asking(WRITE):
            for key, value in records:
                await producer.send_and_wait(topics.register, value, key=key, partition=0)
    finally:
        await producer.stop()
