"""Liveness: reports to the watchdog that loop, group and broker answer and that folding goes on."""

import asyncio
import contextlib
import logging
from typing import Final, cast

from aiokafka.errors import KafkaError

from streams.clock import monotonic_s
from streams.kafka.refusal import RefusedError
from streams.pulse import Pulse
from streams.worker.app import RunApp
from streams.worker.backlog import Backlog
from streams.worker.error import WorkerError
from streams.worker.ownership import Ownership
from streams.worker.partition import Partition
from streams.worker.transport import RunConsumer
from streams.worker.watchdog import Watchdog

BEAT_S: Final = 1.0
"""Between two signs of life of the event loop."""

PROBE_S: Final = 5.0
"""Between two questions to the broker for the ends of the logs, and for its answer; far below the
limit."""

_log = logging.getLogger(__name__)


class Liveness:
    """Reports a worker's progress to a watchdog, which allows ``limit_s`` without any.

    The pulse beats while the loop turns and every assigned partition is restored.
    """

    def __init__(
        self, app: RunApp, ownership: Ownership, watchdog: Watchdog, limit_s: float, pulse: Pulse
    ) -> None:
        self._app = app
        self._ownership = ownership
        self._pulse = pulse
        self._turning = watchdog.task("loop-stalled", limit_s)
        # A rebalance may wait for another member's whole rebalance timeout first.
        self._joining = watchdog.task("group-stalled", 2 * limit_s)
        self._asking = watchdog.task("broker-unreachable", limit_s)
        self._folding = watchdog.task("consumption-stalled", limit_s)
        self._answers = 0
        self._backlog = Backlog()

    async def beat(self) -> None:
        """Reports until cancelled.

        Raises:
            WorkerError: If Faust has crashed.
            RefusedError: If the group does not let us in, or a topic not read.
        """
        while True:
            if self._app.crashed:
                reason = self._app.crash_reason
                if isinstance(reason, RefusedError):
                    raise reason
                raise WorkerError("faust-crashed", repr(reason))
            cast(RunConsumer, self._app.consumer).check_group()
            self._turning.note(object())
            self._joining.note(None, busy=not self._ownership.assigned)
            if self._ownership.assigned:
                self._pulse.beat()
            await asyncio.sleep(BEAT_S)

    async def probe(self) -> None:
        """Asks where the logs end, until cancelled: a stuck fetcher would not say."""
        while True:
            await asyncio.sleep(PROBE_S)
            partitions = list(self._ownership.partitions.values())
            if self._ownership.assigned and partitions:
                await self._ask(partitions)
            else:
                self._asking.note(None, busy=False)
                self._folding.note(None, busy=False)

    async def _ask(self, partitions: list[Partition]) -> None:
        self._asking.note(self._answers)
        lanes = [lane for partition in partitions for lane in partition.lanes.values()]
        try:
            async with asyncio.timeout(PROBE_S):
                ends = await self._app.consumer.highwaters(*(lane.source for lane in lanes))
        except (KafkaError, TimeoutError) as error:
            _log.warning("cannot ask for the ends of the logs: %r", error)
            return
        self._answers += 1
        self._asking.note(self._answers)
        for partition in partitions:
            partition.answered_s = monotonic_s()
        for lane in lanes:
            lane.log_end = ends.get(lane.source, lane.log_end)
            with contextlib.suppress(AssertionError):  # taken away at this moment
                lane.log_high = self._app.consumer.highwater(lane.source) or 0
        behind = any(lane.readable for lane in lanes)
        self._folding.note(sum(lane.next for lane in lanes), busy=behind)
        self._backlog.note(sum(lane.lag or 0 for lane in lanes))
