"""The cadence: checkpoints go on through failures, for a while; folding waits for room."""

import asyncio
from typing import Any, cast

import pytest
from aiokafka.errors import KafkaTimeoutError

from streams.kafka.cluster import Cluster
from streams.kafka.refusal import RefusedError
from streams.kafka.topics import Topics
from streams.worker.cadence import Cadence
from streams.worker.error import WorkerError
from streams.worker.options import WorkerOptions
from streams.worker.partition import Partition, new_partition
from tests.streams.worker.fake_shard import FakeShard


class FakeOwnership:
    """One partition, assigned."""

    def __init__(self) -> None:
        self.assigned = True
        self.partitions: dict[int, Partition] = {
            0: new_partition(0, cast(Any, FakeShard()), Topics())
        }


class FakeCheckpoint:
    """Acknowledges everything, fails as often as it is told, or hangs."""

    def __init__(self, ownership: FakeOwnership) -> None:
        self._ownership = ownership
        self.refused = False
        self.failures = 0
        self.runs = 0
        self.gate = asyncio.Event()
        self.fifth = asyncio.Event()
        self.gate.set()

    async def run(self, _partitions: object) -> None:
        """One checkpoint."""
        await self.gate.wait()
        self.runs += 1
        if self.runs == 5:
            self.fifth.set()
        if self.refused:
            raise RefusedError("no right")
        if self.failures:
            self.failures -= 1
            raise KafkaTimeoutError("no answer")
        self._ownership.partitions[0].pending_records = 0
        self._ownership.partitions[0].dead_letters.clear()


class Bench:
    """A cadence with fakes."""

    def __init__(self, **options: Any) -> None:
        self.ownership = FakeOwnership()
        self.checkpoint = FakeCheckpoint(self.ownership)
        self.rounds = 0
        given = WorkerOptions(Cluster("nowhere:1"), **{"flush_interval_s": 0.01, **options})
        self.cadence = Cadence(
            given, cast(Any, self.ownership), cast(Any, self.checkpoint), self.after
        )

    def after(self) -> None:
        """Counts."""
        self.rounds += 1


async def test_failures_are_tried_again_and_the_board_is_served_meanwhile() -> None:
    """A broker that comes back within the limit costs nothing but time."""
    bench = Bench()
    bench.checkpoint.failures = 3
    running = asyncio.create_task(bench.cadence.run())
    await asyncio.wait_for(bench.checkpoint.fifth.wait(), 5)
    running.cancel()
    assert bench.rounds >= 4


async def test_what_is_refused_is_not_tried_again() -> None:
    """A right that was taken away does not come back by asking; figures would only grow old."""
    bench = Bench()
    bench.checkpoint.refused = True
    with pytest.raises(RefusedError, match="no right"):
        await asyncio.wait_for(bench.cadence.run(), 5)
    assert bench.checkpoint.runs == 1


@pytest.mark.parametrize("hangs", [False, True])
async def test_failing_for_too_long_stops_the_worker_by_name(hangs: bool) -> None:
    """Whether the broker refuses or says nothing."""
    bench = Bench(checkpoint_limit_s=0.05)
    bench.checkpoint.failures = 1_000_000
    if hangs:
        bench.checkpoint.gate.clear()
    with pytest.raises(WorkerError, match="checkpoint-failed"):
        await asyncio.wait_for(bench.cadence.run(), 5)


@pytest.mark.parametrize("is_bytes", [False, True])
async def test_folding_waits_for_room_and_asks_for_a_checkpoint(is_bytes: bool) -> None:
    """At the limit a checkpoint is due at once; at twice the limit folding waits for it.

    Of records, and of bytes in dead letters.
    """
    bench = Bench(flush_interval_s=30.0, pending_records_max=10, pending_bytes_max=1_000)
    running = asyncio.create_task(bench.cadence.run())
    bench.checkpoint.gate.clear()
    if is_bytes:
        bench.ownership.partitions[0].dead_letters = [(None, bytes(700)), (None, bytes(1_300))]
    else:
        bench.ownership.partitions[0].pending_records = 20
    waiting = asyncio.create_task(bench.cadence.wait_for_room())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    bench.checkpoint.gate.set()
    await asyncio.wait_for(waiting, 5)
    assert bench.checkpoint.runs == 1
    running.cancel()


async def test_nobody_waits_for_partitions_that_are_gone() -> None:
    """A rebalance must not wait for the room of what it takes away."""
    bench = Bench(pending_records_max=10)
    bench.ownership.partitions[0].pending_records = 20
    bench.ownership.assigned = False
    await asyncio.wait_for(bench.cadence.wait_for_room(), 5)
