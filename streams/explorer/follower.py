"""Following the changelogs: all that there is at the start, partition by partition; then live.

Reads with consumers of no group, and writes nothing anywhere. Of a start that fails the supervisor
makes another; live, a broker that is away is waited for, and what is shown says so.
"""

import asyncio
import gc
import logging
from collections.abc import Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaError, OffsetOutOfRangeError
from faust.types import TP

from events import TOPICS
from streams.clock import monotonic_s
from streams.explorer.ends import Ends
from streams.explorer.explorer import Explorer
from streams.explorer.process import run_together
from streams.explorer.restoring import Restoring
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading
from streams.worker.changelog_reader import (
    FETCH_BYTES,
    FETCH_WAIT_MS,
    RETRY_MS,
    ChangelogReader,
    DamagedLogError,
)
from streams.worker.error import WorkerError, reaching
from streams.worker.restore import ROWS_MAX, rebuild

POLL_S: Final = 0.2
"""Longest wait for records."""

RECORDS_MAX: Final = 20_000
"""Records taken between two turns of the event loop."""

STALL_S: Final = 60.0
"""Time without a record, though there must be more, after which reading begins anew; at a start it
ends the process."""

TRY_AGAIN_S: Final = 1.0
"""Between two tries to reach a broker that does not answer."""

_log = logging.getLogger(__name__)


class Follower:
    """Brings an explorer's partitions to where the changelogs are, and keeps them there.

    Attributes:
        restore_s: How long the start took; None before it is done.
    """

    def __init__(self, cluster: Cluster, explorer: Explorer, each_s: float) -> None:
        """Takes what to follow.

        Args:
            cluster: The Kafka cluster.
            explorer: Whose partitions are followed.
            each_s: Seconds between two publishes.
        """
        self.restore_s: float | None = None
        self._cluster = cluster
        self._explorer = explorer
        self._each_s = each_s
        self._courses = {TopicPartition(*each.tp): each for each in explorer.courses}
        sources = [each.source for each in explorer.courses]
        self._ends = Ends(cluster, [*sources, *(each.tp for each in explorer.courses)])

    @property
    def ends(self) -> Mapping[TP, int]:
        """Where logs end, as last heard."""
        return self._ends.of

    async def run(self) -> None:
        """Restores, then follows until cancelled.

        Raises:
            WorkerError: If what is there cannot be read, or not be gone on with.
            RefusedError: If Kafka does not let us read.
        """
        with reaching(self._cluster):
            await self._restore()
        gc.freeze()  # the rows live long; the collector need not look at them again
        await run_together(self._read_on(), self._ends.run(), self._publish_on())

    async def _restore(self) -> None:
        """Reads all changelogs up to the ends that they have now, and files what is whole."""
        begun_s = monotonic_s()
        explorer = self._explorer
        restoring = Restoring(list(self._courses.values()), explorer.say)
        async with ChangelogReader(self._cluster, STALL_S, restoring.note) as reader:
            starts, ends = await reader.bounds(self._courses)
            for place, course in self._courses.items():
                course.begin_at(starts[place], ends[place])
            restoring.begin()
            for each in explorer.partitions:
                logs = each.courses.values()
                await reader.read([log for log in logs if log.start < log.end])
                while each.file(ROWS_MAX):
                    restoring.note()
                    await asyncio.sleep(0)
                await rebuild(each.shard, restoring.note)
        explorer.begin()
        self.restore_s = monotonic_s() - begun_s
        _log.info(
            "ready: %d partitions, %d rows, in %.2f s",
            len(explorer.partitions),
            sum(map(explorer.row_count, TOPICS)),
            self.restore_s,
        )

    async def _publish_on(self) -> None:
        """Publishes what is vouched for, now and then."""
        while True:
            ends = self._ends
            self._explorer.publish(ends.of, monotonic_s() - ends.answered_s)
            await asyncio.sleep(self._each_s)

    async def _read_on(self) -> None:
        """Reads records as they come; begins again when the broker fails it."""
        while True:
            try:
                async with reading(
                    self._cluster,
                    auto_offset_reset="none",
                    max_partition_fetch_bytes=FETCH_BYTES,
                    fetch_max_wait_ms=FETCH_WAIT_MS,
                    retry_backoff_ms=RETRY_MS,
                ) as consumer:
                    await self._take(consumer)
            except OffsetOutOfRangeError as error:
                raise WorkerError(
                    "changelog-anew", f"{error}: it was made anew, or cut; start again"
                ) from error
            except CorruptRecordException as error:
                raise DamagedLogError(self._courses, error) from error
            except (KafkaError, OSError, TimeoutError) as error:
                _log.warning("cannot read the changelogs, trying on: %r", error)
            await asyncio.sleep(TRY_AGAIN_S)

    async def _take(self, consumer: AIOKafkaConsumer) -> None:
        """Takes records, until none come although there must be more."""
        consumer.assign(list(self._courses))
        for place, course in self._courses.items():
            consumer.seek(place, course.next)
        heard_s = monotonic_s()
        while True:
            found = await consumer.getmany(timeout_ms=int(POLL_S * 1000), max_records=RECORDS_MAX)
            for place, records in found.items():
                self._courses[place].apply(records)
            if found or not any(each.unread(self.ends) for each in self._courses.values()):
                heard_s = monotonic_s()
            elif monotonic_s() - heard_s > STALL_S:
                _log.warning("nothing more of the changelogs for %.0f s: asking anew", STALL_S)
                return
