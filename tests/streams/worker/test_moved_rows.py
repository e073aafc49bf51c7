"""Moved rows, step by step: an account of partition 3 is merged into one of partition 0."""

from collections.abc import Sequence
from typing import Final

from faust.types import TP

from streams.worker.changelog import HEADER_BYTES, MARKER_KEY, unpack_header
from tests.aggregates.shard.test_merged_accounts import PLAN, Told, figures, record, taken_back
from tests.simulation.logs import Kept
from tests.streams.worker.memory_cluster import NAMES, MemoryCluster

MERGE: Final = Told("acct_1", 0, "account.merged", {"into_account_id": "acct_2"})
LOG: Final = TP(NAMES.moved, 3)


def seats(step: int, count: int) -> Told:
    """Says how many seats the merged account has."""
    return Told("acct_1", step, "seats.set", {"seats": count})


async def started(story: Sequence[Told]) -> MemoryCluster:
    """Two workers that have taken the merge and the first event after it, and were killed then."""
    cluster = MemoryCluster(PLAN, [record(number, told) for number, told in enumerate(story)])
    await cluster.share(2)
    await cluster.turn()
    await cluster.share(2)
    return cluster


async def check(cluster: MemoryCluster, story: Sequence[Told]) -> None:
    """Fails unless the figures, once nothing is behind, are those of one partition."""
    await cluster.settle(7, lambda numbers: None)
    records = [record(number, told) for number, told in enumerate(story)]
    assert cluster.figures() == figures(records, 1, None)


def last(cluster: MemoryCluster) -> dict[bytes, Kept]:
    """The last record of each row: what compaction leaves."""
    return {record.key: record for record in cluster.broker.logs[LOG] if record.key != MARKER_KEY}


def oldest(cluster: MemoryCluster) -> int:
    """Where the first row about seats lies: the longest of the first owner."""
    log = cluster.broker.logs[LOG]
    rows = [at for at, record in enumerate(log) if record.key != MARKER_KEY]
    return next(at for at in rows if b"seats" in log[at].key)


async def test_a_late_row_is_passed_over_and_sent_again_by_its_owner() -> None:
    """The reader keeps the newer one; the owner hears its own log, and writes it over."""
    story = [MERGE, seats(1, 5), seats(2, 7)]
    cluster = await started(story)
    await cluster.turn()
    await cluster.turn()
    good = last(cluster)
    cluster.late(3, oldest(cluster))
    shadowed = cluster.broker.logs[LOG][-1]
    assert unpack_header(shadowed.value) < unpack_header(good[shadowed.key].value)
    await cluster.turn()
    await cluster.turn()
    assert {key: each.value for key, each in last(cluster).items()} == {
        key: each.value for key, each in good.items()
    }
    await check(cluster, story)


async def test_a_late_row_that_compaction_left_alone_is_written_over_at_the_restore() -> None:
    """The owner compares its log with what its rows say."""
    story = [MERGE, seats(1, 5), seats(2, 7)]
    cluster = await started(story)
    await cluster.turn()
    await cluster.turn()
    cluster.late(3, oldest(cluster))
    shadowed = cluster.broker.logs[LOG][-1]
    cluster.broker.compact(LOG)
    await cluster.share(2)
    await check(cluster, story)
    assert last(cluster)[shadowed.key].value[HEADER_BYTES:] != shadowed.value[HEADER_BYTES:]


async def test_a_late_row_is_written_over_at_the_restore_before_compaction_comes() -> None:
    """What it lies over is known still, but would not be for long."""
    story = [MERGE, seats(1, 5), seats(2, 7)]
    cluster = await started(story)
    await cluster.turn()
    await cluster.turn()
    cluster.late(3, oldest(cluster))
    shadowed = cluster.broker.logs[LOG][-1]
    await cluster.share(2)
    await check(cluster, story)
    assert last(cluster)[shadowed.key].offset > shadowed.offset


async def test_a_late_row_of_a_merge_that_was_taken_back_is_taken_away_at_the_restore() -> None:
    """Nothing is left under its name but a header."""
    story = [MERGE, seats(1, 5), *taken_back(0, MERGE, 9)]
    cluster = await started(story)
    await cluster.settle(7, lambda numbers: None)
    cluster.late(3, oldest(cluster))
    shadowed = cluster.broker.logs[LOG][-1]
    cluster.broker.compact(LOG)
    await cluster.share(2)
    await check(cluster, story)
    assert len(last(cluster)[shadowed.key].value) == HEADER_BYTES


async def test_rows_wait_for_a_partition_without_an_owner() -> None:
    """What is sent meanwhile is read at its next owner's restore."""
    story = [MERGE, seats(1, 5), seats(2, 7)]
    cluster = await started(story)
    owner = cluster.owner(3)
    owner.fold(3, 9)
    await owner.store()
    sent = cluster.written()
    await cluster.share(0)
    await check(cluster, story)
    assert cluster.written() == sent, "nothing is sent twice"


async def test_a_lost_topic_is_written_anew() -> None:
    """The events and tables are all that is needed."""
    story = [MERGE, seats(1, 5), seats(2, 7)]
    cluster = await started(story)
    cluster.broker.logs[LOG].clear()
    await cluster.share(4)
    await check(cluster, story)
    assert last(cluster)
