"""Publishing partitions' changed chunks to the board, one call at a time, in a thread of its own.

The board is a cache. A slow or absent one holds up nothing: chunks stay changed in the shard, which
keeps each once however often it changes, and the next round tries again.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from aggregates.shard.board import (
    Board,
    BoardUnavailableError,
    PartitionStatus,
    PublishResult,
    TopicStatus,
    by_topic,
    encode_status,
    events_by_topic,
)
from aggregates.shard.fingerprint import Fingerprint
from streams.clock import monotonic_s
from streams.worker.partition import Partition

T = TypeVar("T")

_log = logging.getLogger(__name__)


class BoardBusyError(BoardUnavailableError):
    """A former call of the board has not come back."""


BEHIND_SETTLE_S: Final = 20.0
"""Time between two looks of a partition that is behind at what all its rows have become."""

_NOT_NOW: Final = (BoardUnavailableError, TimeoutError)
"""All that a board may raise, and a call that takes too long; anything else is a bug."""


@dataclass(slots=True)
class Claim:
    """A partition's generation on the board.

    Attributes:
        holder: The state that was claimed for; one restored anew needs a claim of its own.
        generation: The board's own, not the group's.
        sequence: Number of the last publish.
        full: Whether the next publish must hold all chunks.
        fenced: Whether somebody claimed the partition after us.
        said: What the board was last told of its cells; None before the first publish, and where
            it may have taken later ones, which nobody knows.
        settled_s: When the cells were last brought on, by the clock that never goes back.
    """

    holder: Partition
    generation: int
    sequence: int = 0
    full: bool = True
    fenced: bool = False
    said: PartitionStatus | None = None
    settled_s: float = 0.0

    @property
    def unchanged(self) -> PartitionStatus | None:
        """What to say of cells that stay as they are for now; None if they are to be brought on.

        Figures that are behind are not those of now in any case, and to settle all that changed is
        most of the work of catching up. Not so where rows went to another partition, or came from
        one, since they would be shown there and here.
        """
        said, holder = self.said, self.holder
        recent = monotonic_s() - self.settled_s < BEHIND_SETTLE_S
        if self.full or said is None or not (recent and holder.is_behind):
            return None
        if (said.moved_end, said.moved_heard) != (holder.moved_end, holder.moved_heard):
            return None
        topics = {
            name: msgspec.structs.replace(shown, lag=holder.lanes[name].lag_of(shown.offset))
            for name, shown in said.topics.items()
        }
        return msgspec.structs.replace(said, topics=topics, broker_age_s=_broker_age_s(holder))


class BoardWriter:
    """Brings a worker's partitions to the board, which the factory makes in the writer's thread.

    Attributes:
        failing: Whether the last round failed.
    """

    def __init__(
        self,
        factory: Callable[[], Board],
        owner: str,
        call_limit_s: float,
        fingerprint: Fingerprint | None = None,
        installation: str = "",
    ) -> None:
        self._factory = factory
        self._owner = owner
        self._installation = installation
        self._fingerprint = fingerprint
        self._limit_s = call_limit_s
        self._board: Board | None = None
        self._claims: dict[int, Claim] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="board")
        self._under_way: asyncio.Future[Any] | None = None
        self.failing = False

    async def publish(self, partitions: Mapping[int, Partition], count: int) -> None:
        """Publishes what changed in each ready partition; the next round tries what failed again.

        Args:
            partitions: The owned partitions.
            count: How many partitions exist in all.
        """
        for number in self._claims.keys() - partitions.keys():
            del self._claims[number]
        try:
            for partition in list(partitions.values()):
                if partition.ready:
                    await self._publish(partition, count)
        except _NOT_NOW as error:
            if not self.failing:
                _log.warning("board: cannot publish, trying on: %r", error)
            self.failing = True
        else:
            if self.failing:
                _log.info("board: publishing again")
            self.failing = False

    def claim_again(self) -> None:
        """Forgets the claims that were fenced off, so that the next round claims anew.

        For an owner beyond doubt: who was fenced off as a zombie must not.
        """
        for number in [number for number, claim in self._claims.items() if claim.fenced]:
            del self._claims[number]

    async def close(self, partitions: Mapping[int, Partition]) -> None:
        """Releases the claims, as far as the board answers in time, and lets the thread end."""
        claims = [(n, claim.generation) for n, claim in self._claims.items() if n in partitions]

        def release(board: Board) -> None:
            for number, generation in claims:
                board.release(number, generation)

        try:
            if claims:
                await self._call(release)
        except _NOT_NOW as error:
            _log.info("board: not released: %r", error)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _publish(self, partition: Partition, count: int) -> None:
        number, shard = partition.number, partition.shard
        claim = self._claims.get(number)
        if claim is None or claim.holder is not partition:
            generation = await self._call(lambda board: board.claim(number, count))
            claim = self._claims[number] = Claim(partition, generation)
        if claim.fenced:
            return
        said, changes = claim.unchanged, dict[bytes, bytes]()
        if said is None:
            partition.settle()
            claim.said, claim.settled_s = None, monotonic_s()
            changes = shard.handover.all_chunks() if claim.full else shard.handover.take_changes()
            said = status_of(partition, self._owner, self._fingerprint, self._installation)
        claim.sequence += 1
        status = encode_status(said)
        update = number, claim.generation, claim.sequence, changes, claim.full, status
        result = None
        try:
            result = await self._call(lambda board: board.publish(*update))
        finally:
            if result is not PublishResult.OK:
                shard.handover.put_back_changes(changes.keys())
        if result is PublishResult.OK:
            claim.full, claim.said = False, said
        elif result is PublishResult.UNKNOWN:
            del self._claims[number]
        else:
            claim.fenced = True
            _log.warning("board: partition %d has a later owner there", number)

    async def _call(self, call: Callable[[Board], T]) -> T:
        """Calls the board in the thread; while a call hangs, all later ones fail."""
        if self._under_way is not None and not self._under_way.done():
            raise BoardBusyError("a former call has not come back")
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._call_now, call)
        self._under_way = future
        async with asyncio.timeout(self._limit_s):
            return await asyncio.shield(future)

    def _call_now(self, call: Callable[[Board], T]) -> T:
        if self._board is None:
            self._board = self._factory()
        return call(self._board)


def _broker_age_s(partition: Partition) -> float:
    return round(monotonic_s() - partition.answered_s, 1)


def status_of(
    partition: Partition,
    owner: str,
    fingerprint: Fingerprint | None = None,
    installation: str = "",
) -> PartitionStatus:
    """Describes a partition: who owns it, under which settings, how far it is, what of events."""
    shard, left_out = partition.shard, partition.left_out
    return PartitionStatus(
        owner=owner,
        generation=partition.generation,
        ready=partition.is_whole,
        topics={
            name: TopicStatus(lane.next, lane.lag, shard.counts.last_event_ms.get(name))
            for name, lane in partition.lanes.items()
        },
        events=events_by_topic((*shard.counts.outcomes.items(), *left_out.outcomes.items())),
        rejected=by_topic(left_out.rejected),
        ignored=by_topic(left_out.ignored),
        examples=by_topic(left_out.examples),
        restatements=shard.restated.cells,
        restated_micros=dict(shard.restated.micros),
        flush_s=partition.flush_s,
        restore_s=partition.restore_s,
        broker_age_s=_broker_age_s(partition),
        deferred=shard.deferred,
        moved_waiting=shard.handover.moved_waiting + partition.moved_under_way,
        moved_end=partition.moved_end,
        moved_heard=partition.moved_heard,
        fingerprint="" if fingerprint is None else fingerprint.digest,
        settings={} if fingerprint is None else fingerprint.settings,
        installation=installation,
    )
