"""The worker against a real broker: exactly once in effect, through restarts, kills and
rebalances."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import NewPartitions

from events import TOPICS
from streams.kafka.dead_letter import unpack_dead_letter
from streams.worker.watchdog import EXIT_STALLED
from tests.streams.worker.cluster import Cluster, new_cluster

pytestmark = pytest.mark.broker


@pytest.fixture
async def cluster(kafka: str, tmp_path: Path) -> AsyncIterator[Cluster]:
    """Five event topics of four partitions, and workers that end with the test."""
    async with new_cluster(kafka, "worker", tmp_path) as made:
        yield made


async def test_folds_each_event_once_and_restarts_from_its_rows(cluster: Cluster) -> None:
    """Every event is in exactly one row; a restarted worker has the rows and reads no event
    again."""
    await cluster.produce(300)
    first = await cluster.start()
    await cluster.all_stored()
    assert await first.end() == 0, first.tail()
    assert await cluster.rows() == cluster.expected

    second = await cluster.start()
    await second.ready(4)
    assert second.state["rows"] == len(cluster.expected)
    await cluster.produce(50, first=300)
    await cluster.all_stored()
    assert await second.end() == 0, second.tail()
    assert await cluster.rows() == cluster.expected
    assert second.state["folded"] == 50 * len(TOPICS) + 5 * len(TOPICS)


async def test_empty_topics_restore_at_once(cluster: Cluster) -> None:
    """A worker on changelogs without any record is ready, and again on a restart with only
    markers."""
    for _ in range(2):
        worker = await cluster.start()
        await worker.ready(4)
        assert await worker.end() == 0, worker.tail()


async def test_bad_records_become_dead_letters_and_the_rest_goes_on(cluster: Cluster) -> None:
    """A record that does not decode, a tombstone and a refused event each leave a letter, before
    the ack."""
    async with cluster.producer() as producer:
        topic = cluster.topics.source("ticket")
        await producer.send(topic, b"\xff not json", key=b"a", partition=1)
        await producer.send(topic, None, key=b"b", partition=1)
        await producer.send(topic, b'{"id": "e", "user": "refuse"}', key=b"c", partition=1)
    await cluster.produce(20, topics=["ticket"])
    worker = await cluster.start()
    await cluster.all_stored()
    assert await worker.end() == 0, worker.tail()
    assert await cluster.rows() == cluster.expected
    records = await cluster.records(cluster.topics.dead_letters)
    letters = [(record.key, unpack_dead_letter(record.value)) for record in records]
    found = {(key, *letter.origin, letter.reason, letter.raw) for key, letter in letters}
    assert found == {
        (b"a", topic, 1, 0, "invalid_json", b"\xff not json"),
        (b"b", topic, 1, 1, "invalid_json", b""),
        (b"c", topic, 1, 2, "conflict", b'{"id": "e", "user": "refuse"}'),
    }
    life = worker.output.read_text()
    for step in ("started: ", "tidemark 0.", "stopping: SIGTERM", "ended: cleanly, after "):
        assert step in life


async def test_a_bug_in_the_fold_stops_the_worker_by_name(cluster: Cluster) -> None:
    """An exception in the fold is never swallowed: exit status 70, the reason in the log, nothing
    acknowledged."""
    async with cluster.producer() as producer:
        value = json.dumps({"id": "e", "user": "bug"}).encode()
        await producer.send(cluster.topics.source("usage"), value, key=b"bug")
    worker = await cluster.start()
    assert await asyncio.wait_for(worker.process.wait(), 40) == 70
    assert "fold-failed: " in worker.tail()
    assert "ended: fold-failed, after " in worker.output.read_text()
    async with cluster.admin() as admin:
        assert await admin.list_consumer_group_offsets(cluster.topics.app_id) == {}


async def test_a_bug_of_the_board_stops_the_worker_by_name(cluster: Cluster) -> None:
    """What no board may raise is a bug: exit status 70, and the reason in the log."""
    worker = await cluster.start(broken_board=True)
    assert await asyncio.wait_for(worker.process.wait(), 40) == 70
    assert "worker-crashed: KeyError" in worker.tail()


async def test_what_hears_of_no_cancellation_does_not_keep_the_process(cluster: Cluster) -> None:
    """A stop that hangs ends all the same, by name, with everything stored."""
    await cluster.produce(100)
    worker = await cluster.start(deaf=True, stop_limit_s=4.0)
    await worker.wait(lambda state: state["ready"] and state["lag"] == 0 and state["stored"] > 0)
    assert await worker.end() == EXIT_STALLED
    assert "stop-stalled" in worker.tail()
    assert await cluster.rows() == cluster.expected


async def test_partitions_that_are_added_stop_the_worker_by_name(cluster: Cluster) -> None:
    """Whether to one topic or to all: accounts would lie elsewhere than what is known of them."""
    worker = await cluster.start()
    await worker.ready(4)
    async with cluster.admin() as admin:
        added = {cluster.topics.source(name): NewPartitions(6) for name in TOPICS}
        await admin.create_partitions(added)
    assert await asyncio.wait_for(worker.process.wait(), 40) == 70
    assert "partitions-changed: " in worker.tail()


async def test_a_topic_that_goes_stops_the_worker_by_name(cluster: Cluster) -> None:
    """No lag tells of it; one that is made anew from the events is told from one of events."""
    worker = await cluster.start()
    await worker.ready(4)
    gone, moved = cluster.topics.source("survey"), cluster.topics.moved
    async with cluster.admin() as admin:
        await admin.delete_topics([moved])
    assert await asyncio.wait_for(worker.process.wait(), 40) == 70
    assert f"topic-gone: {moved}: workers make it anew" in worker.tail()
    worker = await cluster.start()
    await worker.ready(4)
    async with cluster.admin() as admin:
        await admin.delete_topics([gone])
    assert await asyncio.wait_for(worker.process.wait(), 40) == 70
    assert f"topic-gone: {gone}: all figures" in worker.tail()


async def test_an_open_transaction_is_behind_and_no_stall(cluster: Cluster) -> None:
    """What waits for a commit counts as waiting, is folded with it, and stops no worker."""
    worker = await cluster.start(stall_limit_s=6.0)
    await worker.ready(4)
    value = json.dumps({"id": "e", "user": "user-1"}).encode()
    async with cluster.producer(transactional_id="open") as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(cluster.topics.source("usage"), value, key=b"user-1")
        await worker.wait(lambda state: state["lag"] > 0)
        await asyncio.sleep(8)
        assert worker.state["lag"] > 0, worker.tail()
        await producer.commit_transaction()
    cluster.expected["usage", b"user-1"].add("e")
    await worker.wait(lambda state: state["lag"] == 0)
    assert await worker.end() == 0, worker.tail()
    assert await cluster.rows() == cluster.expected


async def test_kill_and_join_leave_the_rows_exactly_right(cluster: Cluster) -> None:
    """One of two workers is killed half way and a third joins: no event is lost, none is folded
    twice.

    Each worker has the same partition numbers of all topics (else it ends by itself), and no
    partition has two owners in one generation.
    """
    await cluster.produce(1_500)
    slow = {"poll_records_max": 100, "pause_s": 0.02}
    first, second = await cluster.start(**slow), await cluster.start(**slow)
    await first.ready(2)
    await second.ready(2)
    await second.wait(lambda state: state["stored"] > 0)
    assert await first.end(signal.SIGKILL) == -signal.SIGKILL
    third = await cluster.start(**slow)
    await third.ready(2)
    await cluster.produce(200, first=1_500)
    await cluster.all_stored()
    assert await third.end() == 0, third.tail()
    assert await second.end() == 0, second.tail()
    assert await cluster.rows() == cluster.expected
    owners: dict[tuple[int, int], set[int]] = {}
    for number, worker in enumerate(cluster.workers):
        for state in worker.states:
            if state["ready"]:
                for partition in state["partitions"]:
                    owners.setdefault((state["generation"], partition), set()).add(number)
    assert all(len(each) == 1 for each in owners.values()), owners


async def test_a_worker_that_comes_back_under_its_name_moves_nobody(cluster: Cluster) -> None:
    """Within the session's time it has its partitions again, and the others keep theirs, without a
    rebalance; what came meanwhile is folded once."""
    static = {"session_timeout_s": 30.0}
    stays = await cluster.start(instance="worker-a", **static)
    await stays.ready(4)
    goes = await cluster.start(instance="worker-b", **static)
    await goes.ready(2)
    await stays.ready(2)
    await cluster.produce(40)
    await cluster.all_stored()
    rounds = stays.output.read_text().count(" ready: generation ")
    assert await goes.end() == 0, goes.tail()
    await cluster.produce(40, first=40)
    back = await cluster.start(instance="worker-b", **static)
    await back.ready(2)
    assert back.state["partitions"] == goes.state["partitions"]
    await cluster.all_stored()
    assert stays.output.read_text().count(" ready: generation ") == rounds > 0
    assert await cluster.rows() == cluster.expected
