"""The checkpoint: what makes folded events durable, in numbered steps.

1. Lease. Only a worker that certainly owns its partitions writes.
2. Snapshot. For each partition and topic, without a pause in between: settle, pack each changed row
   once with the epoch and the source offset reached, and note which runs are folded.
3. Dead letters and moved rows. The broker has them before anything vouches for their offsets.
4. Rows, then the marker. Row batches to the changelogs; the batch with the marker, which says how
   far the state goes, is sent when all others are stored.
5. Fence check. Our records follow each other without a gap; a gap is somebody else's writing, and
   the rows it shadows are written again.
6. Acknowledge the runs that the snapshot noted. Faust commits their offsets, for others to see.

The board comes after, at its own pace (``streams.worker.board_writer``): it is a cache and must
never hold up a step.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, TypeVar, cast

from faust.types import TP

from aggregates.shard.moves import MovedRow
from events.errors import TidemarkError
from streams.clock import monotonic_s
from streams.kafka.topics import Topics
from streams.worker.changelog import MARKER_KEY, NO_STAMP, Marker, pack_header, pack_marker
from streams.worker.lease import Lease
from streams.worker.partition import Lane, Partition
from streams.worker.restore import Restorer
from streams.worker.writer import BatchWriter

T = TypeVar("T")

NOT_STORED: Final = -1
"""In place of a lane's stored offset: its rows must be written although no event came."""

_log = logging.getLogger(__name__)


class LeaseLostError(TidemarkError):
    """The partitions may have another owner by now: nothing was written."""


@dataclass(slots=True)
class LaneSnapshot:
    """One topic's changes, packed: the batches, and the source offset up to which they vouch."""

    lane: Lane
    upto: int
    batches: list[Any]


@dataclass(slots=True)
class Snapshot:
    """One partition's changes, packed, and how much of its pending lists they cover."""

    partition: Partition
    lanes: list[LaneSnapshot]
    moved: list[MovedRow] = field(default_factory=list)
    dead_letters: int = 0
    runs: int = 0
    records: int = 0


class Checkpoint:
    """Writes partitions' changes and acknowledges what they came from."""

    def __init__(
        self,
        writer: BatchWriter,
        lease: Lease,
        topics: Topics,
        restorer: Restorer,
        acknowledge: Callable[[Any], None],
    ) -> None:
        self._writer = writer
        self._lease = lease
        self._topics = topics
        self._restorer = restorer
        self._acknowledge = acknowledge
        self._turn = asyncio.Lock()

    async def run(self, partitions: Iterable[Partition]) -> None:
        """Makes one checkpoint of the partitions that have anything to store.

        Raises:
            LeaseLostError: If this worker may have lost its partitions. Everything stays dirty.
            KafkaError: If the broker did not take it. Everything stays dirty.
        """
        async with self._turn:
            started_s = monotonic_s()
            snapshots = []
            for partition in partitions:
                if partition.ready and partition.worth_storing:
                    self._check_lease()
                    snapshots.append(self._snapshot(partition))
                    await asyncio.sleep(0)
            if not snapshots:
                return
            await self._deliver(snapshots)
            for snapshot in snapshots:
                self._acknowledge_runs(snapshot)
                snapshot.partition.flush_s = monotonic_s() - started_s

    async def announce(self, partitions: Iterable[Partition]) -> None:
        """Writes a marker of the new epoch to each changelog: the first record of a new owner.

        Of a partition that was kept it vouches for all that was folded, dead letters among it.
        Moved rows that the restore found missing follow with the first checkpoint.

        From here on, a late record of any owner before is recognised by its lower epoch.

        Raises:
            LeaseLostError: If this worker may have lost its partitions again.
            KafkaError: If the broker did not take it.
        """
        async with self._turn:
            self._check_lease()
            mine = list(partitions)
            await _all(self._announce_moved(partition) for partition in mine)
            snapshots = []
            for partition in mine:
                packed = [self._pack(partition, lane) for lane in partition.lanes.values()]
                letters = len(partition.dead_letters)
                snapshots.append(Snapshot(partition, packed, dead_letters=letters))
            await self._deliver(snapshots)

    def _check_lease(self) -> None:
        if not self._lease.held:
            raise LeaseLostError("no heartbeat was answered within the session timeout")

    def _snapshot(self, partition: Partition) -> Snapshot:
        partition.send()
        lanes = [lane for lane in partition.lanes.values() if lane.next != lane.stored]
        packed = [self._pack(partition, lane) for lane in lanes]
        moved = partition.shard.handover.take_moved()
        partition.moved_under_way = len(moved)
        dead, runs = len(partition.dead_letters), len(partition.pending)
        return Snapshot(partition, packed, moved, dead, runs, partition.pending_records)

    def _pack(self, partition: Partition, lane: Lane) -> LaneSnapshot:
        """Packs a lane's changed rows and their marker, all of one moment."""
        shard = partition.shard
        header = pack_header(partition.epoch, lane.next - 1)
        marker = Marker(lane.next - 1, shard.handover.row_count(lane.name), lane.changelog_start)
        rows = ((key, header + row) for key, row in shard.handover.dirty_rows(lane.name))
        last = MARKER_KEY, pack_marker(partition.epoch, marker)
        return LaneSnapshot(lane, lane.next, self._writer.pack(chain(rows, [last])))

    async def _deliver(self, snapshots: list[Snapshot]) -> None:
        packed = [(snapshot, each) for snapshot in snapshots for each in snapshot.lanes]
        try:
            await _all(self._write_dead_letters(snapshot) for snapshot in snapshots)
            await _all(self._write_moved(snapshot) for snapshot in snapshots)
            offsets = await _all(
                self._writer.deliver(each.lane.changelog, each.batches) for _, each in packed
            )
        except BaseException:
            # What was written of it is harmless: rows as they were, without a marker that vouches.
            for snapshot, each in packed:
                snapshot.partition.shard.handover.restore_dirty(each.lane.name)
                each.lane.changelog_end = None
            for snapshot in snapshots:
                snapshot.partition.shard.handover.put_back_moved(snapshot.moved)
                snapshot.partition.moved_under_way = 0
            raise
        for (snapshot, each), stretches in zip(packed, offsets, strict=True):
            snapshot.partition.shard.handover.mark_clean(each.lane.name)
            each.lane.stored = each.upto
            await self._check_fence(snapshot.partition, each.lane, stretches)

    async def _write_dead_letters(self, snapshot: Snapshot) -> None:
        partition = snapshot.partition
        if snapshot.dead_letters:
            batches = self._writer.pack(partition.dead_letters[: snapshot.dead_letters])
            await self._writer.deliver(TP(self._topics.dead_letters, partition.number), batches)
            del partition.dead_letters[: snapshot.dead_letters]

    async def _write_moved(self, snapshot: Snapshot) -> None:
        """Writes the rows that are read in other partitions, each as the last under its key."""
        partition = snapshot.partition
        if snapshot.moved:
            header = pack_header(partition.epoch, NO_STAMP)
            batches = self._writer.pack((row.key, header + row.value) for row in snapshot.moved)
            await self._deliver_moved(partition, batches)
            snapshot.moved.clear()
            partition.moved_under_way = 0

    async def _announce_moved(self, partition: Partition) -> None:
        marker = MARKER_KEY, pack_header(partition.epoch, NO_STAMP)
        await self._deliver_moved(partition, self._writer.pack([marker]))

    async def _deliver_moved(self, partition: Partition, batches: list[Any]) -> None:
        stretches = await self._writer.deliver(partition.moved, batches)
        partition.moved_end = max(end for _, end in stretches)

    async def _check_fence(
        self, partition: Partition, lane: Lane, stretches: list[tuple[int, int]]
    ) -> None:
        expected = lane.changelog_end
        for first, end in stretches:
            if expected is not None and first > expected:
                keys = await self._restorer.stale_keys(partition, lane, expected, first)
                partition.shard.handover.mark_dirty(lane.name, keys)
                lane.stored = NOT_STORED
                _log.warning(
                    "zombie: %d late records in %s[%d], rows written again: %d",
                    first - expected,
                    lane.changelog.topic,
                    partition.number,
                    len(keys),
                )
            expected = end
        lane.changelog_end = expected

    def _acknowledge_runs(self, snapshot: Snapshot) -> None:
        partition = snapshot.partition
        done = partition.pending[: snapshot.runs]
        del partition.pending[: snapshot.runs]
        partition.pending_records -= snapshot.records
        if partition.ready:
            for event in done:
                self._acknowledge(event)


async def _all(calls: Iterable[Awaitable[T]]) -> list[T]:
    """Waits for all calls, also when one fails: none may go on behind a failed checkpoint."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return cast("list[T]", results)
