"""Damaged state and logs, on a real broker: replayed by itself, or refused by name; never a wrong
row."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from events import TOPICS
from streams.kafka.placement import partition_of
from streams.kafka.topic_creation import create_topics
from tests.servers.kafka import KafkaServer
from tests.streams.worker.cluster import Cluster, WorkerProcess, new_cluster

pytestmark = pytest.mark.broker


@pytest.fixture
async def cluster(kafka: str, tmp_path: Path) -> AsyncIterator[Cluster]:
    """Five event topics of two partitions, and workers that end with the test."""
    async with new_cluster(kafka, "damage", tmp_path, partitions=2) as made:
        yield made


async def store_some(cluster: Cluster) -> None:
    """Has a worker store some events and stop."""
    await cluster.produce(100)
    worker = await cluster.start()
    await cluster.all_stored()
    assert await worker.end() == 0, worker.tail()


async def delete(cluster: Cluster, topics: list[str]) -> None:
    """Deletes topics, and waits until the broker has."""
    async with cluster.admin() as admin:
        await admin.delete_topics(topics)
        for _ in range(100):
            if not set(topics) & set(await admin.list_topics()):
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"still there: {topics}")


async def delete_before(cluster: Cluster, tp: TopicPartition, offset: int) -> None:
    """Deletes the head of a log, as an operator could by changing its policy for a while."""
    async with cluster.admin() as admin:
        for policy in ("delete", "compact"):
            resource = ConfigResource(
                ConfigResourceType.TOPIC,
                tp.topic,
                {"cleanup.policy": policy, "min.compaction.lag.ms": "3600000"},
            )
            await admin.alter_configs([resource])
            if policy == "delete":
                await admin.delete_records({tp: RecordsToDelete(offset)})


async def refusal(worker: WorkerProcess) -> str:
    """Waits for a worker that must end by itself, and returns its log."""
    assert await asyncio.wait_for(worker.process.wait(), 40) == 70, worker.tail()
    return worker.tail()


async def test_deleted_changelogs_are_replayed(cluster: Cluster) -> None:
    """Without changelogs everything is folded anew from the events, whatever the group has
    committed."""
    await store_some(cluster)
    await delete(cluster, [cluster.topics.changelog(name) for name in TOPICS])
    worker = await cluster.start()
    await worker.wait(lambda state: state["ready"] and state["folded"] >= 110 * len(TOPICS))
    assert await worker.end() == 0, worker.tail()
    assert await cluster.rows() == cluster.expected


async def test_a_changelog_without_its_head_is_replayed(cluster: Cluster) -> None:
    """Rows that are missing before the last marker are noticed, and the topic is folded anew."""
    await store_some(cluster)
    tp = TopicPartition(cluster.topics.changelog("usage"), 0)
    last = (await cluster.ends([tp]))[tp] - 1
    await delete_before(cluster, tp, last)
    worker = await cluster.start()
    await worker.wait(lambda state: state["ready"] and state["folded"] > 0)
    await cluster.produce(10, first=100)
    await cluster.all_stored()
    assert await worker.end() == 0, worker.tail()
    assert "changelog-damaged" in worker.tail() + worker.output.read_text()
    assert await cluster.rows() == cluster.expected


async def test_topics_made_anew_are_refused(cluster: Cluster) -> None:
    """A source that ends before the state does is not the one the state came from."""
    await store_some(cluster)
    sources = [cluster.topics.source(name) for name in TOPICS]
    await delete(cluster, sources)
    await create_topics(cluster.address, cluster.partitions, cluster.topics)
    assert "source-truncated" in await refusal(await cluster.start())


async def test_expired_events_are_refused(cluster: Cluster) -> None:
    """Events that expired before they were folded would be missing in every number; so no worker
    starts."""
    await cluster.produce(100)
    tp = TopicPartition(cluster.topics.source("survey"), 1)
    async with cluster.admin() as admin:
        await admin.delete_records({tp: RecordsToDelete(5)})
    assert "source-expired" in await refusal(await cluster.start())


async def test_an_aborted_transaction_never_happened_and_holds_nothing_up(cluster: Cluster) -> None:
    """Committed events of a transaction count, aborted ones do not, and markers are no missing
    records."""
    topic = cluster.topics.source("account")
    names = (f"user-{number}" for number in range(99))
    users = [name for name in names if partition_of(name, cluster.partitions) == 0]
    async with cluster.producer(transactional_id=cluster.topics.app_id) as producer:
        for number, commit in enumerate((True, False, True, False)):
            await producer.begin_transaction()
            event, user = f"tx-{number}", users[number]
            value = json.dumps({"id": event, "user": user}).encode()
            await producer.send_and_wait(topic, value, key=user.encode())
            if commit:
                await producer.commit_transaction()
                cluster.expected["account", user.encode()].add(event)
            else:
                await producer.abort_transaction()
    worker = await cluster.start()
    await cluster.all_stored()
    assert worker.state["lag"] == 0
    assert await worker.end() == 0, worker.tail()
    assert "a run is missing" not in worker.output.read_text()
    assert await cluster.rows() == cluster.expected


async def test_a_changelog_with_a_bit_turned_is_replayed(tmp_path: Path) -> None:
    """What the disk gives back otherwise than it was written is not taken as a row: the events are
    folded anew, at each restore, until the topic is made anew."""
    with KafkaServer() as kafka:
        kafka.stop_s = 60.0  # a broker that was killed would look through its logs as it starts
        async with new_cluster(kafka.bootstrap, "bits", tmp_path, partitions=2) as cluster:
            await store_some(cluster)
            kafka.stop()
            topic = cluster.topics.changelog("usage")
            [segment] = kafka.data_dir.glob(f"{topic}-0/*.log")
            held = bytearray(segment.read_bytes())
            held[len(held) // 2] ^= 4
            segment.write_bytes(held)
            kafka.start()
            for first in (100, 110):
                worker = await cluster.start()
                await worker.wait(lambda state: state["ready"] and state["folded"] > 0)
                await cluster.produce(10, first=first)
                await cluster.all_stored()
                assert await worker.end() == 0, worker.tail()
                said = worker.output.read_text()
                assert f"changelog-damaged: {topic}[0] holds other bytes" in said
            await delete(cluster, [topic])
            worker = await cluster.start()
            await worker.wait(lambda state: state["ready"] and state["folded"] > 0)
            await cluster.produce(10, first=120)
            await cluster.all_stored()
            assert await worker.end() == 0, worker.tail()
            assert "changelog-damaged" not in worker.output.read_text()
            assert await cluster.rows() == cluster.expected
