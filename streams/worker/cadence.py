"""When to make a checkpoint: every flush interval, or sooner; and who waits for it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from aiokafka.errors import KafkaError

from streams.clock import monotonic_s
from streams.worker.checkpoint import Checkpoint, LeaseLostError
from streams.worker.error import WorkerError
from streams.worker.options import WorkerOptions
from streams.worker.ownership import Ownership

_log = logging.getLogger(__name__)


class Cadence:
    """Runs checkpoints, and holds up folding while too much of it is not stored.

    ``after`` is called after each try, successful or not; it must not take long.
    """

    def __init__(
        self,
        options: WorkerOptions,
        ownership: Ownership,
        checkpoint: Checkpoint,
        after: Callable[[], None],
    ) -> None:
        self._options = options
        self._ownership = ownership
        self._checkpoint = checkpoint
        self._after = after
        self._due = asyncio.Event()
        self._room = asyncio.Event()

    async def run(self) -> None:
        """Makes checkpoints until cancelled.

        Raises:
            WorkerError: If none has succeeded for too long.
        """
        failing_since_s: float | None = None
        limit_s = self._options.checkpoint_limit_s
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), self._options.flush_interval_s)
            self._due.clear()
            if not self._ownership.assigned:
                failing_since_s = None
                continue
            error = await self._try()
            now_s = monotonic_s()
            failing_since_s = None if error is None else failing_since_s or now_s
            too_long = failing_since_s and now_s - failing_since_s > limit_s
            if too_long or isinstance(error, TimeoutError):
                raise WorkerError("checkpoint-failed", repr(error)) from error
            self._room.set()
            self._after()

    async def last(self) -> None:
        """Makes one checkpoint before a clean stop."""
        await self._try()

    async def wait_for_room(self) -> None:
        """Returns once little enough is pending, or when the partitions are taken away."""
        if self._pending() >= 1:
            self._due.set()
        while self._ownership.assigned and self._pending() >= 2:
            self._room.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), self._options.flush_interval_s)

    async def _try(self) -> Exception | None:
        try:
            # An idempotent producer never gives a batch up; so the limit is set here.
            async with asyncio.timeout(self._options.checkpoint_limit_s):
                await self._checkpoint.run(list(self._ownership.partitions.values()))
        except (KafkaError, LeaseLostError, TimeoutError) as error:
            _log.warning("checkpoint: not now: %r", error)
            return error
        return None

    def _pending(self) -> float:
        """Returns how much is pending, as a multiple of what asks for a checkpoint."""
        partitions = self._ownership.partitions.values()
        return max(
            sum(p.pending_records for p in partitions) / self._options.pending_records_max,
            sum(p.pending_bytes for p in partitions) / self._options.pending_bytes_max,
        )
