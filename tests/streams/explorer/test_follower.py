"""The follower on a real broker: what changelogs there are, and what becomes of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.shard import Shard
from events import TOPICS, Decoder
from exporters.boards.memory_board import MemoryBoard
from exporters.feed import Feed
from exporters.service_metrics import lags
from streams.explorer.explorer import Explorer
from streams.explorer.follower import Follower
from streams.explorer.tables import Tables
from streams.kafka.batches import KeyValue
from streams.kafka.placement import partition_of
from streams.kafka.topic_creation import create_changelogs
from streams.worker.changelog import MARKER_KEY, Marker, pack_header, pack_marker
from streams.worker.error import WorkerError
from tests.aggregates.shard.test_merged_accounts import PLAN, Told, record
from tests.streams.worker.cluster import Cluster, new_cluster

pytestmark = pytest.mark.broker

ACCOUNT = "acct_1"
PARTITIONS = 2
HERE = partition_of(ACCOUNT, PARTITIONS)


@pytest.fixture
async def cluster(kafka: str, tmp_path: Path) -> AsyncIterator[Cluster]:
    """Topics of two partitions, and the changelogs of their tables."""
    async with new_cluster(kafka, "explorer", tmp_path, partitions=PARTITIONS) as made:
        await create_changelogs(made.address, PARTITIONS, made.topics)
        yield made


class Following:
    """An explorer of a cluster, with what is on its board."""

    def __init__(self, cluster: Cluster) -> None:
        own, board = fingerprint_of(PLAN), MemoryBoard()
        tables = Tables(cluster.topics, PARTITIONS, {})
        self.explorer = Explorer(PLAN, tables, board, own)
        self.follower = Follower(cluster.address, self.explorer, 0.05)
        self.feed = Feed(board, fingerprint=own)

    def reason(self) -> str:
        """Why nothing is shown; empty when it is."""
        self.feed.refresh()
        return self.feed.state().reason

    async def until(self, running: "asyncio.Task[None]", reason: str) -> None:
        """Waits until it says so."""
        async with asyncio.timeout(60):
            while reason not in (said := self.reason()) or (not reason and said):
                if running.done():
                    running.result()
                await asyncio.sleep(0.05)


def seats(count: int) -> dict[str, list[KeyValue]]:
    """The rows of an account with so many seats, by topic."""
    shard = Shard(PLAN)
    told = [Told(ACCOUNT, step, "seats.set", {"seats": step + 1}) for step in range(count)]
    lines = [record(number, each) for number, each in enumerate(told)]
    shard.fold("usage", Decoder(topic="usage").decode(lines))
    shard.settle()
    header = pack_header(1, count - 1)
    return {
        topic: [(key, header + row) for key, row in shard.handover.dirty_rows(topic)]
        for topic in TOPICS
    }


async def store(cluster: Cluster, records: Sequence[tuple[str, int, KeyValue]]) -> None:
    """Writes records to changelogs as a worker does."""
    async with cluster.producer() as producer:
        for topic, number, (key, value) in records:
            name = cluster.topics.changelog(topic)
            await producer.send_and_wait(name, value, key=key, partition=number)


def markers(stamp: int, rows: int) -> list[tuple[str, int, KeyValue]]:
    """The markers of a checkpoint of all tables, of which one has so many rows."""
    return [
        (topic, number, (MARKER_KEY, pack_marker(1, Marker(at, count, 0))))
        for number in range(PARTITIONS)
        for topic in TOPICS
        for is_it in [(topic, number) == ("usage", HERE)]
        for at, count in [(stamp, rows) if is_it else (-1, 0)]
    ]


async def test_nothing_is_shown_until_every_table_is_whole(cluster: Cluster) -> None:
    """No marker, rows without theirs, fewer rows than a marker says: each is told, and no figure is
    shown; then all is there, and goes on with the next checkpoint. Events that no worker stores are
    told as a lag."""
    following = Following(cluster)
    running = asyncio.create_task(following.follower.run())
    try:
        await following.until(running, "no checkpoint yet")
        rows = [("usage", HERE, each) for each in seats(1)["usage"]]
        await store(cluster, [*rows, *markers(0, len(rows) + 1)])
        await following.until(running, f"{len(rows)} rows of {len(rows) + 1}")
        assert following.explorer.rows.account(ACCOUNT) is None
        await store(cluster, markers(0, len(rows)))
        await following.until(running, "")
        assert following.explorer.rows.account(ACCOUNT) is not None
        before = following.feed.version
        rows = [("usage", HERE, each) for each in seats(2)["usage"]]
        await store(cluster, [*rows, *markers(1, len(rows))])
        async with asyncio.timeout(60):
            while following.feed.version == before:
                await asyncio.sleep(0.05)
                assert following.reason() == ""
        await cluster.produce(20, topics=["usage"])
        async with asyncio.timeout(60):
            while not lags(following.feed.state().partitions).get("usage"):
                await asyncio.sleep(0.05)
                assert following.reason() == ""
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_changelog_that_is_made_anew_ends_it_by_name(cluster: Cluster) -> None:
    """What it has read is not what is there now: it starts again, and reads that."""
    rows = [("usage", HERE, each) for each in seats(1)["usage"]]
    await store(cluster, [*rows, *markers(0, len(rows))])
    following = Following(cluster)
    running = asyncio.create_task(following.follower.run())
    await following.until(running, "")
    name = cluster.topics.changelog("usage")
    async with cluster.admin() as admin:
        await admin.delete_topics([name])
    async with asyncio.timeout(60):
        while not running.done():
            try:
                await create_changelogs(cluster.address, PARTITIONS, cluster.topics)
            except (KafkaError, WorkerError):
                pass  # the broker is not through with the deletion
            await asyncio.wait([running], timeout=0.5)
    with pytest.raises(WorkerError, match=f"changelog-anew: .*{name}"):
        running.result()


async def test_a_row_of_another_version_ends_it_by_name(cluster: Cluster) -> None:
    """It must not guess at what it cannot read."""
    bad = ("usage", HERE, (b"\x93\xa5seats\xa6acct_1\xa0", pack_header(1, 0) + b"\x92\xccc\x90"))
    await store(cluster, [bad, *markers(0, 1)])
    following = Following(cluster)
    with pytest.raises(WorkerError, match=r"restore-failed: .*version 99 is not known"):
        await following.follower.run()
