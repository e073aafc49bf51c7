"""The gateway's log on a real broker: it goes on when topics go, and are made anew."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions

from events.log import LogError
from streams.kafka.cluster import Cluster
from streams.kafka.log import KafkaLog
from streams.kafka.placement import partition_of
from streams.kafka.reading import reading
from streams.kafka.topic_creation import create_topics
from streams.kafka.topics import administered, partition_counts
from tests.servers import KafkaServer
from tests.servers.required import required

pytestmark = pytest.mark.broker

USAGE = "tidemark.usage"


def seats_of(account: str) -> bytes:
    """An event of an account."""
    return b'{"type": "seats.set", "data": {"account_id": "%s"}}' % account.encode()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster with empty topics of two partitions."""
    with required(KafkaServer()) as made:
        asyncio.run(create_topics(Cluster(made.bootstrap), 2))
        yield Cluster(made.bootstrap)


async def checked(log: KafkaLog) -> str:
    """What is wrong with the log; nothing if nothing is."""
    try:
        await log.check()
    except LogError as error:
        return str(error)
    return ""


def test_a_topic_that_is_made_anew_is_used_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is gone the check names it and no other; afterwards all is well."""
    monkeypatch.setattr("streams.kafka.log.STORE_S", 2.0)

    async def go_on() -> None:
        log = KafkaLog(cluster)
        await log.store([seats_of("a")], [])
        async with administered(cluster) as admin:
            await admin.delete_topics([USAGE])
        async with asyncio.timeout(30):
            while not await checked(log):
                pass
        for _ in range(2):
            with pytest.raises(LogError):
                await log.store([seats_of("a")], [])
            said = await checked(log)
            assert USAGE in said
            assert "tidemark.survey" not in said
        await create_topics(cluster, 2)
        async with asyncio.timeout(30):
            while await checked(log):
                pass
        await log.store([seats_of("a")], [])
        await log.stop()

    asyncio.run(go_on())


def test_events_go_where_their_accounts_lie_now(cluster: Cluster) -> None:
    """A topic that has more partitions than at the start is written to as other producers do."""
    accounts = [f"account-{number}" for number in range(20)]
    places = [TopicPartition(USAGE, number) for number in range(5)]

    async def stored() -> Counter[int]:
        log = KafkaLog(cluster)
        await log.check()
        async with administered(cluster) as admin, reading(cluster) as consumer:
            await admin.create_partitions({USAGE: NewPartitions(len(places))})
            while (await partition_counts(admin, [USAGE]))[USAGE] < len(places):
                pass
            await log.check()
            before = await consumer.end_offsets(places)
            await log.store([seats_of(account) for account in accounts], [])
            after = await consumer.end_offsets(places)
        await log.stop()
        return Counter({place.partition: after[place] - before[place] for place in places})

    assert asyncio.run(stored()) == Counter(partition_of(each, len(places)) for each in accounts)
