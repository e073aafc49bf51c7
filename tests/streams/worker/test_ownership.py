"""Ownership: what is kept through a rebalance, what is dropped, and what is refused."""

import asyncio
from typing import Any, cast

import pytest
from faust.types import TP

from events import TOPICS
from streams.clock import monotonic_s
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topics
from streams.worker.checkpoint import LeaseLostError
from streams.worker.error import WorkerError
from streams.worker.moved_rows import MovedRows
from streams.worker.options import WorkerOptions
from streams.worker.ownership import Ownership
from streams.worker.partition import Partition
from streams.worker.watchdog import Task
from tests.streams.worker.fake_shard import FakeShard


class FakeRestorer:
    """Returns fresh partitions an epoch and an end of their changelogs."""

    def __init__(self) -> None:
        self.fresh: list[int] = []

    async def restore(self, partitions: list[Partition]) -> None:
        """Notes which ones are fresh."""
        for partition in partitions:
            if not partition.epoch:
                self.fresh.append(partition.number)
                partition.epoch = partition.generation
                for lane in partition.lanes.values():
                    lane.changelog_end = 0


class FakeCheckpoint:
    """Announces; loses its lease when it is asked to run."""

    def __init__(self) -> None:
        self.announced: list[list[int]] = []

    async def announce(self, partitions: list[Partition]) -> None:
        """Noted; no partition may be ready before."""
        assert not any(partition.ready for partition in partitions)
        self.announced.append([partition.number for partition in partitions])

    async def run(self, partitions: object) -> None:
        """Fails."""
        raise LeaseLostError(str(partitions))


def assignment(*numbers: int, but: str = "") -> set[TP]:
    """All ten topics of some partition numbers, but for one topic."""
    topics = Topics()
    names = [f(name) for name in TOPICS for f in (topics.source, topics.changelog)]
    return {TP(name, number) for name in names if name != but for number in numbers}


def new_ownership(stall_limit_s: float = 0.01) -> tuple[Ownership, FakeRestorer]:
    """An ownership with fakes."""
    restorer, partitions = FakeRestorer(), dict[int, Partition]()
    ownership = Ownership(
        WorkerOptions(Cluster("nowhere:1"), stall_limit_s=stall_limit_s),
        partitions,
        cast(Any, FakeShard),
        cast(Any, restorer),
        MovedRows(Topics(), partitions, lambda: 4),
        cast(Any, FakeCheckpoint()),
        Task("restore-stalled", 60, monotonic_s()),
    )
    return ownership, restorer


async def test_partitions_of_the_next_generation_are_kept_with_their_state() -> None:
    """Generations that follow each other leave no room for another owner."""
    ownership, restorer = new_ownership()
    await ownership.assign(assignment(0, 1), 7)
    before = dict(ownership.partitions)
    assert all(partition.ready for partition in before.values())
    await ownership.revoke()
    assert not any(partition.ready for partition in before.values())
    await ownership.assign(assignment(1, 2), 8)
    assert sorted(ownership.partitions) == [1, 2]
    assert ownership.partitions[1] is before[1]
    assert restorer.fresh == [0, 1, 2]


async def test_the_log_tells_what_changes_hands(caplog: pytest.LogCaptureFixture) -> None:
    """Which partitions are new, kept and given back, at each assignment."""
    caplog.set_level("INFO", "streams.worker.ownership")
    ownership, _ = new_ownership()
    for generation, numbers in ((7, (0, 1)), (8, (1, 2)), (10, (2,))):
        await ownership.assign(assignment(*numbers), generation)
        await ownership.revoke()
    told = [each.getMessage() for each in caplog.records]
    assert [text for text in told if text.startswith("assigned: ")] == [
        "assigned: generation 7, partitions [0, 1]: new [0, 1], kept [], given back []",
        "assigned: generation 8, partitions [1, 2]: new [2], kept [1], given back [0]",
        "assigned: generation 10, partitions [2]: new [2], kept [], given back [1]",
    ]
    assert sum(text.startswith("ready: ") for text in told) == 3


async def test_after_a_missed_generation_everything_is_restored_anew() -> None:
    """Somebody else may have had the partition in between."""
    ownership, restorer = new_ownership()
    await ownership.assign(assignment(0), 7)
    await ownership.revoke()
    await ownership.assign(assignment(0), 9)
    assert restorer.fresh == [0, 0]


async def test_a_partition_whose_changelog_end_is_open_is_restored_anew() -> None:
    """After a failed write nobody knows what the changelog holds."""
    ownership, restorer = new_ownership()
    await ownership.assign(assignment(0), 7)
    ownership.partitions[0].lanes["usage"].changelog_end = None
    await ownership.assign(assignment(0), 8)
    assert restorer.fresh == [0, 0]


async def test_no_partition_is_an_assignment_too() -> None:
    """More workers than partitions: one has nothing to do, and is ready."""
    ownership, _ = new_ownership()
    await ownership.assign(set(), 1)
    assert ownership.assigned
    assert not ownership.positions()


async def test_topics_with_different_partitions_are_refused() -> None:
    """A join of topics needs the same partition numbers of all of them."""
    ownership, _ = new_ownership()
    odd = assignment(0, 1, but="tidemark.survey") | {TP("tidemark.survey", 0)}
    with pytest.raises(WorkerError, match="partitions-diverged"):
        await ownership.assign(odd, 1)
    assert not ownership.assigned


async def test_another_rebalance_may_mend_different_partitions() -> None:
    """Meanwhile nothing is owned, and nothing fails."""
    ownership, _ = new_ownership(stall_limit_s=60.0)
    odd = assignment(0, but="tidemark.survey")
    waiting = asyncio.create_task(ownership.assign(odd, 1))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await ownership.assign(assignment(0), 2)
    assert sorted(ownership.partitions) == [0]
