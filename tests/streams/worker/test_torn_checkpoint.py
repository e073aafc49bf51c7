"""A checkpoint that was cut short: rows without the marker that vouches for them."""

from typing import Final

import pytest
from faust.types import TP

from streams.worker.board_writer import status_of
from streams.worker.changelog import MARKER_KEY
from streams.worker.error import WorkerError
from streams.worker.partition import Partition
from tests.aggregates.shard.test_merged_accounts import PLAN, Told, record
from tests.streams.worker.memory_cluster import NAMES, PARTITIONS, MemoryCluster

ACCOUNT: Final = "acct_1"
SOURCE: Final = TP(NAMES.source("usage"), 3)
CHANGELOG: Final = TP(NAMES.changelog("usage"), 3)
"""Where the account's usage lies."""


async def torn() -> MemoryCluster:
    """Workers killed after a second event's row was stored, and before its marker was."""
    told = [Told(ACCOUNT, step, "seats.set", {"seats": step + 1}) for step in range(2)]
    cluster = MemoryCluster(PLAN, [record(number, each) for number, each in enumerate(told)])
    await cluster.share(PARTITIONS)
    await cluster.turn()
    await cluster.turn()
    log = cluster.broker.logs[CHANGELOG]
    assert log.pop().key == MARKER_KEY
    return cluster


def owned(cluster: MemoryCluster) -> Partition:
    """The partition."""
    return cluster.owner(3).owned[3]


async def test_what_is_ahead_of_its_offset_is_not_shown() -> None:
    """Rows that hold more than was read make the partition unready, until as much has been read."""
    cluster = await torn()
    await cluster.share(PARTITIONS)
    partition = owned(cluster)
    assert partition.lanes["usage"].next == 1
    assert partition.ready
    assert not status_of(partition, "w").ready
    cluster.owner(3).fold(3, 1)
    assert status_of(partition, "w").ready


async def test_a_log_that_lacks_what_rows_hold_is_refused() -> None:
    """Events that were folded and are gone from the log are named, marker or not."""
    cluster = await torn()
    cluster.broker.logs[SOURCE].pop()
    cluster.broker.ends[SOURCE] -= 1
    with pytest.raises(WorkerError, match=r"source-truncated.*ends at 1, the state is at 2"):
        await cluster.share(PARTITIONS)
