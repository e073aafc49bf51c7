"""A partition between two looks at it: rows are stored and sent on, the ledger waits."""

import pytest

from streams.worker import partition as partitions
from tests.aggregates.shard.test_merged_accounts import PLAN, record
from tests.streams.worker.memory_cluster import PARTITIONS, MemoryCluster
from tests.streams.worker.test_audit import STORY

NUMBERED = [record(number, told) for number, told in enumerate(STORY)]


async def _folded() -> tuple[MemoryCluster, partitions.Partition]:
    """A cluster of which one partition has folded events that nobody has looked at."""
    cluster = MemoryCluster(PLAN, NUMBERED)
    await cluster.share(2)
    for number in range(PARTITIONS):
        cluster.owner(number).fold(number, 100)
        partition = cluster.owner(number).owned[number]
        if partition.shard.unsettled:
            return cluster, partition
    raise AssertionError("no event is of any partition")


async def test_a_checkpoint_leaves_the_ledger_to_whoever_shows_it() -> None:
    """What is stored does not depend on it, so it is settled when it is published."""
    cluster, partition = await _folded()
    await cluster.owner(partition.number).store()
    assert partition.shard.unsettled
    assert not partition.shard.ledger.cells
    partition.settle()
    assert not partition.shard.unsettled
    assert partition.shard.ledger.cells


async def test_not_more_waits_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many units that nobody looks at are settled with the next checkpoint."""
    cluster, partition = await _folded()
    monkeypatch.setattr(partitions, "UNSETTLED_MAX", 0)
    await cluster.owner(partition.number).store()
    assert not partition.shard.unsettled
    assert partition.shard.ledger.cells
