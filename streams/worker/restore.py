"""Restoring partitions: their rows from the changelogs, and from where to read the events on.

Reads changelogs in runs with a consumer of its own, outside the group. Faust's own recovery waits
for ever for offsets that hold no record (compaction, transaction markers, a deleted head), takes a
timed-out request for an empty log, and swallows what goes wrong; here an end is an end because the
broker said so, every wait is bounded, and what does not fit is repaired from the event log or
refused by name.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import TopicPartition
from faust.types import TP

from aggregates.shard.shard import Shard
from streams.clock import monotonic_s
from streams.source import ACCEPT_MISSING
from streams.worker.changelog import HEADER_BYTES, MARKER_KEY
from streams.worker.changelog_reader import ChangelogReader, DamagedLogError
from streams.worker.error import WorkerError
from streams.worker.moved_rows import MovedRows
from streams.worker.options import WorkerOptions
from streams.worker.partition import Lane, Partition
from streams.worker.table_log import TableLog

ROWS_MAX: Final = 20_000
"""Rows filed between two turns of the event loop."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class LaneRestore:
    """A lane that is restored, and what was read of its changelog."""

    partition: Partition
    lane: Lane
    log: TableLog


class Restorer:
    """Restores partitions from the changelogs; calls ``progress`` whenever something was read."""

    def __init__(
        self, options: WorkerOptions, moved: MovedRows, progress: Callable[[], None]
    ) -> None:
        self._options = options
        self._moved = moved
        self._progress = progress

    async def restore(self, partitions: Sequence[Partition]) -> None:
        """Restores fresh partitions, and brings kept ones up to date.

        A kept partition (it has an epoch) is read from where its own writing ended. It must find
        nothing, or what a zombie wrote late; anything of a higher epoch means that somebody else
        owned it meanwhile.

        Raises:
            WorkerError: If the state cannot be restored, with the reason.
        """
        if not partitions:
            return
        started_s = monotonic_s()
        async with self._reader() as reader:
            restores = await self._read(reader, partitions)
            moved = await self._moved.read(reader)
            starts, ends = await reader.bounds(each.lane.source for each in restores)
        for each in restores:
            lane = each.lane
            lane.log_end = ends[lane.source]
            await self._conclude(each)
            self._check_source(lane, starts[lane.source], ends[lane.source])
        self._moved.file(moved, partitions)
        for partition in partitions:
            if partition.epoch == 0:
                await self._rebuild(partition)
                self._moved.compare(moved[partition.number], partition)
                epochs = [each.log.epoch for each in restores if each.partition is partition]
                seen = max(*epochs, moved[partition.number].epoch)
                partition.epoch = seen + max(partition.generation, 1)
            partition.restore_s = monotonic_s() - started_s

    async def _rebuild(self, partition: Partition) -> None:
        await rebuild(partition.shard, self._progress)

    async def stale_keys(
        self, partition: Partition, lane: Lane, start: int, end: int
    ) -> set[bytes]:
        """Reads a stretch of a changelog that somebody else wrote into while we own it.

        Raises:
            WorkerError: If whoever wrote it has the higher epoch: then we are the zombie.
        """
        stretch = TableLog(lane.changelog, start, end, partition.epoch)
        async with self._reader() as reader:
            await reader.read([stretch])
        if stretch.epoch > partition.epoch:
            raise WorkerError("fenced", f"{lane.changelog} has a later owner")
        return stretch.stale - {MARKER_KEY}

    def _reader(self) -> ChangelogReader:
        options = self._options
        return ChangelogReader(options.cluster, options.stall_limit_s, self._progress)

    async def _read(
        self, reader: ChangelogReader, partitions: Sequence[Partition]
    ) -> list[LaneRestore]:
        restores = [
            LaneRestore(partition, lane, TableLog(lane.changelog))
            for partition in partitions
            for lane in partition.lanes.values()
        ]
        starts, ends = await reader.bounds(each.lane.changelog for each in restores)
        for each in restores:
            log, lane = each.log, each.lane
            log.end = ends[lane.changelog]
            log.start = lane.changelog_start = starts[lane.changelog]
            if each.partition.epoch:
                log.start, log.epoch = lane.changelog_end or 0, each.partition.epoch
        restores = await self._read_whole(reader, restores)
        for each in restores:
            each.lane.changelog_end = each.log.end
        return restores

    async def _read_whole(
        self, reader: ChangelogReader, restores: list[LaneRestore]
    ) -> list[LaneRestore]:
        """Reads changelogs; of one that is damaged nothing is taken: its rows are folded anew.

        Raises:
            DamagedLogError: If it is one of a partition that was kept.
        """
        damaged: set[TP] = set()
        while True:
            fresh = [LaneRestore(each.partition, each.lane, each.log.unread()) for each in restores]
            logs = [each.log for each in fresh if each.log.tp not in damaged]
            try:
                await reader.read([log for log in logs if log.start < log.end])
            except DamagedLogError as error:
                if error.tp is None or any(
                    each.log.tp == error.tp and each.partition.epoch for each in fresh
                ):
                    raise
                _log.warning(
                    "%s; replaying its events, at each restore until the topic is made anew",
                    error,
                )
                damaged.add(error.tp)
                continue
            return fresh

    async def _conclude(self, each: LaneRestore) -> None:
        partition, lane = each.partition, each.lane
        shard, log = partition.shard, each.log
        if partition.epoch:
            if log.epoch > partition.epoch:
                raise WorkerError("fenced", f"{lane.changelog} has a later owner")
            shard.handover.mark_dirty(lane.name, log.stale - {MARKER_KEY})
            return
        found = len(log.rows)
        while log.rows:
            key, value = log.rows.popitem()
            shard.handover.restore_row(lane.name, key, value[HEADER_BYTES:])
            if len(log.rows) % ROWS_MAX == 0:
                self._progress()
                await asyncio.sleep(0)
        shard.handover.mark_dirty(lane.name, log.stale - {MARKER_KEY})
        lane.next = lane.stored = self._resume(each, found)
        lane.whole_from = log.reached + 1
        shard.stamps[lane.name] = lane.next - 1

    def _resume(self, each: LaneRestore, found: int) -> int:
        """Says from which source offset to read on: the log's begin where rows may be missing."""
        marker, lane = each.log.marker, each.lane
        begin = self._options.begins.get(TopicPartition(*lane.source), 0)
        if marker is None:
            return begin
        if found < marker.rows or lane.changelog_start > marker.log_start:
            _log.warning(
                "changelog-damaged: %s holds %d rows of %d and begins at %d, was %d; replaying %s",
                lane.changelog.topic,
                found,
                marker.rows,
                lane.changelog_start,
                marker.log_start,
                lane.source,
            )
            return begin
        return marker.stamp + 1

    def _check_source(self, lane: Lane, start: int, end: int) -> None:
        reached = max(lane.next, lane.whole_from)
        if end < reached:
            raise WorkerError(
                "source-truncated",
                f"{lane.source.topic}[{lane.source.partition}] ends at {end}, the state is at "
                f"{reached}: was the topic made anew? Remove {lane.changelog.topic} as well",
            )
        if start > lane.next:
            if not self._options.accept_missing_history:
                raise WorkerError(
                    "source-expired",
                    f"{lane.source.topic}[{lane.source.partition}] begins at {start}, but events "
                    f"from {lane.next} on are needed: the log is the truth and must not expire "
                    f"({ACCEPT_MISSING} goes on without them)",
                )
            lane.next = start


async def rebuild(shard: Shard, progress: Callable[[], None]) -> None:
    """Computes a shard's ledger in a thread: it takes seconds, and it ends."""
    rebuilding = asyncio.create_task(asyncio.to_thread(shard.rebuild))
    while not rebuilding.done():
        progress()
        await asyncio.wait([rebuilding], timeout=1.0)
    rebuilding.result()
