"""Liveness: reports to the watchdog that loop, group and broker answer and that folding goes on."""

import asyncio
import logging
from typing import Final

from aiokafka.errors import KafkaError

from streams.pulse import Pulse
from streams.worker.app import RunApp
from streams.worker.error import WorkerError
from streams.worker.ownership import Ownership
from streams.worker.partition import Lane
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

    async def beat(self) -> None:
        """Reports until cancelled.

        Raises:
            WorkerError: If Faust has crashed.
        """
        while True:
            if self._app.crashed:
                raise WorkerError("faust-crashed", repr(self._app.crash_reason))
            self._turning.note(object())
            self._joining.note(None, busy=not self._ownership.assigned)
            if self._ownership.assigned:
                self._pulse.beat()
            await asyncio.sleep(BEAT_S)

    async def probe(self) -> None:
        """Asks where the logs end, until cancelled: a stuck fetcher would not say."""
        while True:
            await asyncio.sleep(PROBE_S)
            partitions = self._ownership.partitions.values()
            lanes = [lane for partition in partitions for lane in partition.lanes.values()]
            if self._ownership.assigned and lanes:
                await self._ask(lanes)
            else:
                self._asking.note(None, busy=False)
                self._folding.note(None, busy=False)

    async def _ask(self, lanes: list[Lane]) -> None:
        self._asking.note(self._answers)
        try:
            async with asyncio.timeout(PROBE_S):
                ends = await self._app.consumer.highwaters(*(lane.source for lane in lanes))
        except (KafkaError, TimeoutError) as error:
            _log.warning("cannot ask for the ends of the logs: %r", error)
            return
        self._answers += 1
        self._asking.note(self._answers)
        for lane in lanes:
            lane.log_end = ends.get(lane.source, lane.log_end)
        behind = any(lane.lag for lane in lanes)
        self._folding.note(sum(lane.next for lane in lanes), busy=behind)
