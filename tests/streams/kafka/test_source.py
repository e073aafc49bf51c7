"""A cluster as a source of history, on a real broker: all that counts is read, or a refusal."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewPartitions, RecordsToDelete

from events import TOPIC_PREFIX
from streams.kafka import reading as kafka_reading
from streams.kafka.cluster import Cluster
from streams.kafka.register import begins_record, write_register
from streams.kafka.source import KafkaSource
from streams.kafka.topic_creation import create_register, create_topics
from streams.kafka.topics import Topics, administered, existing, partition_counts
from streams.source import SourceError
from tests.servers import KafkaServer
from tests.servers.required import required

pytestmark = pytest.mark.broker


@contextmanager
def new_server() -> Iterator[KafkaServer]:
    """A broker with empty topics of two partitions."""
    with required(KafkaServer()) as made:
        asyncio.run(create_topics(Cluster(made.bootstrap), 2))
        yield made


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    """The address of a broker; each test has topics of its own there."""
    with new_server() as server:
        yield server.bootstrap


def produce(
    bootstrap: str, topic: str, values: list[bytes], *, aborted: bool | None = None
) -> None:
    """Writes values, in a transaction that is then aborted or not, or in none."""
    options: dict[str, Any] = {} if aborted is None else {"transactional_id": "test"}

    async def write() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, **options) as producer:
            if aborted is not None:
                await producer.begin_transaction()
            for number, value in enumerate(values):
                await producer.send_and_wait(TOPIC_PREFIX + topic, value, partition=number % 2)
            if aborted is not None:
                await (producer.abort_transaction() if aborted else producer.commit_transaction())

    asyncio.run(write())


def read(bootstrap: str, *topics: str, accept_missing: bool = False) -> list[bytes]:
    """Reads all there is of some topics."""
    found = KafkaSource(Cluster(bootstrap), topics, accept_missing=accept_missing)
    return sorted(value for values in found.batches() for value in values)


def test_what_was_aborted_is_no_history(bootstrap: str) -> None:
    """Records of aborted transactions are passed over, wherever they lie, also at the very end."""
    produce(bootstrap, "usage", [b"a", b"b"], aborted=True)
    produce(bootstrap, "usage", [b"c", b"d", b"e"], aborted=False)
    produce(bootstrap, "usage", [b"f"])
    produce(bootstrap, "usage", [b"g", b"h"] * 20, aborted=True)
    assert read(bootstrap, "usage") == [b"c", b"d", b"e", b"f"]


def test_a_topic_that_is_gone_is_refused_by_name(bootstrap: str) -> None:
    """Figures of the other topics alone would be wrong; who knows that may have them."""
    produce(bootstrap, "account", [b"a"])

    async def remove(topic: str) -> None:
        async with administered(Cluster(bootstrap)) as admin:
            await admin.delete_topics([topic])
        while topic in await existing(Cluster(bootstrap), [topic]):
            pass

    asyncio.run(remove("tidemark.survey"))
    with pytest.raises(SourceError, match=r"no topic tidemark\.survey.*--accept-missing-history"):
        read(bootstrap, "account", "survey")
    assert read(bootstrap, "account", "survey", accept_missing=True) == [b"a"]
    with pytest.raises(SourceError, match=r"no topic tidemark\.survey$"):
        read(bootstrap, "survey", accept_missing=True)


def test_a_head_that_is_gone_is_refused_by_name(bootstrap: str) -> None:
    """A log that does not begin at 0 has lost events that every figure is computed from."""
    produce(bootstrap, "ticket", [b"a", b"b", b"c", b"d"])

    async def expire() -> None:
        async with administered(Cluster(bootstrap)) as admin:
            place = TopicPartition("tidemark.ticket", 1)
            await admin.delete_records({place: RecordsToDelete(before_offset=1)})

    asyncio.run(expire())
    with pytest.raises(SourceError, match=r"records are gone: tidemark\.ticket\[1\] begins at 1\."):
        read(bootstrap, "ticket")
    assert read(bootstrap, "ticket", accept_missing=True) == [b"a", b"c", b"d"]


def test_a_head_that_was_erased_is_not_missed(bootstrap: str) -> None:
    """Where an erasure has copied what lay before, the log is whole from there on."""
    place = TopicPartition("tidemark.subscription", 0)
    produce(bootstrap, "subscription", [b"a", b"b", b"c", b"d", b"e"])
    begins = {place: 2}
    asyncio.run(create_register(Cluster(bootstrap), Topics()))
    asyncio.run(write_register(Cluster(bootstrap), Topics(), begins_record(begins)))
    assert read(bootstrap, "subscription") == [b"b", b"d", b"e"], "before they are deleted"

    async def delete(offset: int) -> None:
        async with administered(Cluster(bootstrap)) as admin:
            await admin.delete_records({place: RecordsToDelete(before_offset=offset)})

    asyncio.run(delete(2))
    assert read(bootstrap, "subscription") == [b"b", b"d", b"e"]
    asyncio.run(delete(3))
    with pytest.raises(SourceError, match="begins at 3"):
        read(bootstrap, "subscription")


def test_topics_of_unequal_partitions_are_refused(bootstrap: str) -> None:
    """Where partitions were added to one, accounts lie elsewhere in it than in the others."""

    async def add() -> None:
        async with administered(Cluster(bootstrap)) as admin:
            await admin.create_partitions({"tidemark.subscription": NewPartitions(3)})
            while (await partition_counts(admin, ["tidemark.subscription"])).popitem()[1] < 3:
                pass

    asyncio.run(add())
    with pytest.raises(SourceError, match=r"partitions: .*'tidemark\.subscription': 3"):
        read(bootstrap, "subscription", "account")


def test_a_broker_that_dies_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes no more is not waited for without end."""
    monkeypatch.setattr(kafka_reading, "IDLE_S", 3.0)
    monkeypatch.setattr(kafka_reading, "BATCH_RECORDS", 1)
    with new_server() as server:
        produce(server.bootstrap, "usage", [bytes(900_000)] * 20)
        batches = KafkaSource(Cluster(server.bootstrap), ("usage",)).batches()
        assert next(batches) == [bytes(900_000)]
        server.kill()
        with pytest.raises(SourceError, match="kafka://"):
            list(batches)
