"""Publishing partitions' changed chunks to the board, one call at a time, in a thread of its own.

The board is a cache. A slow or absent one holds up nothing: chunks stay changed in the shard, which
keeps each once however often it changes, and the next round tries again.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from events.errors import TidemarkError
from streams.ports import BoardFactory, BoardWriter
from streams.status import encode_status
from streams.worker.partition import DEFERRED_MAX, Partition

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Claim:
    """A partition's generation on the board.

    Attributes:
        holder: The state that was claimed for; one restored anew needs a claim of its own.
        generation: The board's own, not the group's.
        sequence: Number of the last publish.
        full: Whether the next publish must hold all chunks.
        fenced: Whether somebody claimed the partition after us.
    """

    holder: Partition
    generation: int
    sequence: int = 0
    full: bool = True
    fenced: bool = False


class BoardBusyError(TidemarkError):
    """A former call of the board has not come back."""


class Publisher:
    """Brings a worker's partitions to the board."""

    def __init__(self, factory: BoardFactory, owner: str, call_limit_s: float) -> None:
        """Makes a publisher.

        Args:
            factory: Makes the board; called in the publisher's thread.
            owner: Name under which the worker reports.
            call_limit_s: Time for one call.
        """
        self._factory = factory
        self._owner = owner
        self._limit_s = call_limit_s
        self._board: BoardWriter | None = None
        self._claims: dict[int, Claim] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="board")
        self._under_way: asyncio.Future[object] | None = None
        self.failing = False

    async def publish(self, partitions: Mapping[int, Partition], count: int) -> None:
        """Publishes what changed in each ready partition. Never raises: a failure is tried again.

        Args:
            partitions: The owned partitions.
            count: How many partitions exist in all.
        """
        for number in [number for number in self._claims if number not in partitions]:
            del self._claims[number]
        try:
            for partition in list(partitions.values()):
                if partition.ready:
                    await self._publish(partition, count)
        except Exception as error:
            # Whatever a board raises, and a call that hangs, means the same: not now.
            if not self.failing:
                _log.warning("board: cannot publish, trying on: %r", error)
            self.failing = True
        else:
            if self.failing:
                _log.info("board: publishing again")
            self.failing = False

    async def close(self, partitions: Mapping[int, Partition]) -> None:
        """Releases the claims, as far as the board answers in time, and lets the thread end."""
        try:
            for number in [number for number in self._claims if number in partitions]:
                claim = self._claims.pop(number)
                await self._call(partial(_release, number, claim.generation))
        except Exception as error:
            _log.info("board: not released: %r", error)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _publish(self, partition: Partition, count: int) -> None:
        number, shard = partition.number, partition.shard
        claim = self._claims.get(number)
        if claim is None or claim.holder is not partition:
            generation = await self._call(lambda board: board.claim(number, count))
            claim = self._claims[number] = Claim(partition, generation)
        if claim.fenced:
            return
        shard.settle(DEFERRED_MAX)
        changes = shard.all_chunks() if claim.full else shard.take_changes()
        claim.sequence += 1
        sequence, full, status = claim.sequence, claim.full, encode_status(partition, self._owner)
        try:
            outcome = await self._call(
                lambda board: board.publish(
                    number, claim.generation, sequence, changes, full, status
                )
            )
        except BaseException:
            shard.put_back_changes(changes.keys())
            raise
        if outcome == "ok":
            claim.full = False
            return
        shard.put_back_changes(changes.keys())
        if outcome == "unknown":
            del self._claims[number]
        else:
            claim.fenced = True
            _log.warning("board: partition %d has a later owner there", number)

    async def _call(self, call: Callable[[BoardWriter], T]) -> T:
        """Calls the board in the thread; while a call hangs, all later ones fail."""
        if self._under_way is not None and not self._under_way.done():
            raise BoardBusyError("a former call has not come back")
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._call_now, call)
        self._under_way = future  # type: ignore[assignment]
        async with asyncio.timeout(self._limit_s):
            return await asyncio.shield(future)

    def _call_now(self, call: Callable[[BoardWriter], T]) -> T:
        if self._board is None:
            self._board = self._factory()
        return call(self._board)


def _release(number: int, generation: int, board: BoardWriter) -> None:
    board.release(number, generation)
