"""Which partitions are ours: taking them over, keeping them, letting them go."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from aiokafka.errors import KafkaError
from faust.types import TP

from aggregates.shard.shard import Shard
from events import TOPICS
from streams.clock import monotonic_s
from streams.kafka.refusal import RefusedError
from streams.worker.checkpoint import Checkpoint, LeaseLostError
from streams.worker.error import WorkerError
from streams.worker.moved_rows import MovedRows
from streams.worker.options import WorkerOptions
from streams.worker.partition import Partition, new_partition
from streams.worker.restore import Restorer
from streams.worker.watchdog import Task

RETRY_S: Final = 0.5
"""Between two tries of something that the broker did not take."""

_log = logging.getLogger(__name__)


class Ownership:
    """The partitions of a worker, through assignments and revocations.

    Attributes:
        partitions: The owned partitions by number.
        assigned: Whether an assignment is in force and restored.
    """

    def __init__(
        self,
        options: WorkerOptions,
        partitions: dict[int, Partition],
        shard_factory: Callable[[int], Shard],
        restorer: Restorer,
        moved: MovedRows,
        checkpoint: Checkpoint,
        restoring: Task,
    ) -> None:
        self.partitions = partitions
        self.assigned = False
        self._options = options
        self._shard_factory = shard_factory
        self._restorer = restorer
        self._moved = moved
        self._checkpoint = checkpoint
        self._restoring = restoring
        self._generation = -1

    def positions(self) -> Mapping[TP, int]:
        """Where to read on, for each restored event partition."""
        return {
            lane.source: lane.next
            for partition in self.partitions.values()
            if partition.ready
            for lane in partition.lanes.values()
        }

    async def assign(self, assigned: Iterable[TP], generation: int) -> None:
        """Restores what is new, brings what was kept up to date, and only then is ready.

        A partition is kept if the group's generations follow each other: nobody else had it in
        between.

        Raises:
            WorkerError: If the topics' partitions differ, or the state cannot be restored.
        """
        started_s = monotonic_s()
        self._moved.pause()
        numbers, before = await self._numbers(assigned), set(self.partitions)
        self._drop(numbers if generation == self._generation + 1 else ())
        _log.info(
            "assigned: generation %d, partitions %s: new %s, kept %s, given back %s",
            generation,
            sorted(numbers),
            sorted(numbers - self.partitions.keys()),
            sorted(self.partitions),
            sorted(before - numbers),
        )
        for number in numbers - self.partitions.keys():
            shard = self._shard_factory(number)
            self.partitions[number] = new_partition(number, shard, self._options.topics)
        mine = list(self.partitions.values())
        for partition in mine:
            partition.generation = generation
        self._restoring.note(object())
        await self._restorer.restore(mine)
        await self._announce(mine)
        for partition in mine:
            partition.ready = True
        self._moved.follow()
        self._generation, self.assigned = generation, True
        self._restoring.note(None, busy=False)
        took_s = monotonic_s() - started_s
        rows = sum(p.shard.handover.row_count(name) for p in mine for name in TOPICS)
        _log.info("ready: generation %d, %d rows, in %.2f s", generation, rows, took_s)

    async def revoke(self) -> None:
        """Flushes what can be flushed in time, then lets go of the right to write."""
        self.assigned = False
        self._moved.pause()
        try:
            async with asyncio.timeout(self._options.revoke_flush_s):
                await self._checkpoint.run(self.partitions.values())
        except (KafkaError, LeaseLostError, RefusedError, TimeoutError) as error:
            _log.warning("revoked without a last checkpoint: %r", error)
        _log.info("revoked: partitions %s", sorted(self.partitions))
        for partition in self.partitions.values():
            partition.ready = False
            partition.pending.clear()
            partition.pending_records = 0

    def _drop(self, keep: Iterable[int]) -> None:
        kept = set(keep)
        for number, partition in list(self.partitions.items()):
            known = partition.epoch > 0 and all(
                lane.changelog_end is not None for lane in partition.lanes.values()
            )
            if number not in kept or not known:
                del self.partitions[number]

    async def _numbers(self, assigned: Iterable[TP]) -> set[int]:
        """Finds the partition numbers of an assignment: the same for all ten topics.

        They differ while the group has a member that does not want the same topics, such as one of
        another version. The next rebalance may mend that, and cancels the wait for it.
        """
        topics = self._options.topics
        names = [named(name) for named in (topics.source, topics.changelog) for name in TOPICS]
        by_topic: dict[str, set[int]] = {name: set() for name in names}
        for tp in assigned:
            if tp.topic in by_topic:
                by_topic[tp.topic].add(tp.partition)
        numbers = by_topic[names[0]]
        if any(other != numbers for other in by_topic.values()):
            found = {name: sorted(each) for name, each in sorted(by_topic.items())}
            _log.error("partitions-diverged: waiting for another rebalance: %s", found)
            await asyncio.sleep(self._options.stall_limit_s)
            raise WorkerError("partitions-diverged", f"topics differ in their partitions: {found}")
        return numbers

    async def _announce(self, partitions: list[Partition]) -> None:
        deadline_s = monotonic_s() + self._options.checkpoint_limit_s
        while True:
            try:
                return await self._checkpoint.announce(partitions)
            except (KafkaError, LeaseLostError) as error:
                if monotonic_s() > deadline_s:
                    raise WorkerError("announce-failed", repr(error)) from error
                _log.warning("cannot write markers yet: %r", error)
            await asyncio.sleep(RETRY_S)
