"""Zombies, on a real broker: whatever a former owner writes too late changes no row."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streams.worker.changelog import HEADER_BYTES, pack_header, unpack_header
from tests.streams.worker.cluster import Cluster, WorkerProcess, new_cluster
from tests.streams.worker.fake_shard import pack, unpack

pytestmark = pytest.mark.broker


@pytest.fixture
async def cluster(kafka: str, tmp_path: Path) -> AsyncIterator[Cluster]:
    """Five event topics of two partitions, and workers that end with the test."""
    async with new_cluster(kafka, "fencing", tmp_path, partitions=2) as made:
        yield made


async def shadow(cluster: Cluster, users: list[bytes]) -> None:
    """Writes what a zombie would: rows of a former epoch, after those of the owner."""
    rows = await cluster.records(cluster.topics.changelog("usage"))
    places = {record.key: record.partition for record in rows}
    async with cluster.producer() as producer:
        for user in users:
            late = pack_header(0, -1) + pack({"too-late"})
            topic = cluster.topics.changelog("usage")
            await producer.send(topic, late, key=user, partition=places[user])


async def last_rows(cluster: Cluster) -> dict[bytes, set[str]]:
    """The rows that would be left if the log were compacted now, with no regard to epochs."""
    records = await cluster.records(cluster.topics.changelog("usage"))
    latest = {record.key: record.value for record in records if record.key}
    assert all(unpack_header(value) for value in latest.values())
    return {key: unpack(value[HEADER_BYTES:]) for key, value in latest.items()}


async def test_late_rows_are_written_over_by_the_owner(cluster: Cluster) -> None:
    """The owner sees that somebody wrote between its own records, and writes the shadowed rows
    again."""
    await cluster.produce(100, users=10)
    worker = await cluster.start()
    await cluster.all_stored()
    await shadow(cluster, [b"user-1", b"user-2", b"user-3"])
    await cluster.produce(10, users=10, first=100)
    await cluster.all_stored()
    await worker.wait(lambda _: "zombie: " in worker.output.read_text())
    assert await worker.end() == 0, worker.tail()
    expected = {key: ids for (name, key), ids in cluster.expected.items() if name == "usage"}
    assert await last_rows(cluster) == expected
    assert await cluster.rows() == cluster.expected


async def test_late_rows_are_skipped_at_restore_and_written_over(cluster: Cluster) -> None:
    """Rows of a former epoch behind the owner's are not restored; the good ones are written
    again."""
    await cluster.produce(100, users=10)
    first = await cluster.start()
    await cluster.all_stored()
    assert await first.end() == 0, first.tail()
    await shadow(cluster, [b"user-1", b"user-2", b"user-3"])
    second = await cluster.start()
    await second.ready(2)
    assert await second.end() == 0, second.tail()
    expected = {key: ids for (name, key), ids in cluster.expected.items() if name == "usage"}
    assert await last_rows(cluster) == expected


async def rejoins(worker: WorkerProcess, generation: int) -> bool:
    """Waits until a worker is ready in a later generation, and says so, or has ended."""
    async with asyncio.timeout(40):
        while worker.process.returncode is None:
            if worker.state["ready"] and worker.state["generation"] > generation:
                return True
            await asyncio.sleep(0.05)
    return False


async def test_a_paused_worker_writes_nothing_that_counts(cluster: Cluster) -> None:
    """A worker stopped past its session and continued rejoins, or ends by name if it was stopped
    amid a write; the rows are exactly right."""
    await cluster.produce(600)
    slow = {"poll_records_max": 50, "pause_s": 0.05}
    paused, other = await cluster.start(**slow), await cluster.start(**slow)
    await paused.ready(1)
    await other.ready(1)
    await paused.wait(lambda state: state["stored"] > 0)
    paused.process.send_signal(signal.SIGSTOP)
    await other.ready(2)
    await cluster.produce(200, first=600)
    await asyncio.sleep(1)  # the new owner writes while the zombie sleeps
    paused.process.send_signal(signal.SIGCONT)
    generation = other.state["generation"]
    if not await rejoins(paused, generation):
        assert "CRITICAL fenced: " in paused.tail()
        paused = await cluster.start()
    await cluster.all_stored()
    assert await paused.end() == 0, paused.tail()
    assert await other.end() == 0, other.tail()
    assert await cluster.rows() == cluster.expected
